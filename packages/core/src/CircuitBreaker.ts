/**
 * Stops sending for a while when the platform fails or does not answer again and again: calls then end at once, and it can
 * recover. A plugin, over Effect's circuit breaker (experimental, and therefore used here only).
 *
 * A failure is no answer, an answer cut short, HTTP 5xx, HTTP 408 and `999999`. Any other answer, refusals included, shows that
 * the platform is there. `010001` and HTTP 429 say nothing of that, nor does what was not sent or was interrupted.
 *
 * While the circuit is open a call fails as `Unreachable` instead of sending its next request, and is `retryable`. Then one request is
 * let through: when it succeeds the circuit closes, when it fails it opens anew. In the list of plugins this is best before the limits:
 * what it stops takes no turn and no place.
 *
 * Not in memory in a worker: one that drops the request which was let through leaves the circuit half open for ever. Over Redis that request
 * has a lease. While a store is silent, an interruption waits for `storeTimeout`, once before a request and once after it.
 *
 * ```ts
 * const plugins = Plugin.layer(CircuitBreaker.make()).pipe(Layer.provide(CircuitBreaker.layerMemory))
 * ```
 */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Breaker from "effect/persistence/CircuitBreaker"
import type { Redis } from "effect/persistence/Redis"
import type * as Scope from "effect/Scope"
import { type AttemptFailed, type Stop, stopped } from "./AttemptFailed.ts"
import type { InvalidConfiguration } from "./Environment.ts"
import * as setting from "./internal/setting.ts"
import * as sharedStore from "./internal/sharedStore.ts"
import type { Attempt, Plugin } from "./Plugin.ts"

/** When a circuit opens. */
export type OpensAfter =
  /** So many failures in a row, in the order in which they are known: a whole number from 1. */
  | { readonly failures: number }
  /** This share of failures, more than 0 and up to 1, among the last `size` answers, once there are `minimum` (default: `size`). */
  | { readonly failureRate: number; readonly size: number; readonly minimum?: number | undefined }

/** Settings of the plugin. */
export interface Options {
  /** When a circuit opens. Default: after 5 failures in a row. */
  readonly opensAfter?: OpensAfter | undefined
  /** How long it stays open before a request is let through. Default: 30 seconds. */
  readonly openDuration?: Duration.Input | undefined
  /** The longest time for which a `Retry-After` of the platform keeps it open instead. Default: 5 minutes. */
  readonly maxRetryAfter?: Duration.Input | undefined
  /**
   * What has a circuit of its own: requests with the same key share one. It appears in logs, and in the store. Default: each
   * host. For each operation: `({ origin, operation }) => origin + " " + operation.id`.
   */
  readonly key?: ((attempt: Attempt) => string) | undefined
  /**
   * What is done when the store fails or does not answer. `allow`: requests go out as if the circuit were closed, with a
   * warning. `fail`: the attempt ends unsent as `Unreachable`, and the retry policy decides. Default: `allow`.
   */
  readonly onStoreError?: "allow" | "fail" | undefined
  /** The longest wait for the store, before and after each request. Default: 1 second. */
  readonly storeTimeout?: Duration.Input | undefined
}

/** Circuits of this process alone (in a worker: of this isolate). */
export const layerMemory: Layer.Layer<Breaker.CircuitBreakerStore> = /*#__PURE__*/ Breaker.layerStoreMemory()

/**
 * Circuits of all processes that use the same Redis and prefix (default: `circuitbreaker:`). A process that dies while its request is
 * the one that was let through holds the others up for `probeLease` (default: 10 seconds).
 */
export const layerRedis: (options?: {
  readonly prefix?: string | undefined
  readonly probeLease?: Duration.Input | undefined
}) => Layer.Layer<Breaker.CircuitBreakerStore, never, Redis> = Breaker.layerStoreRedis

/** How often circuits changed, by the state that they changed `to`: `Open`, `HalfOpen` or `Closed`. Counts what this process did. */
export const transitions = /*#__PURE__*/ Metric.counter("paykka_circuit_transitions", {
  description: "Changes of circuits between the program and the platform",
  incremental: true
})

/** What a request says of the platform. */
const classify = (exit: Exit.Exit<unknown, AttemptFailed>): Breaker.Outcome => {
  if (Exit.isSuccess(exit)) return Breaker.success
  const error = Cause.findErrorOption(exit.cause)
  // A defect is a fault of the program.
  if (Option.isNone(error)) return Breaker.ignored
  const { reason, transient, unsent, retryAfterMillis } = error.value
  if (unsent === true || reason._tag === "RateLimited") return Breaker.ignored
  return transient ? Breaker.failure({ retryAfter: retryAfterMillis }) : Breaker.success
}

const refusal = (reason: Breaker.CircuitBreakerErrorReason): Stop => {
  switch (reason._tag) {
    case "CircuitOpen": {
      const retryAfterMillis = Math.ceil(Duration.toMillis(reason.retryAfter))
      const detail = `not sent: the circuit is open for about ${Math.ceil(retryAfterMillis / 1000)} s more`
      return { detail, isFinal: true, retryAfterMillis }
    }
    case "CircuitHalfOpen":
      return { detail: "not sent: the circuit is half open, and another request tries it", isFinal: true }
    case "CircuitBreakerStoreError":
      return { detail: "not sent: the store of the circuit breaker is not available" }
  }
}

const tell = (transition: Breaker.Transition): Effect.Effect<void> => {
  const { key, to } = transition
  const count = Metric.update(Metric.withAttributes(transitions, { to }), 1)
  switch (to) {
    case "Open": {
      const seconds = Duration.toMillis(transition.retryAfter) / 1000
      const why = transition.from === "HalfOpen" ? "the request that tried it failed" : "too many requests failed"
      return Effect.andThen(count, Effect.logWarning(`the circuit of ${key} is open for ${seconds} s: ${why}`))
    }
    case "HalfOpen":
      return Effect.andThen(count, Effect.logInfo(`the circuit of ${key} is half open: one request tries it`))
    case "Closed":
      return Effect.andThen(count, Effect.logInfo(`the circuit of ${key} is closed again`))
  }
}

/** Admitted though the store is not available: there is nothing to record then. */
const uncounted: Breaker.Admission = { generation: -1, probe: false, consecutiveOpenings: 0, transition: undefined }

const outage = ({ reason }: Breaker.CircuitBreakerError): string | undefined =>
  reason._tag === "CircuitBreakerStoreError" ? reason.message : undefined

type Store = Breaker.CircuitBreakerStore["Service"]

/** A store that answers in time, tells of changes and, where it is so wished, admits when it is not available. */
const watched = (store: Store, ask: sharedStore.Ask, onStoreError: sharedStore.OnStoreError): Store => {
  const unavailable = new Breaker.CircuitBreakerError({
    reason: new Breaker.CircuitBreakerStoreError({ message: "not available" })
  })
  return {
    state: store.state,
    admit: (key) =>
      Effect.flatMap(
        ask(store.admit(key), outage),
        Option.match({
          onNone: () => (onStoreError === "allow" ? Effect.succeed(uncounted) : Effect.fail(unavailable)),
          onSome: (admission) =>
            Effect.as(admission.transition === undefined ? Effect.void : tell(admission.transition), admission)
        })
      ),
    record: (options) =>
      options.generation === uncounted.generation
        ? Effect.undefined
        : Effect.map(ask(store.record(options), outage), Option.getOrUndefined).pipe(
            Effect.tap((transition) => (transition === undefined ? Effect.void : tell(transition)))
          )
  }
}

const checkOpensAfter = (opensAfter: OpensAfter): ReadonlyArray<setting.Rule> => {
  if ("failures" in opensAfter) return [setting.whole("circuitBreaker.opensAfter.failures", opensAfter.failures, 1)]
  const { failureRate, size, minimum = size } = opensAfter
  return [
    [
      "circuitBreaker.opensAfter.failureRate",
      failureRate > 0 && failureRate <= 1,
      "must be a number more than 0 and up to 1"
    ],
    setting.whole("circuitBreaker.opensAfter.size", size, 1),
    setting.whole("circuitBreaker.opensAfter.minimum", minimum, 1),
    ["circuitBreaker.opensAfter.minimum", minimum <= size, "must not be more than size"]
  ]
}

/** The plugin. Fails with `InvalidConfiguration` when an option has no meaning. */
export const make = /*#__PURE__*/ Effect.fnUntraced(function* (
  options: Options = {}
): Effect.fn.Return<Plugin, InvalidConfiguration, Breaker.CircuitBreakerStore | Scope.Scope> {
  const {
    opensAfter = { failures: 5 },
    openDuration = "30 seconds",
    maxRetryAfter = "5 minutes",
    key = ({ origin }) => origin,
    onStoreError = "allow",
    storeTimeout = "1 second"
  } = options
  yield* setting.check([
    ...checkOpensAfter(opensAfter),
    setting.duration("circuitBreaker.openDuration", openDuration, 1),
    setting.duration("circuitBreaker.maxRetryAfter", maxRetryAfter, 0),
    setting.word("circuitBreaker.onStoreError", onStoreError, sharedStore.onStoreErrorValues),
    setting.duration("circuitBreaker.storeTimeout", storeTimeout, 1)
  ])
  const ask = sharedStore.make("the store of the circuit breaker", storeTimeout, onStoreError)
  const breaker = yield* Breaker.make({
    tripPolicy:
      "failures" in opensAfter
        ? Breaker.consecutive(opensAfter.failures)
        : Breaker.rate({ threshold: opensAfter.failureRate, size: opensAfter.size, minimumCalls: opensAfter.minimum }),
    openDuration,
    maxOpenDuration: maxRetryAfter,
    onStoreError: "fail"
  }).pipe(
    Effect.provideService(Breaker.CircuitBreakerStore, watched(yield* Breaker.CircuitBreakerStore, ask, onStoreError))
  )
  return {
    name: "circuit breaker",
    attempt: (attempt, next) =>
      breaker
        .execute(next, { key: key(attempt), classify })
        .pipe(Effect.catchTag("CircuitBreakerError", ({ reason }) => stopped(refusal(reason))))
  }
})
