/** Runs a webhook for programs without Effect. */
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

/** A runtime, and the webhook that it has made. */
interface Build<R, RX, E> {
  readonly runtime: ManagedRuntime.ManagedRuntime<R | RX, E>
  webhook?: Promise<Webhook.Webhook<R>>
}

const describe = (error: unknown): string => (error instanceof Error ? error.message || error.name : "unknown error")

// There is no logger without the layer.
const unavailable = (why: string): Webhook.Answer => {
  console.error(`PayKKa webhook ${why}`)
  return Webhook.answer(503)
}

/**
 * Starts a webhook; the layer is built once, by the first request. While it cannot be built the answer is 503, and
 * each request tries again: what is missing may be a key service that is away for a moment.
 */
export const start = <R, RX, E>(
  webhook: Effect.Effect<Webhook.Webhook<R>, never, RX>,
  layer: Layer.Layer<R | RX, E>
): Running => {
  // Kept before it runs anything, so that a dispose while the layer is built reaches it.
  let current: Build<R, RX, E> | undefined
  let disposed = false
  return {
    answer: async (incoming) => {
      if (disposed) return unavailable("has been disposed")
      const running = (current ??= { runtime: ManagedRuntime.make(layer) })
      let started = false
      try {
        const { receive } = await (running.webhook ??= running.runtime.runPromise(webhook))
        started = true
        return await running.runtime.runPromise(
          Effect.matchEffect(incoming, { onSuccess: receive, onFailure: Webhook.unreadable })
        )
      } catch (error) {
        if (disposed) return unavailable("has been disposed before it could answer")
        if (started) return unavailable(`failed: ${describe(error)}`)
        if (current === running) current = undefined
        // What was built before the failure is released. Its own failure would say nothing new.
        await running.runtime.dispose().catch(() => undefined)
        return unavailable(`cannot start: ${describe(error)}`)
      }
    },
    dispose: async () => {
      disposed = true
      await current?.runtime.dispose()
    }
  }
}
