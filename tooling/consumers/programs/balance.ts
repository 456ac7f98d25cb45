import * as PaykkaConfig from "@paykka/core/PaykkaConfig"
import * as Balance from "@paykka/balance/Balance"
import * as Amount from "@paykka/schemas/Amount"
import * as KeyStoreConfig from "@paykka/signing/KeyStoreConfig"
import * as Signer from "@paykka/signing/Signer"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"

const paykka = Balance.layer.pipe(
  Layer.provide(PaykkaConfig.layer),
  Layer.provide([Layer.provide(Signer.layer, KeyStoreConfig.layer), FetchHttpClient.layer])
)

const program = Effect.gen(function* () {
  const balance = yield* Balance.Balance
  const answer = yield* balance.inquiry({ currency: "EUR" })
  const [first] = answer["sandbox_balances"] as ReadonlyArray<Readonly<Record<string, unknown>>>
  const available = yield* Effect.fromResult(Amount.fromJson(first?.["available"]))
  return { currency: first?.["currency"], positive: Amount.compare(available, Amount.make(0)) > 0 }
})

console.log(JSON.stringify(await Effect.runPromise(Effect.provide(program, paykka))))
