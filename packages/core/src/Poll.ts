/**
 * Waits for an outcome by asking for it again and again.
 *
 * The platform answers an application at once and decides later. Notifications tell the outcome too; polling is
 * for programs that have no callback, or that want both.
 */
import * as LifeCycle from "@paykka/schemas/LifeCycle"
import type { Fault } from "@paykka/schemas/Operation"
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { Fresh } from "./Fresh.ts"
import { lasts } from "./internal/lasts.ts"
import type { CallOptions } from "./PaykkaClient.ts"
import { invalidRequest, type PaykkaError } from "./PaykkaError.ts"

/** How often and how long to ask. Our own choices: the contract states neither limits nor durations. */
export interface PollPolicy {
  /** The wait after the first question: 1 millisecond or longer. */
  readonly interval: Duration.Input
  /** Each further wait is this many times longer: 1 or more. */
  readonly factor: number
  /** The longest of the further waits: 1 millisecond or longer. */
  readonly maxInterval: Duration.Input
  /**
   * How long to go on at most, longer than zero. A question that is still in flight then is cut off; where the next one
   * could only be asked then or later, the wait ends at once.
   */
  readonly timeout: Duration.Input
  /** For so long `NotFound` counts as "not yet": an inquiry right after a create may come too early (inferred). */
  readonly notFoundGrace: Duration.Input
}

/** Any part of a {@link PollPolicy}; what is left out or undefined is as it is in {@link standard}. */
export type PollDeviations = { readonly [K in keyof PollPolicy]?: PollPolicy[K] | undefined }

/** First after 1 s, then ever more slowly up to every 30 s, for 10 minutes. */
export const standard: PollPolicy = {
  interval: "1 second",
  factor: 1.5,
  maxInterval: "30 seconds",
  timeout: "10 minutes",
  notFoundGrace: "30 seconds"
}

/** The outcome did not come in time. Nothing is lost: ask again with the same key. */
export class OutcomePending
  extends /*#__PURE__*/ Data.TaggedError("OutcomePending")<{
    /** The operation that was asked. */
    readonly operation: string
    /** The `request_id` (or other key) to go on with. */
    readonly key: string
    /** The last status seen; undefined when none was. */
    readonly status: string | undefined
    /** The failure of the last question that came to an end, where it had one; such failures were taken as "not yet". */
    readonly lastFailure: PaykkaError | undefined
    /** How often it was asked; a question that was cut off counts. */
    readonly asked: number
    /** How long it was waited, in milliseconds. */
    readonly waitedMillis: number
  }>
{
  override get message(): string {
    const status = this.status === undefined ? "no status seen" : `last status ${this.status}`
    const failure = this.lastFailure === undefined ? "" : `; the last question failed: ${this.lastFailure.message}`
    return `${this.operation} ${this.key}: no outcome after ${Math.round(this.waitedMillis / 1000)} s (${status}, asked ${this.asked} times); ask again with the same key${failure}`
  }
}

/** What to ask and when it is an outcome. */
export interface Question<A> {
  /** The operation's id, for the error. */
  readonly operation: string
  /** The key that is asked for, for the error. */
  readonly key: string
  /** The question. */
  readonly ask: Effect.Effect<A, PaykkaError>
  /** Whether the answer is an outcome. */
  readonly isOutcome: (answer: A) => boolean
  /** The answer's status, for the error. */
  readonly status: (answer: A) => string | undefined
  /** Deviations from {@link standard}. */
  readonly policy?: PollDeviations | undefined
}

const millis = (input: Duration.Input): number => Duration.toMillis(Duration.fromInputUnsafe(input))

/** A policy that deviates from {@link standard}. */
export const withStandard = (deviations: PollDeviations = {}): PollPolicy => ({
  ...standard,
  ...Object.fromEntries(Object.entries(deviations).filter(([, value]) => value !== undefined))
})

/** What is wrong with a policy, each fault with its path: what would ask without a pause, or has no meaning. */
export const faults = ({ interval, factor, maxInterval, timeout, notFoundGrace }: PollPolicy): ReadonlyArray<Fault> => {
  const wait = "must be a duration of 1 millisecond or longer, such as 1 second"
  const isWait = (input: Duration.Input) => lasts(input, (length) => length >= 1)
  const rules: ReadonlyArray<readonly [keyof PollPolicy, boolean, string]> = [
    ["interval", isWait(interval), wait],
    ["factor", Number.isFinite(factor) && factor >= 1, "must be a number of 1 or more"],
    ["maxInterval", isWait(maxInterval), wait],
    ["timeout", lasts(timeout, (length) => length > 0), "must be a duration longer than zero, such as 10 minutes"],
    ["notFoundGrace", lasts(notFoundGrace, (length) => length >= 0), "must be a duration, such as 30 seconds"]
  ]
  return rules.flatMap(([name, right, rule]) => (right ? [] : [{ path: `poll.${name}`, rule }]))
}

/**
 * Asks until the answer is an outcome.
 *
 * A failure that is `retryable` (after the call's own retries) is taken as "not yet"; every other one ends the
 * wait. Fails with {@link OutcomePending} when the time is over, and with `InvalidRequest` before anything is asked when
 * the policy cannot be used. The question must be a read: it is interrupted when the time is over. It is
 * asked under `Fresh.Fresh`: what plugins have kept does not answer it.
 */
export const untilOutcome = /*#__PURE__*/ Effect.fnUntraced(function* <A>({
  operation,
  key,
  ask,
  isOutcome,
  status: statusOf,
  policy: deviations
}: Question<A>): Effect.fn.Return<A, PaykkaError | OutcomePending> {
  const policy = withStandard(deviations)
  const wrong = faults(policy)
  if (wrong.length > 0) return yield* invalidRequest(operation, wrong)

  const timeout = millis(policy.timeout)
  const startedAt = yield* Clock.currentTimeMillis
  const waited = Effect.map(Clock.currentTimeMillis, (now) => now - startedAt)
  let asked = 0
  let status: string | undefined
  let lastFailure: PaykkaError | undefined
  const pending = Effect.flatMap(waited, (waitedMillis) =>
    Effect.fail(new OutcomePending({ operation, key, status, lastFailure, asked, waitedMillis }))
  )

  const asking = Effect.gen(function* () {
    for (let interval = millis(policy.interval); ;) {
      asked++
      const result = yield* Effect.result(Effect.provideService(ask, Fresh, true))
      const waitedMillis = yield* waited
      lastFailure = Result.isFailure(result) ? result.failure : undefined
      if (Result.isSuccess(result)) {
        if (isOutcome(result.success)) return result.success
        status = statusOf(result.success)
      } else {
        const { reason, retryable } = result.failure
        const tooEarly = reason._tag === "NotFound" && waitedMillis < millis(policy.notFoundGrace)
        if (!retryable && !tooEarly) return yield* result.failure
      }
      if (waitedMillis + interval >= timeout) return yield* pending
      yield* Effect.sleep(interval)
      interval = Math.min(Math.round(interval * policy.factor), millis(policy.maxInterval))
    }
  })
  return yield* Effect.timeoutOrElse(asking, { duration: timeout, orElse: () => pending })
})

/** How an object was decided. */
export interface Outcome<A> {
  /**
   * `Succeeded` and `Failed` where the status is known to mean that. `Unlisted`: the status is none that is known to mean
   * anything, and taken for a decision since the ones that would are not known; look at it, and say what it means in
   * `statuses`.
   */
  readonly _tag: "Succeeded" | "Failed" | "Unlisted"
  /** The status. */
  readonly status: string
  /** The answer that told it. */
  readonly answer: A
}

/** Settings of an `awaitOutcome`. */
export interface AwaitOptions extends CallOptions {
  /** How often and how long to ask; what is left out is that of {@link standard}. */
  readonly poll?: PollDeviations | undefined
  /**
   * What statuses mean, where you know more than the contract. It adds to the object's life cycle, and stands above it:
   * with `{ failed: ["REFUSED"] }` the statuses that are known keep their meaning.
   */
  readonly statuses?: Partial<LifeCycle.LifeCycle> | undefined
}

/** What a status means: by one's own word, else by what is known. */
const stageOf = (
  known: LifeCycle.LifeCycle,
  { pending = [], succeeded = [], failed = [], unlisted = known.unlisted }: Partial<LifeCycle.LifeCycle> = {},
  status: string | undefined
): LifeCycle.Stage => {
  const own = LifeCycle.stageOf({ pending, succeeded, failed, unlisted: "decided" }, status)
  return own === "unlisted" ? LifeCycle.stageOf({ ...known, unlisted }, status) : own
}

const tags = { succeeded: "Succeeded", failed: "Failed", unlisted: "Unlisted" } as const

/**
 * Asks until the object is decided, by what is known of its statuses. Fails with `PaykkaError`, or with
 * {@link OutcomePending} when the time is over. See {@link untilOutcome}.
 */
export const awaitOutcome = <A extends { readonly status?: string }>(
  question: Pick<Question<A>, "operation" | "key" | "ask">,
  known: LifeCycle.LifeCycle,
  { poll, statuses }: AwaitOptions
): Effect.Effect<Outcome<A>, PaykkaError | OutcomePending> => {
  const stage = ({ status }: A) => stageOf(known, statuses, status)
  return Effect.map(
    untilOutcome({
      ...question,
      isOutcome: (answer) => stage(answer) !== "pending",
      status: ({ status }) => status,
      policy: poll
    }),
    // Only what is decided gets here, and without a status nothing is.
    (answer) => ({ _tag: tags[stage(answer) as keyof typeof tags], status: answer.status!, answer })
  )
}
