/**
 * The statuses of an object as far as they are known, and what each means for one who waits for an outcome.
 *
 * No list of the contract is whole: a status may be in none of these.
 */

/** What is known of the statuses of a kind of object. */
export interface LifeCycle {
  /** Undecided: wait on. */
  readonly pending: ReadonlyArray<string>
  /** Decided as the merchant wished. */
  readonly succeeded: ReadonlyArray<string>
  /** Decided otherwise; or the merchant must do something before it goes on. */
  readonly failed: ReadonlyArray<string>
  /**
   * What a status in none of the lists is taken for: `pending`, where the status of success is known; `decided`, where
   * none is, since nobody would ever see an end.
   */
  readonly unlisted: "pending" | "decided"
}

/** What a status means. `unlisted`: taken for decided, how is not known. */
export type Stage = "pending" | "succeeded" | "failed" | "unlisted"

/** What a status means; none at all is `pending`. */
export const stageOf = (lifeCycle: LifeCycle, status: string | undefined): Stage => {
  if (status === undefined || lifeCycle.pending.includes(status)) return "pending"
  if (lifeCycle.succeeded.includes(status)) return "succeeded"
  if (lifeCycle.failed.includes(status)) return "failed"
  return lifeCycle.unlisted === "pending" ? "pending" : "unlisted"
}

/** A status, and when it was told. */
export interface Told {
  readonly status: string | undefined
  /** Milliseconds since the epoch, such as the `timestamp` that a notification was signed with. */
  readonly at: number
}

/**
 * Whether what was just told replaces what is known, so that a notification that comes late never overwrites a newer status: the later
 * one counts, and one of the same moment as the one before it. A listed success is never replaced by a status that is listed as undecided,
 * whenever that was told; after a failure an object may have been amended. A status that nobody listed counts by its time alone: it may
 * be what becomes of an object after its success.
 */
export const supersedes = (lifeCycle: LifeCycle, known: Told | undefined, told: Told): boolean => {
  if (known === undefined) return true
  const isPending = ({ status }: Told) => status === undefined || lifeCycle.pending.includes(status)
  const hasSucceeded = ({ status }: Told) => status !== undefined && lifeCycle.succeeded.includes(status)
  if (hasSucceeded(known) && isPending(told)) return false
  if (isPending(known) && hasSucceeded(told)) return true
  return told.at >= known.at
}
