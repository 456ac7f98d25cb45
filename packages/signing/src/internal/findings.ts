/** What a search has found, as findings for a person. */
import type { Code } from "../Cause.ts"
import type { VerificationKey } from "../KeyStore.ts"
import { render } from "./draft.ts"
import { isHash, nameOf } from "./opened.ts"
import type { Effort, Match, Step } from "./search.ts"
import { quoted } from "./shown.ts"

/** Something that is wrong with a message. Shows nothing of the body and no key. */
export interface Finding {
  readonly code: Code
  /** What was found in this message. */
  readonly detail: string
  /** The change that makes this message right, where it can be said in one sentence. What to do in general says `Cause.of(code)`. */
  readonly change: string | undefined
  /** Whether it was proven: the signature verifies over the text, or with the key, that the finding supposes. */
  readonly proven: boolean
}

export const finding = (code: Code, detail: string, proven: boolean, change?: string): Finding => ({
  code,
  detail,
  change,
  proven
})

const numbers = { path: 1, timestamp: 2, nonce: 3, merchId: 4 } as const

/** The change in the words of this message, where it is one line. */
const changeOf = ({ code, from, to }: Step): string | undefined => {
  if (from.order !== to.order || from.separator !== to.separator || from.end !== to.end || from.digest !== to.digest) {
    return undefined
  }
  const line = (["path", "timestamp", "nonce", "merchId"] as const).find((name) => from[name] !== to[name])
  if (line !== undefined) {
    const right = from[line] === "" ? "nothing" : quoted(from[line])
    // A merchant number may be the body's, which nothing quotes.
    const wrong = code === "MerchantLineOther" || to[line] === "" ? "" : ` instead of ${quoted(to[line])}`
    return `In line ${numbers[line]} sign ${right}${wrong}.`
  }
  if (from.body === undefined || to.body === undefined) return undefined
  const [sent, signed] = [from.body.length, to.body.length]
  const others = sent === signed ? "others" : `the ${signed} that were signed`
  return `In line 5 sign the ${sent} bytes that are sent, not ${others}.`
}

const keyName = ({ keyId, fingerprint }: VerificationKey): string =>
  keyId === undefined ? `the key of fingerprint ${fingerprint.slice(0, 16)}…` : `the key ${quoted(keyId)}`

const effortText = ({ texts, complete }: Effort): string =>
  `${texts} texts were tried${complete ? "" : ", and then no more, since there are too many"}`

/** What is wrong by what the search found; nothing where the expected key signed the expected text. */
export const findingsOf = (
  match: Match | undefined,
  {
    keyId,
    keys,
    signatureBytes,
    effort
  }: {
    readonly keyId: string
    readonly keys: ReadonlyArray<VerificationKey>
    readonly signatureBytes: number
    readonly effort: Effort
  }
): ReadonlyArray<Finding> => {
  if (match === undefined) {
    const bits = [...new Set(keys.map((key) => key.bits))]
    const size = bits.every((some) => Math.ceil(some / 8) !== signatureBytes)
      ? `the signature has ${signatureBytes} bytes, as of a key of ${signatureBytes * 8} bits; the given keys have ${bits.join(", ")} bits`
      : keys.length === 1
        ? "the given key did not make this signature, whatever was signed"
        : `none of the ${keys.length} given keys made this signature, whatever was signed`
    return [finding("ForeignKey", `${size}; or the signature was damaged on its way`, false)]
  }
  const { expected, reading, opened, steps, key } = match
  const algorithm = nameOf(opened)
  const found: Array<Finding> = []
  if (reading.detail !== undefined) found.push(finding("SignatureEncoding", reading.detail, true))
  if (algorithm !== undefined) {
    found.push(finding("WrongAlgorithm", `the signature was made by ${algorithm}`, true))
  }
  if (!expected) {
    const what = steps?.length === 0 ? "the text is right, but" : "not the right key, but"
    found.push(finding("WrongKey", `${what} ${keyName(key)} has signed, which is none of those that should`, true))
  }
  for (const step of steps ?? []) found.push(finding(step.code, step.detail, true, changeOf(step)))
  // Of a hash that WebCrypto does not know no text can be looked for.
  if (steps === undefined && (opened._tag !== "Digest" || isHash(opened.hash))) {
    found.push(
      finding(
        "OtherText",
        `${keyName(key)} made the signature, but over a text that no known mistake explains (${effortText(effort)})`,
        false
      )
    )
  }
  // One that is missing is another finding.
  if (expected && key.keyId !== undefined && keyId !== "" && key.keyId !== keyId) {
    found.push(
      finding(
        "KeyIdUnknown",
        `the header says ${quoted(keyId)}, but ${keyName(key)} signed`,
        true,
        `Send key_id ${quoted(key.keyId)}.`
      )
    )
  }
  return found
}

/** The bytes of the text that was signed, where it was found; a digest in its place is none. */
export const signedText = (match: Match | undefined): Uint8Array | undefined => {
  const last = match?.steps?.at(-1)
  return last === undefined ? undefined : render(last.to)
}
