/**
 * The text that is signed: path, timestamp, nonce, merchant number and body, joined by line feeds.
 *
 * Bytes in, bytes out: the body is never parsed or written again, so what was signed is what is sent.
 *
 * Provenance: documented (`contract/core.yaml`, `signing.canonical_string`); the form without body and
 * merchant is inferred from the rule that an empty line keeps its line feed.
 */
import * as Data from "effect/Data"
import * as Result from "effect/Result"

/** The parts of a signed message, in the order of the lines. */
export interface Parts {
  /** Line 1: the bare request path, for example `/api/v2/merch/va/apply`; no host, query or fragment. */
  readonly path: string
  /** Line 2: milliseconds since the Unix epoch, as decimal digits, as in the `Authorization` object. */
  readonly timestamp: string
  /** Line 3: 6 to 32 characters, as in the `Authorization` object. */
  readonly nonce: string
  /** Line 4: the value of `X-Merch-Id`; left out or empty when the header is not sent. The line itself always stands. */
  readonly merchId?: string | undefined
  /** Line 5: the raw body; for a multipart upload the text of the `meta` part. Left out: only four lines are signed. */
  readonly body?: Uint8Array | undefined
}

/** The lines of the canonical string, by their names in this module. */
export type PartName = "path" | "timestamp" | "nonce" | "merchId" | "body"

/** A part that would shift the lines or that the contract does not allow. Nothing was signed. */
export class InvalidPart
  extends /*#__PURE__*/ Data.TaggedError("InvalidPart")<{
    /** The part at fault. */
    readonly part: PartName
    /** The rule it breaks, without the value. */
    readonly rule: string
  }>
{
  override get message(): string {
    return `${this.part} ${this.rule}`
  }
}

/** The fewest and the most characters of a nonce (documented). */
export const nonceLength = { min: 6, max: 32 } as const

const encoder = /*#__PURE__*/ new TextEncoder()
const lineBreak = /[\r\n]/
const digits = /^[0-9]{1,16}$/
// UTF-8 has no form for half a surrogate pair: several texts would give the same bytes.
const wellFormedRule = "must be well-formed Unicode"

const fault = (part: PartName, rule: string): Result.Result<never, InvalidPart> =>
  Result.fail(new InvalidPart({ part, rule }))

/** Checks a request path: starts with one `/`, and holds no query, fragment or line break. */
export const checkPath = (path: string): Result.Result<string, InvalidPart> => {
  if (!path.startsWith("/")) return fault("path", "must start with / and carry no scheme or host")
  if (path.startsWith("//")) return fault("path", "must not start with // (that names a host)")
  if (path.includes("?")) return fault("path", "must not carry a query string; the API has none")
  if (path.includes("#")) return fault("path", "must not carry a fragment")
  if (lineBreak.test(path)) return fault("path", "must not contain CR or LF")
  if (!path.isWellFormed()) return fault("path", wellFormedRule)
  return Result.succeed(path)
}

const join = (head: string, body: Uint8Array = new Uint8Array()): Uint8Array<ArrayBuffer> => {
  // One buffer for both, since the head is nearly always ASCII, where a character is a byte.
  const bytes = new Uint8Array(head.length + body.length)
  const { read, written } = encoder.encodeInto(head, bytes)
  if (read === head.length && written === head.length) {
    bytes.set(body, written)
    return bytes
  }
  const longer = encoder.encode(head)
  const all = new Uint8Array(longer.length + body.length)
  all.set(longer)
  all.set(body, longer.length)
  return all
}

/**
 * Builds the bytes to sign or to verify.
 *
 * @returns the UTF-8 bytes, without a trailing line feed, or the first part that breaks a rule
 */
export const encode = (parts: Parts): Result.Result<Uint8Array<ArrayBuffer>, InvalidPart> => {
  const path = checkPath(parts.path)
  if (Result.isFailure(path)) return Result.fail(path.failure)
  if (!digits.test(parts.timestamp)) return fault("timestamp", "must be milliseconds since the epoch, in digits only")
  const { nonce, merchId = "", body } = parts
  if (nonce.length < nonceLength.min || nonce.length > nonceLength.max) {
    return fault("nonce", `must have ${nonceLength.min} to ${nonceLength.max} characters`)
  }
  if (lineBreak.test(nonce)) return fault("nonce", "must not contain CR or LF")
  if (!nonce.isWellFormed()) return fault("nonce", wellFormedRule)
  if (lineBreak.test(merchId)) return fault("merchId", "must not contain CR or LF")
  if (!merchId.isWellFormed()) return fault("merchId", wellFormedRule)

  const head = `${parts.path}\n${parts.timestamp}\n${nonce}\n${merchId}${body === undefined ? "" : "\n"}`
  return Result.succeed(join(head, body))
}
