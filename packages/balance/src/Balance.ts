/** Balances of accounts: ask for them. */
import * as PaykkaClient from "@paykka/core/PaykkaClient"
import * as Messages from "@paykka/schemas/Balance"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/** The service. */
export interface Service {
  /**
   * Asks for balances (`balance.inquiry`; path and request inferred, response unknown). The answer is an open record: read
   * an amount in it with `Amount.fromJson`, which keeps every digit. Fails with `PaykkaError`.
   */
  readonly inquiry: PaykkaClient.Method<typeof Messages.inquiry>
}

/** Balances of accounts. See {@link Service}. */
export class Balance extends /*#__PURE__*/ Context.Service<Balance, Service>()("@paykka/balance/Balance") {}

/** The service over a `PaykkaClient`. */
export const make: Effect.Effect<Service, never, PaykkaClient.PaykkaClient> = /*#__PURE__*/ PaykkaClient.bind({
  inquiry: Messages.inquiry
})

/** The layer of {@link make}. */
export const layer: Layer.Layer<Balance, never, PaykkaClient.PaykkaClient> = /*#__PURE__*/ Layer.effect(Balance, make)
