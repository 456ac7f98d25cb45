/** Runs a webhook for programs without Effect. */
import type { Verifier } from "@paykka/signing/Verifier"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import type { Incoming, Unreadable } from "../Incoming.ts"
import * as Webhook from "../Webhook.ts"

/** A running webhook. */
export interface Running {
  /** Answers what was read of a request. Never rejects. */
  readonly answer: (incoming: Effect.Effect<Incoming, Unreadable>) => Promise<Webhook.Answer>
  readonly dispose: () => Promise<void>
}

/** Starts a webhook; the layer is built once, by the first request. While it cannot be built the answer is 503. */
export const start = <R, E>(
  webhook: Effect.Effect<Webhook.Webhook<R>, never, Verifier>,
  layer: Layer.Layer<Verifier | R, E>
): Running => {
  const runtime = ManagedRuntime.make(layer)
  return {
    answer: async (incoming) => {
      try {
        return await runtime.runPromise(
          Effect.flatMap(webhook, ({ receive }) =>
            Effect.matchEffect(incoming, { onSuccess: receive, onFailure: Webhook.unreadable })
          )
        )
      } catch (error) {
        // A key is wrong, say. There is no logger without the layer.
        console.error("PayKKa webhook cannot start:", error instanceof Error ? error.message : "unknown error")
        return Webhook.answer(503)
      }
    },
    dispose: () => runtime.dispose()
  }
}
