import * as PaykkaClient from "@paykka/core/PaykkaClient"
import type { PaykkaError } from "@paykka/core/PaykkaError"
import * as Plugin from "@paykka/core/Plugin"
import * as RetryPolicy from "@paykka/core/RetryPolicy"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import * as Client from "../../core/test/support/client.ts"
import * as Domain from "../../core/test/support/domain.ts"
import * as JumpClock from "../../core/test/support/JumpClock.ts"
import * as TestPlatform from "../../core/test/support/TestPlatform.ts"
import * as Forex from "../src/Forex.ts"
import type * as Quote from "../src/Quote.ts"

const start = Domain.starter(Forex.Forex, Forex.layer)

// Paths of contract/forex.yaml.
const preorderPath = "/api/v2/fx/conversion/preorder"
const confirmPath = "/api/v2/fx/conversion/confirm"
const inquiryPath = "/api/v2/fx/conversion/inquiry"

const sale = { sell_currency: "EUR", buy_currency: "USD", sell_amount: "100.00" }
const purchase = { sell_currency: "EUR", buy_currency: "USD", buy_amount: 110 }
const currencies = '{"sell_currency":"EUR","buy_currency":"USD"'

/** A quote that holds until a time in milliseconds; its amounts are written as they are to arrive. */
const quoted = (expiresAt: number, amounts = '"sell_amount":100.00,"buy_amount":110.10'): TestPlatform.Answer => ({
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

  it.effect("neither sells nor buys nothing, or less", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* start()
      for (const nothing of ["-5", "0", "-0.00"]) {
        const sold = yield* Effect.flip(service.convert({ ...sale, sell_amount: nothing }, { min_buy_amount: 1 }))
        if (sold._tag !== "PaykkaError") return assert.fail(sold.message)
        assert.deepStrictEqual(Domain.faults(sold), ["sell_amount: must be more than zero"])
        const bought = yield* Effect.flip(service.convert({ ...purchase, buy_amount: nothing }, { max_sell_amount: 1 }))
        if (bought._tag !== "PaykkaError") return assert.fail(bought.message)
        assert.deepStrictEqual(Domain.faults(bought), ["buy_amount: must be more than zero"])
      }
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

describe("the confirmation of convert", () => {
  const limit = { min_buy_amount: 110 }
  const limited: TestPlatform.Answer = { status: 429, headers: { "retry-after": "20" } }

  /** A platform that is reached for quotes, and for confirmations only after so many refused connections. */
  const startRefusing = (times: number, ...answers: ReadonlyArray<TestPlatform.Answer>) =>
    Effect.gen(function* () {
      const platform = yield* TestPlatform.make
      platform.answer(...answers)
      const client = yield* Client.make(platform.baseUrl, {}, Client.refusing(times, confirmPath))
      const context = yield* Layer.build(Layer.provide(Forex.layer, Layer.succeed(PaykkaClient.PaykkaClient, client)))
      return { platform, service: Context.get(context, Forex.Forex) }
    })

  /** The refusal, and what the confirmation had failed with. */
  const tooSoon = <A>(conversion: Effect.Effect<A, PaykkaError | Quote.QuoteRefused>) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(conversion)
      if (error._tag !== "QuoteRefused" || error.reason._tag !== "ExpiresTooSoon") return assert.fail(error.message)
      assert.strictEqual(error.quote.order_no, "Q-1")
      const { leftMillis, failure } = error.reason
      assert.strictEqual(failure?.operation, "forex.confirm")
      return { leftMillis, reason: failure?.reason, attempts: failure?.attempts }
    })

  it.effect("is sent again while the quote holds", () =>
    Effect.gen(function* () {
      const { clock, run, slept } = JumpClock.make()
      const lapses = clock.currentTimeMillisUnsafe() + 25_000
      const { platform, service } = yield* start(quoted(lapses), limited, {})
      const { quote } = yield* run(service.convert(sale, limit))
      assert.strictEqual(quote.order_no, "Q-1")
      assert.deepStrictEqual(slept, [20_000])
      assert.deepStrictEqual(paths(Domain.sent(platform)), [preorderPath, confirmPath, confirmPath])

      const refusing = yield* startRefusing(2, quoted(lapses))
      yield* run(refusing.service.convert(sale, limit, { margin: "4 seconds" }))
      assert.deepStrictEqual(paths(Domain.sent(refusing.platform)), [preorderPath, confirmPath])
    })
  )

  it.effect("is not sent again within the margin, however long the platform asks to wait", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* start(quoted(24_999), limited, {})
      // At once: nobody moves this clock.
      assert.deepStrictEqual(yield* tooSoon(service.convert(sale, limit)), {
        leftMillis: 24_999,
        reason: { _tag: "RateLimited", retryAfterMillis: 20_000 },
        attempts: 1
      })
      assert.deepStrictEqual(paths(Domain.sent(platform)), [preorderPath, confirmPath])
    })
  )

  it.effect("is not sent again within the margin after refused connections", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* startRefusing(1, quoted(5100))
      // The shortest wait of the policy is 125 ms.
      const { leftMillis, reason, attempts } = yield* tooSoon(service.convert(sale, limit))
      assert.deepStrictEqual([leftMillis, reason?._tag, attempts], [5100, "Unreachable", 1])
      assert.deepStrictEqual(paths(Domain.sent(platform)), [preorderPath])
    })
  )

  it.effect("is not sent again when connecting has taken the time", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* startRefusing(1, quoted(15_000))
      const slow: Plugin.Plugin = {
        name: "slow",
        attempt: (_, next) => Effect.tapError(next, () => TestClock.adjust("10 seconds"))
      }
      const conversion = Effect.provideService(service.convert(sale, limit), Plugin.Current, [slow])
      const { leftMillis, attempts } = yield* tooSoon(conversion)
      assert.deepStrictEqual([leftMillis, attempts], [5000, 1])
      assert.deepStrictEqual(paths(Domain.sent(platform)), [preorderPath])
    })
  )

  it.effect("is not even sent once when a plugin has taken the time", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* start(quoted(15_000), {})
      const limiter: Plugin.Plugin = {
        name: "limiter",
        attempt: ({ path }, next) =>
          path === confirmPath ? Effect.andThen(TestClock.adjust("11 seconds"), next) : next
      }
      const conversion = Effect.provideService(service.convert(sale, limit), Plugin.Current, [limiter])
      const { leftMillis, reason, attempts } = yield* tooSoon(conversion)
      assert.deepStrictEqual([leftMillis, reason?._tag, attempts], [4000, "Unreachable", 0])
      assert.deepStrictEqual(paths(Domain.sent(platform)), [preorderPath])
    })
  )

  it.effect("fails as itself while the quote holds, and as the refusal when it will not", () =>
    Effect.gen(function* () {
      const options = { retry: RetryPolicy.none }
      const { platform, service } = yield* start(quoted(60_000), limited, quoted(24_999), limited)
      const error = yield* Effect.flip(service.convert(sale, limit, options))
      if (error._tag !== "PaykkaError") return assert.fail(error.message)
      assert.deepStrictEqual(
        [error.operation, error.reason._tag, error.retryable],
        ["forex.confirm", "RateLimited", true]
      )
      assert.strictEqual((yield* tooSoon(service.convert(sale, limit, options))).reason?._tag, "RateLimited")
      assert.strictEqual(platform.received.length, 4)
    })
  )

  it.effect("stays in doubt where it is, however little time is left", () =>
    Effect.gen(function* () {
      for (const doubtful of [
        "reset",
        { status: 503 },
        { status: 500, body: { ret_code: "010001", ret_msg: "" } }
      ] as const) {
        const { platform, service } = yield* start(quoted(5001), doubtful)
        const error = yield* Effect.flip(service.convert(sale, limit))
        if (error._tag !== "PaykkaError") return assert.fail(error.message)
        assert.deepStrictEqual(Domain.doubt(error), {
          resolvedBy: "forex.inquiry",
          key: { field: "order_no", value: "Q-1" }
        })
        assert.deepStrictEqual(paths(Domain.sent(platform)), [preorderPath, confirmPath])
      }
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
