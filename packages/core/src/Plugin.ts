/**
 * What stands around calls: logging, metrics, rate limits, circuit breakers, recording.
 *
 * Plugins run in the order of the list, the first outermost: with `[a, b]` a call passes a, then b, then the
 * engine. `operation` wraps a whole call with all its attempts; `attempt` wraps each request, which is signed
 * anew inside it.
 */
import type { Operation } from "@paykka/schemas/Operation"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type { PaykkaError } from "./PaykkaError.ts"

/** A call, before anything is sent. Never holds the request's content. */
export interface Call {
  readonly operation: Operation
  /** The path that is called, overrides included. */
  readonly path: string
  /** The `request_id`, given or made; undefined where the operation has none. */
  readonly requestId: string | undefined
  /** The merchant number that is sent as `X-Merch-Id`. */
  readonly merchId: string | undefined
}

/** One request of a call. */
export interface Attempt extends Call {
  /** Counts from 1. */
  readonly attempt: number
}

/** The plain facts of an answer. */
export interface Answer {
  readonly httpStatus: number
  readonly headers: Readonly<Record<string, string>>
}

/** A named wrapper around calls, attempts or both. */
export interface Plugin {
  readonly name: string
  /** Around the whole call. Runs `next` or fails with a `PaykkaError`; running it again gives the first result. */
  readonly operation?: <A>(call: Call, next: Effect.Effect<A, PaykkaError>) => Effect.Effect<A, PaykkaError>
  /** Around each request. Running `next` again gives the first result: the engine repeats, not a plugin. */
  readonly attempt?: <A extends Answer, E>(attempt: Attempt, next: Effect.Effect<A, E>) => Effect.Effect<A, E>
}

/** The plugins in force: none by default. Replace them for a program by `Layer.succeed(Plugin.Current, [...])`. */
export class Current
  extends /*#__PURE__*/ Context.Reference<ReadonlyArray<Plugin>>("@paykka/core/Plugins", {
    defaultValue: () => []
  }) {}

// A plugin that retries would send a payment twice.
const once = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> => {
  let first: Exit.Exit<A, E> | undefined
  return Effect.suspend(
    () =>
      first ??
      Effect.onExit(effect, (exit) =>
        Effect.sync(() => {
          first = exit
        })
      )
  )
}

/** Wraps a call in all plugins, the first outermost. */
export const aroundCall = <A>(
  plugins: ReadonlyArray<Plugin>,
  call: Call,
  effect: Effect.Effect<A, PaykkaError>
): Effect.Effect<A, PaykkaError> =>
  plugins.reduceRight((next, plugin) => plugin.operation?.(call, next) ?? next, once(effect))

/** Wraps one request in all plugins, the first outermost. */
export const aroundAttempt = <A extends Answer, E>(
  plugins: ReadonlyArray<Plugin>,
  attempt: Attempt,
  effect: Effect.Effect<A, E>
): Effect.Effect<A, E> => plugins.reduceRight((next, plugin) => plugin.attempt?.(attempt, next) ?? next, once(effect))
