/**
 * A clock without waiting: a sleep is noted, moves the time on by its length, and is over. For waits after something
 * real (a request over HTTP): with the TestClock a test would have to know when the wait has begun.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

/** The clock and the lengths of the sleeps, in milliseconds. */
export interface JumpClock {
  readonly slept: ReadonlyArray<number>
  /** Runs an effect under this clock. */
  readonly run: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/**
 * Makes a clock.
 *
 * @param endless sleeps of just this length never end and are not noted: the time limit of what shall not run into it
 */
export const make = (startMillis: number, endless?: Duration.Input): JumpClock => {
  const never = endless === undefined ? undefined : Duration.toMillis(Duration.fromInputUnsafe(endless))
  const slept: Array<number> = []
  let now = startMillis
  const nanos = () => BigInt(now) * 1_000_000n
  const clock: Clock.Clock = {
    currentTimeMillisUnsafe: () => now,
    currentTimeMillis: Effect.sync(() => now),
    currentTimeNanosUnsafe: nanos,
    currentTimeNanos: Effect.sync(nanos),
    monotonicTimeNanosUnsafe: nanos,
    monotonicTimeNanos: Effect.sync(nanos),
    sleep: (duration) =>
      Effect.suspend(() => {
        const millis = Duration.toMillis(duration)
        if (millis === never) return Effect.never
        slept.push(millis)
        now += millis
        return Effect.void
      })
  }
  return { slept, run: Effect.provideService(Clock.Clock, clock) }
}
