/** A sandbox on a port of the test's process, with money and a payee. */
import * as Environment from "@paykka/core/Environment"
import * as PaykkaClient from "@paykka/core/PaykkaClient"
import * as File from "@paykka/schemas/File"
import * as Order from "@paykka/schemas/Order"
import * as Payee from "@paykka/schemas/Payee"
import * as Tradesettle from "@paykka/schemas/Tradesettle"
import * as Va from "@paykka/schemas/Va"
import * as Sandbox from "@paykka/sandbox/Sandbox"
import * as SandboxNode from "@paykka/sandbox/node"
import * as SandboxTransport from "@paykka/sandbox/SandboxTransport"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import { merchId, sandboxKeys, signer } from "../keys.ts"

export type Repetition = NonNullable<Sandbox.Options["repeatedRequestId"]>

const currency = "EUR"

/** Gives the merchant money, by an account, a receipt, an order and a settlement; and a payee, whose id it returns. */
const prepare = (sandbox: Sandbox.Service, amount: number) =>
  Effect.gen(function* () {
    const { execute } = yield* PaykkaClient.PaykkaClient
    const decided = sandbox.advance("1 hour")
    yield* execute(Va.apply, { request_id: "VA", currencies: [currency], country_code: "DE" })
    yield* decided
    const { recv_order_no } = yield* sandbox.remit({ merchId, currency, amount })
    const file = { bytes: new TextEncoder().encode("a contract"), name: "contract.pdf", type: "application/pdf" }
    const { file_id } = yield* execute(File.upload, { meta: {}, file })
    const { contract_order_no = "" } = yield* execute(Order.create, {
      request_id: "ORDER",
      buyer_name: "Example",
      buyer_country: "DE",
      amount,
      currency,
      contract_file_ids: [file_id],
      contract_no: "N-1",
      invoice_file_ids: [file_id],
      order_date: "2019-08-24"
    })
    yield* execute(Tradesettle.apply, { recv_order_no, relate_list: [{ amount, contract_order_no }] })
    yield* execute(Payee.create, { request_id: "PAYEE", beneficiary: { currency } })
    yield* decided
    return (yield* execute(Payee.inquiry, { request_id: "PAYEE" })).beneficiary_id ?? ""
  })

/** Starts it, for the time of the scope. */
export const start = (repeatedRequestId: Repetition, amount: number) =>
  Effect.gen(function* () {
    const sandbox = Sandbox.layer({ ...sandboxKeys, repeatedRequestId, decidesAfter: "30 minutes" })
    const context = yield* Layer.build(
      SandboxNode.layerServer().pipe(Layer.provideMerge(sandbox), Layer.provide(Logger.layer([])))
    )
    const service = Context.get(context, Sandbox.Sandbox)
    const client = PaykkaClient.layer({ environment: Environment.local(SandboxTransport.baseUrl), merchId }).pipe(
      Layer.provide([signer, SandboxTransport.layer]),
      Layer.provide(Layer.succeed(Sandbox.Sandbox, service))
    )
    const beneficiary_id = yield* Effect.provide(prepare(service, amount), [client, Logger.layer([])])
    return { service, baseUrl: Context.get(context, SandboxNode.SandboxServer).baseUrl, beneficiary_id, currency }
  })
