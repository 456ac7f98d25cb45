import * as PaykkaConfig from "@paykka/core/PaykkaConfig"
import * as Forex from "@paykka/forex/Forex"
import * as KeyStoreConfig from "@paykka/signing/KeyStoreConfig"
import * as Signer from "@paykka/signing/Signer"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"

const paykka = Forex.layer.pipe(
  Layer.provide(PaykkaConfig.layer),
  Layer.provide([Layer.provide(Signer.layer, KeyStoreConfig.layer), FetchHttpClient.layer])
)

const program = Effect.gen(function* () {
  const forex = yield* Forex.Forex
  const sale = { sell_currency: "EUR", buy_currency: "USD", sell_amount: "10.00" }
  const { quote } = yield* forex.convert(sale, { min_buy_amount: "10.50" })
  const refused = yield* forex.convert(sale, { min_buy_amount: "11.50" }).pipe(
    Effect.as("converted"),
    Effect.catchTag("QuoteRefused", ({ reason }) => Effect.succeed(reason._tag))
  )
  const { _tag, status } = yield* forex.awaitOutcome(quote.order_no, { poll: { interval: "50 millis" } })
  return { bought: quote.buy_amount, refused, _tag, status }
})

console.log(JSON.stringify(await Effect.runPromise(Effect.provide(program, paykka))))
