/** A user's program: opens an account; then tries the same with a key that is not the merchant's. Prints what came of both. */
import * as PaykkaConfig from "@paykka/core/PaykkaConfig"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as KeyStoreConfig from "@paykka/signing/KeyStoreConfig"
import * as Signer from "@paykka/signing/Signer"
import * as Va from "@paykka/va/Va"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"

declare const process: { readonly env: Readonly<Record<string, string>> }

const paykka = <E>(keys: Layer.Layer<KeyStore.KeyStore, E>) =>
  Va.layer.pipe(
    Layer.provide(PaykkaConfig.layer),
    Layer.provide([Layer.provide(Signer.layer, keys), FetchHttpClient.layer])
  )

const wrong = KeyStore.layer({
  signingKey: { keyId: process.env["PAYKKA_KEY_ID"]!, privateKey: process.env["WRONG_PRIVATE_KEY"]! }
})

const open = Effect.gen(function* () {
  const va = yield* Va.Va
  const { request_id } = yield* va.apply({ currencies: ["EUR"], country_code: "DE" })
  const { _tag, status, answer } = yield* va.awaitOutcome(request_id, { poll: { interval: "50 millis" } })
  return { _tag, status, currencies: answer.currencies }
}).pipe(Effect.provide(paykka(KeyStoreConfig.layer)))

const forge = Va.Va.use((va) => va.apply({ currencies: ["EUR"] })).pipe(
  Effect.as("accepted"),
  Effect.catchTag("PaykkaError", ({ reason }) => Effect.succeed(reason._tag)),
  Effect.provide(paykka(wrong))
)

console.log(JSON.stringify(await Effect.runPromise(Effect.all({ open, forge }))))
