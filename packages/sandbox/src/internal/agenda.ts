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

/** A wait for a step: how long from its noting, and until when. In milliseconds. */
export interface Wait {
  readonly millis: number
  readonly until: number
}

/** The clock and what is due. */
export interface Agenda {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Notes a step for later; steps of the same time run in the order of their noting. A step must not throw. */
  readonly add: (afterMillis: number, run: () => void) => void
  /** The waits for the steps that were noted since this was last asked. */
  readonly takeNoted: () => ReadonlyArray<Wait>
  /** Takes all steps that are due, now or at the end of a wait that is over. */
  readonly runDue: (waitedUntil: number) => void
  /** Puts the clock forward, and takes each step at its own time. */
  readonly advance: (millis: number) => void
  /** Does something that was done at a time, with the clock at that time. */
  readonly playAt: (at: number, run: () => void) => void
  /** Takes the first step, whenever it is due. */
  readonly playFirst: () => void
  /** Goes on after what was played: the clock is never before this time, and the steps that are left are noted anew. */
  readonly resume: (at: number) => void
}

/** An agenda on this clock. */
export const make = (clock: Clock.Clock): Agenda => {
  const tasks: Array<Task> = []
  let noted: Array<Wait> = []
  let ahead = 0
  let played: number | undefined
  const now = () => played ?? clock.currentTimeMillisUnsafe() + ahead

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
      const due = now() + afterMillis
      tasks.push({ due, run })
      noted.push({ millis: afterMillis, until: due })
    },
    takeNoted: () => {
      const taken = noted
      noted = []
      return taken
    },
    // A timer may be over a little before the clock says so, and the clock may be set back meanwhile.
    runDue: (waitedUntil) => {
      while (runFirst(Math.max(now(), waitedUntil))) continue
    },
    advance: (millis) => {
      const until = now() + millis
      while (runFirst(until)) continue
      ahead += Math.max(0, until - now())
    },
    playAt: (at, run) => {
      played = at
      run()
      played = undefined
    },
    playFirst: () => void runFirst(Infinity),
    resume: (at) => {
      ahead = Math.max(0, at - clock.currentTimeMillisUnsafe())
      noted = tasks.map(({ due }) => ({ millis: Math.max(0, due - now()), until: due }))
    }
  }
}
