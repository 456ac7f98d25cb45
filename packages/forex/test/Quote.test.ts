import { invalidRequest } from "@paykka/core/PaykkaError"
import * as Amount from "@paykka/schemas/Amount"
import type * as Messages from "@paykka/schemas/Forex"
import { assert, describe, it } from "@effect/vitest"
import type * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Quote from "../src/Quote.ts"

const sale = { sell_currency: "EUR", buy_currency: "USD", sell_amount: "100.00" }
const purchase = { sell_currency: "EUR", buy_currency: "USD", buy_amount: "110" }
const atLeast = { min_buy_amount: "109.90" }
const atMost = { max_sell_amount: 101n }

const now = 1_000_000
const at = (millis: number) => new Date(millis)

const quote: Messages.Quote = {
  order_no: "Q-1",
  sell_currency: "EUR",
  buy_currency: "USD",
  sell_amount: Amount.make("100"),
  buy_amount: Amount.make("110.0"),
  fx_rate: Amount.make("1.1"),
  expire_at: at(now + 60_000)
}

const without = (...names: ReadonlyArray<keyof Messages.Quote>): Messages.Quote =>
  Object.fromEntries(Object.entries(quote).filter(([name]) => !names.includes(name as keyof Messages.Quote)))

const faultsOf = (
  request: Messages.PreorderRequest,
  limit: Quote.AtLeast | Quote.AtMost,
  margin?: Duration.Input
): ReadonlyArray<string> => {
  const result = Quote.termsOf(request, limit, margin)
  return Result.isSuccess(result) ? [] : result.failure.faults.map(({ path, rule }) => `${path}: ${rule}`)
}

const saleTerms = Result.getOrThrow(Quote.termsOf(sale, atLeast))
const purchaseTerms = Result.getOrThrow(Quote.termsOf(purchase, atMost))

const refusalOf = (given: Messages.Quote, terms: Quote.Terms): Quote.Refusal | undefined => {
  const result = Quote.check(given, terms, now)
  if (Result.isSuccess(result)) {
    assert.strictEqual<Messages.Quote>(result.success, given)
    return undefined
  }
  assert.strictEqual(result.failure.quote, given)
  return result.failure.reason
}

const messageOf = (given: Messages.Quote, terms: Quote.Terms): string => {
  const result = Quote.check(given, terms, now)
  return Result.isSuccess(result) ? "" : result.failure.message
}

describe("termsOf", () => {
  it("takes the limit that goes with the amount that is given", () => {
    assert.deepStrictEqual(faultsOf(sale, atLeast), [])
    assert.deepStrictEqual(faultsOf(purchase, atMost), [])
    const notAnAmount = 'must be a decimal text such as "1200.50" or an integer'
    assert.deepStrictEqual(faultsOf(sale, atMost), [`limit.min_buy_amount: ${notAnAmount}`])
    assert.deepStrictEqual(faultsOf(purchase, atLeast), [`limit.max_sell_amount: ${notAnAmount}`])
  })

  it("refuses what would be no limit, and floats, all at once and without a value", () => {
    assert.deepStrictEqual(faultsOf(sale, { min_buy_amount: 0 }), ["limit.min_buy_amount: must be more than zero"])
    assert.deepStrictEqual(faultsOf(purchase, { max_sell_amount: "-0.01" }), [
      "limit.max_sell_amount: must be more than zero"
    ])
    const float = 'must not be a float or an unsafe integer, which are not exact; write it as text, such as "1200.50"'
    assert.deepStrictEqual(faultsOf({ ...sale, sell_amount: 0.5 }, { min_buy_amount: 0.5 }, -1), [
      `sell_amount: ${float}`,
      `limit.min_buy_amount: ${float}`,
      "options.margin: must be a duration, such as 5 seconds"
    ])
    assert.deepStrictEqual(faultsOf(sale, atLeast, Number.NaN), [
      "options.margin: must be a duration, such as 5 seconds"
    ])
    assert.deepStrictEqual(faultsOf(sale, atLeast, 0), [])
  })

  it("refuses to sell or buy nothing, or less", () => {
    for (const nothing of ["-5", "0", "-0.00", "0.000", 0, -0, -1, 0n, -1n]) {
      assert.deepStrictEqual(faultsOf({ ...sale, sell_amount: nothing }, atLeast), [
        "sell_amount: must be more than zero"
      ])
      assert.deepStrictEqual(faultsOf({ ...purchase, buy_amount: nothing }, { max_sell_amount: nothing }), [
        "buy_amount: must be more than zero",
        "limit.max_sell_amount: must be more than zero"
      ])
    }
    assert.deepStrictEqual(faultsOf({ ...sale, sell_amount: "0.01" }, atLeast), [])
  })
})

describe("check", () => {
  it("lets a quote pass that is as asked", () => {
    assert.isUndefined(refusalOf(quote, saleTerms))
    assert.isUndefined(refusalOf(quote, purchaseTerms))
  })

  it("does not ask for more than the number, the amount to judge and the time", () => {
    const needed = { order_no: "Q-1", expire_at: at(now + 60_000) }
    assert.isUndefined(refusalOf({ ...needed, buy_amount: Amount.make("109.90") }, saleTerms))
    assert.isUndefined(refusalOf({ ...needed, sell_amount: Amount.make("101.0") }, purchaseTerms))
  })

  it("cannot judge without them", () => {
    assert.deepStrictEqual(refusalOf(without("order_no"), saleTerms), { _tag: "Incomplete", missing: ["order_no"] })
    assert.deepStrictEqual(refusalOf(without("buy_amount"), saleTerms), { _tag: "Incomplete", missing: ["buy_amount"] })
    assert.deepStrictEqual(refusalOf(without("expire_at"), saleTerms), { _tag: "Incomplete", missing: ["expire_at"] })
    assert.deepStrictEqual(refusalOf({}, purchaseTerms), {
      _tag: "Incomplete",
      missing: ["order_no", "sell_amount", "expire_at"]
    })
    assert.deepStrictEqual(refusalOf({ ...quote, order_no: "" }, saleTerms)?._tag, "Incomplete")
    assert.strictEqual(
      messageOf({}, purchaseTerms),
      "the quote was not confirmed: it has no order_no and no sell_amount and no expire_at"
    )
  })

  it("refuses a quote for something else, with all differences", () => {
    const other = { ...quote, sell_currency: "USD", buy_currency: "EUR", sell_amount: Amount.make("100.01") }
    assert.deepStrictEqual(refusalOf(other, saleTerms), {
      _tag: "Mismatch",
      differences: [
        { field: "sell_currency", found: "USD", wanted: "EUR" },
        { field: "buy_currency", found: "EUR", wanted: "USD" },
        { field: "sell_amount", found: "100.01", wanted: "100.00" }
      ]
    })
    assert.include(
      messageOf(other, saleTerms),
      "sell_currency is USD, wanted is EUR; buy_currency is EUR, wanted is USD"
    )
    assert.deepStrictEqual(refusalOf({ ...quote, buy_amount: Amount.make("109.99") }, purchaseTerms), {
      _tag: "Mismatch",
      differences: [{ field: "buy_amount", found: "109.99", wanted: "110" }]
    })
  })

  it("takes an amount of nothing for no price", () => {
    for (const nothing of ["0", "0.00", "-1"]) {
      assert.deepStrictEqual(refusalOf({ ...quote, sell_amount: Amount.make(nothing) }, purchaseTerms), {
        _tag: "Mismatch",
        differences: [{ field: "sell_amount", found: Amount.make(nothing), wanted: "more than zero" }]
      })
    }
  })

  it("says what was found and what the limit is", () => {
    const buy_amount = Amount.make("109.89")
    assert.strictEqual(
      messageOf({ ...quote, buy_amount }, saleTerms),
      "the quote was not confirmed: buy_amount is 109.89, the limit is at least 109.90; ask again later, or move the limit"
    )
    const sell_amount = Amount.make("101.01")
    assert.include(
      messageOf({ ...quote, sell_amount }, purchaseTerms),
      "sell_amount is 101.01, the limit is at most 101;"
    )
  })

  it("never judges the rate, whose direction nobody knows", () => {
    for (const rate of ["0", "-1", "1000000"]) {
      assert.isUndefined(refusalOf({ ...quote, fx_rate: Amount.make(rate) }, saleTerms))
    }
  })

  it("wants a quote that holds for longer than the margin", () => {
    const left = (leftMillis: number, terms: Quote.Terms) =>
      refusalOf({ ...quote, expire_at: at(now + leftMillis) }, terms)
    const tooSoon = (leftMillis: number, marginMillis: number) =>
      ({ _tag: "ExpiresTooSoon", leftMillis, marginMillis }) as const
    assert.isUndefined(left(5001, saleTerms))
    assert.deepStrictEqual(left(5000, saleTerms), tooSoon(5000, 5000))
    assert.deepStrictEqual(left(-1, saleTerms), tooSoon(-1, 5000))
    const bare = Result.getOrThrow(Quote.termsOf(sale, atLeast, 0))
    assert.isUndefined(left(1, bare))
    assert.deepStrictEqual(left(0, bare), tooSoon(0, 0))
    assert.include(
      messageOf({ ...quote, expire_at: at(now + 2500) }, saleTerms),
      "it lapses in 2.5 s, more than 5 s are wanted"
    )
  })

  it("may be confirmed until the margin before it lapses", () => {
    const confirmable = Result.getOrThrow(Quote.check(quote, saleTerms, now))
    assert.strictEqual(Quote.confirmableUntil(confirmable, saleTerms), now + 55_000)
    const failure = invalidRequest("forex.confirm", [])
    const refused = Quote.tooLate(confirmable, saleTerms, now + 20_000, failure)
    assert.strictEqual(refused.quote, confirmable)
    assert.deepStrictEqual(refused.reason, { _tag: "ExpiresTooSoon", leftMillis: 40_000, marginMillis: 5000, failure })
    assert.strictEqual(
      refused.message,
      `the quote was not confirmed: it lapses in 40 s, too soon to send its confirmation with 5 s to spare (${failure.message}); ` +
        "ask again, and check this machine's clock if that does not help"
    )
  })

  // An amount in units of its own scale, and another that is near it: the same number now and then, in other digits.
  const units = Schema.BigInt.check(Schema.isBetweenBigInt({ minimum: 1n, maximum: 10n ** 30n }))
  const scale = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 12 }))
  const difference = Schema.Literals([-1n, 0n, 1n])

  it.prop(
    "keeps the limit to the last digit, as integers do",
    [units, scale, scale, difference],
    ([limitUnits, limitScale, moreScale, more]) => {
      const foundScale = limitScale + moreScale
      const foundUnits = limitUnits * 10n ** BigInt(moreScale) + more
      const limit = Amount.fromMinorUnits(limitUnits, limitScale)
      const found = Amount.fromMinorUnits(foundUnits, foundScale)
      const isLess = foundUnits * 10n ** BigInt(limitScale) < limitUnits * 10n ** BigInt(foundScale)
      const isMore = foundUnits * 10n ** BigInt(limitScale) > limitUnits * 10n ** BigInt(foundScale)
      const exceeded = (field: string) => ({ _tag: "LimitExceeded", field, found, limit })

      const least = Result.getOrThrow(Quote.termsOf(sale, { min_buy_amount: limit }))
      const most = Result.getOrThrow(Quote.termsOf(purchase, { max_sell_amount: limit }))
      if (foundUnits > 0n) {
        const bought = refusalOf({ ...quote, buy_amount: found }, least)
        assert.deepStrictEqual<unknown>(bought, isLess ? exceeded("buy_amount") : undefined)
        const sold = refusalOf({ ...quote, sell_amount: found }, most)
        assert.deepStrictEqual<unknown>(sold, isMore ? exceeded("sell_amount") : undefined)
      } else {
        assert.strictEqual(refusalOf({ ...quote, buy_amount: found }, least)?._tag, "Mismatch")
        assert.strictEqual(refusalOf({ ...quote, sell_amount: found }, most)?._tag, "Mismatch")
      }
    }
  )
})
