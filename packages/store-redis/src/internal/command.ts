/** One command to Redis: how long it may take, and what may be said of its failure. */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { RedisError } from "effect/persistence/Redis"

/** What all stores of this package take. */
export interface CommandOptions {
  /** What all keys begin with. Default: `paykka:`. */
  readonly prefix?: string | undefined
  /** How long Redis may take to answer. Default: 5 seconds. */
  readonly timeout?: Duration.Input | undefined
}

/** The default of `prefix`. */
export const standardPrefix = "paykka:"

/** Ends a command that Redis does not answer in time. Whether it was done is not known then. */
export const within = (
  input: Duration.Input = "5 seconds"
): (<A>(command: Effect.Effect<A, RedisError>) => Effect.Effect<A, RedisError>) => {
  const duration = Duration.fromInputUnsafe(input)
  const text = `Redis did not answer within ${Duration.format(duration)}`
  return Effect.timeoutOrElse({
    duration,
    orElse: () => Effect.fail(new RedisError({ cause: new Cause.TimeoutError(text) }))
  })
}

const codeOf = (cause: Error): string =>
  "code" in cause && typeof cause.code === "string"
    ? cause.code
    : (/^[A-Z]{2,}\b/.exec(cause.message)?.[0] ?? cause.constructor.name)

/**
 * Tells of a failure its code only, since the rest may hold an address or a password: the first word of Redis's answer (`OOM`, `READONLY`,
 * `NOAUTH`), the code of the connection (`ECONNREFUSED`), or the name of the client's error.
 */
export const describe = (cause: unknown): string => {
  if (Cause.isTimeoutError(cause)) return cause.message
  return cause instanceof Error ? `Redis failed (${codeOf(cause)})` : "Redis failed"
}
