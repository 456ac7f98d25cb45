/**
 * Settlement of receipts: relate an inbound remittance to contract orders, ask for the result, wait for it.
 *
 * The application is made and checked by `relate` of `@paykka/order`. The notification of the result is `notification` in
 * `@paykka/schemas/Tradesettle`, for `@paykka/webhook`.
 */
import * as PaykkaClient from "@paykka/core/PaykkaClient"
import type { PaykkaError } from "@paykka/core/PaykkaError"
import * as Poll from "@paykka/core/Poll"
import * as Messages from "@paykka/schemas/Tradesettle"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/** The service. */
export interface Service {
  /**
   * Applies for settlement of a receipt (`tradesettle.apply`; documented). The receipt's status must be `PENDING_RELATE` or
   * `CHECK_REJECTED`. Amounts are exact and may have decimals (whether the platform takes those is not known). It has no
   * `request_id`: the receipt's number names it. An empty number, of the receipt or of an order, is refused. Fails with `PaykkaError`; after
   * `OutcomeUnknown` ask {@link Service.inquiry}.
   */
  readonly apply: PaykkaClient.Method<typeof Messages.apply>
  /** Asks for the settlement of a receipt (`tradesettle.inquiry`; documented, response inferred). Fails with `PaykkaError`. */
  readonly inquiry: PaykkaClient.Method<typeof Messages.inquiry>
  /**
   * Asks until the settlement of a whole receipt is decided. Needs nothing but the `recv_order_no`, so it goes on after a
   * restart. The status of success is not known: any but `PENDING_RELATE` and `CHECK_REJECTED` (which is `Failed`) comes
   * as `Unlisted`; say what it means in `statuses` as soon as you know.
   *
   * Not for a part of a receipt. `PENDING_RELATE` is the status of a receipt that waits to be related, and by the
   * documented sample also the answer to an application. Which one a receipt has when a part of it is settled is not
   * known, presumably the same (so it is in the sandbox): then that cannot be told from an undecided one, and the wait ends
   * with `OutcomePending`. Go by the notification, or ask {@link Service.inquiry} yourself; if you know that the platform
   * has a status of its own for it, name that in `statuses: { succeeded: [...] }`.
   *
   * After a second application for a rejected receipt the platform may still tell the first rejection for a while, and a
   * plain wait ends with that at once. Go by the notification, or wait on through it:
   * `{ statuses: { pending: ["CHECK_REJECTED"] } }`. Such a wait does not see a second rejection: it then ends with
   * `OutcomePending`, which has the status.
   *
   * Fails with `PaykkaError`, or with `OutcomePending` when the time is over.
   */
  readonly awaitOutcome: (
    recvOrderNo: string,
    options?: Poll.AwaitOptions
  ) => Effect.Effect<Poll.Outcome<Messages.Settlement>, PaykkaError | Poll.OutcomePending>
}

/** Settlement of receipts. See {@link Service}. */
export class Tradesettle
  extends /*#__PURE__*/ Context.Service<Tradesettle, Service>()("@paykka/tradesettle/Tradesettle") {}

/** The service over a `PaykkaClient`. */
export const make: Effect.Effect<Service, never, PaykkaClient.PaykkaClient> = /*#__PURE__*/ Effect.map(
  /*#__PURE__*/ PaykkaClient.bind({ apply: Messages.apply, inquiry: Messages.inquiry }),
  (methods) =>
    Tradesettle.of({
      ...methods,
      awaitOutcome: (recvOrderNo, options = {}) =>
        Poll.awaitOutcome(
          {
            operation: Messages.inquiry.id,
            key: recvOrderNo,
            ask: methods.inquiry({ recv_order_no: recvOrderNo }, options)
          },
          Messages.lifeCycle,
          options
        )
    })
)

/** The layer of {@link make}. */
export const layer: Layer.Layer<Tradesettle, never, PaykkaClient.PaykkaClient> = /*#__PURE__*/ Layer.effect(
  Tradesettle,
  make
)
