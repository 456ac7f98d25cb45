/**
 * A clock without waiting: a sleep is noted, moves the time on by its length, and is over. For waits between requests
 * to a real server: with the TestClock a test would have to know when the client has begun to wait.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

/**
 * Sleeps of ten minutes or longer never end: a client whose timeout is so long never times out, nor is a question of
 * `Poll.standard` cut off. A wait for an outcome still ends, by the time between two questions.
 */
export const timeout = "10 minutes"

/** The clock and the lengths of the sleeps, in milliseconds. */
export interface JumpClock {
  readonly clock: Clock.Clock
  readonly slept: ReadonlyArray<number>
  /** Runs an effect under this clock. */
  readonly run: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/** Makes a clock that starts at the given time. */
export const make = (startMillis = 1_700_000_000_000): JumpClock => {
  const limit = Duration.toMillis(Duration.fromInputUnsafe(timeout))
  const slept: Array<number> = []
  let now = startMillis
  const nanos = () => BigInt(Math.round(now)) * 1_000_000n
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
        if (millis >= limit) return Effect.never
        slept.push(millis)
        now += millis
        return Effect.void
      })
  }
  return { clock, slept, run: Effect.provideService(Clock.Clock, clock) }
}
