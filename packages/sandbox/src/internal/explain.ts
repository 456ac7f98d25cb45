/** Says why a signature was refused, to the one who wrote the request. Shows nothing of the body. */
import * as Authorization from "@paykka/signing/Authorization"
import type * as CanonicalString from "@paykka/signing/CanonicalString"
import * as Explanation from "@paykka/signing/Explanation"
import type { VerificationKey } from "@paykka/signing/KeyStore"
import type { SignatureRejected } from "@paykka/signing/Verifier"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"

/** A refused request. */
export interface Question {
  readonly error: SignatureRejected
  readonly url: URL
  /** The `Authorization` header. */
  readonly header: string | undefined
  /** The `X-Merch-Id` header. */
  readonly merchId: string | undefined
  readonly body: Uint8Array
  /** The merchants' keys. */
  readonly keys: ReadonlyArray<VerificationKey>
  /** The merchant numbers that the sandbox knows. */
  readonly merchIds: ReadonlyArray<string>
}

// Where lines were left out or shifted, the body stands in the place of another one.
const plain = /^[\w.~:/?#&=%+@!$-]*$/
const hidden = "(not shown)"

const withoutContent = (line: Explanation.Line): Explanation.Line => {
  const show = (text: string | undefined) =>
    text === undefined || (line.part !== "body" && plain.test(text)) ? text : hidden
  return { ...line, expected: show(line.expected), signed: show(line.signed) }
}

const mismatch = (question: Question, authorization: Authorization.Authorization): Effect.Effect<string> => {
  const { error, url, merchId, body, keys, merchIds } = question
  const { timestamp, nonce, key_id } = authorization
  const parts: CanonicalString.Parts = { path: url.pathname, timestamp, nonce, merchId, body }
  return Explanation.explain({
    parts,
    authorization,
    keys: keys.filter((key) => key.keyId === key_id),
    otherKeys: keys.filter((key) => key.keyId !== key_id),
    otherMerchIds: merchIds,
    origin: url.origin,
    query: url.search.slice(1)
  }).pipe(
    Effect.map((explanation) => ({ ...explanation, lines: explanation.lines.map(withoutContent) })),
    Effect.map((explanation) => `${error.message}\n${Explanation.format(explanation)}`)
  )
}

/** The explanation, of several lines where the signature belongs to other bytes. */
export const explain = (question: Question): Effect.Effect<string> => {
  const { error, header, keys } = question
  switch (error.reason._tag) {
    case "Malformed":
      return Effect.succeed(`Authorization: ${error.message}`)
    case "UnknownKey": {
      const known = keys.map(({ keyId }) => keyId).join(", ")
      return Effect.succeed(
        `key_id ${JSON.stringify(error.reason.keyId.slice(0, 80))} is no merchant's; known: ${known}`
      )
    }
    case "Mismatch": {
      const authorization = Authorization.decode(header ?? "")
      return Result.isSuccess(authorization) ? mismatch(question, authorization.success) : Effect.succeed(error.message)
    }
    default:
      return Effect.succeed(error.message)
  }
}
