import * as PaykkaConfig from "@paykka/core/PaykkaConfig"
import * as Payment from "@paykka/payment/Payment"
import * as KeyStoreConfig from "@paykka/signing/KeyStoreConfig"
import * as Signer from "@paykka/signing/Signer"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"

declare const process: { readonly env: Readonly<Record<string, string>> }

const paykka = Payment.layer.pipe(
  Layer.provide(PaykkaConfig.layer),
  Layer.provide([Layer.provide(Signer.layer, KeyStoreConfig.layer), FetchHttpClient.layer])
)

const program = Effect.gen(function* () {
  const payment = yield* Payment.Payment
  const payee = { beneficiary_id: process.env["BENEFICIARY_ID"]!, currency: "EUR" }
  const { request_id, status: first } = yield* payment.pay(payee, { amount: "1.50", currency: "EUR" })
  const { _tag, status } = yield* payment.awaitOutcome(request_id, { poll: { interval: "50 millis" } })
  return { first, _tag, status }
})

console.log(JSON.stringify(await Effect.runPromise(Effect.provide(program, paykka))))
