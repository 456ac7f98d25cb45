/** Asks a store that is shared with other processes: not for long, and with a word when it is gone and when it is back. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"

/** What is done when the store is not available. */
export type OnStoreError = "allow" | "fail"

/** The values of {@link OnStoreError}. */
export const onStoreErrorValues: ReadonlyArray<OnStoreError> = ["allow", "fail"]

/** Asks the store; none when it is not available. */
export type Ask = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  /** Why the store is not available; undefined where the error is an answer. */
  outage: (error: E) => string | undefined
) => Effect.Effect<Option.Option<A>, E, R>

/**
 * Logs a warning when the store goes, and a line when it comes back: not one for each request.
 *
 * @param name what the store is to be called
 */
export const make = (name: string, timeout: Duration.Input, onStoreError: OnStoreError): Ask => {
  const limit = Duration.fromInputUnsafe(timeout)
  const consequence = onStoreError === "allow" ? "requests go out all the same" : "no request goes out"
  let isDown = false
  return (effect, outage) =>
    Effect.gen(function* () {
      const result = yield* Effect.result(Effect.timeoutOption(effect, limit))
      const why = Result.isSuccess(result)
        ? Option.isNone(result.success)
          ? `no answer within ${Duration.toMillis(limit)} ms`
          : undefined
        : outage(result.failure)
      const wasDown = isDown
      isDown = why !== undefined
      if (isDown && !wasDown) yield* Effect.logWarning(`${name} is not available (${why}): ${consequence}`)
      if (!isDown && wasDown) yield* Effect.logInfo(`${name} is available again`)
      if (isDown) return Option.none()
      return yield* Effect.fromResult(result)
    })
}
