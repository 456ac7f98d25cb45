import * as PaykkaConfig from "@paykka/core/PaykkaConfig"
import * as Order from "@paykka/order/Order"
import * as Relate from "@paykka/order/Relate"
import * as KeyStoreConfig from "@paykka/signing/KeyStoreConfig"
import * as Signer from "@paykka/signing/Signer"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"

declare const process: { readonly env: Readonly<Record<string, string>> }

const paykka = Order.layer.pipe(
  Layer.provide(PaykkaConfig.layer),
  Layer.provide([Layer.provide(Signer.layer, KeyStoreConfig.layer), FetchHttpClient.layer])
)

const program = Effect.gen(function* () {
  const order = yield* Order.Order
  const file = process.env["FILE_ID"]!
  const { contract_order_no, status } = yield* order.create({
    buyer_name: "Sample Buyer",
    buyer_country: "DE",
    amount: 1200n,
    currency: "EUR",
    contract_no: "C-1",
    contract_file_ids: [file],
    invoice_file_ids: [file],
    order_date: "2026-11-02"
  })
  if (contract_order_no === undefined) return "the order has no number"
  const related = yield* Effect.fromResult(
    Relate.relate({ recv_order_no: "R-1", amount: 1200, orders: [{ contract_order_no, amount: 1200 }] })
  )
  const found = yield* order.inquiry({ contract_order_no })
  return { status, found: found.status, amount: related.relate_list[0]?.amount }
})

console.log(JSON.stringify(await Effect.runPromise(Effect.provide(program, paykka))))
