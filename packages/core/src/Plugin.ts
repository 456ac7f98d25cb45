/**
 * What stands around calls: logging, metrics, rate limits, circuit breakers, journals, recording.
 *
 * Plugins run in the order of the list, the first outermost: with `[a, b]` a call passes a, then b, then the
 * engine. `operation` wraps a whole call with all its requests, waits and questions; `attempt` wraps each request, which is
 * signed anew inside it. What a plugin provides to `next` in `operation`, it finds in `attempt`.
 */
import type { Operation } from "@paykka/schemas/Operation"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { type AttemptFailed, withKnown } from "./AttemptFailed.ts"
import { type PaykkaError, withReason } from "./PaykkaError.ts"
import { type Key, outcomeUnknown } from "./Query.ts"

/** A call, before anything is sent. Never holds the request's content. */
export interface Call {
  readonly operation: Operation
  /** Scheme, host and port that are called, such as `https://open-fat.cb.paykka.com`. */
  readonly origin: string
  /** The path that is called, overrides included. */
  readonly path: string
  /** The `request_id`, given or made; undefined where the operation has none. */
  readonly requestId: string | undefined
  /** The merchant number that is sent as `X-Merch-Id`. */
  readonly merchId: string | undefined
  /** What names the submission, or the object of an update; null where nothing does, as in most reads. */
  readonly key: Key | null
  /**
   * The same text for the same question, that is for the same path, merchant number and body, of one client; another client's is another
   * one. A salted SHA-256 in hexadecimal, computed when it is run.
   */
  readonly fingerprint: Effect.Effect<string>
}

/** One request of a call. */
export interface Attempt extends Call {
  /** Counts from 1. */
  readonly attempt: number
  /** What is added to the program's time for the timestamp, in milliseconds: see `PlatformClock`. */
  readonly offsetMillis: number
  /** Whether it is signed anew at once, with the platform's time, since the last one was refused and clocks differ. */
  readonly isClockCorrection: boolean
}

/** The plain facts of an answer. */
export interface Answer {
  readonly httpStatus: number
  readonly headers: Readonly<Record<string, string>>
}

/** The plain facts of a call's result. Its content is there too, but not for plugins to look at: it has no type. */
export interface Outcome {
  /** How many requests were sent. */
  readonly attempts: number
  readonly httpStatus: number
  /** The id of the read that told the result, where the write's own answer was lost. */
  readonly resolvedBy: string | undefined
}

/** A named wrapper around calls, attempts or both. */
export interface Plugin {
  readonly name: string
  /** Whether nothing may come between it and the request: {@link layer} puts it last. Default: no. */
  readonly isInnermost?: boolean
  /** Around the whole call. Runs `next` or fails with a `PaykkaError`; running it again gives the first result. */
  readonly operation?: <A extends Outcome>(
    call: Call,
    next: Effect.Effect<A, PaykkaError>
  ) => Effect.Effect<A, PaykkaError>
  /**
   * Around each request. Running `next` again gives the first result: the engine repeats, not a plugin. To keep a request
   * from going out fail with `AttemptFailed.stopped` and do not run `next`.
   */
  readonly attempt?: <A extends Answer>(
    attempt: Attempt,
    next: Effect.Effect<A, AttemptFailed>
  ) => Effect.Effect<A, AttemptFailed>
}

/** The plugins in force: none by default. Replace them for a program by `Layer.succeed(Plugin.Current, [...])`. */
export class Current
  extends /*#__PURE__*/ Context.Reference<ReadonlyArray<Plugin>>("@paykka/core/Plugins", {
    defaultValue: () => []
  }) {}

type Made<E, R> = Plugin | Effect.Effect<Plugin, E, R>
type ErrorOf<M> = M extends Effect.Effect<Plugin, infer E, infer _R> ? E : never
type ServicesOf<M> = M extends Effect.Effect<Plugin, infer _E, infer R> ? R : never

/**
 * The plugins of a program, the first outermost: `Plugin.layer(Logging.make(), Journal.make())`. Needs what making them needs. It takes
 * the place of all that were in force. One that must be innermost is last wherever it stands in the list.
 */
export const layer = <const Plugins extends ReadonlyArray<Made<unknown, unknown>>>(
  ...plugins: Plugins
): Layer.Layer<never, ErrorOf<Plugins[number]>, Exclude<ServicesOf<Plugins[number]>, Scope.Scope>> => {
  const made: ReadonlyArray<Made<ErrorOf<Plugins[number]>, ServicesOf<Plugins[number]>>> = plugins as never
  return Layer.effect(
    Current,
    Effect.map(
      Effect.forEach(made, (plugin) => (Effect.isEffect(plugin) ? plugin : Effect.succeed(plugin))),
      (all) => all.toSorted((a, b) => Number(a.isInnermost ?? false) - Number(b.isInnermost ?? false))
    )
  )
}

// A plugin that retries, or that runs it twice at once, would send a payment twice.
const once = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> => {
  let first: Deferred.Deferred<A, E> | undefined
  return Effect.suspend(() => {
    if (first !== undefined) return Deferred.await(first)
    const own = (first = Deferred.makeUnsafe<A, E>())
    return Effect.onExit(effect, (exit) => Deferred.done(own, exit))
  })
}

/**
 * Wraps a call in all plugins, the first outermost. A plugin that fails a write which has begun, and of which it is not known that it was
 * not processed, makes it doubtful, whatever its own error says.
 */
export const aroundCall = <A extends Outcome>(
  plugins: ReadonlyArray<Plugin>,
  call: Call,
  effect: Effect.Effect<A, PaykkaError>
): Effect.Effect<A, PaykkaError> => {
  if (plugins.length === 0) return effect
  let begunAt: number | undefined
  let own: PaykkaError | undefined
  const begin = Effect.clockWith((clock) => {
    begunAt = clock.currentTimeMillisUnsafe()
    return Effect.tapError(effect, (failed) => Effect.sync(() => void (own = failed)))
  })
  return plugins
    .reduceRight((next, plugin) => plugin.operation?.(call, next) ?? next, once(begin))
    .pipe(
      Effect.catch((failed) => {
        if (failed === own || begunAt === undefined || call.operation.effect === "read") return Effect.fail(failed)
        if (own !== undefined) return Effect.fail(own.reason._tag === "OutcomeUnknown" ? own : failed)
        if (failed.reason._tag === "OutcomeUnknown") return Effect.fail(failed)
        const since = begunAt
        return Effect.flatMap(Clock.currentTimeMillis, (now) =>
          Effect.fail(withReason(failed, outcomeUnknown(call, failed.reason, since, now), false))
        )
      })
    )
}

/**
 * Wraps one request in all plugins, the first outermost. A failure of a plugin's own, after the request had begun, says
 * nothing of what became of it: it is taken for doubtful.
 */
export const aroundAttempt = <A extends Answer>(
  plugins: ReadonlyArray<Plugin>,
  attempt: Attempt,
  effect: Effect.Effect<A, AttemptFailed>
): Effect.Effect<A, AttemptFailed> => {
  if (plugins.length === 0) return effect
  let isBegun = false
  let own: AttemptFailed | undefined
  const begin = Effect.suspend(() => {
    isBegun = true
    return Effect.tapError(effect, (failed) => Effect.sync(() => void (own = failed)))
  })
  return plugins
    .reduceRight((next, plugin) => plugin.attempt?.(attempt, next) ?? next, once(begin))
    .pipe(Effect.mapError((failed) => (failed === own || !isBegun ? failed : withKnown(failed, own))))
}
