/** What a worker and its objects need, made of the bindings: once for each isolate. */
import * as Balance from "@paykka/balance/Balance"
import * as PaykkaClient from "@paykka/core/PaykkaClient"
import * as Forex from "@paykka/forex/Forex"
import * as Payment from "@paykka/payment/Payment"
import * as Notifications from "@paykka/payouts/Notifications"
import * as Settings from "@paykka/payouts/Settings"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Signer from "@paykka/signing/Signer"
import * as Verifier from "@paykka/signing/Verifier"
import * as CloudflareDeadLetters from "@paykka/store-cloudflare/CloudflareDeadLetters"
import * as CloudflareInbox from "@paykka/store-cloudflare/CloudflareInbox"
import * as CloudflareReplayGuard from "@paykka/store-cloudflare/CloudflareReplayGuard"
import * as CloudflareWorker from "@paykka/store-cloudflare/CloudflareWorker"
import type { DeadLetters } from "@paykka/webhook/DeadLetters"
import * as Inbox from "@paykka/webhook/Inbox"
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type Env, deadLetterQueue, maxAttempts, maxRetries } from "./Env.ts"
import { tell } from "./Objects.ts"
import * as Variables from "./Variables.ts"

/** See {@link open}. */
export interface App {
  /** What callers show. */
  readonly token: string
  /** What a payout is advanced with. */
  readonly services: Context.Context<Balance.Balance | Forex.Forex | Payment.Payment | Settings.Current>
  /** The notifications. */
  readonly inbox: CloudflareWorker.CloudflareWorker<never, DeadLetters>
}

/** Makes it. Fails with what is to be set, or set otherwise. */
export const make = (env: Env): Effect.Effect<App, Settings.InvalidSetting | KeyStore.InvalidKeyStore> =>
  Effect.gen(function* () {
    const { token, keys, client, settings } = yield* Variables.read(env)
    const keyStore = Layer.succeed(KeyStore.KeyStore, keys)
    const services = yield* Layer.build(
      Layer.mergeAll(Balance.layer, Forex.layer, Payment.layer).pipe(
        Layer.provide(PaykkaClient.layerFetch(client)),
        Layer.provide(Layer.provide(Signer.layer, keyStore)),
        Layer.merge(Layer.succeed(Settings.Current, settings))
      )
    ).pipe(Effect.mapError(Variables.unusable))
    const inbox = CloudflareWorker.make(
      Inbox.make({
        ...Notifications.optionsFor((requestId, told) => tell(env, requestId, told)),
        merchants: Notifications.merchantsOf(client.merchId),
        maxAttempts
      }),
      Layer.mergeAll(
        Layer.provide(Verifier.layer(), keyStore),
        CloudflareReplayGuard.layer({ namespace: env.REPLAY_GUARD }),
        CloudflareInbox.layer({ queue: env.INBOX })
      ).pipe(Layer.provideMerge(CloudflareDeadLetters.layer({ namespace: env.DEAD_LETTERS }))),
      { maxRetries, deadLetterQueue }
    )
    return { token, services, inbox }
  }).pipe(Effect.scoped)

let current: App | undefined

/**
 * The app; undefined while a variable cannot be used, which the log then tells.
 *
 * Requests share what is made, never its making: what is made in the name of one request ends with it.
 */
export const open = async (env: Env): Promise<App | undefined> =>
  (current ??= await Effect.runPromise(
    Effect.catchCause(make(env), (cause) => {
      const error = Cause.squash(cause)
      console.error(`payouts cannot be made: ${error instanceof Error ? error.message : "unknown error"}`)
      return Effect.undefined
    })
  ))
