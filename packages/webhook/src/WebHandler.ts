/** A webhook as a web handler: Workers, Deno, Bun, Hono, Next, and Node with web requests. */
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Incoming from "./Incoming.ts"
import { type Running, start } from "./internal/adapter.ts"
import * as Webhook from "./Webhook.ts"

export type { Running } from "./internal/adapter.ts"

/** Settings of the adapters. */
export interface Options {
  /** The largest body that is read, in bytes. Default: 1 MiB. */
  readonly maxBodyBytes?: number | undefined
}

const toResponse = ({ body, ...init }: Webhook.Answer): Response => new Response(body, init)

/** Answers one web request, and finishes what it has begun: a sender who hangs up does not break off a handler. */
export const handle =
  <R>(webhook: Webhook.Webhook<R>, options: Options = {}) =>
  (request: Request): Effect.Effect<Response, never, R> =>
    Incoming.fromRequest(request, options.maxBodyBytes).pipe(
      Effect.matchEffect({
        onSuccess: (incoming) => Effect.uninterruptible(webhook.receive(incoming)),
        onFailure: Webhook.unreadable
      }),
      Effect.map(toResponse)
    )

/** A handler for programs without Effect, and the release of what it holds. */
export interface WebHandler {
  /** Answers one request. Never rejects. */
  readonly fetch: (request: Request) => Promise<Response>
  /** Answers what a framework has read of a request: its path, its headers, its body's raw bytes. Never rejects. */
  readonly receive: (parts: Incoming.Parts) => Promise<Webhook.Answer>
  /** Releases what it holds. */
  readonly dispose: () => Promise<void>
}

/** The handler of a running webhook. */
export const of = ({ answer, dispose }: Running, options: Options): WebHandler => ({
  fetch: async (request) => toResponse(await answer(Incoming.fromRequest(request, options.maxBodyBytes))),
  receive: (parts) => answer(Incoming.fromParts(parts, options.maxBodyBytes)),
  dispose
})

/** Builds a handler from a webhook or an inbox and the layer of what it needs, `Verifier` and `ReplayGuard` among it. The layer is built once, by the first request. */
export const make = <R, RX, E>(
  webhook: Effect.Effect<Webhook.Webhook<R>, never, RX>,
  layer: Layer.Layer<R | RX, E>,
  options: Options = {}
): WebHandler => of(start(webhook, layer), options)
