/** Turns: who enters a lane waits for all who entered it before. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"

/** A turn did not come to its end, so that those behind it must not go before it comes again. */
export class Broken {
  readonly _tag = "Broken"
}

/** Makes lanes, one for each key that anybody is in. Entering is synchronous: places are given in the order of the calls. */
export const make = (): ((
  key: string
) => <A, E, R>(turn: Effect.Effect<A, E, R>) => Effect.Effect<A, E | Broken, R>) => {
  const last = new Map<string, Deferred.Deferred<void, Broken>>()
  return (key) => {
    const before = last.get(key)
    const done = Deferred.makeUnsafe<void, Broken>()
    last.set(key, done)
    const leave = (exit: Exit.Exit<unknown, unknown>) =>
      Effect.sync(() => {
        Deferred.doneUnsafe(done, Exit.isSuccess(exit) ? Effect.void : Effect.fail(new Broken()))
        if (last.get(key) === done) last.delete(key)
      })
    return (turn) =>
      Effect.onExit(Effect.andThen(before === undefined ? Effect.void : Deferred.await(before), turn), leave)
  }
}
