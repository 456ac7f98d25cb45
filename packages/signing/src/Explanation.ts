/**
 * Finds out why a signature was refused.
 *
 * {@link compare} sets two canonical strings side by side; {@link explain} tries what people commonly sign by
 * mistake (`Cause.causes`) and names what verifies. Bodies are shown only around the first difference and with their
 * digits masked; a name may still show there, so this is for the developer's own traffic. `Diagnosis` does the same for a
 * whole message, with its header as it was sent.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Authorization } from "./Authorization.ts"
import * as CanonicalString from "./CanonicalString.ts"
import type * as Cause from "./Cause.ts"
import * as base64 from "./internal/base64.ts"
import { type Draft, draftOf, equal, render, textOf } from "./internal/draft.ts"
import { type Finding, finding, findingsOf, signedText } from "./internal/findings.ts"
import { sameJson, stringsOf } from "./internal/jsonForms.ts"
import { hostsOf, noHints } from "./internal/mistakes.ts"
import { digest } from "./internal/opened.ts"
import { type Effort, search, singles } from "./internal/search.ts"
import { compareLines, type Line, split } from "./internal/shown.ts"
import type { VerificationKey } from "./KeyStore.ts"

export type { Finding } from "./internal/findings.ts"
export { type Line, visible } from "./internal/shown.ts"

/** Why a signature was refused, line by line. */
export interface Explanation {
  /** The likely cause, the first one where there are several. `None`: nothing is wrong. `Unknown`: it could not be looked for. */
  readonly cause: Cause.Code | "None" | "Unknown"
  /** One sentence for a person: what was signed. */
  readonly detail: string
  /** Whether the cause was proven: the signature verifies over the bytes that it supposes. */
  readonly proven: boolean
  /** All that is wrong, in the order in which to mend it; what to do about each says `Cause.of(code)`. */
  readonly findings: ReadonlyArray<Finding>
  /** The five lines, expected against signed. */
  readonly lines: ReadonlyArray<Line>
}

const explanation = (findings: ReadonlyArray<Finding>, lines: ReadonlyArray<Line>): Explanation => ({
  cause: findings[0]?.code ?? "None",
  detail: findings.map(({ detail }) => detail).join("; and "),
  proven: findings.every(({ proven }) => proven),
  findings,
  lines
})

const nothingFound = (detail: string, lines: ReadonlyArray<Line>, proven: boolean): Explanation => ({
  cause: "None",
  detail,
  proven,
  findings: [],
  lines
})

const unknown = (detail: string, lines: ReadonlyArray<Line>): Explanation => ({
  cause: "Unknown",
  detail,
  proven: false,
  findings: [],
  lines
})

/** The first single mistake that makes the one text of the other. */
const knownMistake = (draft: Draft, signed: Uint8Array): Finding | undefined => {
  for (const [step] of singles(draft, noHints, "near")) {
    if (step !== undefined && step.to.digest === undefined && equal(render(step.to), signed)) {
      return finding(step.code, step.detail, false)
    }
  }
  return undefined
}

const differing = (first: Line, several: boolean, a: Uint8Array | undefined, b: Uint8Array | undefined): Finding => {
  if (several) {
    return finding("LineOrder", "several lines differ; check the order of the lines and their separators", false)
  }
  switch (first.part) {
    case "path":
      return finding("PathOther", "the path differs; sign the bare path, without host, query or an added slash", false)
    case "timestamp":
      return finding("TimestampDiffers", "the timestamp differs from the header's; use the same digits in both", false)
    case "nonce":
      return finding("NonceDiffers", "the nonce differs from the header's; use the same text in both", false)
    case "merchId": {
      const detail = "line 4 differs; it is the value of X-Merch-Id, or empty when that header is not sent"
      return finding("MerchantLineOther", detail, false)
    }
    case "body":
      if (b === undefined) return finding("BodyMissing", "the body was not signed; it is line 5", false)
      if (a === undefined) return finding("BodyOther", "a body was signed, but none is expected", false)
      return sameJson(textOf(a), textOf(b))
        ? finding("BodyReserialised", "the same JSON in other bytes; sign the very bytes that are sent", false)
        : finding("BodyOther", "the body is another one; something changed it after signing", false)
  }
}

/** Compares the canonical string that was expected with the one that was signed. */
export const compare = (expected: Uint8Array, signed: Uint8Array): Explanation => {
  const lines = compareLines(expected, signed)
  const [first, ...others] = lines.filter((line) => !line.same)
  if (first === undefined) {
    return nothingFound("both strings are the same; if the signature fails, another key made it", lines, false)
  }
  const [path, timestamp, nonce, merchId, body] = split(expected)
  const [, , , , signedBody] = split(signed)
  const known =
    merchId === undefined
      ? undefined
      : knownMistake(
          draftOf({
            path: textOf(path),
            timestamp: textOf(timestamp),
            nonce: textOf(nonce),
            merchId: textOf(merchId),
            body
          }),
          signed
        )
  return explanation([known ?? differing(first, others.length > 1, body, signedBody)], lines)
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
  /** Other paths that the signer may have meant: a configured one, one before a proxy. */
  readonly otherPaths?: ReadonlyArray<string> | undefined
  /** Other merchant numbers that the signer may have meant. */
  readonly otherMerchIds?: ReadonlyArray<string> | undefined
  /** Scheme and host as the signer may have put them before the path: `https://api.example.com`. */
  readonly origin?: string | undefined
  /** The query string that was sent, without its question mark. */
  readonly query?: string | undefined
}

/**
 * Finds what was signed instead of the expected bytes, by trying the known mistakes, also two at a time.
 *
 * Costs one RSA operation for each key, and for a message that nothing explains some thousand SHA-256 digests of its length (at
 * most 10 000, and at most 64 MiB in all): a tool for the developer's own traffic and for logs with a budget, not
 * for every refused message of the open internet. Of a key that is not extractable only single mistakes are tried, each with
 * an RSA operation.
 */
export const explain = /*#__PURE__*/ Effect.fnUntraced(function* (question: Question): Effect.fn.Return<Explanation> {
  const { parts, authorization, keys, otherKeys = [], otherPaths = [], otherMerchIds = [], origin, query } = question
  const expected = CanonicalString.encode(parts)
  if (Result.isFailure(expected)) return unknown(expected.failure.message, [])
  const bytes = expected.success
  const signature = base64.decode(authorization.signature)
  if (signature === undefined) return unknown("the signature is not Base64", compareLines(bytes, bytes))

  if (keys.length + otherKeys.length === 0) return unknown("no key was given", compareLines(bytes, bytes))

  const effort: Effort = { texts: 0, operations: 0, complete: true }
  const match = yield* Effect.promise(async (abort) => {
    const bodyDigest = parts.body && (await digest("SHA-256", new Uint8Array(parts.body)))
    const bodyMerchIds = stringsOf(textOf(parts.body), "merch_id")
    const hints = { ...noHints, hosts: hostsOf(origin), query, otherPaths, otherMerchIds, bodyMerchIds, bodyDigest }
    return search({ draft: draftOf(parts), hints, readings: [{ bytes: signature }], keys, otherKeys }, effort, abort)
  })
  const lines = compareLines(bytes, signedText(match) ?? bytes)
  const findings = findingsOf(match, {
    keyId: authorization.key_id,
    keys: [...keys, ...otherKeys],
    signatureBytes: signature.length,
    effort
  })
  return findings.length === 0 ? nothingFound("the signature is right", lines, true) : explanation(findings, lines)
})

/** The lines of an explanation as text: equal ones by their length, others side by side. */
export const formatLines = (lines: ReadonlyArray<Line>): ReadonlyArray<string> =>
  lines.map(({ part, same, expected, signed, expectedBytes, signedBytes }) => {
    if (same) return `  = ${part} (${expectedBytes} bytes)`
    const show = (text: string | undefined, bytes: number) =>
      text === undefined ? "(no line)" : `${bytes} bytes: ${text}`
    return `  ! ${part}\n      expected ${show(expected, expectedBytes)}\n      signed   ${show(signed, signedBytes)}`
  })

/** Writes an explanation as lines of text for a log or a terminal. */
export const format = (explained: Explanation): string =>
  [`${explained.cause}: ${explained.detail}`, ...formatLines(explained.lines)].join("\n")
