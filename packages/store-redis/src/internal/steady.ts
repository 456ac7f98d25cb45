/**
 * A client for Effect's queue that outlives failures of Redis.
 *
 * The queue works in fibers of its own, one of which, that which recovers what a dead process had begun, ends for ever with the
 * first failure of a command. So what is done in the background is tried until it is done, while a caller is told of a failure.
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Redis from "effect/persistence/Redis"
import * as Schedule from "effect/Schedule"
import { describe, within } from "./command.ts"

/** The id of the fiber that waits for the queue. Fibers of the queue may have the same context, but not that id. */
const Caller = /*#__PURE__*/ Context.Reference<number | undefined>("@paykka/store-redis/Caller", {
  defaultValue: () => undefined
})

/** Marks what a caller does: it fails when Redis fails. */
export const asCaller = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.withFiber((fiber) => Effect.provideService(effect, Caller, fiber.id))

const patience = /*#__PURE__*/ Schedule.min([
  /*#__PURE__*/ Schedule.exponential("100 millis"),
  /*#__PURE__*/ Schedule.spaced("5 seconds")
])

/** The given client, with a timeout for each command, and patience in the background. `giveUp` ends the patience. */
export const make = (
  redis: Redis.Redis["Service"],
  timeout: Duration.Input | undefined
): { readonly redis: Redis.Redis["Service"]; readonly giveUp: Effect.Effect<void> } => {
  const inTime = within(timeout)
  let patient = true
  const steady = <A>(command: Effect.Effect<A, Redis.RedisError>): Effect.Effect<A, Redis.RedisError> => {
    const attempt = inTime(command)
    return Effect.withFiber((fiber) =>
      fiber.id === Context.get(fiber.context, Caller)
        ? attempt
        : attempt.pipe(
            Effect.tapError(({ cause }) => Effect.logWarning(`the inbox waits for Redis: ${describe(cause)}`)),
            Effect.retry({ schedule: patience, while: () => patient })
          )
    )
  }
  return {
    redis: {
      send: (command, ...args) => steady(redis.send(command, ...args)),
      eval: (script) => {
        const run = redis.eval(script)
        return (...params) => steady(run(...params))
      },
      subscribe: redis.subscribe,
      reserve: redis.reserve
    },
    giveUp: Effect.sync(() => {
      patient = false
    })
  }
}
