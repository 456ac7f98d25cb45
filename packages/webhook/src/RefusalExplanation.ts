/**
 * Finds out why signatures are refused, for the log and metrics: a callback path that a proxy rewrote, a body that something parsed and
 * wrote again, another key. The sender learns nothing of it.
 */
import * as Authorization from "@paykka/signing/Authorization"
import * as Explanation from "@paykka/signing/Explanation"
import { KeyStore, type VerificationKey } from "@paykka/signing/KeyStore"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Result from "effect/Result"
import type { Refusal } from "./internal/receiver.ts"

/**
 * How much is spent on it: an explanation costs an RSA operation for each key, and some thousand digests where one of the keys has signed
 * another text. Anybody can send what is refused.
 */
export interface Options {
  /** At most one explanation in this time; the others are only logged. Default: 10 seconds. */
  readonly interval?: Duration.Input | undefined
  /** Larger bodies are not explained. Default: 64 KiB. */
  readonly maxBodyBytes?: number | undefined
  /** Keys that should not have signed, but might have: the merchant's own, those of PayKKa's other environment. */
  readonly otherKeys?: ReadonlyArray<VerificationKey> | undefined
  /** Merchant numbers that the signer may have meant. */
  readonly otherMerchIds?: ReadonlyArray<string> | undefined
}

const counter = /*#__PURE__*/ Metric.counter("paykka_webhook_refusal_causes", {
  description: "Refused signatures that were explained, by likely cause",
  incremental: true
})

const standardMaxBodyBytes = 64 * 1024

/** When the next explanation may be made. For each key store, since a worker may build the rest anew for each request. */
const budgets = /*#__PURE__*/ new WeakMap<object, { at: number }>()

const nextOf = (keyStore: object): { at: number } => {
  const known = budgets.get(keyStore)
  if (known !== undefined) return known
  const next = { at: -Infinity }
  budgets.set(keyStore, next)
  return next
}

/**
 * Builds the `onRefused` of a webhook or an inbox: logs the reason of each refusal, and the likely cause of one now and then. Neither
 * shows anything of the body.
 */
export const make = (
  options: Options = {}
): Effect.Effect<(refusal: Refusal) => Effect.Effect<void>, never, KeyStore> =>
  Effect.gen(function* () {
    const keyStore = yield* KeyStore
    const { interval = "10 seconds", maxBodyBytes = standardMaxBodyBytes, otherKeys, otherMerchIds } = options
    const intervalMillis = Duration.toMillis(Duration.fromInputUnsafe(interval))
    const next = nextOf(keyStore)

    const explain = Effect.fnUntraced(function* ({ incoming, paths }: Refusal): Effect.fn.Return<void> {
      const header = Authorization.decode(incoming.authorization ?? "")
      const keys = yield* Effect.orElseSucceed(keyStore.platformKeys, () => [])
      if (Result.isFailure(header)) return
      const authorization = header.success
      const { timestamp, nonce } = authorization
      const { path, merchId, body } = incoming
      const { cause, detail } = yield* Explanation.explain({
        parts: { path, timestamp, nonce, merchId, body },
        authorization,
        keys,
        otherPaths: paths,
        otherKeys,
        otherMerchIds
      })
      yield* Metric.update(Metric.withAttributes(counter, { cause }), 1)
      yield* Effect.logWarning(`the likely cause of the refusal: ${cause}: ${detail}`)
    })

    return (refusal) =>
      Effect.gen(function* () {
        const { incoming, error } = refusal
        yield* Effect.logWarning(`PayKKa notification refused: ${error.message}`)
        if (error.reason._tag !== "Mismatch" && error.reason._tag !== "UnknownKey") return
        if (incoming.body.length > maxBodyBytes) return
        const now = Number(yield* Clock.monotonicTimeNanos) / 1e6
        if (now < next.at) return
        next.at = now + intervalMillis
        yield* explain(refusal)
      })
  })
