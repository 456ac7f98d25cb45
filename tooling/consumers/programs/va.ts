import * as PaykkaConfig from "@paykka/core/PaykkaConfig"
import * as Va from "@paykka/va/Va"
import * as KeyStoreConfig from "@paykka/signing/KeyStoreConfig"
import * as Signer from "@paykka/signing/Signer"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"

const paykka = Va.layer.pipe(
  Layer.provide(PaykkaConfig.layer),
  Layer.provide([Layer.provide(Signer.layer, KeyStoreConfig.layer), FetchHttpClient.layer])
)

const program = Effect.gen(function* () {
  const va = yield* Va.Va
  const { request_id } = yield* va.apply({ currencies: ["EUR"], country_code: "DE" })
  const { _tag, status, answer } = yield* va.awaitOutcome(request_id, { poll: { interval: "50 millis" } })
  return { _tag, status, currencies: answer.currencies }
})

console.log(JSON.stringify(await Effect.runPromise(Effect.provide(program, paykka))))
