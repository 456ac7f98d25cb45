/**
 * When a call is sent again, as data; a `permits` of your own may narrow it.
 *
 * Which failures qualify is not a matter of policy: a read is repeated after a failed connection, HTTP 5xx and
 * 429; a create or update only when the platform surely did not process it. A doubtful write ends as
 * `OutcomeUnknown`, whatever the policy says.
 */
import type { Fault, Operation } from "@paykka/schemas/Operation"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import type { AttemptReason } from "./AttemptFailed.ts"
import { isDuration } from "./internal/lasts.ts"

/** How often and how long. */
export interface RetryPolicy {
  /** Requests in all, the first included; 1 never repeats. */
  readonly maxAttempts: number
  /** The wait before the second request; doubled for each one after it. */
  readonly baseDelay: Duration.Input
  /** The longest wait of our own choosing. */
  readonly maxDelay: Duration.Input
  /** How much of a wait is random, 0 to 1: with 0.5 a wait of 1 s lasts between 0.5 and 1 s. */
  readonly jitter: number
  /** The longest `Retry-After` that is obeyed; when the platform asks for more, the call fails at once. */
  readonly maxRetryAfter: Duration.Input
  /** No new request is sent when it would start later than this after the first. */
  readonly totalTime: Duration.Input
  /**
   * Asked before each repetition that all of the above allows; `false` ends the call. For rules of your own, such as only in
   * business hours. It must not throw. Default: all are permitted.
   */
  readonly permits?: ((repetition: Repetition) => boolean) | undefined
}

/** A repetition that is about to be waited for. */
export interface Repetition {
  readonly operation: Operation
  readonly requestId: string | undefined
  /** Requests sent so far. */
  readonly attempts: number
  /** Why the last one failed. */
  readonly reason: AttemptReason
  /** When the next one would go out, in milliseconds since the epoch. */
  readonly at: number
}

/** Three requests, waits of 0.25 s and 0.5 s less jitter, `Retry-After` up to 30 s, one minute in all. */
export const standard: RetryPolicy = {
  maxAttempts: 3,
  baseDelay: "250 millis",
  maxDelay: "10 seconds",
  jitter: 0.5,
  maxRetryAfter: "30 seconds",
  totalTime: "1 minute"
}

/** Every call is sent once. */
export const none: RetryPolicy = { ...standard, maxAttempts: 1 }

/**
 * The policy in force: replace it for a whole program by `Layer.succeed(RetryPolicy.Current, policy)`, for one
 * effect by `Effect.provideService(RetryPolicy.Current, policy)`.
 */
export class Current
  extends /*#__PURE__*/ Context.Reference<RetryPolicy>("@paykka/core/RetryPolicy", {
    defaultValue: () => standard
  }) {}

const millis = (input: Duration.Input): number => Duration.toMillis(Duration.fromInputUnsafe(input))

// A policy is a constant of a program, and is asked about at every call.
const sound = /*#__PURE__*/ new WeakSet<RetryPolicy>()

/** What is wrong with a policy, each fault with its path. */
export const faults = (policy: RetryPolicy): ReadonlyArray<Fault> => {
  if (sound.has(policy)) return []
  const rules: ReadonlyArray<readonly [keyof RetryPolicy, boolean, string]> = [
    ["maxAttempts", Number.isInteger(policy.maxAttempts) && policy.maxAttempts >= 1, "must be a whole number from 1"],
    ["jitter", policy.jitter >= 0 && policy.jitter <= 1, "must be from 0 to 1"],
    ...(["baseDelay", "maxDelay", "maxRetryAfter", "totalTime"] as const).map(
      (name) => [name, isDuration(policy[name]), "must be a duration, such as 30 seconds"] as const
    )
  ]
  const found = rules.flatMap(([name, right, rule]) => (right ? [] : [{ path: `retry.${name}`, rule }]))
  if (found.length === 0) sound.add(policy)
  return found
}

/** What is known when a request has failed and may be repeated. */
export interface Situation {
  /** Requests sent so far. */
  readonly attempts: number
  /** Milliseconds since the first. */
  readonly elapsedMillis: number
  /** What the platform asked to wait. */
  readonly retryAfterMillis: number | undefined
  /** A random number from 0 to 1. */
  readonly random: number
}

/** Whole milliseconds to wait before the next request; undefined when there is to be none. */
export const delayMillis = (policy: RetryPolicy, situation: Situation): number | undefined => {
  const { attempts, elapsedMillis, retryAfterMillis = 0, random } = situation
  if (attempts >= policy.maxAttempts) return undefined
  if (retryAfterMillis > millis(policy.maxRetryAfter)) return undefined
  const backoff = Math.min(millis(policy.baseDelay) * 2 ** (attempts - 1), millis(policy.maxDelay))
  const delay = Math.max(Math.round(backoff * (1 - policy.jitter * random)), retryAfterMillis)
  return elapsedMillis + delay > millis(policy.totalTime) ? undefined : delay
}
