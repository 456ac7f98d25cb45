/**
 * Payments to payees: pay, ask for the result, wait for it.
 *
 * The notification of the result is `notification` in `@paykka/schemas/Payment`, for `@paykka/webhook`.
 */
import * as PaykkaClient from "@paykka/core/PaykkaClient"
import { invalidRequest, type PaykkaError } from "@paykka/core/PaykkaError"
import * as Poll from "@paykka/core/Poll"
import * as Amount from "@paykka/schemas/Amount"
import type * as Operation from "@paykka/schemas/Operation"
import * as Messages from "@paykka/schemas/Payment"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"

/** A payee as you keep it. That inquiry or notification of a payee tell its currency is not known. */
export interface KeptPayee {
  /** Id of the payee, from `payee.inquiry` or the notification of the payee. */
  readonly beneficiary_id: string
  /** Currency of the payee, three capital letters. */
  readonly currency: string
}

/** A payment without its payee. */
export interface PayInput extends Omit<Messages.ApplyInput, "beneficiary_id"> {}

/** The service. */
export interface Service {
  /**
   * Pays a payee (`payment.apply`; documented). The answer says that the payment is in progress, the outcome comes later.
   * A `request_id` is made where none is given, and the result tells it; make it yourself (`RequestId.make`) and store it
   * before you pay. Fails with `PaykkaError`; after `OutcomeUnknown` ask {@link Service.inquiry} and never pay again with
   * another `request_id`.
   */
  readonly apply: PaykkaClient.Method<typeof Messages.apply>
  /**
   * As {@link Service.apply}, for a payee whose currency you keep: a payment in another one, which the documentation does
   * not allow, fails with `InvalidRequest` before anything is sent. So does an amount of zero or less, by our own rule: the
   * contract states no least amount, and {@link Service.apply} sends what it is given.
   */
  readonly pay: (
    payee: KeptPayee,
    payment: PayInput,
    options?: PaykkaClient.CallOptions
  ) => Effect.Effect<Operation.Output<typeof Messages.apply>, PaykkaError>
  /** Asks for the result of a payment, by `request_id` (`payment.inquiry`; inferred). Fails with `PaykkaError`. */
  readonly inquiry: PaykkaClient.Method<typeof Messages.inquiry>
  /**
   * Asks until the payment is decided. Needs nothing but the `request_id`, so it goes on after a restart. How PayKKa calls
   * success, failure and return is not known: any status but `PROCESSING` ends the wait as `Unlisted`; say what they mean
   * in `statuses` as soon as you know. Fails with `PaykkaError`, or with `OutcomePending` when the time is over.
   */
  readonly awaitOutcome: (
    requestId: string,
    options?: Poll.AwaitOptions
  ) => Effect.Effect<Poll.Outcome<Messages.PaymentResult>, PaykkaError | Poll.OutcomePending>
}

/** Payments to payees. See {@link Service}. */
export class Payment extends /*#__PURE__*/ Context.Service<Payment, Service>()("@paykka/payment/Payment") {}

/** What `pay` refuses beyond the schema; an amount that is none is for the schema to refuse. */
const faults = ({ currency }: KeptPayee, payment: PayInput): ReadonlyArray<Operation.Fault> => {
  const amount = Amount.parse(payment.amount)
  const isNothing = Result.isSuccess(amount) && Amount.compare(amount.success, Amount.make(0)) <= 0
  return [
    ...(isNothing ? [{ path: "amount", rule: "must be more than zero" }] : []),
    ...(payment.currency === currency
      ? []
      : [{ path: "currency", rule: "must be the payee's currency; convert with forex first" }])
  ]
}

/** The service over a `PaykkaClient`. */
export const make: Effect.Effect<Service, never, PaykkaClient.PaykkaClient> = /*#__PURE__*/ Effect.map(
  /*#__PURE__*/ PaykkaClient.bind({ apply: Messages.apply, inquiry: Messages.inquiry }),
  (methods) =>
    Payment.of({
      ...methods,
      pay: (payee, payment, options) => {
        const wrong = faults(payee, payment)
        return wrong.length === 0
          ? methods.apply({ ...payment, beneficiary_id: payee.beneficiary_id }, options)
          : Effect.fail(invalidRequest(Messages.apply.id, wrong))
      },
      awaitOutcome: (requestId, options = {}) =>
        Poll.awaitOutcome(
          { operation: Messages.inquiry.id, key: requestId, ask: methods.inquiry({ request_id: requestId }, options) },
          Messages.lifeCycle,
          options
        )
    })
)

/** The layer of {@link make}. */
export const layer: Layer.Layer<Payment, never, PaykkaClient.PaykkaClient> = /*#__PURE__*/ Layer.effect(Payment, make)
