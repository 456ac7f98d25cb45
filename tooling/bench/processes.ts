/** The processes of a bench, and what they tell over their channel. */
import { type ChildProcess, fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** Settings of a process. */
export interface Options {
  readonly env?: Readonly<Record<string, string>>
  /** Options of Node. */
  readonly flags?: ReadonlyArray<string>
}

/**
 * A process that runs a module and ends with the scope.
 *
 * @param module from this folder, such as `call/server.ts`
 */
export const start = (
  module: string,
  { env = {}, flags = [] }: Options = {}
): Effect.Effect<ChildProcess, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() =>
      fork(fileURLToPath(new URL(module, import.meta.url)), { env: { ...process.env, ...env }, execArgv: [...flags] })
    ),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )

const answer = <A>(child: ChildProcess): Promise<A> =>
  new Promise((resolve, reject) => {
    const onExit = (code: number | null) => reject(new Error(`a process of the bench ended with ${code}`))
    child.once("exit", onExit)
    child.once("message", (message) => {
      child.off("exit", onExit)
      resolve(message as A)
    })
  })

/** The next thing that a process tells. */
export const told = <A>(child: ChildProcess): Effect.Effect<A> => Effect.promise(() => answer<A>(child))

/** What a process tells when it is told something. */
export const ask = <A>(child: ChildProcess, order: object | string): Effect.Effect<A> =>
  Effect.promise(() => {
    const answered = answer<A>(child)
    child.send(order)
    return answered
  })
