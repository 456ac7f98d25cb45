/**
 * A clock for programs that wait for real answers: a wait moves the time on by its length and is over. Only the timeout of a request
 * really lasts, until it is said that the answer will never come: a request may take as long as the machine needs. Waits of ten
 * minutes or longer never end: they are the limits of whole polls, which end by the time between their questions.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"

/** The timeout to give to clients under such a clock: about the standard one. No other wait is as long. */
export const requestTimeout = "29999 millis"

const timeoutMillis = Duration.toMillis(Duration.fromInputUnsafe(requestTimeout))

const pollMillis = 600_000

/** The clock. */
export interface SimulatedClock {
  readonly clock: Clock.Clock
  /** The lengths of all waits that were not timeouts, in milliseconds. */
  readonly slept: ReadonlyArray<number>
  /** Ends the timeouts of all requests that are under way: their answers will not come. */
  readonly expire: Effect.Effect<void>
  /** Runs an effect under this clock. */
  readonly run: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/** What happens in the platform is not a matter of the program's clock, although the program's fiber does it. */
export const onItsOwnTime: Layer.Layer<HttpClient.HttpClient, never, HttpClient.HttpClient> = Layer.effect(
  HttpClient.HttpClient,
  Effect.gen(function* () {
    const own = yield* Clock.Clock
    const client = yield* HttpClient.HttpClient
    return HttpClient.transform(client, (sent) => Effect.provideService(sent, Clock.Clock, own))
  })
)

/**
 * Makes a clock.
 *
 * @param onPassed told how many milliseconds have passed, before whoever waited goes on
 */
export const make = (
  startMillis: number,
  onPassed: (millis: number) => Effect.Effect<void> = () => Effect.void
): SimulatedClock => {
  const slept: Array<number> = []
  const waiting = new Set<() => void>()
  let now = startMillis
  const nanos = () => BigInt(Math.round(now)) * 1_000_000n
  const pass = (millis: number) =>
    Effect.suspend(() => {
      now += millis
      return onPassed(millis)
    })
  const timeout = Effect.callback<void>((resume) => {
    const end = () => {
      waiting.delete(end)
      resume(Effect.void)
    }
    waiting.add(end)
    return Effect.sync(() => waiting.delete(end))
  })
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
        if (millis === timeoutMillis) return timeout
        if (millis >= pollMillis) return Effect.never
        slept.push(millis)
        return pass(millis)
      })
  }
  return {
    clock,
    slept,
    expire: Effect.andThen(
      pass(timeoutMillis),
      Effect.sync(() => {
        for (const end of waiting) end()
      })
    ),
    run: Effect.provideService(Clock.Clock, clock)
  }
}
