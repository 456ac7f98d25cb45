/** What became of notifications, as counts. */
import { lockMillis } from "./engines/settings.ts"
import { type Entry, now } from "./journal.ts"

/** What became of some notifications that were all answered with 200. */
export interface Counts {
  readonly notifications: number
  /** Handled at least once. */
  readonly handled: number
  /** Not handled, but kept as a dead letter. */
  readonly dead: number
  /** Neither: what must never be. */
  readonly lost: ReadonlyArray<string>
  /** Handled once more, where at-least-once allows it. */
  readonly repeated: number
  /** Handled once more, where it does not. */
  readonly undue: ReadonlyArray<string>
}

/** One handling: from the taking to the acknowledgement, if there was one. */
interface Run {
  readonly pid: number
  readonly takenAt: number
  readonly acknowledgedAt: number | undefined
}

const runsOf = (entries: ReadonlyArray<Entry>): ReadonlyArray<Run> =>
  entries.flatMap((entry, index) => {
    if (entry.what !== "handled") return []
    const isSame = ({ attempt, pid }: Entry) => attempt === entry.attempt && pid === entry.pid
    const taken = entries.slice(0, index).findLast((each) => each.what === "taken" && isSame(each))
    const acknowledged = entries.slice(index).find((each) => each.what === "acknowledged" && isSame(each))
    return [{ pid: entry.pid, takenAt: taken?.at ?? entry.at, acknowledgedAt: acknowledged?.at }]
  })

/**
 * At-least-once allows another run where the first was not acknowledged: its process died, or its lock was over, since the database was
 * away or the process stood still for so long. Half of the lock's time is surely within it.
 */
const allows = (first: Run, again: Run): boolean => {
  if (first.acknowledgedAt === undefined && first.pid !== again.pid) return true
  return (first.acknowledgedAt ?? again.takenAt) - first.takenAt > lockMillis / 2
}

/**
 * Whether nothing more is to come of a notification: it was acknowledged, or its process died just then (whether before or after the
 * queue had heard of it is not known), and the lock has been over for as long again.
 */
const isSettled = (entries: ReadonlyArray<Entry>): boolean =>
  entries.some(({ what }) => what === "acknowledged") ||
  (entries.some(({ what }) => what === "handled" || what === "given up") &&
    now() - entries.at(-1)!.at > 2 * lockMillis + 1000)

/** Whether nothing more is to come of the notifications of these ids. */
export const areSettled = (ids: ReadonlyArray<string>, journal: ReadonlyArray<Entry>): boolean => {
  const byId = Map.groupBy(journal, ({ id }) => id)
  return ids.every((id) => isSettled(byId.get(id) ?? []))
}

/** Counts what became of the notifications of these ids. */
export const count = (
  ids: ReadonlyArray<string>,
  journal: ReadonlyArray<Entry>,
  deadLetters: ReadonlySet<string>
): Counts => {
  const byId = Map.groupBy(journal, ({ id }) => id)
  const all = ids.map((id) => ({ id, runs: runsOf(byId.get(id) ?? []) }))
  const notHandled = all.filter(({ runs }) => runs.length === 0).map(({ id }) => id)
  const again = all.flatMap(({ id, runs }) =>
    runs.slice(1).map((run, nth) => ({ id, due: runs.slice(0, nth + 1).every((first) => allows(first, run)) }))
  )
  return {
    notifications: ids.length,
    handled: ids.length - notHandled.length,
    dead: notHandled.filter((id) => deadLetters.has(id)).length,
    lost: notHandled.filter((id) => !deadLetters.has(id)),
    repeated: again.filter(({ due }) => due).length,
    undue: again.filter(({ due }) => !due).map(({ id }) => id)
  }
}
