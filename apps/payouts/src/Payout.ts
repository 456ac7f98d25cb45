/** A payout: what a caller orders, and what has become of it. */
import * as Amount from "@paykka/schemas/Amount"
import { CurrencyCode } from "@paykka/schemas/CurrencyCode"
import * as Operation from "@paykka/schemas/Operation"
import { ApplyRequest } from "@paykka/schemas/Payment"
import type * as LifeCycle from "@paykka/schemas/LifeCycle"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

const requestIdRule = "must be 1 to 32 letters, digits, - or _"

const orderSchema = () =>
  Schema.Struct({
    ...ApplyRequest.fields,
    /** The caller's own number of the payout. It becomes the `request_id` of the payment: the same number is the same payout. */
    request_id: Schema.String.check(Schema.isPattern(/^[\w-]{1,32}$/, { message: requestIdRule })),
    /** Pay from another currency: it is converted first, and costs at most `max_amount`. */
    source: Schema.optional(Schema.Struct({ currency: CurrencyCode, max_amount: Amount.Outbound }))
  })

const schema = /*#__PURE__*/ orderSchema()

/** What a caller orders: the wire's fields of a payment, and the currency that it is paid from, where that is another. */
export interface Order {
  readonly request_id: string
  /** More than zero; two decimal digits at most are not demanded, since the contract states no scale. */
  readonly amount: Amount.Amount
  readonly currency: string
  readonly beneficiary_id: string
  readonly postscript?: string
  readonly source?: { readonly currency: string; readonly max_amount: Amount.Amount }
}

/**
 * Where a payout stands.
 *
 * | state | what is sure |
 * | --- | --- |
 * | `accepted` | it is kept; nothing that moves money was sent |
 * | `confirming` | the confirmation of its quote was about to be sent; whether it was processed is not known |
 * | `converting` | the quote is confirmed; the conversion is not decided |
 * | `converted` | the money is there in its currency; no payment was sent, or none was processed |
 * | `paying` | the payment was about to be sent; whether it was processed is not known |
 * | `processing` | PayKKa has the payment; it is not decided |
 * | `paid` | PayKKa says so, by a status that is listed as that |
 * | `failed` | PayKKa says so; the money is with the merchant |
 * | `rejected` | no payment was made, and none will be; `problem` says why |
 * | `held` | nothing more is done by itself: a person must look; `problem` says at what |
 */
export type State =
  | "accepted"
  | "confirming"
  | "converting"
  | "converted"
  | "paying"
  | "processing"
  | "paid"
  | "failed"
  | "rejected"
  | "held"

/** A payout as it is kept. Plain JSON. */
export interface Payout {
  readonly order: Order
  readonly state: State
  /** Counts changes: who saves must have seen the last one. */
  readonly version: number
  /** When to look at it again, in milliseconds since the epoch; null: only when PayKKa tells something. */
  readonly next_at: number | null
  /** How often in a row a look has changed nothing. */
  readonly looks: number
  readonly created_at: number
  readonly updated_at: number
  /** When the confirmation or the payment was about to be sent. */
  readonly sent_at?: number
  /** PayKKa's number of the conversion, and until when its quote may be confirmed. */
  readonly conversion?: { readonly order_no: string; readonly expires_at: number }
  /** The status of the payment in PayKKa's own words, and when it was told. */
  readonly told?: LifeCycle.Told
  /** Why it is rejected or held, for people. */
  readonly problem?: string | undefined
}

/** What may be changed of a payout. */
export type Change = Partial<Omit<Payout, "order" | "version" | "created_at" | "updated_at">>

/** Nothing moves any more, unless PayKKa says that money came back. */
export const isAtRest = ({ state }: Payout): boolean =>
  state === "paid" || state === "failed" || state === "rejected" || state === "held"

const zero = /*#__PURE__*/ Amount.make("0")
const isPositive = (amount: Amount.Amount) => Amount.compare(amount, zero) > 0

const amountOf = (value: unknown): Amount.Amount => Result.getOrThrow(Amount.parse(value))

/** Reads an order. All faults are told at once; amounts are decimal strings, or integers. */
export const read = (input: unknown): Result.Result<Order, Operation.InvalidValue> => {
  const checked = Operation.encodeValue({ request: schema }, input)
  if (Result.isFailure(checked)) return Result.fail(checked.failure)
  // It fits the schema, which leaves amounts as they were given.
  const given = input as Omit<Order, "amount" | "source"> & {
    readonly amount: unknown
    readonly source?: { readonly currency: string; readonly max_amount: unknown }
  }
  const { request_id, currency, beneficiary_id, postscript, source } = given
  const amount = amountOf(given.amount)
  const order: Order = {
    request_id,
    amount,
    currency,
    beneficiary_id,
    ...(postscript === undefined ? {} : { postscript }),
    ...(source === undefined ? {} : { source: { currency: source.currency, max_amount: amountOf(source.max_amount) } })
  }
  const faults: ReadonlyArray<Operation.Fault> = [
    ...(isPositive(amount) ? [] : [{ path: "amount", rule: "must be more than zero" }]),
    ...(order.source === undefined || isPositive(order.source.max_amount)
      ? []
      : [{ path: "source.max_amount", rule: "must be more than zero" }]),
    ...(order.source?.currency === currency
      ? [{ path: "source.currency", rule: "must be another than currency; leave source out" }]
      : [])
  ]
  return faults.length === 0 ? Result.succeed(order) : Result.fail(new Operation.InvalidValue({ faults }))
}

/** A new payout. */
export const make = (order: Order, now: number): Payout => ({
  order,
  state: "accepted",
  version: 0,
  next_at: now,
  looks: 0,
  created_at: now,
  updated_at: now
})

/** Whether two orders ask for the same. */
export const isSameOrder = (a: Order, b: Order): boolean =>
  Amount.compare(a.amount, b.amount) === 0 &&
  a.currency === b.currency &&
  a.beneficiary_id === b.beneficiary_id &&
  a.postscript === b.postscript &&
  a.source?.currency === b.source?.currency &&
  (a.source === undefined || b.source === undefined || Amount.compare(a.source.max_amount, b.source.max_amount) === 0)

/** What callers are shown. The message to the payee is not. */
export const view = ({ order, state, told, problem, conversion, created_at, updated_at }: Payout) => ({
  request_id: order.request_id,
  state,
  amount: order.amount,
  currency: order.currency,
  beneficiary_id: order.beneficiary_id,
  source: order.source,
  /** PayKKa's own word. */
  status: told?.status,
  problem,
  conversion_order_no: conversion?.order_no,
  created_at: new Date(created_at).toISOString(),
  updated_at: new Date(updated_at).toISOString()
})
