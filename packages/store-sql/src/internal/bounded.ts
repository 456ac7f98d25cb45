/** A limit that holds whatever the database does. */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"

/** How long a step may take where nothing else is said. */
export const standardTimeout: Duration.Input = "5 seconds"

/**
 * Fails with `late()` when the time is over. What is under way then is interrupted but not waited for: a driver may wait for the
 * database to confirm that it has stopped.
 */
export const bounded =
  <E2>(timeout: Duration.Input, late: () => E2) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | E2, R> =>
    Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(Effect.forkDetach(effect), (running) =>
        restore(
          Effect.timeoutOrElse(Fiber.join(running), { duration: timeout, orElse: () => Effect.fail(late()) })
        ).pipe(Effect.ensuring(Effect.sync(() => running.interruptUnsafe())))
      )
    )
