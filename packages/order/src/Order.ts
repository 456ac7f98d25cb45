/**
 * Contract orders, to which receipts are related: create, update, ask, supplement.
 *
 * How a receipt is divided among orders is checked by `Relate.ts`, and told to the platform by `tradesettle.apply`. There is
 * no outcome to wait for: an order may be related as soon as it is created.
 */
import * as PaykkaClient from "@paykka/core/PaykkaClient"
import * as Messages from "@paykka/schemas/Order"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/** The service. */
export interface Service {
  /**
   * Creates an order (`order.create`; documented). The answer's `contract_order_no` is what receipts are related to; where
   * it is missing, as any field may be, ask {@link Service.inquiry}. A `request_id` is made where none is given, and the
   * result tells it. Fails with `PaykkaError`; after `OutcomeUnknown` ask {@link Service.inquiry}.
   */
  readonly create: PaykkaClient.Method<typeof Messages.create>
  /**
   * Sends an order whole again, under the `request_id` of its creation (`order.update`; documented, response inferred).
   * Fails with `PaykkaError`; after `OutcomeUnknown` ask {@link Service.inquiry}.
   */
  readonly update: PaykkaClient.Method<typeof Messages.update>
  /** Asks for an order, by `request_id` or `contract_order_no` (`order.inquiry`; inferred). Fails with `PaykkaError`. */
  readonly inquiry: PaykkaClient.Method<typeof Messages.inquiry>
  /**
   * Adds the shipping data of an order that was created as `UNSHIPPED`, named by `request_id` or `contract_order_no`
   * (`order.supplement`; inferred from its title, response unknown). Fails with `PaykkaError`; after `OutcomeUnknown` ask
   * {@link Service.inquiry}.
   */
  readonly supplement: PaykkaClient.Method<typeof Messages.supplement>
}

/** Contract orders. See {@link Service}. */
export class Order extends /*#__PURE__*/ Context.Service<Order, Service>()("@paykka/order/Order") {}

/** The service over a `PaykkaClient`. */
export const make: Effect.Effect<Service, never, PaykkaClient.PaykkaClient> = /*#__PURE__*/ PaykkaClient.bind({
  create: Messages.create,
  update: Messages.update,
  inquiry: Messages.inquiry,
  supplement: Messages.supplement
})

/** The layer of {@link make}. */
export const layer: Layer.Layer<Order, never, PaykkaClient.PaykkaClient> = /*#__PURE__*/ Layer.effect(Order, make)
