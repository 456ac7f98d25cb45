/**
 * The value of the `Authorization` header: a percent-encoded, compact JSON object with no scheme word in front.
 *
 * Provenance: documented (`contract/core.yaml`, `signing.authorization_header`).
 */
import * as Data from "effect/Data"
import * as Result from "effect/Result"
import { nonceLength } from "./CanonicalString.ts"
import * as base64 from "./internal/base64.ts"

/** The only documented signature algorithm: RSASSA-PKCS1-v1_5 over SHA-256. */
export const signType = "SHA256_WITH_RSA"

/** The longest header that {@link decode} looks at, in characters. Our own limit: a real one has about 600. */
export const maxLength = 8192

/** How deep {@link decode} lets objects and arrays be nested. Our own limit: a real header is flat. */
export const maxDepth = 8

/** The object inside the header, with the names of the wire. */
export interface Authorization {
  /** The algorithm; {@link signType} is the only one documented. */
  readonly sign_type: string
  /** Milliseconds since the Unix epoch, as digits in a JSON string. */
  readonly timestamp: string
  /** Random text against replay, 6 to 32 characters. */
  readonly nonce: string
  /** The id of the key pair that signed, issued by PayKKa. */
  readonly key_id: string
  /** Base64 (standard alphabet, padded) of the RSA signature. */
  readonly signature: string
}

/** A header that is not what {@link encode} makes. Carries the rule, never the value. */
export class MalformedAuthorization
  extends /*#__PURE__*/ Data.TaggedError("MalformedAuthorization")<{
    /** The field at fault, or `header` for the value as a whole. */
    readonly part: "header" | keyof Authorization
    /** The rule it breaks, without the value. */
    readonly rule: string
  }>
{
  override get message(): string {
    return `Authorization: ${this.part} ${this.rule}`
  }
}

const fault = (part: MalformedAuthorization["part"], rule: string): Result.Result<never, MalformedAuthorization> =>
  Result.fail(new MalformedAuthorization({ part, rule }))

/** Writes the header value, with the keys in the order of the documentation. */
export const encode = (authorization: Authorization): string =>
  encodeURIComponent(
    JSON.stringify({
      sign_type: authorization.sign_type,
      timestamp: authorization.timestamp,
      nonce: authorization.nonce,
      key_id: authorization.key_id,
      signature: authorization.signature
    })
  )

// Blanks between the tokens of form-encoded JSON arrive as plus signs. Inside strings a plus is part of
// the Base64 text and stays.
// (The closing quote is optional so that a string without one is passed over once, not once for each quote in it.)
const stringOrPlus = /"(?:[^"\\]|\\.)*"?|\+/g
const blanksFromForm = (text: string): string => text.replace(stringOrPlus, (match) => (match === "+" ? " " : match))

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const unescape = (header: string): string | undefined => {
  if (header.startsWith("{")) return header
  try {
    return decodeURIComponent(header)
  } catch {
    return undefined
  }
}

const timestampDigits = /^[0-9]{1,16}$/
// Control characters (C1 too: to some terminals U+009B is the start of an escape sequence), invisible and bidirectional
// marks, and line separators. These texts are quoted in logs.
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

/** Whether objects and arrays stand in each other deeper than so many levels. */
const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === "object" &&
  value !== null &&
  (levels === 0 || Object.values(value).some((member) => isDeeper(member, levels - 1)))

/**
 * {@link decode}, with the signature's bytes, which it decodes to check them.
 *
 * @internal
 */
export const decodeWithBytes = (
  header: string
): Result.Result<
  { readonly authorization: Authorization; readonly bytes: Uint8Array<ArrayBuffer> },
  MalformedAuthorization
> => {
  if (header.length > maxLength) return fault("header", `must not exceed ${maxLength} characters`)
  const text = unescape(header.trim())
  if (text === undefined) return fault("header", "is not percent-encoded text")
  const object = parse(text) ?? parse(blanksFromForm(text))
  if (typeof object !== "object" || object === null || Array.isArray(object)) {
    return fault("header", "is not a JSON object")
  }
  if (isDeeper(object, maxDepth)) return fault("header", `must not be nested deeper than ${maxDepth} levels`)
  const { sign_type, timestamp, nonce, key_id, signature } = object as Record<string, unknown>
  if (typeof sign_type !== "string" || sign_type === "") return fault("sign_type", "must be a non-empty string")
  if (typeof timestamp !== "string") return fault("timestamp", "must be a JSON string, not a number")
  if (!timestampDigits.test(timestamp)) {
    return fault("timestamp", "must be milliseconds since the epoch, in digits only")
  }
  if (typeof nonce !== "string") return fault("nonce", "must be a string")
  if (nonce.length < nonceLength.min || nonce.length > nonceLength.max || unprintable.test(nonce)) {
    return fault("nonce", `must have ${nonceLength.min} to ${nonceLength.max} printable characters`)
  }
  if (typeof key_id !== "string" || key_id === "" || unprintable.test(key_id)) {
    return fault("key_id", "must be a non-empty string of printable characters")
  }
  const bytes = typeof signature === "string" ? base64.decode(signature) : undefined
  if (typeof signature !== "string" || bytes === undefined) {
    return fault("signature", "must be padded Base64 of the standard alphabet")
  }
  return Result.succeed({ authorization: { sign_type, timestamp, nonce, key_id, signature }, bytes })
}

/**
 * Reads a header value. Tolerant of key order, blanks, form encoding, a missing percent-encoding and unknown
 * keys; strict about types, lengths, nesting and the Base64 alphabet. Of a key that stands there twice the last counts, as
 * with `JSON.parse`.
 */
export const decode = (header: string): Result.Result<Authorization, MalformedAuthorization> =>
  Result.map(decodeWithBytes(header), ({ authorization }) => authorization)
