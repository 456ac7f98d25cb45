import { assert, describe, it } from "@effect/vitest"
import type * as Amount from "@paykka/schemas/Amount"
import * as Tradesettle from "@paykka/schemas/Tradesettle"
import * as Va from "@paykka/schemas/Va"
import * as Effect from "effect/Effect"
import * as Sandbox from "../src/Sandbox.ts"
import { refused, succeed, theirs } from "./support/calls.ts"
import { merchId, secondMerchId } from "./support/keys.ts"
import { type Scene, balances, decided, notices, openAccount, remit, start } from "./support/scene.ts"
import { ways } from "./support/ways.ts"

const cannot = (scene: Scene, currency: string, amount: Amount.Input = 100, to = merchId) =>
  Effect.map(Effect.flip(scene.service.remit({ merchId: to, currency, amount })), (error) => {
    assert.instanceOf(error, Sandbox.CannotRemit)
    return error.message
  })

for (const way of ways) {
  describe(`${way.name}: a remittance`, () => {
    it.effect("arrives on an open account of its currency, waits to be related, and is notified", () =>
      Effect.gen(function* () {
        const scene = yield* start({}, way)
        yield* openAccount(scene)
        yield* notices(scene, 1)
        const recv_order_no = yield* remit(scene, "1234567.89")
        const [, notice] = yield* notices(scene, 2)
        const { sandbox_amount, sandbox_currency, ...data } = notice!.data
        assert.deepStrictEqual(
          { ...notice, data },
          {
            id: "remittance.notification",
            type: "MERCH",
            merchId,
            data: { recv_order_no, merch_id: merchId, status: "PENDING_RELATE" }
          }
        )
        assert.deepStrictEqual([sandbox_amount, sandbox_currency], [1234567.89, "EUR"])
        assert.deepStrictEqual(yield* succeed(scene, Tradesettle.inquiry, { recv_order_no }), data)
        assert.deepStrictEqual(yield* balances(scene), {
          EUR: { available: "0", held: "0", unsettled: "1234567.89" }
        })
      })
    )
  })
}

describe("a remittance", () => {
  it.effect("needs an account of its merchant and its currency, and an open one", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      const none = (currency: string) => `the merchant has no open collection account of currency ${currency}`
      assert.strictEqual(yield* cannot(scene, "EUR"), none("EUR"))
      yield* succeed(scene, Va.apply, { request_id: "R-1", currencies: ["EUR", "USD"] })
      assert.strictEqual(yield* cannot(scene, "EUR"), none("EUR"))
      yield* decided(scene)
      yield* remit(scene, 1, "EUR")
      yield* remit(scene, 1, "USD")
      assert.strictEqual(yield* cannot(scene, "GBP"), none("GBP"))
      assert.strictEqual(yield* cannot(scene, "__proto__"), none("__proto__"))
      assert.strictEqual(yield* cannot(scene, "EUR", 100, secondMerchId), none("EUR"))
      assert.strictEqual(yield* cannot(scene, "EUR", 100, "M1"), none("EUR"))
      // What could not arrive has left nothing.
      assert.deepStrictEqual(Object.keys(yield* balances(scene)), ["EUR", "USD"])
      assert.deepStrictEqual(yield* balances(scene, {}, theirs), {})
      assert.strictEqual((yield* scene.service.ledger).length, 4)
      yield* notices(scene, 3)
    })
  )

  it.effect("does not arrive where the account was left unopened, or without a currency", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      yield* scene.service.decide("va", "leave")
      yield* openAccount(scene)
      assert.match(yield* cannot(scene, "EUR"), /no open collection account/)
      yield* succeed(scene, Va.apply, { request_id: "R-2" })
      yield* scene.service.advance("1 hour")
      assert.match(yield* cannot(scene, "EUR"), /no open collection account/)
    })
  )

  it.effect("is more than zero, exact, and short enough to be counted", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      yield* openAccount(scene)
      const cases: ReadonlyArray<readonly [Amount.Input, RegExp]> = [
        [0, /^amount must be more than zero$/],
        ["0.00", /^amount must be more than zero$/],
        [-1, /^amount must be more than zero$/],
        ["-0.01", /^amount must be more than zero$/],
        [0.1, /^amount must not be a float/],
        [2 ** 53, /^amount must not be a float or an unsafe integer/],
        ["1e3", /^amount must be a decimal text/],
        ["", /^amount must be a decimal text/],
        ["9".repeat(31), /^amount must have at most 30 digits before the point and 10 behind it/],
        [`0.${"0".repeat(10)}1`, /^amount must have at most 30 digits before/],
        ["9".repeat(101), /^amount must not have more than 100 digits$/]
      ]
      for (const [amount, says] of cases) assert.match(yield* cannot(scene, "EUR", amount), says, String(amount))
      assert.deepStrictEqual(yield* scene.service.ledger, [])
    })
  )

  it.effect("the largest and the smallest ones are counted with every digit", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      yield* openAccount(scene)
      yield* remit(scene, "9".repeat(30))
      yield* remit(scene, "9".repeat(30))
      yield* remit(scene, "0.0000000001")
      assert.strictEqual((yield* balances(scene))["EUR"]!.unsettled, `1${"9".repeat(29)}8.0000000001`)
    })
  )

  it.effect("each is a receipt of its own, that its merchant alone can ask for", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      yield* openAccount(scene)
      const numbers = [yield* remit(scene, 5), yield* remit(scene, 5)]
      assert.strictEqual(new Set(numbers).size, 2)
      for (const recv_order_no of [numbers[0]!, "RECV", "constructor", ""]) {
        yield* refused(scene, Tradesettle.inquiry, { recv_order_no }, "010002", /no receipt/, theirs)
      }
    })
  )
})
