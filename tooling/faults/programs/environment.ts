/** What a process is told when it is started, and how it runs. */
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Verifier from "@paykka/signing/Verifier"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import type { Engine } from "../engines.ts"

const variable = (name: string): string => {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set`)
  return value
}

export const engine = JSON.parse(variable("ENGINE")) as Engine
export const marks = variable("MARKS")
export const journalFile = variable("JOURNAL")
export const maxAttempts = Number(process.env["MAX_ATTEMPTS"] ?? 10)

export const verifier = Verifier.layer().pipe(
  Layer.provide(KeyStore.layer({ platformKeys: [{ publicKey: variable("PLATFORM_PUBLIC_KEY") }] }))
)

/** Runs the program to its end, which is the end of the process. The log goes to standard error. */
export const main = <E>(program: Effect.Effect<never, E>): void => {
  // Whoever started this process is gone.
  process.stdin.resume().once("end", () => process.exit(0))
  const log = Logger.layer([Logger.withConsoleError(Logger.formatLogFmt)])
  void Effect.runPromiseExit(Effect.provide(program, log)).then((exit) => {
    console.error(engine.kind, Exit.isFailure(exit) ? Cause.pretty(exit.cause) : exit)
    process.exit(1)
  })
}
