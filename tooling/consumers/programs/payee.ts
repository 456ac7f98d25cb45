import * as PaykkaConfig from "@paykka/core/PaykkaConfig"
import * as Payee from "@paykka/payee/Payee"
import * as KeyStoreConfig from "@paykka/signing/KeyStoreConfig"
import * as Signer from "@paykka/signing/Signer"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"

const paykka = Payee.layer.pipe(
  Layer.provide(PaykkaConfig.layer),
  Layer.provide([Layer.provide(Signer.layer, KeyStoreConfig.layer), FetchHttpClient.layer])
)

const program = Effect.gen(function* () {
  const payee = yield* Payee.Payee
  const { request_id } = yield* payee.create({ beneficiary: { country: "US", purpose: "PFG", currency: "USD" } })
  const { _tag, status, answer } = yield* payee.awaitOutcome(request_id, { poll: { interval: "50 millis" } })
  return { _tag, status, has_id: answer.beneficiary_id !== undefined }
})

console.log(JSON.stringify(await Effect.runPromise(Effect.provide(program, paykka))))
