import { assert, describe, it } from "@effect/vitest"
import * as Payment from "@paykka/schemas/Payment"
import * as Effect from "effect/Effect"
import type { Decisions } from "../src/Decisions.ts"
import { assertError } from "./support/answers.ts"
import { refused, send, sendText, succeed, theirs } from "./support/calls.ts"
import { merchId } from "./support/keys.ts"
import { type Scene, acceptedPayee, decided, fund, money, notices, start } from "./support/scene.ts"
import { ways } from "./support/ways.ts"

/** 100 EUR and a payee. Two notifications for the account and the receipt, one for the settlement, one for the payee. */
const prepare = (scene: Scene) =>
  Effect.gen(function* () {
    yield* fund(scene, 100)
    const beneficiary_id = yield* acceptedPayee(scene, "P-1", "EUR")
    yield* notices(scene, before)
    const payment: Payment.ApplyRequest = { request_id: "PAY-1", amount: "40.25", currency: "EUR", beneficiary_id }
    return payment
  })
const before = 4

const inquire = (scene: Scene, request_id = "PAY-1") => succeed(scene, Payment.inquiry, { request_id })

const common = { request_id: "PAY-1", merch_id: merchId }

interface Case {
  readonly as: Decisions["payment"]
  readonly status: string
  readonly available: string
  readonly reason?: string
}

const cases: ReadonlyArray<Case> = [
  { as: "pay", status: "SANDBOX_PAID", available: "59.25" },
  { as: "fail", status: "SANDBOX_FAILED", available: "100.00", reason: "the bank is closed" }
]

for (const way of ways) {
  describe(`${way.name}: a payout`, () => {
    it.effect.each(cases)("holds the money for a second, and then: $as", ({ as, status, available, reason }) =>
      Effect.gen(function* () {
        const scene = yield* start({ paymentFee: "0.50" }, way)
        const payment = yield* prepare(scene)
        yield* scene.service.decide("payment", as, "the bank is closed")
        assert.deepEqual<unknown>(yield* succeed(scene, Payment.apply, payment), {
          fee_amount: "0.50",
          beneficiary_type: "PAY",
          status: "PROCESSING"
        })
        const held = { available: "59.25", held: "40.75", unsettled: "0" }
        yield* scene.service.advance("999 millis")
        assert.deepStrictEqual(yield* money(scene), held)
        assert.deepStrictEqual(yield* inquire(scene), { ...common, status: "PROCESSING" })
        yield* scene.service.advance("1 millis")
        assert.deepStrictEqual(yield* money(scene), { available, held: "0.00", unsettled: "0" })
        const data = { ...common, status, ...(reason === undefined ? {} : { reason }) }
        assert.deepStrictEqual(yield* inquire(scene), data)
        yield* scene.service.advance("1 hour")
        const told = yield* notices(scene, before + 1)
        assert.deepStrictEqual(told[before], { id: "payment.notification", type: "MERCH", merchId, data })
      })
    )

    it.effect("is paid, and comes back a second later without its fee", () =>
      Effect.gen(function* () {
        const scene = yield* start({ paymentFee: "0.50", decisions: { payment: "return" } }, way)
        const payment = yield* prepare(scene)
        yield* succeed(scene, Payment.apply, payment)
        yield* decided(scene)
        assert.deepStrictEqual(yield* inquire(scene), { ...common, status: "SANDBOX_PAID" })
        assert.deepStrictEqual(yield* money(scene), { available: "59.25", held: "0.00", unsettled: "0" })
        yield* notices(scene, before + 1)
        yield* scene.service.advance("999 millis")
        assert.strictEqual((yield* money(scene)).available, "59.25")
        yield* scene.service.advance("1 millis")
        assert.deepStrictEqual(yield* money(scene), { available: "99.50", held: "0.00", unsettled: "0" })
        const returned = { ...common, status: "SANDBOX_RETURNED", reason: "the sandbox is set so" }
        assert.deepStrictEqual(yield* inquire(scene), returned)
        yield* scene.service.advance("1 hour")
        const [paid, back] = (yield* notices(scene, before + 2)).slice(before)
        assert.deepStrictEqual(paid!.data, { ...common, status: "SANDBOX_PAID" })
        assert.deepStrictEqual(back!.data, returned)
      })
    )
  })
}

describe("a payout", () => {
  it.effect("books what leaves as money of others, to the last cent", () =>
    Effect.gen(function* () {
      const scene = yield* start({ paymentFee: "0.50" })
      const payment = yield* prepare(scene)
      const earlier = (yield* scene.service.ledger).length
      yield* succeed(scene, Payment.apply, payment)
      yield* decided(scene)
      const [available, held] = [`${merchId} available`, `${merchId} held`]
      const booked = (yield* scene.service.ledger).slice(earlier)
      assert.deepStrictEqual(
        booked.map(({ what, account, currency, amount }) => [what, account, currency, amount]),
        [
          ["payment begun", available, "EUR", "-40.75"],
          ["payment begun", held, "EUR", "40.75"],
          ["payment", held, "EUR", "-40.25"],
          ["payment", "outside", "EUR", "40.25"],
          ["payment", held, "EUR", "-0.50"],
          ["payment", "fees", "EUR", "0.50"]
        ]
      )
      const transactions = booked.map(({ transaction }) => transaction)
      assert.strictEqual(new Set(transactions.slice(0, 2)).size, 1)
      assert.strictEqual(new Set(transactions.slice(2)).size, 1)
      assert.strictEqual(new Set(transactions).size, 2)
    })
  )

  it.effect("takes the last cent, with its fee, and not more", () =>
    Effect.gen(function* () {
      const scene = yield* start({ paymentFee: "0.5" })
      const payment = yield* prepare(scene)
      const short = /^: insufficient balance$/
      yield* refused(scene, Payment.apply, { ...payment, amount: "99.51" }, "010003", short)
      yield* refused(scene, Payment.apply, { ...payment, amount: "9".repeat(30) }, "010003", short)
      assert.deepStrictEqual(yield* money(scene), { available: "100", held: "0", unsettled: "0" })
      // A refused one is no payout.
      yield* refused(scene, Payment.inquiry, { request_id: "PAY-1" }, "010002", /no payment/)
      yield* succeed(scene, Payment.apply, { ...payment, amount: "99.50" })
      // What is held is no longer to be had.
      yield* refused(scene, Payment.apply, { ...payment, request_id: "PAY-2", amount: "0.01" }, "010003", short)
      yield* decided(scene)
      yield* refused(scene, Payment.apply, { ...payment, request_id: "PAY-2", amount: "0.01" }, "010003", short)
    })
  )

  it.effect("takes the money once, however many ask for it at once", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      const payment = yield* prepare(scene)
      const ids = Array.from({ length: 5 }, (_, index) => `PAY-${index}`)
      const answers = yield* Effect.forEach(
        ids,
        (request_id) => send(scene, Payment.apply, { ...payment, request_id, amount: "40" }),
        { concurrency: "unbounded" }
      )
      assert.sameMembers(
        answers.map(({ status }) => status),
        [200, 200, 400, 400, 400]
      )
      assert.deepStrictEqual(yield* money(scene), { available: "20", held: "80", unsettled: "0" })
    })
  )

  it.effect("cannot be paid with what is not settled, nor with another currency", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      const payment = yield* prepare(scene)
      yield* scene.service.remit({ merchId, currency: "EUR", amount: 1000 }).pipe(Effect.orDie)
      yield* refused(scene, Payment.apply, { ...payment, amount: 101 }, "010003", /insufficient/)
      const beneficiary_id = yield* acceptedPayee(scene, "P-2", "USD")
      const dollars = { ...payment, amount: 1, beneficiary_id }
      yield* refused(scene, Payment.apply, dollars, "010000", /that of the payee/)
      yield* refused(scene, Payment.apply, { ...dollars, currency: "USD" }, "010003", /insufficient/)
    })
  )

  it.effect("needs a payee of the merchant's own that is accepted", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      const payment = yield* prepare(scene)
      const foreign = yield* acceptedPayee(scene, "P-1", "EUR", theirs)
      for (const beneficiary_id of ["", "BEN", foreign, "__proto__", "undefined"]) {
        yield* refused(scene, Payment.apply, { ...payment, beneficiary_id }, "010002", /names no payee$/)
      }
      yield* refused(scene, Payment.apply, payment, "010002", /names no payee$/, theirs)
    })
  )

  it.effect("is of more than zero, and exact", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      const payment = yield* prepare(scene)
      for (const amount of ["0", "0.00", "-0", "-1", "-0.01", "0e5"]) {
        const text = JSON.stringify(payment).replace('"40.25"', amount)
        const answer = yield* sendText(scene, Payment.apply, text)
        assert.strictEqual(assertError(answer, "010000"), ": amount must be more than zero", amount)
      }
      for (const amount of ["1e40", "0.00000000001", `1${"0".repeat(99)}`, "1e-30"]) {
        const answer = yield* sendText(scene, Payment.apply, JSON.stringify(payment).replace('"40.25"', amount))
        assert.match(assertError(answer, "010000"), /^: amount must have at most 30 digits/, amount)
      }
      // Other spellings of the same amount are that amount.
      const text = JSON.stringify(payment).replace('"40.25"', "4025e-2")
      assert.strictEqual((yield* sendText(scene, Payment.apply, text)).status, 200)
      assert.strictEqual((yield* money(scene)).held, "40.25")
    })
  )

  it.effect("is its merchant's own", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      yield* succeed(scene, Payment.apply, yield* prepare(scene))
      assertError(yield* send(scene, Payment.inquiry, { request_id: "PAY-1" }, theirs), "010002")
    })
  )
})
