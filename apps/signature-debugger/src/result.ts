/** Shows a diagnosis: the value that the command line prints, as a page. */
import * as Cause from "@paykka/signing/Cause"
import * as Diagnosis from "@paykka/signing/Diagnosis"
import type { HttpMessage } from "@paykka/signing/HttpMessage"
import { h } from "./dom.ts"

const partNames = {
  path: "path",
  timestamp: "timestamp",
  nonce: "nonce",
  merchId: "merchant",
  body: "body"
} as const

const controls: Readonly<Record<string, string>> = { "␊": "LF", "␍": "CR", "␉": "TAB" }

/** A line, with what cannot be seen as small labels: few fonts have the control pictures. */
const line = (text: string): HTMLElement =>
  h(
    "code",
    {},
    ...text
      .split(/([␊␍␉]|⟨[^⟩]*⟩)/)
      .filter((piece) => piece !== "")
      .map((piece) =>
        /^(?:[␊␍␉]|⟨.*⟩)$/.test(piece) ? h("span", { class: "control" }, controls[piece] ?? piece.slice(1, -1)) : piece
      )
  )

const block = (title: string, ...children: ReadonlyArray<Node | string | undefined | false>): HTMLElement =>
  h("section", { class: "block" }, h("h2", {}, title), ...children)

const copyButton = (text: string, what: string): HTMLElement => {
  const label = `Copy ${what}`
  const button = h("button", { type: "button", class: "copy" }, label)
  button.addEventListener("click", () => {
    navigator.clipboard.writeText(text).then(
      () => (button.textContent = "Copied"),
      () => (button.textContent = "Your browser does not let this page copy")
    )
    button.addEventListener("blur", () => (button.textContent = label), { once: true })
  })
  return button
}

const definitions = (rows: ReadonlyArray<readonly [term: string, text: string | Node]>): HTMLElement =>
  h("dl", {}, ...rows.flatMap(([term, text]) => [h("dt", {}, term), h("dd", {}, text)]))

const verdicts = {
  Valid: { mark: "✓", word: "Valid" },
  Invalid: { mark: "✕", word: "Invalid" },
  Undecided: { mark: "?", word: "Undecided" }
} as const

const findingCard = (one: Diagnosis.Finding): HTMLElement =>
  h(
    "li",
    { class: "finding" },
    h("h3", {}, one.title),
    h(
      "p",
      { class: "tags" },
      h("code", {}, one.code),
      " ",
      h("span", { class: one.proven ? "tag proven" : "tag" }, one.proven ? "proven" : "not proven")
    ),
    h("p", { class: "detail" }, `${one.detail[0]!.toUpperCase()}${one.detail.slice(1)}.`),
    definitions([
      [
        "Where it is signed",
        one.change === undefined ? one.signer : h("span", {}, h("strong", {}, one.change), " ", one.signer)
      ],
      ["Where it is verified", one.receiver]
    ])
  )

const canonicalBlock = ({ canonical, header }: Diagnosis.Diagnosis): HTMLElement => {
  const signed = header.fields?.signature.sha256
  return block(
    "The text to sign",
    h(
      "ol",
      { class: "lines" },
      ...canonical.lines.map(({ part, text, bytes, lineFeed }) =>
        h(
          "li",
          {},
          h("span", { class: "name" }, partNames[part], h("span", { class: "bytes" }, `${bytes} bytes`)),
          line(lineFeed ? `${text}␊` : text)
        )
      )
    ),
    definitions([
      ["Length", `${canonical.bytes} bytes`],
      ["SHA-256", h("code", { class: "digest" }, canonical.sha256)],
      ...(signed === undefined
        ? []
        : ([
            [
              "SHA-256 of what was signed",
              signed === canonical.sha256 ? "the same" : h("code", { class: "digest" }, signed)
            ]
          ] as const))
    ])
  )
}

const comparedBlock = ({ lines }: Diagnosis.Diagnosis): HTMLElement | undefined => {
  if (lines.every(({ same }) => same)) return undefined
  const side = (label: string, text: string | undefined, bytes: number) =>
    h(
      "div",
      { class: "side" },
      h("span", { class: "bytes" }, text === undefined ? `${label}: no line` : `${label}, ${bytes} bytes`),
      line(text ?? "")
    )
  return block(
    "What was signed instead",
    h(
      "ol",
      { class: "lines compared" },
      ...lines.map(({ part, same, expected, signed, expectedBytes, signedBytes }) =>
        same
          ? h(
              "li",
              { class: "same" },
              h("span", { class: "name" }, partNames[part], h("span", { class: "bytes" }, "the same"))
            )
          : h(
              "li",
              { class: "differs" },
              h("span", { class: "name" }, partNames[part], h("span", { class: "bytes" }, "differs")),
              side("expected", expected, expectedBytes),
              side("signed", signed, signedBytes)
            )
      )
    )
  )
}

const headerBlock = ({ header }: Diagnosis.Diagnosis): HTMLElement => {
  const { name, characters, fields } = header
  if (name === undefined) return block("Authorization header", h("p", {}, "There is none."))
  if (fields === undefined)
    return block("Authorization header", h("p", {}, `${characters} characters, which hold no object.`))
  const { sign_type, timestamp, nonce, key_id, signature } = fields
  const size = signature.bytes === undefined ? "" : `, ${signature.bytes} bytes, as of a key of ${signature.bits} bits`
  return block(
    "Authorization header",
    definitions([
      ...(name === "Authorization" ? [] : ([["name", h("code", {}, name)]] as const)),
      ["sign_type", h("code", {}, sign_type)],
      [
        "timestamp",
        h(
          "span",
          {},
          h("code", {}, timestamp.value),
          timestamp.date === undefined ? "" : ` = ${timestamp.date}`,
          `, ${Diagnosis.distance(timestamp)}`
        )
      ],
      ["nonce", h("code", {}, nonce)],
      ["key_id", h("code", {}, key_id)],
      ["signature", `${signature.characters} characters${size}`]
    ])
  )
}

const keysBlock = ({ keys }: Diagnosis.Diagnosis): HTMLElement | undefined =>
  keys.length === 0
    ? undefined
    : block(
        "Keys",
        h(
          "ul",
          { class: "keys" },
          ...keys.map(({ keyId, bits, fingerprint, expected, signed }) =>
            h(
              "li",
              {},
              h("span", { class: signed ? "tag proven" : "tag" }, signed ? "has signed" : "has not signed"),
              ` ${keyId ?? "no key_id"}, ${bits} bits${expected ? "" : ", not one that should sign"}, fingerprint `,
              h("code", { class: "digest" }, fingerprint)
            )
          )
        )
      )

const correctedBlock = ({ corrected }: Diagnosis.Diagnosis): HTMLElement | undefined =>
  corrected &&
  block(
    "The same signature is right for",
    definitions([
      ["Path", h("code", {}, corrected.path)],
      ["X-Merch-Id", corrected.merchId === "" ? "not sent" : h("code", {}, corrected.merchId)],
      ["Authorization", h("code", {}, corrected.authorization)]
    ]),
    copyButton(corrected.authorization, "the header")
  )

const sourceBlock = (message: HttpMessage): HTMLElement => {
  const { format, method, path, query, sources, notes, body, parts, incomplete } = message
  const size = parts !== undefined ? `${parts.length} parts` : body === undefined ? "none" : `${body.length} bytes`
  return block(
    "What was read",
    definitions([
      [
        "Format",
        { curl: "a curl command", har: "a HAR file", http: "an HTTP request", fetch: "a call of fetch" }[format]
      ],
      ["Method", `${method}, from ${sources.method}`],
      [
        "Path",
        h("span", {}, h("code", {}, path), query === undefined ? "" : " with a query", `, from ${sources.path}`)
      ],
      ["Headers", `${message.headers.length}, from ${sources.headers}`],
      ["Body", body === undefined && parts === undefined ? size : `${size}, from ${sources.body}`],
      ...[...(incomplete === undefined ? [] : [incomplete]), ...notes].map((note) => ["Note", note] as const)
    ])
  )
}

/** The result in full. The heading is what takes the focus. */
export const show = (diagnosis: Diagnosis.Diagnosis, message: HttpMessage): ReadonlyArray<Node> => {
  const { verdict, summary, findings, hints, effort } = diagnosis
  const { mark, word } = verdicts[verdict]
  const blocks = [
    h(
      "div",
      { class: `verdict ${verdict.toLowerCase()}` },
      h("span", { class: "mark", "aria-hidden": "true" }, mark),
      h("div", {}, h("h2", { id: "verdict", tabindex: "-1" }, word), h("p", {}, summary))
    ),
    findings.length > 0 && h("ol", { class: "findings", "aria-label": "What is wrong" }, ...findings.map(findingCard)),
    comparedBlock(diagnosis),
    canonicalBlock(diagnosis),
    headerBlock(diagnosis),
    correctedBlock(diagnosis),
    keysBlock(diagnosis),
    hints.length > 0 && block("Worth a look", h("ul", { class: "findings hints" }, ...hints.map(findingCard))),
    sourceBlock(message),
    h(
      "p",
      { class: "effort" },
      effort.operations > 0 &&
        `${effort.texts} texts and ${effort.operations} RSA operations were tried${effort.complete ? "" : "; there are more"}. `,
      copyButton(Diagnosis.format(diagnosis), "as text"),
      " ",
      copyButton(JSON.stringify(diagnosis, null, 2), "as JSON")
    )
  ]
  return blocks.filter((one) => one !== undefined && one !== false)
}

/** What the page says before anything is pasted. */
export const introduction = (): ReadonlyArray<Node> => [
  block(
    "How it is found out",
    h(
      "ol",
      { class: "steps" },
      h(
        "li",
        {},
        "The text that should have been signed is put together from the request: path, timestamp, nonce, merchant number, body."
      ),
      h(
        "li",
        {},
        "RSA opens the signature with the key. That tells a wrong key and a wrong algorithm from a wrong text."
      ),
      h(
        "li",
        {},
        "Where the text is wrong, what people commonly sign by mistake is tried, alone and two at a time, until the digest fits and the signature verifies."
      )
    ),
    h("p", {}, "Of a body you see its length, both ends, and the place where it differs, with the digits masked.")
  ),
  h(
    "details",
    { class: "block causes" },
    h("summary", {}, `The ${Cause.causes.length} causes that are told apart`),
    h(
      "ul",
      {},
      ...Cause.causes.map(({ code, title, tried }) => h("li", {}, h("code", {}, code), ` ${title}: ${tried}.`))
    )
  )
]
