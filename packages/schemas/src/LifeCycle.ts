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
