import { assert, describe, it } from "@effect/vitest"
import * as Balance from "@paykka/schemas/Balance"
import * as Effect from "effect/Effect"
import { assertError } from "./support/answers.ts"
import { send, sendText, succeed, theirs } from "./support/calls.ts"
import { first, merchId, secondMerchId } from "./support/keys.ts"
import { balances, fund, openAccount, remit, start } from "./support/scene.ts"

const zeros = { available: "0", held: "0", unsettled: "0" }

describe("balances", () => {
  it.effect("are none before there was money, and nothing of a currency that is asked for", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      assert.deepStrictEqual(yield* succeed(scene, Balance.inquiry, {}), { merch_id: merchId, sandbox_balances: [] })
      yield* openAccount(scene)
      assert.deepStrictEqual(yield* balances(scene), {})
      assert.deepStrictEqual(yield* balances(scene, { currency: "EUR" }), { EUR: zeros })
    })
  )

  it.effect("have every digit, on the wire", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      yield* openAccount(scene, "EUR")
      yield* openAccount(scene, "JPY")
      // Neighbours that a double makes the same, and a final zero.
      yield* remit(scene, "9007199254740993.10", "EUR")
      yield* remit(scene, "9223372036854775807", "JPY")
      yield* remit(scene, "0.001", "EUR")
      const answer = yield* send(scene, Balance.inquiry, {})
      assert.strictEqual(
        answer.body,
        `{"merch_id":"${merchId}","sandbox_balances":[` +
          '{"currency":"EUR","available":0,"held":0,"unsettled":9007199254740993.101},' +
          '{"currency":"JPY","available":0,"held":0,"unsettled":9223372036854775807}]}'
      )
    })
  )

  it.effect("are of one currency where one is asked for, of all in alphabetical order else", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      for (const currency of ["USD", "CNH", "EUR"]) yield* fund(scene, 7, currency)
      const money = { ...zeros, available: "7" }
      assert.deepStrictEqual(Object.entries(yield* balances(scene)), [
        ["CNH", money],
        ["EUR", money],
        ["USD", money]
      ])
      assert.deepStrictEqual(yield* balances(scene, { currency: "EUR" }), { EUR: money })
      for (const text of ['{"currency":"eur"}', '{"currency":7}', "[]", '"EUR"', "1e5", "7"]) {
        assertError(yield* sendText(scene, Balance.inquiry, text), "010000")
      }
    })
  )

  it.effect("are the merchant's own, whatever its number looks like", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      yield* fund(scene, 100)
      assert.deepStrictEqual(yield* balances(scene, {}, theirs), {})
      yield* fund(scene, 30, "USD", theirs)
      assert.deepStrictEqual(yield* balances(scene, {}, theirs), { USD: { ...zeros, available: "30" } })
      assert.deepStrictEqual(yield* balances(scene), { EUR: { ...zeros, available: "100" } })
    })
  )

  it.effect("a merchant number that begins like another one does not see its money", () =>
    Effect.gen(function* () {
      const key = { keyId: first.keyId, publicKey: first.publicPem }
      const longer = `${merchId} B`
      const scene = yield* start({
        merchants: [
          { merchId, ...key },
          { merchId: longer, ...key },
          { merchId: secondMerchId, ...key }
        ]
      })
      yield* fund(scene, 5, "USD", { merchId: longer })
      assert.deepStrictEqual(yield* balances(scene), {})
      assert.deepStrictEqual(Object.keys(yield* balances(scene, {}, { merchId: longer })), ["USD"])
    })
  )
})
