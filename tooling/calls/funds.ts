/** What must be there before something can be paid: money and a payee, by the API itself. */
import { PaykkaClient } from "@paykka/core/PaykkaClient"
import * as Sandbox from "@paykka/sandbox/Sandbox"
import * as File from "@paykka/schemas/File"
import * as Order from "@paykka/schemas/Order"
import * as Payee from "@paykka/schemas/Payee"
import * as Tradesettle from "@paykka/schemas/Tradesettle"
import * as Va from "@paykka/schemas/Va"
import * as Effect from "effect/Effect"
import { merchId } from "./keys.ts"

const currency = "EUR"

/** Lets the platform decide what it was asked. */
const decided = Sandbox.Sandbox.use((sandbox) => sandbox.advance("1 second"))

/** Gives the merchant money in EUR to use. */
export const fund = (amount: number) =>
  Effect.gen(function* () {
    const client = yield* PaykkaClient
    const sandbox = yield* Sandbox.Sandbox
    yield* client.execute(Va.apply, { request_id: "VA-1", currencies: [currency] })
    yield* decided
    const { recv_order_no } = yield* sandbox.remit({ merchId, currency, amount })
    const file = { bytes: new TextEncoder().encode("%PDF-1.7"), name: "contract.pdf", type: "application/pdf" }
    const { file_id } = yield* client.execute(File.upload, { meta: { filename: file.name }, file })
    const { contract_order_no } = yield* client.execute(Order.create, {
      request_id: "O-1",
      buyer_name: "Example",
      buyer_country: "DE",
      amount,
      currency,
      contract_file_ids: [file_id],
      contract_no: "N-1",
      invoice_file_ids: [file_id],
      order_date: "2019-08-24"
    })
    if (contract_order_no === undefined) return yield* Effect.die(new Error("the order has no number"))
    yield* client.execute(Tradesettle.apply, { recv_order_no, relate_list: [{ amount, contract_order_no }] })
    yield* decided
  })

/** Makes a payee, and gives its id. */
export const payee = Effect.gen(function* () {
  const client = yield* PaykkaClient
  const request_id = "P-1"
  yield* client.execute(Payee.create, { request_id, beneficiary: { currency } })
  yield* decided
  const { beneficiary_id } = yield* client.execute(Payee.inquiry, { request_id })
  return beneficiary_id ?? (yield* Effect.die(new Error("the payee has no id")))
})

/** How often a payment of this amount was made. */
export const payments = (amount: string) =>
  Effect.gen(function* () {
    const entries = yield* (yield* Sandbox.Sandbox).ledger
    return entries.filter(
      (entry) => entry.what === "payment begun" && entry.account === `${merchId} held` && entry.amount === amount
    ).length
  })
