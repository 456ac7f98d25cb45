/**
 * Onboarding of merchants: apply, amend, ask for the status, wait for it.
 *
 * The notification of the result is `notification` in `@paykka/schemas/Onboarding`, for `@paykka/webhook`; the license of
 * a company is made with `mainlandLicense` or `hongKongLicense` there. `X-Merch-Id` is not sent with any of these calls.
 */
import * as PaykkaClient from "@paykka/core/PaykkaClient"
import type { PaykkaError } from "@paykka/core/PaykkaError"
import * as Poll from "@paykka/core/Poll"
import * as Messages from "@paykka/schemas/Onboarding"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/** The service. */
export interface Service {
  /**
   * Applies for onboarding of a merchant (`onboarding.apply`; path and request documented, response third-party). The
   * answer's `authorize_link` is where the legal representative goes on. A `request_id` is made where none is given, and
   * the result tells it. Fails with `PaykkaError`; after `OutcomeUnknown` ask {@link Service.inquiry}.
   */
  readonly apply: PaykkaClient.Method<typeof Messages.apply>
  /**
   * Amends an application under its `request_id` (`onboarding.update`; path documented, request third-party, response
   * unknown). Whether a part would do is not known: send it whole. Fails with `PaykkaError`; after `OutcomeUnknown` ask
   * {@link Service.inquiry}.
   */
  readonly update: PaykkaClient.Method<typeof Messages.update>
  /**
   * Asks for the status of an application (`onboarding.inquiry`; third-party), by `merch_id` (third-party) or
   * `request_id` (inferred). Fails with `PaykkaError`.
   */
  readonly inquiry: PaykkaClient.Method<typeof Messages.inquiry>
  /**
   * Asks until the application is decided. A text is its `request_id`, so it goes on after a restart; if the platform does
   * not know it by that, which is inferred, give `{ merch_id }`. That more material is wanted (`SUPPLEMENT`) is `Failed`
   * too: amend it and wait again.
   *
   * After an amendment the platform may still tell the old decision for a while, and a plain wait ends with that at once.
   * Go by the notification, or wait on through the status that was amended: `{ statuses: { pending: ["SUPPLEMENT"] } }`.
   * Such a wait does not see that the same is decided again: it then ends with `OutcomePending`, which has the status.
   *
   * Fails with `PaykkaError`, or with `OutcomePending` when the time is over.
   */
  readonly awaitOutcome: (
    application: string | Messages.InquiryRequest,
    options?: Poll.AwaitOptions
  ) => Effect.Effect<Poll.Outcome<Messages.InquiryResponse>, PaykkaError | Poll.OutcomePending>
}

/** Onboarding of merchants. See {@link Service}. */
export class Onboarding extends /*#__PURE__*/ Context.Service<Onboarding, Service>()("@paykka/onboarding/Onboarding") {}

/** The service over a `PaykkaClient`. */
export const make: Effect.Effect<Service, never, PaykkaClient.PaykkaClient> = /*#__PURE__*/ Effect.map(
  /*#__PURE__*/ PaykkaClient.bind({ apply: Messages.apply, update: Messages.update, inquiry: Messages.inquiry }),
  (methods) =>
    Onboarding.of({
      ...methods,
      awaitOutcome: (application, options = {}) => {
        const question = typeof application === "string" ? { request_id: application } : application
        const key = question.request_id ?? question.merch_id ?? ""
        return Poll.awaitOutcome(
          { operation: Messages.inquiry.id, key, ask: methods.inquiry(question, options) },
          Messages.lifeCycle,
          options
        )
      }
    })
)

/** The layer of {@link make}. */
export const layer: Layer.Layer<Onboarding, never, PaykkaClient.PaykkaClient> = /*#__PURE__*/ Layer.effect(
  Onboarding,
  make
)
