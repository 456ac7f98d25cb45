/**
 * Keeps requests within a rate: in one process, or in several that share a Redis. A plugin.
 *
 * PayKKa publishes no limits (it answers `010001` or HTTP 429 to too many requests); the numbers are those that were agreed
 * on with it, or your own. Each request counts, repeated ones too. In the list of plugins only the
 * journal is best after it: what it lets through then goes out at once.
 *
 * ```ts
 * const plugins = Plugin.layer(RateLimit.make({ limit: 20, window: "1 second", onExceeded: "delay" })).pipe(
 *   Layer.provide(RateLimit.layerMemory)
 * )
 * ```
 *
 * In any span of n windows at most `(n + 1) * limit - 1` requests go out: both algorithms let pass at once what was saved up
 * while there were fewer. Without any burst: a limit of 1 and a window that is so much shorter.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as RateLimiter from "effect/persistence/RateLimiter"
import type { Redis } from "effect/persistence/Redis"
import * as Result from "effect/Result"
import { AttemptFailed, stopped } from "./AttemptFailed.ts"
import type { InvalidConfiguration } from "./Environment.ts"
import * as setting from "./internal/setting.ts"
import * as sharedStore from "./internal/sharedStore.ts"
import type { Attempt, Plugin } from "./Plugin.ts"

/** Settings of the plugin. */
export interface Options {
  /** Requests in a window: a whole number from 1. */
  readonly limit: number
  /** How long a window is: 1 millisecond or longer. */
  readonly window: Duration.Input
  /**
   * What is done with a request that is too much. `delay`: it waits for its turn, in the order of arrival, unless that takes
   * longer than `maxDelay`. `fail`: the call ends at once. A call that ends so fails with `RateLimited`, which tells how long to wait, is
   * `retryable`, and has not sent this request.
   */
  readonly onExceeded: "delay" | "fail"
  /** The longest wait for a turn. It comes on top of the time for the answer; `notAfter` includes it. Default: 30 seconds. */
  readonly maxDelay?: Duration.Input | undefined
  /**
   * What is limited: requests with the same key count together. Default: those with the same host and merchant number. It is
   * kept in the store as it is.
   */
  readonly key?: ((attempt: Attempt) => string) | undefined
  /**
   * `fixed-window`: the whole limit is free again when the window is over. `token-bucket`: bit by bit; over Redis it
   * goes by the clocks of the processes, which must then agree. Default: `fixed-window`.
   */
  readonly algorithm?: "fixed-window" | "token-bucket" | undefined
  /**
   * What is done when the store fails or does not answer. `allow`: requests go out uncounted, with a warning, since the platform
   * has a limit of its own. `fail`: the attempt ends unsent as `Unreachable`, and the retry policy decides. Default: `allow`.
   */
  readonly onStoreError?: "allow" | "fail" | undefined
  /** The longest wait for the store. Default: 1 second. */
  readonly storeTimeout?: Duration.Input | undefined
}

/** Counts in this process alone (in a worker: in this isolate). */
export const layerMemory: Layer.Layer<RateLimiter.RateLimiter> = /*#__PURE__*/ Layer.provide(
  RateLimiter.layer,
  RateLimiter.layerStoreMemory
)

/**
 * Counts for all processes that use the same Redis and prefix (default: `ratelimiter:`), in whole milliseconds: for up to 1000
 * requests a second. What is said of `onStoreError` is about calls: a Redis that is away at the start fails its own layer.
 */
export const layerRedis = (options?: {
  readonly prefix?: string | undefined
}): Layer.Layer<RateLimiter.RateLimiter, never, Redis> =>
  Layer.provide(RateLimiter.layer, RateLimiter.layerStoreRedis(options))

const accountOf = ({ origin, merchId = "" }: Attempt): string => `${origin} ${merchId}`

const exceeded = (waitMillis: number): AttemptFailed => {
  const retryAfterMillis = Math.ceil(waitMillis)
  return new AttemptFailed({
    reason: { _tag: "RateLimited", retryAfterMillis },
    processed: "no",
    transient: true,
    unsent: true,
    // Whoever wants to wait for a turn says so by `delay`: the retry policy is not to wait as well.
    isFinal: true,
    retryAfterMillis
  })
}

const outage = ({ reason }: RateLimiter.RateLimiterError): string | undefined =>
  reason._tag === "RateLimitStoreError" ? reason.message : undefined

/** The plugin. Fails with `InvalidConfiguration` when an option has no meaning. */
export const make = /*#__PURE__*/ Effect.fnUntraced(function* (
  options: Options
): Effect.fn.Return<Plugin, InvalidConfiguration, RateLimiter.RateLimiter> {
  const {
    limit,
    window,
    onExceeded,
    maxDelay = "30 seconds",
    key: keyOf = accountOf,
    algorithm = "fixed-window",
    onStoreError = "allow",
    storeTimeout = "1 second"
  } = options
  yield* setting.check([
    setting.whole("rateLimit.limit", limit, 1),
    setting.duration("rateLimit.window", window, 1),
    setting.word("rateLimit.onExceeded", onExceeded, ["delay", "fail"]),
    setting.duration("rateLimit.maxDelay", maxDelay, 0),
    setting.word("rateLimit.algorithm", algorithm, ["fixed-window", "token-bucket"]),
    setting.word("rateLimit.onStoreError", onStoreError, sharedStore.onStoreErrorValues),
    setting.duration("rateLimit.storeTimeout", storeTimeout, 1)
  ])
  const limiter = yield* RateLimiter.RateLimiter
  const ask = sharedStore.make("the store of the rate limit", storeTimeout, onStoreError)
  const maxDelayMillis = Duration.toMillis(Duration.fromInputUnsafe(maxDelay))
  const take = (key: string, tokens: number) =>
    ask(limiter.consume({ key, limit, window, algorithm, onExceeded, tokens }), outage)

  const turn = Effect.fnUntraced(function* (attempt: Attempt): Effect.fn.Return<void, AttemptFailed> {
    const key = keyOf(attempt)
    const taken = yield* Effect.result(take(key, 1))
    if (Result.isFailure(taken)) {
      const { reason } = taken.failure
      return yield* exceeded(reason._tag === "RateLimitExceeded" ? Duration.toMillis(reason.retryAfter) : 0)
    }
    if (Option.isNone(taken.success)) {
      return onStoreError === "allow"
        ? undefined
        : yield* stopped({ detail: "not sent: the store of the rate limit is not available" })
    }
    const delayMillis = Math.ceil(Duration.toMillis(taken.success.value.delay))
    if (delayMillis > maxDelayMillis) {
      // A turn that nobody waits for is given back. Otherwise those who come while there is too much to do would push all
      // turns ever further away, and none would get one any more.
      yield* Effect.ignore(take(key, -1))
      return yield* exceeded(delayMillis)
    }
    if (delayMillis > 0) yield* Effect.sleep(delayMillis)
  })

  return { name: "rate limit", attempt: (attempt, next) => Effect.andThen(turn(attempt), next) }
})
