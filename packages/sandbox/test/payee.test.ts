import { assert, describe, it } from "@effect/vitest"
import * as Payee from "@paykka/schemas/Payee"
import * as Payment from "@paykka/schemas/Payment"
import * as Effect from "effect/Effect"
import { assertError } from "./support/answers.ts"
import { refused, sendText, succeed, theirs } from "./support/calls.ts"
import { merchId } from "./support/keys.ts"
import { type Scene, acceptedPayee, decided, fund, notices, start } from "./support/scene.ts"
import { ways } from "./support/ways.ts"

const create = (scene: Scene, request_id = "P-1", beneficiary: Payee.Beneficiary = { country: "DE" }) =>
  succeed(scene, Payee.create, { request_id, beneficiary })

const inquire = (scene: Scene, request_id = "P-1") => succeed(scene, Payee.inquiry, { request_id })

for (const way of ways) {
  describe(`${way.name}: a payee`, () => {
    it.effect("is undecided for a second, gets its id when it is accepted, and is notified once", () =>
      Effect.gen(function* () {
        const scene = yield* start({}, way)
        assert.deepStrictEqual(yield* create(scene), { request_id: "P-1" })
        yield* scene.service.advance("999 millis")
        const common = { request_id: "P-1", merch_id: merchId }
        assert.deepStrictEqual(yield* inquire(scene), common)
        yield* scene.service.advance("1 millis")
        const accepted = yield* inquire(scene)
        const beneficiary_id = accepted.beneficiary_id!
        assert.isNotEmpty(beneficiary_id)
        const data = { ...common, beneficiary_id, status: "SANDBOX_ACCEPTED" }
        assert.deepStrictEqual(accepted, data)
        yield* scene.service.advance("1 hour")
        assert.deepStrictEqual(yield* notices(scene, 1), [{ id: "payee.notification", type: "MERCH", merchId, data }])
      })
    )

    it.effect("that is rejected has a reason and no id, and is amended until it is accepted", () =>
      Effect.gen(function* () {
        const scene = yield* start({}, way)
        yield* scene.service.decide("payee", "reject", "the name is another one")
        yield* scene.service.decide("payee", "reject", "the country too")
        const common = { request_id: "P-1", merch_id: merchId }
        yield* create(scene)
        for (const [index, reason] of ["the name is another one", "the country too"].entries()) {
          yield* refused(scene, Payee.update, { request_id: "P-1" }, "010003", /only a payee that was rejected/)
          yield* decided(scene)
          const rejected = { ...common, status: "SANDBOX_REJECTED", reason }
          assert.deepStrictEqual(yield* inquire(scene), rejected)
          assert.deepStrictEqual((yield* notices(scene, index + 1))[index]!.data, rejected)
          assert.deepStrictEqual(yield* succeed(scene, Payee.update, { request_id: "P-1" }), { request_id: "P-1" })
          assert.deepStrictEqual(yield* inquire(scene), common)
        }
        yield* decided(scene)
        const { status, reason } = yield* inquire(scene)
        assert.deepStrictEqual([status, reason], ["SANDBOX_ACCEPTED", undefined])
        yield* refused(scene, Payee.update, { request_id: "P-1" }, "010003", /only a payee that was rejected/)
        yield* notices(scene, 3)
      })
    )
  })
}

describe("a payee", () => {
  it.effect("is found by either number, and by its merchant only", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      const one = yield* acceptedPayee(scene, "P-1")
      const two = yield* acceptedPayee(scene, "P-2")
      assert.notStrictEqual(one, two)
      for (const question of [
        { request_id: "P-1" },
        { beneficiary_id: one },
        { request_id: "P-1", beneficiary_id: one }
      ]) {
        assert.strictEqual((yield* succeed(scene, Payee.inquiry, question)).beneficiary_id, one)
        yield* refused(scene, Payee.inquiry, question, "010002", /no payee/, theirs)
      }
      for (const question of [
        { request_id: "P-1", beneficiary_id: two },
        { beneficiary_id: "" },
        { request_id: "P" }
      ]) {
        yield* refused(scene, Payee.inquiry, question, "010002", /no payee with these numbers/)
      }
      yield* refused(scene, Payee.update, { request_id: "P-1" }, "010002", /no payee/, theirs)
      yield* refused(scene, Payee.update, { request_id: "P-3" }, "010002", /no payee/)
    })
  )

  it.effect("may have any members, of any kind", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      const strange = [
        '{"account_no":1e99,"deep":[[{"toString":null}]],"currency":7}',
        '{"__proto__":{"currency":"USD"},"constructor":"x"}',
        '{"currency":null}',
        "{}"
      ]
      for (const [index, beneficiary] of strange.entries()) {
        const text = `{"request_id":"P-${index}","currency":[],"beneficiary":${beneficiary}}`
        assert.strictEqual((yield* sendText(scene, Payee.create, text)).status, 200, beneficiary)
      }
      assertError(yield* sendText(scene, Payee.create, '{"request_id":"P-9","beneficiary":"x"}'), "010000")
      // None of them has a currency: each may be paid in euros.
      yield* fund(scene, 10)
      for (const index of strange.keys()) {
        const { beneficiary_id } = yield* inquire(scene, `P-${index}`)
        const payment = { request_id: `PAY-${index}`, amount: 1, currency: "EUR", beneficiary_id: beneficiary_id! }
        yield* succeed(scene, Payment.apply, payment)
      }
    })
  )
})

describe("the currency of a payee", () => {
  const currencies: ReadonlyArray<readonly [where: string, members: string]> = [
    ["of the payee", '"beneficiary":{"currency":"USD"}'],
    ["of the message", '"currency":"USD"'],
    ["of both, the payee's counting", '"currency":"EUR","beneficiary":{"currency":"USD"}']
  ]

  it.effect.each(currencies)("is that of its payments: %s", ([, members]) =>
    Effect.gen(function* () {
      const scene = yield* start()
      yield* fund(scene, 100, "EUR")
      yield* fund(scene, 100, "USD")
      assert.strictEqual((yield* sendText(scene, Payee.create, `{"request_id":"P-1",${members}}`)).status, 200)
      yield* decided(scene)
      const beneficiary_id = (yield* inquire(scene)).beneficiary_id!
      const payment = { request_id: "PAY-1", amount: 1, currency: "EUR", beneficiary_id }
      yield* refused(scene, Payment.apply, payment, "010000", /^: currency must be that of the payee$/)
      yield* succeed(scene, Payment.apply, { ...payment, currency: "USD" })
    })
  )

  it.effect("may be amended, and stays where the amendment has none", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      yield* fund(scene, 100, "EUR")
      yield* scene.service.decide("payee", "reject")
      yield* scene.service.decide("payee", "reject")
      yield* create(scene, "P-1", { currency: "USD" })
      yield* decided(scene)
      yield* succeed(scene, Payee.update, { request_id: "P-1", beneficiary: { currency: "GBP" } })
      yield* decided(scene)
      yield* succeed(scene, Payee.update, { request_id: "P-1", beneficiary: { country: "GB" } })
      yield* decided(scene)
      const beneficiary_id = (yield* inquire(scene)).beneficiary_id!
      const payment = { request_id: "PAY-1", amount: 1, beneficiary_id }
      for (const currency of ["USD", "EUR"]) {
        yield* refused(scene, Payment.apply, { ...payment, currency }, "010000", /that of the payee/)
      }
      yield* refused(scene, Payment.apply, { ...payment, currency: "GBP" }, "010003", /insufficient balance/)
    })
  )
})
