/**
 * Collection accounts (virtual accounts): apply, ask for the result, wait for it.
 *
 * The notification of the result is `notification` in `@paykka/schemas/Va`, for `@paykka/webhook`.
 */
import * as PaykkaClient from "@paykka/core/PaykkaClient"
import type { PaykkaError } from "@paykka/core/PaykkaError"
import * as Poll from "@paykka/core/Poll"
import * as Messages from "@paykka/schemas/Va"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/** Settings of {@link Service.awaitOutcome}. */
export interface AwaitOptions extends PaykkaClient.CallOptions {
  /** How often and how long to ask; what is left out is that of `Poll.standard`. */
  readonly poll?: Partial<Poll.PollPolicy> | undefined
  /**
   * Whether an answer is the outcome. Default: the status is `ENABLED`, the only one known; give your own as soon
   * as you know how PayKKa calls a refusal.
   */
  readonly isOutcome?: ((account: Messages.Account) => boolean) | undefined
}

/** The service. */
export interface Service {
  /**
   * Applies for a collection account (`va.apply`; path and request inferred). A `request_id` is made where none is
   * given, and the result tells it. Fails with `PaykkaError`; after `OutcomeUnknown` ask {@link Service.inquiry}.
   */
  readonly apply: PaykkaClient.Method<typeof Messages.apply>
  /** Asks for the result of an application (`va.inquiry`; documented, response inferred). Fails with `PaykkaError`. */
  readonly inquiry: PaykkaClient.Method<typeof Messages.inquiry>
  /**
   * Asks until the account is open. Needs nothing but the `request_id`, so it goes on after a restart. Fails with
   * `PaykkaError`, or with `OutcomePending` when the time is over.
   */
  readonly awaitOutcome: (
    requestId: string,
    options?: AwaitOptions
  ) => Effect.Effect<Messages.Account, PaykkaError | Poll.OutcomePending>
}

/** Collection accounts. See {@link Service}. */
export class Va extends /*#__PURE__*/ Context.Service<Va, Service>()("@paykka/va/Va") {}

const isEnabled = (account: Messages.Account): boolean => account.status === "ENABLED"

/** The service over a `PaykkaClient`. */
export const make: Effect.Effect<Service, never, PaykkaClient.PaykkaClient> = /*#__PURE__*/ Effect.map(
  /*#__PURE__*/ PaykkaClient.bind({ apply: Messages.apply, inquiry: Messages.inquiry }),
  ({ apply, inquiry }) =>
    Va.of({
      apply,
      inquiry,
      awaitOutcome: (requestId, { poll, isOutcome = isEnabled, ...options } = {}) =>
        Poll.untilOutcome({
          operation: Messages.inquiry.id,
          key: requestId,
          ask: inquiry({ request_id: requestId }, options),
          isOutcome,
          status: ({ status }) => status,
          policy: poll
        })
    })
)

/** The layer of {@link make}. */
export const layer: Layer.Layer<Va, never, PaykkaClient.PaykkaClient> = /*#__PURE__*/ Layer.effect(Va, make)
