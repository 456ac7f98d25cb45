/** A program as a process: it starts, runs until a signal, finishes what it has begun, and ends. */
import { constants } from "node:os"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { type StartFailure, describe } from "./StartFailure.ts"

const signals = ["SIGINT", "SIGTERM"] as const

const nextSignal = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    for (const signal of signals) process.once(signal, resolve)
  })

/**
 * Runs a program: `start` builds it in a scope, and tells how many milliseconds its end may take. Ends the process with 0 when a signal came
 * and all was finished in time; with 1 where it cannot start (one line on standard error says why), or was not finished; at once
 * when a second signal comes.
 */
export const run = async (start: Effect.Effect<number, StartFailure, Scope.Scope>): Promise<void> => {
  // From the first moment on: who is process 1 of a container gets no signal that it does not ask for.
  const told = nextSignal()
  void told.then(nextSignal).then((signal) => process.exit(128 + constants.signals[signal]))
  const scope = Scope.makeUnsafe()
  const started = await Effect.runPromiseExit(Scope.provide(start, scope))
  if (Exit.isFailure(started)) {
    console.error(`cannot start: ${describe(started.cause)}`)
    process.exit(1)
  }
  await told
  setTimeout(() => {
    console.error("not everything that was begun is finished: the time for it is over")
    process.exit(1)
  }, started.value)
  await Effect.runPromise(Scope.close(scope, Exit.void))
  process.exit(0)
}
