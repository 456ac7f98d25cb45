/** How each cause of `Cause.causes` that is about the text changes it, in the order in which they are tried. */
import type { Code } from "../Cause.ts"
import * as base64 from "./base64.ts"
import * as der from "./der.ts"
import { concat, type Draft, equal, type LineName, partNames, textOf, utf8 } from "./draft.ts"
import { encodingsOf } from "./encodings.ts"
import { escapeHtml, escapeNonAscii, escapeSlashes, type Forms, formsOf } from "./jsonForms.ts"
import { quoted } from "./shown.ts"

/** What is known besides the five lines. */
export interface Hints {
  /** Scheme and host, and the host alone, as the signer may have put them before the path. */
  readonly hosts: ReadonlyArray<string>
  /** The query that was sent, without its question mark. */
  readonly query?: string | undefined
  /** Prefixes of forwarding headers. */
  readonly prefixes: ReadonlyArray<string>
  readonly otherPaths: ReadonlyArray<string>
  readonly otherMerchIds: ReadonlyArray<string>
  /** Those of the body, which are not quoted. */
  readonly bodyMerchIds: ReadonlyArray<string>
  /** All values of X-Merch-Id, where it is sent more than once. */
  readonly repeatedMerchIds: ReadonlyArray<string>
  readonly otherNonces: ReadonlyArray<string>
  /** The parts of a multipart body besides `meta`, and the whole. */
  readonly multipart: ReadonlyArray<readonly [what: string, bytes: Uint8Array]>
  /** The SHA-256 of the body as it was sent. */
  readonly bodyDigest?: Uint8Array | undefined
}

export const noHints: Hints = {
  hosts: [],
  prefixes: [],
  otherPaths: [],
  otherMerchIds: [],
  bodyMerchIds: [],
  repeatedMerchIds: [],
  otherNonces: [],
  multipart: []
}

/** An origin, and how else it may stand before a path. */
export const hostsOf = (origin: string | undefined): ReadonlyArray<string> => {
  if (origin === undefined) return []
  const host = origin.replace(/^[^/]*\/\//, "")
  return [...new Set([origin, `https://${host}`, `http://${host}`, host, `//${host}`])]
}

/** One way of making a mistake: what was done, and what it does to the draft. */
export type Variant = readonly [detail: string, change: Partial<Draft>]

type Variants = (draft: Draft, hints: Hints) => Iterable<Variant>

export interface Mistake {
  readonly near: Variants
  /** Many more, which are not tried together with another mistake. */
  readonly far?: Variants
}

// ---------------------------------------------------------------------------------------------------------
// Paths
// ---------------------------------------------------------------------------------------------------------

const path = (to: string): Variant => [`the path ${quoted(to)} was signed`, { path: to }]

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const escapesIn = (text: string, change: (escape: string) => string): string => text.replace(/%[0-9a-f]{2}/gi, change)

const encodedPath = (text: string): string => {
  try {
    return encodeURI(text)
  } catch {
    return text
  }
}

const suffixes = (text: string): ReadonlyArray<string> => {
  const segments = text.split("/")
  return segments.slice(2).map((_, index) => `/${segments.slice(index + 2).join("/")}`)
}

/** Whether one path is the other with segments in front of it. */
const hasPrefix = (a: string, b: string): boolean =>
  a.length > b.length ? a.endsWith(b) && b.startsWith("/") : b.endsWith(a) && a.startsWith("/")

// ---------------------------------------------------------------------------------------------------------
// Bodies
// ---------------------------------------------------------------------------------------------------------

type Form = readonly [detail: string, body: Uint8Array]

/** Forms of a body, made once for all the drafts that it is tried in. */
const ofBody = (make: (body: Uint8Array, text: string) => ReadonlyArray<Form>) => {
  const known = new WeakMap<Uint8Array, ReadonlyArray<Variant>>()
  return ({ body }: Draft): ReadonlyArray<Variant> => {
    if (body === undefined || body.length === 0) return []
    const found = known.get(body)
    if (found !== undefined) return found
    const forms = make(body, textOf(body))
      .filter(([, form]) => !equal(form, body))
      .map(([detail, form]): Variant => [detail, { body: form }])
    known.set(body, forms)
    return forms
  }
}

const knownForms = /*#__PURE__*/ new WeakMap<Uint8Array, Forms>()

/** Several causes look at the same forms. */
const formsOfBody = (body: Uint8Array, text: string): Forms => {
  const forms = knownForms.get(body) ?? formsOf(text)
  knownForms.set(body, forms)
  return forms
}

const isBlank = (byte: number | undefined): boolean => byte === 32 || (byte !== undefined && byte >= 9 && byte <= 13)

const trimmed = (body: Uint8Array): Uint8Array => {
  let start = 0
  let end = body.length
  while (start < end && isBlank(body[start])) start++
  while (end > start && isBlank(body[end - 1])) end--
  return body.subarray(start, end)
}

const withoutLastLineEnd = (body: Uint8Array): Uint8Array => {
  const end = body.at(-1) === 10 ? body.length - 1 : body.length
  return body.subarray(0, body[end - 1] === 13 ? end - 1 : end)
}

const unescaped = (json: string): string =>
  json.replace(/\\(?:u([0-9a-f]{4})|[\s\S])/gi, (escape, digits: string | undefined) => {
    const code = digits === undefined ? 0 : Number.parseInt(digits, 16)
    // What has to be escaped stays.
    return code < 0x20 || code === 0x22 || code === 0x5c ? escape : String.fromCharCode(code)
  })

const lineBreaks = /[\r\n]/g

const rewritten = (body: Uint8Array, text: string, which: keyof Forms): ReadonlyArray<Form> => {
  // What other causes say better.
  const besides = [text.trim(), text.replace(/^\uFEFF/, ""), text.replaceAll("\r\n", "\n")]
  return [...formsOfBody(body, text)[which]]
    .filter(([form]) => !besides.includes(form))
    .map(([form, how]): Form => [`the JSON was parsed and written again before it was signed${how}`, utf8(form)])
}

const transformed = /*#__PURE__*/ ofBody((body, text) => [
  ["the body was signed in Base64", utf8(base64.encode(body))],
  ["the body was signed percent-encoded", utf8(encodeURIComponent(text))],
  ["the body was signed as a JSON string", utf8(JSON.stringify(text))],
  // Those around it are another cause's.
  ["the body was signed without any blanks", /\S\s+\S/.test(text) ? utf8(text.replace(/\s+/g, "")) : body]
])

const trimmedForms = /*#__PURE__*/ ofBody((body) => [
  ["the body without the line break at its end was signed", withoutLastLineEnd(body)],
  ["the body without the blanks and line breaks around it was signed", trimmed(body)]
])

// ---------------------------------------------------------------------------------------------------------
// Lines
// ---------------------------------------------------------------------------------------------------------

const without = (order: ReadonlyArray<LineName>, line: LineName): ReadonlyArray<LineName> =>
  order.filter((other) => other !== line)

const arrangements = (lines: ReadonlyArray<LineName>): ReadonlyArray<ReadonlyArray<LineName>> => [
  [],
  ...lines.flatMap((line) => arrangements(without(lines, line)).map((others) => [line, ...others]))
]

const wordOf: Readonly<Record<LineName, string>> = {
  method: "method",
  path: "path",
  timestamp: "timestamp",
  nonce: "nonce",
  merchId: "merchant",
  body: "body"
}

const numberWords = ["no", "one", "two", "three", "four"]

const orderDetail = (order: ReadonlyArray<LineName>): string => {
  const words = order.map((line) => wordOf[line]).join(", ")
  return order.length < partNames.length
    ? `${numberWords[order.length]} line${order.length === 1 ? " was" : "s were"} signed (${words})`
    : `the lines were signed in another order (${words})`
}

/** The likely ones first. */
const separators: ReadonlyArray<readonly [separator: string, name: string]> = [
  ["\r\n", "CR LF"],
  ["\\n", "the two characters \\n"],
  ["", "nothing"],
  ["&", "&"],
  ["\r", "CR"],
  [" ", "a blank"],
  ["|", "|"],
  [",", ","],
  [";", ";"],
  [":", ":"],
  [".", "."],
  ["-", "-"]
]

const separated = ({ separator: sent }: Draft, some: typeof separators): ReadonlyArray<Variant> =>
  sent === "\n" ? some.map(([separator, name]) => [`the lines were joined by ${name}`, { separator }]) : []

// ---------------------------------------------------------------------------------------------------------
// The mistakes
// ---------------------------------------------------------------------------------------------------------

const hashed = (
  { digest }: Draft,
  ...forms: ReadonlyArray<readonly [form: NonNullable<Draft["digest"]>, how: string]>
): ReadonlyArray<Variant> =>
  digest === undefined
    ? forms.map(([form, how]) => [`the text's SHA-256 was signed, ${how}, instead of the text`, { digest: form }])
    : []

const nothing = ["null", "undefined", "None", "nil"]

const uuid = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/i

const asMerchantWord = (word: string): Variant => [`line 4 held the word ${word}`, { merchId: word }]

const asNonce = ([how, nonce]: readonly [string, string]): Variant => [`the nonce was signed ${how}`, { nonce }]

const asPlaceholder =
  (body: Uint8Array | undefined) =>
  (word: string): Variant => [
    body === undefined ? `${word} was signed, but there is no body` : `${word} was signed instead of the body`,
    { body: utf8(word) }
  ]

const merchantLine = (merchId: string, signed: string): string => {
  const held = signed === "" ? "line 4 was left empty" : `line 4 held ${signed}`
  const sent = merchId === "" ? "no X-Merch-Id" : signed === "" ? "X-Merch-Id" : "another X-Merch-Id"
  return `${held}, but the request carries ${sent}`
}

/** The longest distance between the timestamp that was signed and that of the header that is tried, in milliseconds. */
const clockReadings = 500

export const mistakes: Readonly<Partial<Record<Code, Mistake>>> = {
  HashedTwice: {
    near: (draft) => hashed(draft, ["hex", "in hexadecimal"], ["bytes", "as bytes"]),
    far: (draft) => hashed(draft, ["base64", "in Base64"], ["HEX", "in upper-case hexadecimal"])
  },
  PathQuery: {
    near: ({ path: bare }, { query }) =>
      (query === undefined || query === "" ? [] : [query, decoded(query)])
        .concat("")
        .map((text) => path(`${bare}?${text}`))
  },
  PathTrailingSlash: { near: ({ path: sent }) => [path(`${sent}/`), path(sent.replace(/\/+$/, ""))] },
  PathDoubleSlash: { near: ({ path: sent }) => [path(sent.replace(/\/{2,}/g, "/")), path(`/${sent}`)] },
  PathPrefix: {
    near: ({ path: sent }, { prefixes, otherPaths }) =>
      [
        ...prefixes.map((prefix) => prefix.replace(/\/$/, "") + sent),
        ...otherPaths.filter((other) => hasPrefix(other, sent)),
        ...suffixes(sent)
      ].map(path)
  },
  PathEncoding: {
    near: ({ path: sent }) => [decoded(sent), encodedPath(sent)].map(path),
    far: ({ path: sent }) =>
      [
        escapesIn(sent, (escape) => escape.toLowerCase()),
        escapesIn(sent, (escape) => escape.toUpperCase()),
        encodeURIComponent(sent.toWellFormed()),
        sent.toLowerCase()
      ].map(path)
  },
  PathLeadingSlash: { near: ({ path: sent }) => [path(sent.replace(/^\/+/, ""))] },
  PathHost: { near: ({ path: sent }, { hosts }) => hosts.map((host) => path(host + sent)) },
  PathOther: { near: (_, { otherPaths }) => [...otherPaths, "", "/"].map(path) },
  TimestampSeconds: {
    near: ({ timestamp }) => {
      const signed = (digits: string): Variant => ["the timestamp was signed in seconds", { timestamp: digits }]
      return timestamp.length > 10 ? [signed(timestamp.slice(0, -3))] : []
    },
    far: function* ({ timestamp }) {
      if (timestamp.length !== 10) return
      for (let millis = 0; millis < 1000; millis++) {
        const digits = timestamp + String(millis).padStart(3, "0")
        yield ["the header's timestamp is in seconds, but milliseconds were signed", { timestamp: digits }]
      }
    }
  },
  TimestampDiffers: {
    near: ({ timestamp }) => {
      const date = new Date(Number(timestamp))
      if (Number.isNaN(date.getTime())) return []
      const iso = date.toISOString()
      return [iso, iso.replace(/\.\d+/, "")].map((text): Variant => [
        "the timestamp was signed as ISO 8601",
        { timestamp: text }
      ])
    },
    far: function* ({ timestamp }) {
      const millis = Number(timestamp)
      if (!Number.isSafeInteger(millis)) return
      for (let distance = 1; distance <= clockReadings; distance++) {
        for (const other of [millis - distance, millis + distance]) {
          const by = `${distance} ms ${other < millis ? "before" : "after"} that of the header`
          yield [`the timestamp that was signed is ${by}`, { timestamp: String(other) }]
        }
      }
    }
  },
  NonceDiffers: {
    near: ({ nonce }, { otherNonces }) =>
      [
        ["in lower case", nonce.toLowerCase()] as const,
        ["in upper case", nonce.toUpperCase()] as const,
        ["without dashes", nonce.replaceAll("-", "")] as const,
        ...otherNonces.map((other) => ["with another text that was given", other] as const)
      ].map(asNonce),
    far: ({ nonce }) =>
      (
        [
          ["with the dashes of a UUID", nonce.replace(uuid, "$1-$2-$3-$4-$5")],
          ["percent-encoded", encodeURIComponent(nonce.toWellFormed())],
          ["without the blanks around it", nonce.trim()],
          ["cut to 32 characters", nonce.slice(0, 32)],
          ["as an empty line", ""]
        ] as const
      ).map(asNonce)
  },
  MerchantHeaderTwice: {
    near: ({ merchId }, { repeatedMerchIds }) =>
      repeatedMerchIds
        .filter((other) => other !== merchId)
        .map((other): Variant => [
          `X-Merch-Id is sent more than once, and line 4 held ${other === "" ? "nothing" : quoted(other)}`,
          { merchId: other }
        ])
  },
  MerchantLineMissing: {
    near: ({ merchId, order }) => [
      [
        merchId === "" ? "line 4 was left out; it stays, empty" : "line 4 was left out",
        { order: without(order, "merchId") }
      ]
    ]
  },
  MerchantLineEmpty: {
    near: ({ merchId }) => (merchId === "" ? [] : [[merchantLine(merchId, ""), { merchId: "" }]])
  },
  MerchantLineNull: {
    near: () => nothing.slice(0, 2).map(asMerchantWord),
    far: () => nothing.slice(2).map(asMerchantWord)
  },
  MerchantLineOther: {
    near: ({ merchId }, { otherMerchIds, bodyMerchIds }) =>
      [
        ...[...otherMerchIds, merchId.trim(), merchId.toUpperCase(), merchId.toLowerCase()].map(
          (other) => [other, quoted(other)] as const
        ),
        ...bodyMerchIds.map((other) => [other, "the merch_id of the body"] as const)
      ]
        .filter(([other]) => other !== "" && other !== merchId)
        .map(([other, what]): Variant => [merchantLine(merchId, what), { merchId: other }])
  },
  BodyMissing: {
    near: ({ body, order }) =>
      body === undefined ? [] : [["only four lines were signed, without the body", { order: without(order, "body") }]]
  },
  BodyEmptyLine: {
    near: ({ body }) => [
      [
        body === undefined
          ? "a line feed follows the last line, as if there were an empty body"
          : "an empty line 5 was signed instead of the body",
        { body: new Uint8Array() }
      ]
    ]
  },
  BodyPlaceholder: {
    near: ({ body }) => ["{}"].map(asPlaceholder(body)),
    far: ({ body }) => ["[]", ...nothing].map(asPlaceholder(body))
  },
  MultipartWhole: {
    near: (_, { multipart }) =>
      multipart.map(([what, bytes]): Variant => [`${what} was signed instead of the text of meta`, { body: bytes }])
  },
  BodyEscapes: {
    near: /*#__PURE__*/ ofBody((_, text) => [
      ["the body was signed with its non-ASCII text escaped", utf8(escapeNonAscii(text))],
      [
        "the body was signed with its non-ASCII text escaped",
        utf8(escapeNonAscii(text).replace(/\\u[0-9a-f]{4}/g, (escape) => `\\u${escape.slice(2).toUpperCase()}`))
      ],
      ["the body was signed with its \\u escapes turned into characters", utf8(unescaped(text))],
      ["the body was signed with its slashes escaped", utf8(escapeSlashes(text))],
      ["the body was signed with its slashes unescaped", utf8(text.replaceAll("\\/", "/"))],
      ["the body was signed with its slashes and non-ASCII text escaped", utf8(escapeNonAscii(escapeSlashes(text)))],
      ["the body was signed with < > & escaped", utf8(escapeHtml(text))]
    ])
  },
  BodyLineEnds: {
    near: /*#__PURE__*/ ofBody((body, text) => {
      const forms: Array<Form> = [
        ["the body with LF instead of CR LF was signed", utf8(text.replaceAll("\r\n", "\n"))],
        ["the body with CR LF instead of LF was signed", utf8(text.replaceAll("\r\n", "\n").replaceAll("\n", "\r\n"))],
        // Those at its end are another cause's.
        [
          "the body without its line breaks was signed",
          utf8(text.trim().replace(lineBreaks, "") === text.trim() ? text : text.replace(lineBreaks, ""))
        ]
      ]
      for (const [form] of formsOfBody(body, text).common) {
        if (!/[\r\n]/.test(form) || form.replace(lineBreaks, "") !== text) continue
        const detail = "the body was signed with line breaks that were lost in sending it, as with curl -d @file"
        for (const end of ["", "\n", "\r\n"]) forms.push([detail, utf8(form + end)])
      }
      return forms
    })
  },
  BodyReserialised: {
    near: /*#__PURE__*/ ofBody((body, text) => rewritten(body, text, "common")),
    far: /*#__PURE__*/ ofBody((body, text) => rewritten(body, text, "rare"))
  },
  BodyTransformed: {
    near: (draft, { bodyDigest }) => [
      ...(bodyDigest === undefined || draft.body === undefined
        ? []
        : (
            [
              ["in hexadecimal", utf8(der.hex(bodyDigest))],
              ["in upper-case hexadecimal", utf8(der.hex(bodyDigest).toUpperCase())],
              ["in Base64", utf8(base64.encode(bodyDigest))],
              ["as bytes", bodyDigest]
            ] as const
          ).map(([how, bytes]): Variant => [`the body's SHA-256 was signed ${how}`, { body: bytes }])),
      ...transformed(draft)
    ]
  },
  TrailingNewline: {
    near: (draft) => [
      ["a line feed follows the last line", { end: `${draft.end}\n` }],
      ["CR LF follows the last line", { end: `${draft.end}\r\n` }],
      ...trimmedForms(draft)
    ]
  },
  BodyBom: {
    near: /*#__PURE__*/ ofBody((body, text) => [
      text.startsWith("\uFEFF")
        ? ["the body without its byte order mark was signed", body.subarray(3)]
        : ["the body with a byte order mark was signed", concat([utf8("\uFEFF"), body])]
    ])
  },
  BodyEncoding: { near: /*#__PURE__*/ ofBody((body) => encodingsOf(body)) },
  MethodLine: {
    near: ({ method, order }) =>
      order.includes("method")
        ? []
        : [
            ["the HTTP method was signed as the first line", { order: ["method", ...order] }],
            [
              "the HTTP method was signed as the first line, in lower case",
              { method: method.toLowerCase(), order: ["method", ...order] }
            ]
          ],
    far: ({ method, path: sent }) =>
      [`${method} ${sent}`, method + sent].map((text): Variant => [
        "the HTTP method was signed in front of the path",
        { path: text }
      ])
  },
  LineSeparator: {
    near: (draft) => separated(draft, separators.slice(0, 4)),
    far: (draft) => separated(draft, separators.slice(4))
  },
  LineOrder: {
    near: ({ order }) =>
      [...order.map((line) => without(order, line)), without(without(order, "path"), "merchId")].map(
        (some): Variant => [orderDetail(some), { order: some }]
      ),
    far: ({ order }) =>
      arrangements(order)
        .filter((some) => some.length > 0)
        .map((some): Variant => [orderDetail(some), { order: some }])
  }
}
