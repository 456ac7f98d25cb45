/** The steps of a write, and marks in a folder that tell which write shall be at which step when its process dies. */
import { existsSync, mkdirSync, readdirSync, renameSync, unlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"

/** The steps of a call, in their order. */
export const callSteps = ["before the intent", "intended", "attempted", "sent", "answered", "recorded"] as const
export type CallStep = (typeof callSteps)[number]

/** The steps of the recovery of a write: it is known what became of it; that is recorded. */
export const recoverySteps = ["found out", "recovered"] as const

export type Step = CallStep | (typeof recoverySteps)[number]

const nameOf = (what: string, step: Step, id = "any"): string => `${what}-${step.replaceAll(" ", "-")}-${id}`

const make = (folder: string, name: string): void => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, name), "")
}

/** The write stays at the step; when all that shall stay somewhere do, their process dies: of one death, at many steps. */
export const holdAt = (folder: string, step: CallStep, id: string): void => make(folder, nameOf("hold", step, id))

/** The process dies as soon as any write comes to the step. */
export const dieAt = (folder: string, step: Step): void => make(folder, nameOf("die", step))

/** Told of each step that is reached. */
export type Reach = (step: Step, id: string) => Effect.Effect<void>

/** SIGKILL, so that nothing of the process runs any more. */
const die = (): void => {
  process.kill(process.pid, "SIGKILL")
  // Not one instruction more, should the signal take a moment.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}

/** Does what the marks in the folder say. */
export const reachIn =
  (folder: string): Reach =>
  (step, id) =>
    Effect.suspend(() => {
      const mark = join(folder, nameOf("die", step))
      if (existsSync(mark)) {
        unlinkSync(mark)
        die()
      }
      const hold = join(folder, nameOf("hold", step, id))
      if (!existsSync(hold)) return Effect.void
      renameSync(hold, join(folder, nameOf("held", step, id)))
      if (!readdirSync(folder).some((name) => name.startsWith("hold-"))) die()
      return Effect.never
    })
