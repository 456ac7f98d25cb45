/** Deviations from the standard policies: what is left out, or undefined, is as it is there. */
import type * as Poll from "@paykka/core/Poll"
import type * as ResolvePolicy from "@paykka/core/ResolvePolicy"
import type * as RetryPolicy from "@paykka/core/RetryPolicy"
import type * as Effect from "effect/Duration"
import type { Duration } from "./Duration.ts"

/** Any part of a policy. */
type Deviations<P> = {
  readonly [K in keyof P]?: (Effect.Duration extends P[K] ? Duration : P[K]) | undefined
}

/** How often and how long a call is sent again. Standard: three requests at most, within a minute. */
export interface RetrySettings extends Deviations<RetryPolicy.RetryPolicy> {}

/** How often and how long to ask for an outcome. Standard: after 1 second, then ever more slowly, for 10 minutes. */
export interface PollSettings extends Deviations<Poll.PollPolicy> {}

/** The same for a write whose answer was lost: there `settle` says when "not found" counts. */
export interface ResolvePollSettings extends Omit<PollSettings, "notFoundGrace"> {}

/** How the outcome of a write is found out when its answer was lost. Standard: "not found" is believed after 2 minutes. */
export interface ResolveSettings extends Deviations<Omit<ResolvePolicy.ResolvePolicy, "poll">> {
  /** How often and how long to ask. Its `timeout` must leave room for `settle`. */
  readonly poll?: ResolvePollSettings | undefined
}

/** A policy with deviations. */
export const deviating = <P extends object>(
  policy: P,
  deviations: { readonly [K in keyof P]?: P[K] | undefined } = {}
): P => ({
  ...policy,
  ...Object.fromEntries(Object.entries(deviations).filter(([, value]) => value !== undefined))
})
