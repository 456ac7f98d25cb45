/**
 * Finds out why a signature was refused.
 *
 * {@link compare} sets two canonical strings side by side; {@link explain} tries what people commonly sign by
 * mistake and names the one that verifies. Bodies are shown only around the first difference and with their
 * digits masked; a name may still show there, so this is for the developer's own traffic.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Authorization } from "./Authorization.ts"
import * as CanonicalString from "./CanonicalString.ts"
import * as base64 from "./internal/base64.ts"
import type { VerificationKey } from "./KeyStore.ts"
import { matches } from "./Verifier.ts"

/** One line of the canonical string, as expected and as signed. */
export interface Line {
  /** Which line. */
  readonly part: CanonicalString.PartName
  /** Whether both are the same bytes. */
  readonly same: boolean
  /** The expected line with visible control characters; undefined when there is none. */
  readonly expected: string | undefined
  /** The signed line, likewise. */
  readonly signed: string | undefined
  /** Lengths in bytes. */
  readonly expectedBytes: number
  readonly signedBytes: number
}

/** What is known to go wrong. */
export type Cause =
  | "None"
  | "Path"
  | "Timestamp"
  | "Nonce"
  | "MerchantLine"
  | "BodyReserialised"
  | "BodyMissing"
  | "BodyChanged"
  | "LineOrder"
  | "WrongKey"
  | "Unknown"

/** Why a signature was refused, line by line. */
export interface Explanation {
  /** The likely cause. */
  readonly cause: Cause
  /** One sentence for a person: what was signed and what to change. */
  readonly detail: string
  /** Whether the cause was proven: the signature verifies over the bytes that it supposes. */
  readonly proven: boolean
  /** The five lines, expected against signed. */
  readonly lines: ReadonlyArray<Line>
}

const decoder = /*#__PURE__*/ new TextDecoder("utf-8", { ignoreBOM: true })
const encoder = /*#__PURE__*/ new TextEncoder()
const lineFeed = 10

const split = (canonical: Uint8Array): ReadonlyArray<Uint8Array | undefined> => {
  const lines: Array<Uint8Array | undefined> = []
  let rest: Uint8Array | undefined = canonical
  while (lines.length < 4 && rest !== undefined) {
    const end: number = rest.indexOf(lineFeed)
    lines.push(end < 0 ? rest : rest.subarray(0, end))
    rest = end < 0 ? undefined : rest.subarray(end + 1)
  }
  lines.push(rest)
  return lines
}

const equal = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a === undefined || b === undefined ? a === b : a.length === b.length && a.every((byte, index) => byte === b[index])

const controlNames: Readonly<Record<string, string>> = { "\n": "␊", "\r": "␍", "\t": "␉", "\uFEFF": "⟨BOM⟩" }

// Also what would steer a terminal or turn the text of a line round.
const visible = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) => controlNames[char] ?? `⟨${char.codePointAt(0)!.toString(16)}⟩`)

const shown = 24

/** Bodies hold account and document numbers. */
const masked = (text: string): string => text.replace(/\d/g, "•")

/** The text around the first difference, digits masked. */
const excerpt = (bytes: Uint8Array | undefined, from: number): string | undefined => {
  if (bytes === undefined) return undefined
  const start = Math.max(0, from - shown)
  const end = Math.min(bytes.length, from + shown)
  const text = visible(masked(decoder.decode(bytes.subarray(start, end))))
  return `${start > 0 ? "…" : ""}${text}${end < bytes.length ? "…" : ""}`
}

const firstDifference = (a: Uint8Array = new Uint8Array(), b: Uint8Array = new Uint8Array()): number => {
  let index = 0
  while (index < a.length && index < b.length && a[index] === b[index]) index++
  return index
}

const partNames = ["path", "timestamp", "nonce", "merchId", "body"] as const

// What paths, timestamps, nonces and merchant numbers are made of, and JSON is not. A line of anything else, or
// one that stands in the body too, may be a piece of the body in the place of a missing line: its digits are masked.
const plain = /^[\w.~:/?#&=%+@!$-]*\r?$/

const compareLines = (expected: Uint8Array, signed: Uint8Array): ReadonlyArray<Line> => {
  const left = split(expected)
  const right = split(signed)
  const heads = left.slice(0, 4).map((line) => decoder.decode(line))
  const body = decoder.decode(left[4])
  return partNames.map((part, index) => {
    const [a, b] = [left[index], right[index]]
    const show = (bytes: Uint8Array | undefined): string | undefined => {
      if (part === "body") return excerpt(bytes, firstDifference(a, b))
      if (bytes === undefined) return undefined
      const text = decoder.decode(bytes.subarray(0, 512))
      return visible(plain.test(text) && (heads.includes(text) || !body.includes(text)) ? text : masked(text))
    }
    return {
      part,
      same: equal(a, b),
      expected: show(a),
      signed: show(b),
      expectedBytes: a?.length ?? 0,
      signedBytes: b?.length ?? 0
    }
  })
}

const sameJson = (a: Uint8Array, b: Uint8Array): boolean => {
  const sorted = (_: string, value: unknown): unknown =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([x], [y]) => (x < y ? -1 : 1)))
      : value
  try {
    const normal = (bytes: Uint8Array) => JSON.stringify(JSON.parse(new TextDecoder().decode(bytes)), sorted)
    return normal(a) === normal(b)
  } catch {
    return false
  }
}

/** Compares the canonical string that was expected with the one that was signed. */
export const compare = (expected: Uint8Array, signed: Uint8Array): Explanation => {
  const lines = compareLines(expected, signed)
  const [first, ...others] = lines.filter((line) => !line.same)
  const explain = (cause: Cause, detail: string): Explanation => ({ cause, detail, proven: false, lines })
  if (first === undefined) {
    return explain("None", "both strings are the same; if the signature fails, another key made it")
  }
  if (others.length > 1) {
    return explain("LineOrder", "several lines differ; check the order of the lines and their separators")
  }
  switch (first.part) {
    case "path":
      return explain("Path", "the path differs; sign the bare path, without host, query or an added slash")
    case "timestamp":
      return explain("Timestamp", "the timestamp differs from the header's; use the same digits in both")
    case "nonce":
      return explain("Nonce", "the nonce differs from the header's; use the same text in both")
    case "merchId":
      return explain(
        "MerchantLine",
        "line 4 differs; it is the value of X-Merch-Id, or empty when that header is not sent"
      )
    case "body": {
      const [a, b] = [split(expected)[4], split(signed)[4]]
      if (b === undefined) return explain("BodyMissing", "the body was not signed; it is line 5")
      if (a === undefined) return explain("BodyChanged", "a body was signed, but none is expected")
      return sameJson(a, b)
        ? explain("BodyReserialised", "the same JSON in other bytes; sign the very bytes that are sent")
        : explain("BodyChanged", "the body is another one; something changed it after signing")
    }
  }
}

/** What {@link explain} needs to know. */
export interface Question {
  /** The parts as they arrived; what should have been signed. */
  readonly parts: CanonicalString.Parts
  /** The decoded header. */
  readonly authorization: Authorization
  /** The keys that should have signed. */
  readonly keys: ReadonlyArray<VerificationKey>
  /** Keys that should not have signed, but might have: the receiver's own, another merchant's. */
  readonly otherKeys?: ReadonlyArray<VerificationKey> | undefined
  /** Other paths that the signer may have meant: a configured one, the full URL. */
  readonly otherPaths?: ReadonlyArray<string> | undefined
  /** Other merchant numbers that the signer may have meant. */
  readonly otherMerchIds?: ReadonlyArray<string> | undefined
}

interface Guess {
  readonly cause: Cause
  readonly detail: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

const escapeNonAscii = (text: string): string =>
  text.replace(/[^\u0000-\u007f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`)

/** Texts that people sign instead of the body they send. */
const bodyGuesses = (body: string): ReadonlyArray<readonly [string, Cause, string]> => {
  const guesses: Array<readonly [string, Cause, string]> = [
    [body.trim(), "BodyReserialised", "the body without the blanks or line breaks around it was signed"],
    [`${body}\n`, "BodyReserialised", "the body with a line feed added was signed"],
    [`${body}\r\n`, "BodyReserialised", "the body with CR LF added was signed"],
    [body.replace(/^\uFEFF/, ""), "BodyReserialised", "the body without its byte order mark was signed"],
    [body.replaceAll("\r\n", "\n"), "BodyReserialised", "the body with LF instead of CR LF was signed"],
    [body.replaceAll("\n", "\r\n"), "BodyReserialised", "the body with CR LF instead of LF was signed"],
    ["", "BodyMissing", "an empty line 5 was signed instead of the body"],
    ["{}", "BodyChanged", "{} was signed instead of the body"]
  ]
  try {
    const json: unknown = JSON.parse(body.replace(/^\uFEFF/, ""))
    const again = "the JSON was parsed and written again before it was signed"
    const indented = JSON.stringify(json, null, 2)
    // Strings hold no line break of their own, so each one stands between tokens.
    const spaced = indented
      .replace(/([[{])\n */g, "$1")
      .replace(/\n *([\]}])/g, "$1")
      .replace(/\n */g, " ")
    for (const [form, how] of [
      [JSON.stringify(json), ""],
      [indented, ", indented by two blanks"],
      [JSON.stringify(json, null, 4), ", indented by four blanks"],
      [spaced, ", with a blank after each comma and colon"]
    ] as const) {
      guesses.push([form, "BodyReserialised", `${again}${how}`])
      guesses.push([escapeNonAscii(form), "BodyReserialised", `${again}${how}, with non-ASCII text escaped`])
    }
  } catch {
    // Not JSON: there is no other way to write it.
  }
  return guesses
}

type LineText = string | Uint8Array | undefined

/** Joins lines as bytes, since a body need not be text; a line that is undefined is left out. */
const join = (separator: string, lines: ReadonlyArray<LineText>): Uint8Array<ArrayBuffer> => {
  const pieces = lines
    .filter((line) => line !== undefined)
    .flatMap((line, index) => [
      encoder.encode(index === 0 ? "" : separator),
      typeof line === "string" ? encoder.encode(line) : line
    ])
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let offset = 0
  for (const piece of pieces) {
    bytes.set(piece, offset)
    offset += piece.length
  }
  return bytes
}

const guess = (question: Question): ReadonlyArray<Guess> => {
  const { parts, otherPaths = [], otherMerchIds = [] } = question
  const { path, timestamp, nonce, merchId = "", body } = parts
  const guesses: Array<Guess> = []
  const add = (cause: Cause, detail: string, ...lines: ReadonlyArray<LineText>) => {
    guesses.push({ cause, detail, bytes: join("\n", lines) })
  }
  for (const other of [...otherPaths, `${path}/`, path.replace(/\/+$/, ""), `${path}?`, path.slice(1), ""]) {
    if (other === path) continue
    add("Path", `the path ${JSON.stringify(visible(other))} was signed`, other, timestamp, nonce, merchId, body)
  }
  for (const other of ["", ...otherMerchIds]) {
    if (other === merchId) continue
    const what = other === "" ? "line 4 was left empty" : `line 4 held ${visible(other)}`
    const carried = merchId === "" ? "no X-Merch-Id" : other === "" ? "X-Merch-Id" : "another X-Merch-Id"
    const detail = `${what}, but the request carries ${carried}`
    add("MerchantLine", detail, path, timestamp, nonce, other, body)
  }
  if (merchId === "") add("MerchantLine", "line 4 was left out; it stays, empty", path, timestamp, nonce, body)
  if (body === undefined) {
    add("BodyChanged", "{} was signed, but there is no body", path, timestamp, nonce, merchId, "{}")
  } else {
    add("BodyMissing", "only four lines were signed, without the body", path, timestamp, nonce, merchId)
    const sent = decoder.decode(body)
    for (const [text, cause, detail] of bodyGuesses(sent)) {
      if (text !== sent) add(cause, detail, path, timestamp, nonce, merchId, text)
    }
  }
  add("Timestamp", "the timestamp was signed in seconds", path, timestamp.slice(0, -3), nonce, merchId, body)
  add("LineOrder", "three lines were signed (timestamp, nonce, body)", timestamp, nonce, body)
  add("LineOrder", "a line feed follows the last line", path, timestamp, nonce, merchId, body, "")
  guesses.push({
    cause: "LineOrder",
    detail: "the lines were joined by CR LF",
    bytes: join("\r\n", [path, timestamp, nonce, merchId, body])
  })
  add("LineOrder", "the HTTP method was signed as the first line", "POST", path, timestamp, nonce, merchId, body)
  return guesses
}

/**
 * Finds what was signed instead of the expected bytes, by trying the known mistakes one at a time.
 *
 * Costs some thirty RSA verifications for a message that nothing explains: a tool for the developer's own
 * traffic and for logs with a budget, not for every refused message of the open internet.
 */
export const explain = /*#__PURE__*/ Effect.fnUntraced(function* (question: Question): Effect.fn.Return<Explanation> {
  const expected = CanonicalString.encode(question.parts)
  if (Result.isFailure(expected)) {
    return { cause: "Unknown", detail: expected.failure.message, proven: false, lines: [] }
  }
  const bytes = expected.success
  const signature = base64.decode(question.authorization.signature)
  if (signature === undefined) {
    return { cause: "Unknown", detail: "the signature is not Base64", proven: false, lines: compareLines(bytes, bytes) }
  }
  const verifies = Effect.fnUntraced(function* (keys: ReadonlyArray<VerificationKey>, text: Uint8Array<ArrayBuffer>) {
    for (const key of keys) if (yield* matches(key, signature, text)) return true
    return false
  })

  if (yield* verifies(question.keys, bytes)) {
    return { cause: "None", detail: "the signature is right", proven: true, lines: compareLines(bytes, bytes) }
  }
  if (yield* verifies(question.otherKeys ?? [], bytes)) {
    const detail = "the bytes are right, but the wrong key signed them"
    return { cause: "WrongKey", detail, proven: true, lines: compareLines(bytes, bytes) }
  }
  for (const { cause, detail, bytes: signed } of guess(question)) {
    if (yield* verifies(question.keys, signed)) {
      return { cause, detail, proven: true, lines: compareLines(bytes, signed) }
    }
  }
  const detail = "no known mistake explains it: another private key signed, or the message was changed on its way"
  return { cause: "Unknown", detail, proven: false, lines: compareLines(bytes, bytes) }
})

/** Writes an explanation as lines of text for a log or a terminal. */
export const format = (explanation: Explanation): string => {
  const lines = explanation.lines.map(({ part, same, expected, signed, expectedBytes, signedBytes }) => {
    if (same) return `  = ${part} (${expectedBytes} bytes)`
    const show = (text: string | undefined, bytes: number) =>
      text === undefined ? "(no line)" : `${bytes} bytes: ${text}`
    return `  ! ${part}\n      expected ${show(expected, expectedBytes)}\n      signed   ${show(signed, signedBytes)}`
  })
  return [`${explanation.cause}: ${explanation.detail}`, ...lines].join("\n")
}
