/**
 * Payees (beneficiaries on the wire): create, amend, ask for the result, wait for it.
 *
 * The notification of the result is `notification` in `@paykka/schemas/Payee`, for `@paykka/webhook`. Only the beginning of
 * a payee's members is known: `beneficiary` takes all others as well.
 */
import * as PaykkaClient from "@paykka/core/PaykkaClient"
import type { PaykkaError } from "@paykka/core/PaykkaError"
import * as Poll from "@paykka/core/Poll"
import * as Messages from "@paykka/schemas/Payee"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/** The service. */
export interface Service {
  /**
   * Creates a payee (`payee.create`; path and request inferred, response unknown). A `request_id` is made where none is
   * given, and the result tells it. Fails with `PaykkaError`; after `OutcomeUnknown` ask {@link Service.inquiry}.
   */
  readonly create: PaykkaClient.Method<typeof Messages.create>
  /**
   * Amends a payee that was rejected, under the `request_id` of its creation (`payee.update`; documented as far as it is
   * known, response unknown). Fails with `PaykkaError`; after `OutcomeUnknown` ask {@link Service.inquiry}.
   */
  readonly update: PaykkaClient.Method<typeof Messages.update>
  /** Asks for a payee, by `request_id` or `beneficiary_id` (`payee.inquiry`; inferred). Fails with `PaykkaError`. */
  readonly inquiry: PaykkaClient.Method<typeof Messages.inquiry>
  /**
   * Asks until the payee is decided. Needs nothing but the `request_id`, so it goes on after a restart. None of the
   * statuses is known: the first one ends the wait as `Unlisted`; say what they mean in `statuses` as soon as you know.
   * Payments need the `beneficiary_id` of the answer.
   *
   * After an amendment the platform may still tell the old decision for a while, and a plain wait ends with that at once.
   * Go by the notification, or wait on through the status that was amended: `{ statuses: { pending: [outcome.status] } }`.
   * Such a wait does not see that the same is decided again: it then ends with `OutcomePending`, which has the status.
   *
   * Fails with `PaykkaError`, or with `OutcomePending` when the time is over.
   */
  readonly awaitOutcome: (
    requestId: string,
    options?: Poll.AwaitOptions
  ) => Effect.Effect<Poll.Outcome<Messages.PayeeResult>, PaykkaError | Poll.OutcomePending>
}

/** Payees. See {@link Service}. */
export class Payee extends /*#__PURE__*/ Context.Service<Payee, Service>()("@paykka/payee/Payee") {}

/** The service over a `PaykkaClient`. */
export const make: Effect.Effect<Service, never, PaykkaClient.PaykkaClient> = /*#__PURE__*/ Effect.map(
  /*#__PURE__*/ PaykkaClient.bind({ create: Messages.create, update: Messages.update, inquiry: Messages.inquiry }),
  (methods) =>
    Payee.of({
      ...methods,
      awaitOutcome: (requestId, options = {}) =>
        Poll.awaitOutcome(
          { operation: Messages.inquiry.id, key: requestId, ask: methods.inquiry({ request_id: requestId }, options) },
          Messages.lifeCycle,
          options
        )
    })
)

/** The layer of {@link make}. */
export const layer: Layer.Layer<Payee, never, PaykkaClient.PaykkaClient> = /*#__PURE__*/ Layer.effect(Payee, make)
