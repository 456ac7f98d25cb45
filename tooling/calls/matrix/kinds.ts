/** The kinds of operations that the matrix is tried on. */
import type * as PaykkaClient from "@paykka/core/PaykkaClient"
import type { PaykkaError } from "@paykka/core/PaykkaError"
import * as Forex from "@paykka/schemas/Forex"
import * as Payee from "@paykka/schemas/Payee"
import * as Payment from "@paykka/schemas/Payment"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** A kind, by an operation of it. */
export interface Kind {
  readonly name: string
  readonly isRead: boolean
  /** The operation, for the documentation. */
  readonly operation: string
  readonly call: (client: PaykkaClient.Service) => Effect.Effect<unknown, PaykkaError>
  /** What an `OutcomeUnknown` of it carries. */
  readonly resolvedBy: string | null
  readonly key: { readonly field: string; readonly value: string } | null
}

const request_id = "R-1"
const byRequestId = { field: "request_id", value: request_id }

export const kinds: ReadonlyArray<Kind> = [
  {
    name: "a read",
    isRead: true,
    operation: Payment.inquiry.id,
    call: (client) => client.execute(Payment.inquiry, { request_id }),
    resolvedBy: null,
    key: null
  },
  {
    name: "a create with a key",
    isRead: false,
    operation: Payment.apply.id,
    call: (client) =>
      client.execute(Payment.apply, { request_id, amount: 100, currency: "EUR", beneficiary_id: "B-1" }),
    resolvedBy: Payment.inquiry.id,
    key: byRequestId
  },
  {
    name: "a create without a key",
    isRead: false,
    operation: Forex.preorder.id,
    call: (client) => client.execute(Forex.preorder, { sell_currency: "EUR", buy_currency: "USD", sell_amount: 100 }),
    resolvedBy: null,
    key: null
  },
  {
    name: "an update with a key",
    isRead: false,
    operation: Payee.update.id,
    call: (client) => client.execute(Payee.update, { request_id }),
    resolvedBy: Payee.inquiry.id,
    key: byRequestId
  },
  {
    name: "an update without a key",
    isRead: false,
    operation: "a call without descriptor",
    call: (client) =>
      client.request({
        path: "/api/v2/merch/some/update",
        body: { note: "" },
        schema: Schema.Record(Schema.String, Schema.Unknown),
        effect: "update"
      }),
    resolvedBy: null,
    key: null
  }
]
