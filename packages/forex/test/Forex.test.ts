import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import * as Domain from "../../core/test/support/domain.ts"
import * as JumpClock from "../../core/test/support/JumpClock.ts"
import type { Answer } from "../../core/test/support/TestPlatform.ts"
import * as Forex from "../src/Forex.ts"

const start = Domain.starter(Forex.Forex, Forex.layer)

// Paths of contract/forex.yaml.
const preorderPath = "/api/v2/fx/conversion/preorder"
const confirmPath = "/api/v2/fx/conversion/confirm"
const inquiryPath = "/api/v2/fx/conversion/inquiry"

const sale = { sell_currency: "EUR", buy_currency: "USD", sell_amount: "100.00" }
const purchase = { sell_currency: "EUR", buy_currency: "USD", buy_amount: 110 }
const currencies = '{"sell_currency":"EUR","buy_currency":"USD"'

/** A quote that holds until a time in milliseconds; its amounts are written as they are to arrive. */
const quoted = (expiresAt: number, amounts = '"sell_amount":100.00,"buy_amount":110.10'): Answer => ({
  body: `{"order_no":"Q-1","sell_currency":"EUR","buy_currency":"USD",${amounts},"fx_rate":1.101,"expire_at":"${new Date(expiresAt).toISOString()}"}`
})

const paths = (sent: ReadonlyArray<Domain.Sent>) => sent.map(([path]) => path)

describe("Forex", () => {
  it.effect("asks for a quote, confirms it and asks for the result, signed, with every digit", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* start(quoted(0), { body: { status: "ANY", any: 1 } })
      const quote = yield* service.preorder(sale)
      assert.deepStrictEqual([quote.order_no, quote.buy_amount], ["Q-1", "110.10"])
      assert.deepStrictEqual(yield* service.confirm({ order_no: "Q-1" }), { status: "ANY", any: 1, order_no: "Q-1" })
      yield* service.inquiry({ order_no: "Q-1" })
      assert.deepStrictEqual(Domain.sent(platform), [
        [preorderPath, Domain.merchId, `${currencies},"sell_amount":100.00}`],
        [confirmPath, Domain.merchId, '{"order_no":"Q-1"}'],
        [inquiryPath, Domain.merchId, '{"order_no":"Q-1"}']
      ])
    })
  )

  it.effect("names the question that tells the outcome of a lost answer, where there is one", () =>
    Effect.gen(function* () {
      const { service } = yield* start("reset")
      assert.deepStrictEqual(Domain.doubt(yield* Effect.flip(service.preorder(sale))), { resolvedBy: null, key: null })
      assert.deepStrictEqual(Domain.doubt(yield* Effect.flip(service.confirm({ order_no: "Q-1" }))), {
        resolvedBy: "forex.inquiry",
        key: { field: "order_no", value: "Q-1" }
      })
    })
  )

  it.effect("refuses what does not fit before anything is sent", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* start()
      const { sell_amount: _, ...neither } = sale
      // @ts-expect-error both amounts
      const both = service.preorder({ ...sale, buy_amount: 110 })
      // @ts-expect-error neither amount
      for (const call of [both, service.preorder(neither)]) {
        assert.deepStrictEqual(Domain.faults(yield* Effect.flip(call)), [
          "sell_amount: give exactly one of sell_amount and buy_amount"
        ])
      }
      // @ts-expect-error a conversion is named by its order_no
      const confirm = service.confirm({})
      assert.include(Domain.faults(yield* Effect.flip(confirm)).join(), "order_no: is missing")
      assert.strictEqual(platform.received.length, 0)
    })
  )
})

describe("convert", () => {
  it.effect("sells a fixed amount when enough is bought for it", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* start(quoted(60_000), { body: { any: 1 } })
      const { quote, confirmation } = yield* service.convert(sale, { min_buy_amount: "110.10" })
      assert.deepStrictEqual([quote.order_no, quote.buy_amount], ["Q-1", "110.10"])
      assert.deepStrictEqual(confirmation, { any: 1, order_no: "Q-1" })
      assert.deepStrictEqual(Domain.sent(platform), [
        [preorderPath, Domain.merchId, `${currencies},"sell_amount":100.00}`],
        [confirmPath, Domain.merchId, '{"order_no":"Q-1"}']
      ])
    })
  )

  it.effect("buys a fixed amount when not too much is sold for it, with the options of both calls", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* start(quoted(60_000, '"sell_amount":99.90,"buy_amount":110'), {})
      yield* service.convert(purchase, { max_sell_amount: "99.90" }, { merchId: "M2" })
      assert.deepStrictEqual(Domain.sent(platform), [
        [preorderPath, "M2", `${currencies},"buy_amount":110}`],
        [confirmPath, "M2", '{"order_no":"Q-1"}']
      ])
    })
  )

  it.effect("confirms nothing beyond the limit, and keeps the quote", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* start(quoted(60_000))
      const sold = yield* Effect.flip(service.convert(sale, { min_buy_amount: "110.11" }))
      if (sold._tag !== "QuoteRefused") return assert.fail(sold.message)
      assert.deepStrictEqual<unknown>(sold.reason, {
        _tag: "LimitExceeded",
        field: "buy_amount",
        found: "110.10",
        limit: "110.11"
      })
      assert.strictEqual(sold.quote.order_no, "Q-1")
      platform.answer(quoted(60_000, '"sell_amount":99.91,"buy_amount":110'))
      const reason = yield* service.convert(purchase, { max_sell_amount: "99.90" }).pipe(
        Effect.as(undefined),
        Effect.catchReason("QuoteRefused", "LimitExceeded", (exceeded) => Effect.succeed(exceeded))
      )
      assert.strictEqual(reason?.found, "99.91")
      assert.deepStrictEqual(paths(Domain.sent(platform)), [preorderPath, preorderPath])
    })
  )

  it.effect("confirms no quote that is incomplete or for something else", () =>
    Effect.gen(function* () {
      const limit = { min_buy_amount: 1 }
      const { platform, service } = yield* start({}, quoted(60_000, '"sell_amount":10,"buy_amount":110'))
      const tags = []
      for (const call of [service.convert(sale, limit), service.convert(sale, limit)]) {
        const error = yield* Effect.flip(call)
        tags.push(error.reason._tag)
      }
      assert.deepStrictEqual(tags, ["Incomplete", "Mismatch"])
      assert.deepStrictEqual(paths(Domain.sent(platform)), [preorderPath, preorderPath])
    })
  )

  it.effect("confirms no quote that lapses within the margin, by the clock of the program", () =>
    Effect.gen(function* () {
      const expiresAt = 60_000
      const limit = { min_buy_amount: 110 }
      const { platform, service } = yield* start(quoted(expiresAt))
      yield* TestClock.setTime(expiresAt - 5000)
      assert.strictEqual((yield* Effect.flip(service.convert(sale, limit))).reason._tag, "ExpiresTooSoon")
      yield* service.convert(sale, limit, { margin: "4 seconds" })
      yield* TestClock.setTime(expiresAt - 5001)
      yield* service.convert(sale, limit)
      const error = yield* Effect.flip(service.convert(sale, limit, { margin: "1 minute" }))
      assert.strictEqual(error.reason._tag, "ExpiresTooSoon")
      assert.deepStrictEqual(paths(Domain.sent(platform)), [
        preorderPath,
        preorderPath,
        confirmPath,
        preorderPath,
        confirmPath,
        preorderPath
      ])
    })
  )

  it.effect("looks at the clock when the quote has come", () =>
    Effect.gen(function* () {
      // The quote would have held long enough when it was asked for: 20 seconds are waited in between.
      const { clock, run } = JumpClock.make()
      const { platform, service } = yield* start(
        { status: 429, headers: { "retry-after": "20" } },
        quoted(clock.currentTimeMillisUnsafe() + 22_000)
      )
      const error = yield* run(Effect.flip(service.convert(sale, { min_buy_amount: 110 })))
      assert.strictEqual(error.reason._tag, "ExpiresTooSoon")
      assert.deepStrictEqual(paths(Domain.sent(platform)), [preorderPath, preorderPath])
    })
  )

  it.effect("refuses a limit that is none before anything is sent", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* start()
      const error = yield* Effect.flip(service.convert(sale, { min_buy_amount: 0 }, { margin: -1 }))
      if (error._tag !== "PaykkaError") return assert.fail(error.message)
      assert.strictEqual(error.operation, "forex.preorder")
      assert.deepStrictEqual(Domain.faults(error), [
        "limit.min_buy_amount: must be more than zero",
        "options.margin: must be a duration, such as 5 seconds"
      ])
      // @ts-expect-error the limit of the other kind
      const sold = yield* Effect.flip(service.convert(sale, { max_sell_amount: 1 }))
      // @ts-expect-error the limit of the other kind
      const bought = yield* Effect.flip(service.convert(purchase, { min_buy_amount: 1 }))
      assert.deepStrictEqual([sold.reason._tag, bought.reason._tag], ["InvalidRequest", "InvalidRequest"])
      assert.strictEqual(platform.received.length, 0)
    })
  )

  it.effect("tells which of the calls has failed, and what is in doubt", () =>
    Effect.gen(function* () {
      const limit = { min_buy_amount: 110 }
      const { platform, service } = yield* start("reset", quoted(60_000), "reset", { body: { status: "DONE" } })
      const harmless = yield* Effect.flip(service.convert(sale, limit))
      if (harmless._tag !== "PaykkaError") return assert.fail(harmless.message)
      assert.strictEqual(harmless.operation, "forex.preorder")
      assert.deepStrictEqual(Domain.doubt(harmless), { resolvedBy: null, key: null })

      const doubtful = yield* Effect.flip(service.convert(sale, limit))
      if (doubtful._tag !== "PaykkaError") return assert.fail(doubtful.message)
      assert.strictEqual(doubtful.operation, "forex.confirm")
      const { resolvedBy, key } = Domain.doubt(doubtful)
      assert.deepStrictEqual([resolvedBy, key], ["forex.inquiry", { field: "order_no", value: "Q-1" }])
      const { status } = yield* service.inquiry({ order_no: key?.value ?? "" })
      assert.strictEqual(status, "DONE")
      assert.deepStrictEqual(paths(Domain.sent(platform)), [preorderPath, preorderPath, confirmPath, inquiryPath])
    })
  )
})

// contract/forex.yaml knows no status.
Domain.awaitOutcome({
  start,
  wait: (service, key, options) => service.awaitOutcome(key, options),
  operation: "forex.inquiry",
  key: "Q-1",
  asked: [inquiryPath, Domain.merchId, '{"order_no":"Q-1"}'],
  pending: [],
  succeeded: [],
  failed: [],
  unlisted: "decided"
})
