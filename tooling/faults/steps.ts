/** The steps between receipt and handling, and what a test can have happen at one of them: the death of the process, or a halt. */
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, renameSync, rmSync, unlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"

/** The steps, in their order. */
export const steps = [
  // Of the process that receives.
  "before the claim",
  "claimed",
  "stored",
  "recorded",
  // Of the process that handles.
  "taken",
  "handling",
  "handled",
  "acknowledging",
  "giving up",
  "given up"
] as const
export type Step = (typeof steps)[number]

/** The id by which guard, queue and dead letters know a notification: what the documentation of `Delivery` and `Stored` says. */
export const idOf = (merchId: string, nonce: string): string =>
  createHash("sha256").update(`${merchId}\n${nonce}`).digest("hex")

const markOf = (folder: string, what: "die" | "halt" | "halted", step: Step, id: string): string =>
  join(folder, `${what}-${step.replaceAll(" ", "-")}-${id}`)

const make = (folder: string, what: "die" | "halt", step: Step, id: string): void => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(markOf(folder, what, step, id), "")
}

/** Whichever process first comes to that step with that notification dies there. */
export const dieAt = (folder: string, step: Step, id: string): void => make(folder, "die", step, id)

/** Whichever first comes to that step with that notification stays there until it is released. */
export const haltAt = (folder: string, step: Step, id: string): void => make(folder, "halt", step, id)

/** Whether it has come to the step at which it halts. */
export const isHalted = (folder: string, step: Step, id: string): boolean =>
  existsSync(markOf(folder, "halted", step, id))

/** Lets it go on. */
export const release = (folder: string, step: Step, id: string): void => rmSync(markOf(folder, "halted", step, id))

/** Only one can have a mark, so that each works once. */
const takeMark = (take: () => void): boolean => {
  try {
    take()
    return true
  } catch {
    return false
  }
}

/** Told of each step that is reached. */
export type Reach = (step: Step, id: string) => Effect.Effect<void>

/** Does what the marks in the folder say. Death is by SIGKILL, so that nothing of the process runs any more. */
export const reachIn =
  (folder: string): Reach =>
  (step, id) =>
    Effect.gen(function* () {
      if (takeMark(() => unlinkSync(markOf(folder, "die", step, id)))) {
        process.kill(process.pid, "SIGKILL")
        // Not one instruction more, should the signal take a moment.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
      }
      const halted = markOf(folder, "halted", step, id)
      if (takeMark(() => renameSync(markOf(folder, "halt", step, id), halted))) {
        while (existsSync(halted)) yield* Effect.sleep("10 millis")
      }
    })
