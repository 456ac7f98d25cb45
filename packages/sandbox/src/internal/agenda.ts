/**
 * What the platform will do, and its clock: it goes with the program's clock, and can be put forward.
 *
 * A step is a plain function: nothing comes between what it checks and what it changes.
 */
import type * as Clock from "effect/Clock"

interface Task {
  readonly due: number
  readonly run: () => void
}

/** The clock and what is due. */
export interface Agenda {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Notes a step for later; steps of the same time run in the order of their noting. */
  readonly add: (afterMillis: number, run: () => void) => void
  /** Times of the steps that were noted since this was last asked, in milliseconds from now. */
  readonly takeNoted: () => ReadonlyArray<number>
  /** Takes all steps that are due. */
  readonly runDue: () => void
  /** Puts the clock forward, and takes each step at its own time. */
  readonly advance: (millis: number) => void
}

/** An agenda on this clock. */
export const make = (clock: Clock.Clock): Agenda => {
  const tasks: Array<Task> = []
  let noted: Array<number> = []
  let ahead = 0
  const now = () => clock.currentTimeMillisUnsafe() + ahead

  /** Takes the first of the steps that are due until then; false when there is none. */
  const runFirst = (until: number): boolean => {
    const first = tasks.reduce<Task | undefined>((a, b) => (a === undefined || b.due < a.due ? b : a), undefined)
    if (first === undefined || first.due > until) return false
    tasks.splice(tasks.indexOf(first), 1)
    ahead += Math.max(0, first.due - now())
    first.run()
    return true
  }

  return {
    now,
    add: (afterMillis, run) => {
      tasks.push({ due: now() + afterMillis, run })
      noted.push(afterMillis)
    },
    takeNoted: () => {
      const taken = noted
      noted = []
      return taken
    },
    runDue: () => {
      while (runFirst(now())) continue
    },
    advance: (millis) => {
      const until = now() + millis
      while (runFirst(until)) continue
      ahead += Math.max(0, until - now())
    }
  }
}
