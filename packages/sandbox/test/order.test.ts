import { assert, describe, it } from "@effect/vitest"
import * as Order from "@paykka/schemas/Order"
import * as Tradesettle from "@paykka/schemas/Tradesettle"
import * as Effect from "effect/Effect"
import { assertError, assertSuccess } from "./support/answers.ts"
import { refused, send, sendText, succeed, theirs, uploadFile } from "./support/calls.ts"
import { first, merchId, second, secondMerchId } from "./support/keys.ts"
import { type Scene, contract, createOrder, decided, openAccount, remit, start } from "./support/scene.ts"
import { ways } from "./support/ways.ts"

const statusOf = (scene: Scene, contract_order_no: string) =>
  Effect.map(succeed(scene, Order.inquiry, { contract_order_no }), ({ status }) => status)

/** Lets money arrive and relates it to the order. */
const relate = (scene: Scene, contract_order_no: string, amount: number) =>
  Effect.gen(function* () {
    yield* openAccount(scene)
    const recv_order_no = yield* remit(scene, amount)
    yield* succeed(scene, Tradesettle.apply, { recv_order_no, relate_list: [{ amount, contract_order_no }] })
  })

const update = (scene: Scene, change: Partial<Order.UpdateRequest>) =>
  Effect.map(uploadFile(scene), (fileId) => contract(fileId, { request_id: "O-1", ...change }))

for (const way of ways) {
  describe(`${way.name}: an order`, () => {
    it.effect("is created, can be related, and is found by either number", () =>
      Effect.gen(function* () {
        const scene = yield* start({}, way)
        const fileId = yield* uploadFile(scene)
        const created = yield* succeed(scene, Order.create, contract(fileId, { request_id: "O-1" }))
        const { contract_order_no } = created
        assert.deepStrictEqual(created, { contract_order_no: contract_order_no!, status: "RELATABLE" })
        const other = yield* createOrder(scene, { request_id: "O-2" })
        assert.notStrictEqual(other, contract_order_no)
        const found = { request_id: "O-1", merch_id: merchId, ...created }
        for (const question of [
          { request_id: "O-1" },
          { contract_order_no: contract_order_no! },
          { request_id: "O-1", contract_order_no: contract_order_no! }
        ]) {
          assert.deepStrictEqual(yield* succeed(scene, Order.inquiry, question), found)
        }
        for (const question of [{ request_id: "O-1", contract_order_no: other }, { request_id: "O-3" }]) {
          yield* refused(scene, Order.inquiry, question, "010002", /no order with these numbers/)
        }
      })
    )
  })
}

describe("an order", () => {
  it.effect("is its merchant's own", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      const contract_order_no = yield* createOrder(scene, { request_id: "O-1" })
      for (const question of [{ request_id: "O-1" }, { contract_order_no }]) {
        yield* refused(scene, Order.inquiry, question, "010002", /no order/, theirs)
        yield* refused(scene, Order.supplement, question, "010002", /no order/, theirs)
      }
      const fileId = yield* uploadFile(scene, {}, theirs)
      yield* refused(scene, Order.update, contract(fileId, { request_id: "O-1" }), "010002", /no order/, theirs)
      // Under the same request_id they have an order of their own.
      assert.notStrictEqual(yield* createOrder(scene, { request_id: "O-1" }, theirs), contract_order_no)
    })
  )

  it.effect("is about more than nothing", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      const fileId = yield* uploadFile(scene)
      yield* createOrder(scene, { request_id: "O-1" })
      for (const amount of [0, -1, "-9223372036854775808"]) {
        const body = contract(fileId, { request_id: "O-1", amount })
        yield* refused(scene, Order.update, body, "010000", /^: amount must be more than zero$/)
        yield* refused(scene, Order.create, { ...body, request_id: "O-2" }, "010000", /more than zero$/)
      }
      // The bounds of the documented format int64.
      yield* createOrder(scene, { request_id: "O-3", amount: "9223372036854775807" })
      const text = JSON.stringify(contract(fileId, { request_id: "O-4", amount: 7 }))
      for (const amount of ["9223372036854775808", "7.5", '"seven"', "1e30"]) {
        const answer = yield* sendText(scene, Order.create, text.replace('"amount":7', `"amount":${amount}`))
        assert.match(assertError(answer, "010000"), /^: amount /, amount)
      }
    })
  )
})

describe("an updated order", () => {
  it.effect("has the new amount, and the new currency while nothing is related", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      const contract_order_no = yield* createOrder(scene, { request_id: "O-1", amount: 10, currency: "USD" })
      const updated = yield* succeed(scene, Order.update, yield* update(scene, { amount: 100 }))
      assert.deepStrictEqual(updated, { contract_order_no, status: "RELATABLE" })
      yield* relate(scene, contract_order_no, 100)
    })
  )

  it.effect("is never about less than what is related, nor in another currency", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      const contract_order_no = yield* createOrder(scene, { request_id: "O-1", amount: 100 })
      yield* relate(scene, contract_order_no, 60)
      // What is under way counts, and so does what is settled.
      for (const settled of [false, true]) {
        if (settled) yield* decided(scene)
        const less = yield* update(scene, { amount: 59 })
        yield* refused(scene, Order.update, less, "010003", /^: more than the new amount is related already$/)
        const other = yield* update(scene, { currency: "USD" })
        yield* refused(scene, Order.update, other, "010003", /^: the currency of an order that is related/)
        assert.strictEqual(yield* statusOf(scene, contract_order_no), "RELATABLE")
      }
      const exact = yield* succeed(scene, Order.update, yield* update(scene, { amount: 60 }))
      assert.strictEqual(exact.status, "SANDBOX_RELATED")
      const more = yield* succeed(scene, Order.update, yield* update(scene, { amount: 61 }))
      assert.strictEqual(more.status, "RELATABLE")
      yield* relate(scene, contract_order_no, 1)
      assert.strictEqual(yield* statusOf(scene, contract_order_no), "SANDBOX_RELATED")
    })
  )

  it.effect("may change its currency again when the settlement is rejected", () =>
    Effect.gen(function* () {
      const scene = yield* start({ decisions: { tradesettle: "reject" } })
      const contract_order_no = yield* createOrder(scene, { request_id: "O-1", amount: 100 })
      yield* relate(scene, contract_order_no, 100)
      assert.strictEqual(yield* statusOf(scene, contract_order_no), "SANDBOX_RELATED")
      yield* decided(scene)
      assert.strictEqual(yield* statusOf(scene, contract_order_no), "RELATABLE")
      yield* succeed(scene, Order.update, yield* update(scene, { amount: 1, currency: "USD" }))
    })
  )

  it.effect("has its files uploaded, or stays what it was", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      const contract_order_no = yield* createOrder(scene, { request_id: "O-1", amount: 100 })
      const body = contract("42", { request_id: "O-1", amount: 7 })
      yield* refused(scene, Order.update, body, "010002", /^: contract_file_ids\[0\]/)
      yield* relate(scene, contract_order_no, 100)
    })
  )

  it.effect("may be sent without X-Merch-Id: it is then that of the key's first merchant", () =>
    Effect.gen(function* () {
      const key = { keyId: first.keyId, publicKey: first.publicPem }
      const scene = yield* start({
        merchants: [
          { merchId, ...key },
          { merchId: secondMerchId, ...key },
          { merchId: secondMerchId, keyId: second.keyId, publicKey: second.publicPem }
        ]
      })
      const contract_order_no = yield* createOrder(scene, { request_id: "O-1" })
      const body = yield* update(scene, { amount: 7 })
      const answer = yield* send(scene, Order.update, body, { merchId: null })
      assert.strictEqual(assertSuccess(Order.update, answer).contract_order_no, contract_order_no)
      // Of the two merchants of this owner the other key is listed with the second only.
      const foreign = yield* send(scene, Order.update, body, { merchId: null, key: second })
      assertError(foreign, "010002")
      yield* scene.service.suspend(merchId, true)
      assertError(yield* send(scene, Order.update, body, { merchId: null }), "010003")
    })
  )
})

describe("supplements of an order", () => {
  const shipped = { ship_status: "SHIPPED" }

  it.effect("are taken, by either number, until it is shipped", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      const contract_order_no = yield* createOrder(scene, {
        request_id: "O-1",
        logistics_info: { ship_status: "UNSHIPPED", transaction_type: "FOB" }
      })
      const file = yield* uploadFile(scene)
      const sent = { contract_order_no, logistics_info: { shipped_file_ids: [Number(file)] } }
      assert.deepStrictEqual(yield* succeed(scene, Order.supplement, sent), { contract_order_no })
      yield* refused(
        scene,
        Order.supplement,
        { request_id: "O-1", logistics_info: { ...shipped, shipped_file_ids: [1] } },
        "010002",
        /^: logistics_info.shipped_file_ids\[0\] /
      )
      yield* succeed(scene, Order.supplement, { request_id: "O-1", logistics_info: shipped })
      yield* refused(scene, Order.supplement, { contract_order_no }, "010003", /shipped already/)
    })
  )

  it.effect("are not taken for an order that was shipped from the first, or by an update", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      const logistics_info = { ship_status: "SHIPPED", transaction_type: "FOB" } as const
      yield* createOrder(scene, { request_id: "O-1", logistics_info })
      yield* refused(scene, Order.supplement, { request_id: "O-1" }, "010003", /shipped already/)
      // An update is the whole order: without logistics it is not shipped.
      yield* succeed(scene, Order.update, yield* update(scene, {}))
      yield* succeed(scene, Order.supplement, { request_id: "O-1" })
      yield* succeed(scene, Order.update, yield* update(scene, { logistics_info }))
      yield* refused(scene, Order.supplement, { request_id: "O-1" }, "010003", /shipped already/)
    })
  )
})
