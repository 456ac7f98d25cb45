import { assert, describe, it } from "@effect/vitest"
import * as Forex from "@paykka/schemas/Forex"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import { assertError } from "./support/answers.ts"
import { bought, currencies, decimal, decimalsOf, rateOf, rateTexts, sold, units } from "./support/arithmetic.ts"
import { refused, sendText, succeed, theirs } from "./support/calls.ts"
import { merchId } from "./support/keys.ts"
import { type Scene, balances, decided, fund, money, notices, openAccount, remit, start } from "./support/scene.ts"
import { ways } from "./support/ways.ts"

const options = { rates: rateTexts }

const preorder = (scene: Scene, input: Forex.PreorderRequest) => succeed(scene, Forex.preorder, input)

const quote = (scene: Scene, sell_amount: string | number = 100) =>
  preorder(scene, { sell_currency: "EUR", buy_currency: "USD", sell_amount })

const confirm = (scene: Scene, order_no: string) => succeed(scene, Forex.confirm, { order_no })

const inquire = (scene: Scene, order_no: string) => succeed(scene, Forex.inquiry, { order_no })

for (const way of ways) {
  describe(`${way.name}: a conversion`, () => {
    it.effect("is quoted, confirmed, and done after a second", () =>
      Effect.gen(function* () {
        const scene = yield* start(options, way)
        yield* fund(scene, 1000)
        yield* notices(scene, 3)
        const offer = yield* quote(scene, "100.10")
        const order_no = offer.order_no!
        const { expire_at, ...rest } = offer
        assert.deepEqual<unknown>(rest, {
          order_no,
          sell_currency: "EUR",
          buy_currency: "USD",
          sell_amount: "100.10",
          // 100.10 at 1.0837 is 108.47837.
          buy_amount: "108.47",
          fx_rate: "1.083700"
        })
        const now = (yield* scene.service.ledger).at(-1)!.at
        assert.strictEqual(expire_at!.getTime(), now + 30_000)
        const common = { order_no, merch_id: merchId }
        // A quote costs nothing and is no decision.
        assert.deepStrictEqual(yield* balances(scene), { EUR: { available: "1000", held: "0", unsettled: "0" } })
        assert.deepStrictEqual(yield* inquire(scene, order_no), common)

        assert.deepStrictEqual(yield* confirm(scene, order_no), { order_no })
        assert.deepStrictEqual(yield* money(scene), { available: "899.90", held: "100.10", unsettled: "0" })
        yield* scene.service.advance("999 millis")
        assert.deepStrictEqual(yield* inquire(scene, order_no), common)
        assert.notProperty(yield* balances(scene), "USD")
        yield* scene.service.advance("1 millis")
        assert.deepStrictEqual(yield* balances(scene), {
          EUR: { available: "899.90", held: "0.00", unsettled: "0" },
          USD: { available: "108.47", held: "0", unsettled: "0" }
        })
        const data = { ...common, status: "SANDBOX_CONVERTED" }
        assert.deepStrictEqual(yield* inquire(scene, order_no), data)
        yield* scene.service.advance("1 hour")
        const told = yield* notices(scene, 4)
        assert.deepStrictEqual(told[3], { id: "forex.notification", type: "MERCH", merchId, data })
      })
    )

    it.effect("that fails gives the money back, and says why", () =>
      Effect.gen(function* () {
        const scene = yield* start({}, way)
        yield* fund(scene, 1000)
        yield* scene.service.decide("forex", "fail", "the market is closed")
        const { order_no } = yield* quote(scene, "0.33")
        yield* confirm(scene, order_no!)
        assert.deepStrictEqual(yield* money(scene), { available: "999.67", held: "0.33", unsettled: "0" })
        yield* decided(scene)
        assert.deepStrictEqual(yield* balances(scene), {
          EUR: { available: "1000.00", held: "0.00", unsettled: "0" }
        })
        const data = {
          order_no: order_no!,
          merch_id: merchId,
          status: "SANDBOX_FAILED",
          reason: "the market is closed"
        }
        assert.deepStrictEqual(yield* inquire(scene, order_no!), data)
        assert.deepStrictEqual((yield* notices(scene, 4)).find(({ id }) => id === "forex.notification")!.data, data)
      })
    )
  })
}

describe("a quote", () => {
  const pair = Schema.Literals(["EUR", "USD", "GBP", "JPY", "KWD"])
  const cents = Schema.BigInt.check(Schema.isBetweenBigInt({ minimum: 1n, maximum: 10n ** 20n }))

  it.effect.prop(
    "is the given amount and the other one to the last digit, rounded in the platform's favour",
    [pair, pair, cents, Schema.Boolean],
    ([sell_currency, buy_currency, amount, isSold]) =>
      Effect.gen(function* () {
        if (sell_currency === buy_currency) return
        const scene = yield* start(options)
        const rate = rateOf(sell_currency, buy_currency)
        const given = decimal(amount, 2)
        if (isSold) {
          const expected = bought(amount, rate, buy_currency)
          const request = { sell_currency, buy_currency, sell_amount: given }
          if (expected === 0n) {
            return yield* refused(scene, Forex.preorder, request, "010000", /^: sell_amount buys nothing$/)
          }
          const { sell_amount, buy_amount, fx_rate } = yield* preorder(scene, request)
          assert.strictEqual(sell_amount as string, given)
          assert.strictEqual(units(fx_rate!, 6), rate)
          assert.strictEqual(units(buy_amount!, decimalsOf(buy_currency)), expected)
        } else {
          const offer = yield* preorder(scene, { sell_currency, buy_currency, buy_amount: given })
          assert.strictEqual(offer.buy_amount as string, given)
          assert.strictEqual(units(offer.fx_rate!, 6), rate)
          const expected = sold(amount, rate, sell_currency)
          assert.strictEqual(units(offer.sell_amount!, decimalsOf(sell_currency)), expected)
        }
      }),
    { arbitrary: { runs: 200 } }
  )

  it.effect("of yen has no decimals", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      const yen = yield* preorder(scene, { sell_currency: "USD", buy_currency: "JPY", sell_amount: "10.01" })
      assert.match(yen.buy_amount!, /^[0-9]+$/)
      const cost = yield* preorder(scene, { sell_currency: "JPY", buy_currency: "USD", buy_amount: "10.01" })
      assert.match(cost.sell_amount!, /^[0-9]+$/)
    })
  )

  it.effect("is had between all currencies of the table, and no others", () =>
    Effect.gen(function* () {
      // All currencies that an order may have (contract/order.yaml).
      const known = ["EUR", "USD", "CNY", "GBP", "JPY", "AUD", "CAD", "SGD", "HKD", "PHP", "CNH"]
      const scene = yield* start()
      for (const [index, sell_currency] of known.entries()) {
        const buy_currency = known[(index + 1) % known.length]!
        yield* preorder(scene, { sell_currency, buy_currency, sell_amount: 1000 })
        const same = { sell_currency, buy_currency: sell_currency, sell_amount: 1000 }
        yield* refused(scene, Forex.preorder, same, "010000", /^: buy_currency must not be that which is sold$/)
        const unknown = { sell_currency, buy_currency: "XXX", sell_amount: 1000 }
        yield* refused(scene, Forex.preorder, unknown, "010000", /^: buy_currency is no currency/)
      }
      const unknown = { sell_currency: "KWD", buy_currency: "EUR", sell_amount: 1000 }
      yield* refused(scene, Forex.preorder, unknown, "010000", /^: sell_currency is no currency/)
    })
  )

  it.effect("of an amount that is none, too long or given twice is refused", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      const send = (amounts: string) =>
        sendText(scene, Forex.preorder, `{"sell_currency":"EUR","buy_currency":"USD"${amounts}}`)
      const cases: ReadonlyArray<readonly [string, RegExp]> = [
        ["", /give exactly one of sell_amount and buy_amount/],
        [',"sell_amount":null,"buy_amount":null', /give exactly one/],
        [',"sell_amount":1,"buy_amount":1', /give exactly one/],
        [',"sell_amount":0', /^: sell_amount must be more than zero$/],
        [',"buy_amount":-1e-9', /^: buy_amount must be more than zero$/],
        [',"buy_amount":1e31', /^: buy_amount must have at most 30 digits/],
        [',"sell_amount":1e-11', /^: sell_amount must have at most 30 digits/],
        [',"sell_amount":"x"', /^: sell_amount /],
        [',"sell_amount":0.001', /^: sell_amount buys nothing$/]
      ]
      for (const [amounts, says] of cases) {
        assert.match(assertError(yield* send(amounts), "010000"), says, amounts)
      }
      // A member that comes twice counts once, the last time: as JSON is read everywhere.
      assert.strictEqual((yield* send(',"sell_amount":0,"sell_amount":1')).status, 200)
      assert.strictEqual((yield* send(`,"sell_amount":${"9".repeat(30)}`)).status, 200)
      assert.strictEqual((yield* send(',"buy_amount":0.0000000001')).status, 200)
    })
  )

  it.effect("at a rate that six decimals cannot tell is refused, not divided by", () =>
    Effect.gen(function* () {
      const scene = yield* start({ rates: { BTC: "0.00001" } })
      for (const amount of [{ sell_amount: 1 }, { buy_amount: 1 }]) {
        const request = { sell_currency: "JPY", buy_currency: "BTC", ...amount } as Forex.PreorderRequest
        yield* refused(scene, Forex.preorder, request, "010000", /nothing to six decimals$/)
      }
      yield* preorder(scene, { sell_currency: "BTC", buy_currency: "JPY", sell_amount: 1 })
    })
  )
})

describe("a quote lapses", () => {
  const lapse = (millis: number, adjust: (scene: Scene) => Effect.Effect<void>) =>
    Effect.gen(function* () {
      const scene = yield* start({ quoteLifetime: millis })
      yield* fund(scene, 1000)
      const [kept, lapsed] = [yield* quote(scene), yield* quote(scene)]
      yield* scene.service.advance(millis - 1)
      yield* confirm(scene, kept.order_no!)
      yield* adjust(scene)
      yield* refused(scene, Forex.confirm, { order_no: lapsed.order_no! }, "010003", /^: the quote has lapsed$/)
      // What was confirmed in time is done, and repeated without harm.
      yield* confirm(scene, kept.order_no!)
      yield* decided(scene)
      assert.strictEqual((yield* money(scene)).available, "900")
      assert.deepStrictEqual(yield* inquire(scene, lapsed.order_no!), { order_no: lapsed.order_no!, merch_id: merchId })
    })

  it.effect("just when it says, by advancing the sandbox", () => lapse(30_000, ({ service }) => service.advance(1)))
  it.effect("just when it says, by the program's clock", () => lapse(5000, () => TestClock.adjust(1)))

  it.effect("by the sandbox's clock, which advancing puts ahead of the program's and the TestClock does not", () =>
    Effect.gen(function* () {
      const scene = yield* start({ quoteLifetime: "30 seconds" })
      yield* fund(scene, 1000)
      const left = Effect.gen(function* () {
        const { expire_at, order_no } = yield* quote(scene)
        const now = yield* Clock.currentTimeMillis
        return { order_no: order_no!, millis: expire_at!.getTime() - now }
      })
      const { order_no, millis } = yield* left
      yield* scene.service.advance("1 hour")
      assert.strictEqual((yield* left).millis, millis + 3_600_000)
      yield* refused(scene, Forex.confirm, { order_no }, "010003", /lapsed/)
      yield* TestClock.adjust("1 hour")
      assert.strictEqual((yield* left).millis, millis + 3_600_000)
    })
  )

  it.effect("at once where quotes last no time, and says so", () =>
    Effect.gen(function* () {
      const scene = yield* start({ quoteLifetime: 0 })
      yield* fund(scene, 1000)
      const { order_no, expire_at } = yield* quote(scene)
      const ledger = yield* scene.service.ledger
      assert.strictEqual(expire_at!.getTime(), ledger.at(-1)!.at)
      yield* refused(scene, Forex.confirm, { order_no: order_no! }, "010003", /lapsed/)
    })
  )
})

describe("a confirmation", () => {
  it.effect("needs the money, available and of that currency, and can be tried again while the quote holds", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      const short = /^: insufficient balance$/
      const { order_no } = yield* quote(scene, "100.01")
      yield* refused(scene, Forex.confirm, { order_no: order_no! }, "010003", short)
      yield* openAccount(scene)
      yield* remit(scene, 1000)
      yield* refused(scene, Forex.confirm, { order_no: order_no! }, "010003", short)
      yield* fund(scene, 100)
      yield* refused(scene, Forex.confirm, { order_no: order_no! }, "010003", short)
      const exact = yield* quote(scene, 100)
      yield* confirm(scene, exact.order_no!)
      yield* fund(scene, 100)
      yield* refused(scene, Forex.confirm, { order_no: order_no! }, "010003", short)
      yield* fund(scene, 1)
      yield* confirm(scene, order_no!)
      assert.deepStrictEqual(yield* money(scene), { available: "0.99", held: "100.01", unsettled: "1000" })
    })
  )

  it.effect("twice takes the money once: the same answer, or 010004 where it is set so", () =>
    Effect.gen(function* () {
      for (const repeatedRequestId of ["same-answer", "integrity-violation", "second-object"] as const) {
        const scene = yield* start({ repeatedRequestId })
        yield* fund(scene, 1000)
        const order_no = (yield* quote(scene)).order_no!
        yield* confirm(scene, order_no)
        for (const later of [false, true]) {
          if (later) yield* decided(scene)
          if (repeatedRequestId === "same-answer") {
            assert.deepStrictEqual(yield* confirm(scene, order_no), { order_no })
          } else {
            // There is no second conversion of one quote.
            yield* refused(scene, Forex.confirm, { order_no }, "010004", /confirmed already$/)
          }
        }
        yield* scene.service.advance("1 hour")
        assert.deepStrictEqual(yield* money(scene), { available: "900", held: "0", unsettled: "0" })
        yield* notices(scene, 4)
      }
    })
  )

  it.effect("is the merchant's own", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      yield* fund(scene, 1000)
      const order_no = (yield* quote(scene)).order_no!
      for (const operation of [Forex.confirm, Forex.inquiry] as const) {
        yield* refused(scene, operation, { order_no }, "010002", /no conversion with this order_no$/, theirs)
        yield* refused(scene, operation, { order_no: "constructor" }, "010002", /no conversion/)
      }
    })
  )

  it.effect("there and back never makes money", () =>
    Effect.gen(function* () {
      const scene = yield* start(options)
      yield* fund(scene, 1000)
      for (const other of currencies.filter((currency) => currency !== "EUR")) {
        const before = (yield* money(scene)).available
        const there = yield* preorder(scene, { sell_currency: "EUR", buy_currency: other, sell_amount: "99.99" })
        yield* confirm(scene, there.order_no!)
        yield* decided(scene)
        const back = { sell_currency: other, buy_currency: "EUR", sell_amount: there.buy_amount! }
        yield* confirm(scene, (yield* preorder(scene, back)).order_no!)
        yield* decided(scene)
        const after = yield* money(scene)
        assert.isTrue(units(after.available, 2) < units(before, 2), `${other} ${before} ${after.available}`)
        assert.strictEqual(units((yield* money(scene, other)).available, 2), 0n)
      }
    })
  )
})
