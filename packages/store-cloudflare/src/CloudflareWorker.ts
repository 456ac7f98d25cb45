/** An inbox as the handlers of a worker, for programs without Effect. */
import type { DeadLetters } from "@paykka/webhook/DeadLetters"
import type { Inbox } from "@paykka/webhook/Inbox"
import * as WebHandler from "@paykka/webhook/WebHandler"
import * as Webhook from "@paykka/webhook/Webhook"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import type { MessageBatch } from "./Bindings.ts"
import { type ConsumeOptions, bury, consume } from "./CloudflareInbox.ts"
import { later } from "./internal/later.ts"

/** Settings of the handlers. */
export interface Options extends WebHandler.Options, ConsumeOptions {
  /** The name of the queue that is named as the inbox's `dead_letter_queue`: what comes from it becomes dead letters. */
  readonly deadLetterQueue?: string | undefined
}

/** The handlers, and what else there is to do with an inbox. */
export interface CloudflareWorker<R, RX = never> {
  /** Answers one request. Never rejects. */
  readonly fetch: (request: Request) => Promise<Response>
  /** Handles one batch. Never rejects. */
  readonly queue: (batch: MessageBatch & { readonly queue: string }) => Promise<void>
  /** Runs something else with the inbox, such as its `replay`. Rejects with what it fails with. */
  readonly run: <A, E>(use: (inbox: Inbox<R>) => Effect.Effect<A, E, R | RX>) => Promise<A>
  /** Releases the layer's resources. */
  readonly dispose: () => Promise<void>
}

/**
 * Builds the handlers from an inbox and the layer of what it needs, `DeadLetters` among it. The layer is built once, by the first
 * request or batch. While it cannot be built, requests are answered with 503 and messages come again, and each tries anew: what is
 * missing may be a key service that is away for a moment.
 */
export const make = <R, RX, E>(
  inbox: Effect.Effect<Inbox<R>, never, RX>,
  layer: Layer.Layer<R | RX | DeadLetters, E>,
  options: Options = {}
): CloudflareWorker<R, RX | DeadLetters> => {
  type Built = {
    readonly runtime: ManagedRuntime.ManagedRuntime<R | RX | DeadLetters, E>
    readonly context: Promise<Context.Context<R | RX | DeadLetters>>
  }
  let current: Built | undefined

  const build = (): Built => {
    const runtime = ManagedRuntime.make(layer)
    const built: Built = {
      runtime,
      context: runtime.context().catch(async (error: unknown) => {
        if (current === built) current = undefined
        // What was built before the failure is released. Its own failure would say nothing new.
        await runtime.dispose().catch(() => undefined)
        throw error
      })
    }
    return built
  }

  // Requests share the layer and this promise, but no fiber that another one waits for, and so no inbox: what a worker does in the
  // name of one request ends with that request.
  const run: CloudflareWorker<R, RX | DeadLetters>["run"] = async (use) => {
    const context = await (current ??= build()).context
    return Effect.runPromiseWith(context)(Effect.flatMap(inbox, use))
  }

  // There is no logger without the layer.
  const complain = (error: unknown): void => {
    console.error(
      `PayKKa inbox cannot start: ${error instanceof Error ? error.message || error.name : "unknown error"}`
    )
  }

  return {
    fetch: async (request) => {
      try {
        return await run((receiving) => WebHandler.handle(receiving, options)(request))
      } catch (error) {
        complain(error)
        const { body, ...init } = Webhook.answer(503)
        return new Response(body, init)
      }
    },
    queue: async (batch) => {
      try {
        await run((handling) =>
          (batch.queue === options.deadLetterQueue ? bury(options) : consume(handling, options))(batch)
        )
      } catch (error) {
        complain(error)
        for (const message of batch.messages) later(message, options.delay)
      }
    },
    run,
    dispose: async () => {
      await current?.runtime.dispose()
    }
  }
}
