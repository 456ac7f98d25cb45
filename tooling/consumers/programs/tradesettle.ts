import * as PaykkaConfig from "@paykka/core/PaykkaConfig"
import * as Tradesettle from "@paykka/tradesettle/Tradesettle"
import * as KeyStoreConfig from "@paykka/signing/KeyStoreConfig"
import * as Signer from "@paykka/signing/Signer"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"

declare const process: { readonly env: Readonly<Record<string, string>> }

const paykka = Tradesettle.layer.pipe(
  Layer.provide(PaykkaConfig.layer),
  Layer.provide([Layer.provide(Signer.layer, KeyStoreConfig.layer), FetchHttpClient.layer])
)

const program = Effect.gen(function* () {
  const tradesettle = yield* Tradesettle.Tradesettle
  const recv_order_no = process.env["RECV_ORDER_NO"]!
  const relate_list = [{ contract_order_no: process.env["CONTRACT_ORDER_NO"]!, amount: 400 }]
  yield* tradesettle.apply({ recv_order_no, relate_list })
  const { _tag, status } = yield* tradesettle.awaitOutcome(recv_order_no, { poll: { interval: "50 millis" } })
  return { _tag, status }
})

console.log(JSON.stringify(await Effect.runPromise(Effect.provide(program, paykka))))
