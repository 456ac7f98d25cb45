/** What became of writes that were in flight when their process died, as counts. */
import type { Note } from "./notes.ts"
import { type Step, callSteps, recoverySteps } from "./steps.ts"

/** Writes whose process died when the last that they had come to was this step. */
export interface Row {
  readonly step: Step
  readonly writes: number
  /** How often the journal's recovery told what it was, in the next life, or in a later one. */
  readonly processed: number
  readonly notProcessed: number
  /** How often the platform was asked once, since the journal had its outcome or no intent. */
  readonly there: number
  readonly notThere: number
  /** How many were sent again. */
  readonly again: number
}

const steps: ReadonlyArray<Step> = [...callSteps, ...recoverySteps]

const isStep = (what: Note["what"]): what is Step => (steps as ReadonlyArray<string>).includes(what)

/** Where each write was that a process had in its hands when it died, and what was noted of it afterwards. */
const deathsOf = (notes: ReadonlyArray<Note>, dead: ReadonlySet<number>) =>
  [...Map.groupBy(notes, ({ id }) => id).values()].flatMap((ofWrite) =>
    [...dead].flatMap((pid) => {
      const last = ofWrite.findLastIndex((note) => note.pid === pid)
      const what = ofWrite[last]?.what
      if (what === undefined) return []
      // The call has begun, and not yet come to its first step.
      const step = what === "begun" ? callSteps[0] : what
      return isStep(step) ? [{ step, after: ofWrite.slice(last + 1).map((note) => note.what) }] : []
    })
  )

/** The rows, in the order of the steps. */
export const count = (notes: ReadonlyArray<Note>, dead: ReadonlySet<number>): ReadonlyArray<Row> => {
  const deaths = deathsOf(notes, dead)
  return steps.map((step) => {
    const at = deaths.filter((death) => death.step === step)
    const first = (what: Note["what"]) =>
      at.filter(({ after }) => after.find((each) => !isStep(each) && each !== "begun") === what).length
    return {
      step,
      writes: at.length,
      processed: first("Processed"),
      notProcessed: first("NotProcessed"),
      there: first("there"),
      notThere: first("not there"),
      again: at.filter(({ after }) => after.includes("begun")).length
    }
  })
}
