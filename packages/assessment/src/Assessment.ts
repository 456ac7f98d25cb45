/**
 * Risk assessment of merchants: submit, amend, ask for the result, wait for it.
 *
 * The notification of the result is `notification` in `@paykka/schemas/Assessment`, for `@paykka/webhook`. All of this is
 * third-party knowledge but that the operations exist.
 */
import * as PaykkaClient from "@paykka/core/PaykkaClient"
import type { PaykkaError } from "@paykka/core/PaykkaError"
import * as Poll from "@paykka/core/Poll"
import * as Messages from "@paykka/schemas/Assessment"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/** The service. */
export interface Service {
  /**
   * Submits a merchant for assessment (`assessment.apply`; third-party), with the body of an application for onboarding
   * and without `X-Merch-Id`. The answer's `merch_id` is what all other calls ask by: store it. A `request_id` is made
   * where none is given, and the result tells it. Fails with `PaykkaError`. After `OutcomeUnknown` no call tells the
   * outcome, as {@link Service.inquiry} knows no `request_id`: only the notification does.
   */
  readonly apply: PaykkaClient.Method<typeof Messages.apply>
  /**
   * Amends a submission, named by `merch_id`, with what changes (`assessment.update`; third-party, response unknown).
   * Fails with `PaykkaError`; after `OutcomeUnknown` ask {@link Service.inquiry}.
   */
  readonly update: PaykkaClient.Method<typeof Messages.update>
  /** Asks for the result, by `merch_id` (`assessment.inquiry`; third-party). Fails with `PaykkaError`. */
  readonly inquiry: PaykkaClient.Method<typeof Messages.inquiry>
  /**
   * Asks until the merchant is assessed. Needs nothing but the `merch_id` of the submission's answer, so it goes on after
   * a restart; with a `request_id` it cannot, since the inquiry knows none. (It is also sent as `X-Merch-Id`, as
   * third-party clients do; `merchId` in the options sends another number there.)
   *
   * After an amendment the platform may still tell the old decision for a while, and a plain wait ends with that at once.
   * Go by the notification, or wait on through the status that was amended, such as
   * `{ statuses: { pending: ["REJECTED"] } }`. Such a wait does not see that the same is decided again: it then ends with
   * `OutcomePending`, which has the status.
   *
   * Fails with `PaykkaError`, or with `OutcomePending` when the time is over.
   */
  readonly awaitOutcome: (
    merchId: string,
    options?: Poll.AwaitOptions
  ) => Effect.Effect<Poll.Outcome<Messages.AssessmentResult>, PaykkaError | Poll.OutcomePending>
}

/** Risk assessment of merchants. See {@link Service}. */
export class Assessment extends /*#__PURE__*/ Context.Service<Assessment, Service>()("@paykka/assessment/Assessment") {}

/** The service over a `PaykkaClient`. */
export const make: Effect.Effect<Service, never, PaykkaClient.PaykkaClient> = /*#__PURE__*/ Effect.map(
  /*#__PURE__*/ PaykkaClient.bind({ apply: Messages.apply, update: Messages.update, inquiry: Messages.inquiry }),
  (methods) =>
    Assessment.of({
      ...methods,
      awaitOutcome: (merchId, options = {}) =>
        Poll.awaitOutcome(
          { operation: Messages.inquiry.id, key: merchId, ask: methods.inquiry({ merch_id: merchId }, options) },
          Messages.lifeCycle,
          options
        )
    })
)

/** The layer of {@link make}. */
export const layer: Layer.Layer<Assessment, never, PaykkaClient.PaykkaClient> = /*#__PURE__*/ Layer.effect(
  Assessment,
  make
)
