/** How the outcome of a write is found out when its answer was lost, as data. Our own choices: the contract states no times. */
import type { Fault } from "@paykka/schemas/Operation"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import { isDuration } from "./internal/lasts.ts"
import * as Poll from "./Poll.ts"

/** How long to ask, and what is believed. */
export interface ResolvePolicy {
  /**
   * How long after the last request was given up the answer "not found" is believed. It may still be in a queue of the platform's: too
   * short a time is how a payment is made twice. Of a process that has died only the beginning of the request is known: longer than
   * the timeout of a request, therefore.
   */
  readonly settle: Duration.Input
  /** How often a write that was surely not processed is sent again under its key, after all its retries. */
  readonly maxResends: number
  /** How often and how long to ask; what is left out is that of `Poll.standard`. Its `timeout` must leave room for `settle`. */
  readonly poll: Omit<Poll.PollDeviations, "notFoundGrace">
}

/** "Not found" is believed after two minutes; then the write is sent again, once; it is asked for ten minutes at most. */
export const standard: ResolvePolicy = { settle: "2 minutes", maxResends: 1, poll: {} }

/** The policy in force: replace it for a program by `Layer.succeed(ResolvePolicy.Current, policy)`, or for one effect. */
export class Current
  extends /*#__PURE__*/ Context.Reference<ResolvePolicy>("@paykka/core/ResolvePolicy", {
    defaultValue: () => standard
  }) {}

const millis = (input: Duration.Input): number => Duration.toMillis(Duration.fromInputUnsafe(input))

/** What is wrong with a policy, each fault with its path. */
export const faults = ({ settle, maxResends, poll }: ResolvePolicy): ReadonlyArray<Fault> => {
  const isSettled = isDuration(settle)
  const ofPoll = Poll.faults(Poll.withStandard(poll)).map(({ path, rule }) => ({ path: `resolve.${path}`, rule }))
  const rules: ReadonlyArray<readonly [path: string, right: boolean, rule: string]> = [
    ["resolve.settle", isSettled, "must be a duration, such as 2 minutes"],
    ["resolve.maxResends", Number.isInteger(maxResends) && maxResends >= 0, "must be a whole number from 0"],
    [
      "resolve.poll.timeout",
      !isSettled || ofPoll.length > 0 || millis(Poll.withStandard(poll).timeout) > millis(settle),
      "must be longer than resolve.settle"
    ]
  ]
  return [...rules.flatMap(([path, right, rule]) => (right ? [] : [{ path, rule }])), ...ofPoll]
}
