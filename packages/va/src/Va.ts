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
   * Asks until the account is open. Needs nothing but the `request_id`, so it goes on after a restart. How PayKKa calls a
   * refusal is not known: say so in `statuses: { failed: [...] }` as soon as you know. Fails with `PaykkaError`, or with
   * `OutcomePending` when the time is over.
   */
  readonly awaitOutcome: (
    requestId: string,
    options?: Poll.AwaitOptions
  ) => Effect.Effect<Poll.Outcome<Messages.Account>, PaykkaError | Poll.OutcomePending>
}

/** Collection accounts. See {@link Service}. */
export class Va extends /*#__PURE__*/ Context.Service<Va, Service>()("@paykka/va/Va") {}

/** The service over a `PaykkaClient`. */
export const make: Effect.Effect<Service, never, PaykkaClient.PaykkaClient> = /*#__PURE__*/ Effect.map(
  /*#__PURE__*/ PaykkaClient.bind({ apply: Messages.apply, inquiry: Messages.inquiry }),
  ({ apply, inquiry }) =>
    Va.of({
      apply,
      inquiry,
      awaitOutcome: (requestId, options = {}) =>
        Poll.awaitOutcome(
          { operation: Messages.inquiry.id, key: requestId, ask: inquiry({ request_id: requestId }, options) },
          Messages.lifeCycle,
          options
        )
    })
)

/** The layer of {@link make}. */
export const layer: Layer.Layer<Va, never, PaykkaClient.PaykkaClient> = /*#__PURE__*/ Layer.effect(Va, make)
