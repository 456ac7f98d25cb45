import { assert, describe, it } from "@effect/vitest"
import * as Assessment from "@paykka/schemas/Assessment"
import * as Balance from "@paykka/schemas/Balance"
import * as Catalogue from "@paykka/schemas/Catalogue"
import * as File from "@paykka/schemas/File"
import * as Forex from "@paykka/schemas/Forex"
import * as Onboarding from "@paykka/schemas/Onboarding"
import type * as Operation from "@paykka/schemas/Operation"
import * as Order from "@paykka/schemas/Order"
import * as Payee from "@paykka/schemas/Payee"
import * as Payment from "@paykka/schemas/Payment"
import * as Tradesettle from "@paykka/schemas/Tradesettle"
import * as Va from "@paykka/schemas/Va"
import * as Effect from "effect/Effect"
import { application } from "../../core/test/support/application.ts"
import { succeed, uploadFile } from "./support/calls.ts"
import { call } from "./support/merchant.ts"
import { applicationOf } from "./support/onboarding.ts"
import { type Scene, contract, decided, money, notices, remit, start } from "./support/scene.ts"
import { requestsOf, ways } from "./support/ways.ts"

/**
 * A merchant's whole story: all operations, each of which succeeds. `succeed` sees that every answer is one that the
 * operation's schema reads, and that it is marked with the weakest of what the descriptor says.
 */
const story = (scene: Scene) =>
  Effect.gen(function* () {
    const { service } = scene
    yield* service.decide("onboarding", "supplement")
    const body = yield* applicationOf(scene, "R-1")
    const merch_id = (yield* succeed(scene, Onboarding.apply, body)).merch_id!
    yield* decided(scene)
    yield* succeed(scene, Onboarding.update, body)
    yield* decided(scene)
    yield* succeed(scene, Onboarding.inquiry, { merch_id })
    const own = { merchId: merch_id }

    yield* service.decide("assessment", "refuse")
    yield* succeed(scene, Assessment.apply, body)
    yield* service.advance("2 seconds")
    yield* succeed(scene, Assessment.update, { merch_id, contact_person: application.contact_person }, own)
    yield* service.advance("2 seconds")
    yield* succeed(scene, Assessment.inquiry, { merch_id }, own)

    yield* succeed(scene, Va.apply, { request_id: "R-1", currencies: ["EUR"] }, own)
    yield* decided(scene)
    yield* succeed(scene, Va.inquiry, { request_id: "R-1" }, own)

    const recv_order_no = yield* remit(scene, 1000, "EUR", merch_id)
    const fileId = yield* uploadFile(scene, {}, own)
    const order = contract(fileId, { request_id: "R-1" })
    const { contract_order_no } = yield* succeed(scene, Order.create, order, own)
    yield* succeed(scene, Order.update, { ...order, amount: 2000 }, own)
    yield* succeed(scene, Order.supplement, { request_id: "R-1", logistics_info: { ship_status: "SHIPPED" } }, own)
    yield* succeed(scene, Order.inquiry, { request_id: "R-1" }, own)
    const relate_list = [{ amount: 1000, contract_order_no: contract_order_no! }]
    yield* succeed(scene, Tradesettle.apply, { recv_order_no, relate_list }, own)
    yield* decided(scene)
    yield* succeed(scene, Tradesettle.inquiry, { recv_order_no }, own)
    yield* succeed(scene, Balance.inquiry, {}, own)

    const pair = { sell_currency: "EUR", buy_currency: "USD", sell_amount: 500 }
    const { order_no, buy_amount } = yield* succeed(scene, Forex.preorder, pair, own)
    yield* succeed(scene, Forex.confirm, { order_no: order_no! }, own)
    yield* decided(scene)
    yield* succeed(scene, Forex.inquiry, { order_no: order_no! }, own)

    yield* service.decide("payee", "reject")
    yield* succeed(scene, Payee.create, { request_id: "R-1", beneficiary: { currency: "USD" } }, own)
    yield* decided(scene)
    yield* succeed(scene, Payee.update, { request_id: "R-1", beneficiary: { country: "DE" } }, own)
    yield* decided(scene)
    const { beneficiary_id } = yield* succeed(scene, Payee.inquiry, { request_id: "R-1" }, own)
    yield* service.decide("payment", "return")
    const payout = { request_id: "R-1", amount: buy_amount!, currency: "USD", beneficiary_id: beneficiary_id! }
    yield* succeed(scene, Payment.apply, payout, own)
    yield* service.advance("2 seconds")
    yield* succeed(scene, Payment.inquiry, { request_id: "R-1" }, own)
    assert.deepStrictEqual(yield* money(scene, "EUR", own), { available: "500", held: "0", unsettled: "0" })
    assert.strictEqual((yield* money(scene, "USD", own)).available, buy_amount)
    return merch_id
  })

for (const way of ways) {
  describe(`${way.name}: the whole contract`, () => {
    it.effect("all operations succeed in one story, and all kinds of notifications come of it", () =>
      Effect.gen(function* () {
        const scene = yield* start({}, way)
        const merch_id = yield* story(scene)
        const entries = yield* requestsOf(scene)
        assert.deepStrictEqual(
          entries.filter(({ status }) => status !== 200),
          []
        )
        assert.sameMembers(
          [...new Set(entries.map(({ operation }) => operation))],
          Catalogue.operations.map(({ id }) => id)
        )
        // Two of onboarding, four of assessment, two of payees and of the payout, one of each other kind.
        const told = yield* notices(scene, 14)
        assert.sameMembers(
          [...new Set(told.map(({ id }) => id))],
          Catalogue.notifications.map(({ id }) => id)
        )
        assert.deepStrictEqual(
          told.filter(({ id, type, merchId }) => {
            const expected = id === "assessment.notification" ? "ASSESSMENT" : "MERCH"
            return merchId !== merch_id || type !== expected
          }),
          []
        )
        // All is over: nothing more is decided or told, ever.
        yield* scene.service.advance("365 days")
        yield* notices(scene, 14)
      })
    )
  })
}

/** An object and a text of another merchant's, another kind or none, for every operation. */
const strange = ["", "{", "null", "[]", "7", "1e400", '"text"', '{"__proto__":{"x":1}}', '{"constructor":{}}', "{}"]

const jsonOperations: ReadonlyArray<Operation.Operation> = Catalogue.operations.filter(
  (operation) => operation !== File.upload
)

describe("no body breaks the sandbox", () => {
  it.effect.each(jsonOperations)("$id", (operation) =>
    Effect.gen(function* () {
      const scene = yield* start()
      const merchant = operation.merchantHeader === "forbidden" ? { merchId: null } : {}
      for (const body of strange) {
        const answer = yield* scene.send(yield* call(operation.path, body, merchant))
        // An empty question for balances is a good one; all others have a field that they need.
        const isFine =
          operation === Balance.inquiry && ["{}", '{"__proto__":{"x":1}}', '{"constructor":{}}'].includes(body)
        assert.strictEqual(answer.status, isFine ? 200 : 400, `${body}: ${answer.body}`)
        if (!isFine) assert.include(answer.body, '"ret_code":"010000"')
      }
    })
  )
})
