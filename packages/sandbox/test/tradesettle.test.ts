import { assert, describe, it } from "@effect/vitest"
import * as Order from "@paykka/schemas/Order"
import * as Tradesettle from "@paykka/schemas/Tradesettle"
import * as Effect from "effect/Effect"
import { assertError } from "./support/answers.ts"
import { refused, sendText, succeed, theirs } from "./support/calls.ts"
import { merchId } from "./support/keys.ts"
import { type Scene, createOrder, decided, fund, money, notices, openAccount, remit, start } from "./support/scene.ts"
import { ways } from "./support/ways.ts"

type List = Tradesettle.ApplyRequest["relate_list"]

const apply = (scene: Scene, recv_order_no: string, ...relate_list: List) =>
  succeed(scene, Tradesettle.apply, { recv_order_no, relate_list })

const inquire = (scene: Scene, recv_order_no: string) => succeed(scene, Tradesettle.inquiry, { recv_order_no })

const statusOf = (scene: Scene, contract_order_no: string) =>
  Effect.map(succeed(scene, Order.inquiry, { contract_order_no }), ({ status }) => status)

/** A receipt of 1,000 EUR and two orders, of 700 and 500. */
const prepare = (scene: Scene) =>
  Effect.gen(function* () {
    yield* openAccount(scene)
    const receipt = yield* remit(scene, 1000)
    const one = yield* createOrder(scene, { request_id: "O-1", amount: 700 })
    const two = yield* createOrder(scene, { request_id: "O-2", amount: 500 })
    return { receipt, one, two }
  })

for (const way of ways) {
  describe(`${way.name}: a settlement`, () => {
    it.effect("of all of a receipt credits it after a second, and is notified once", () =>
      Effect.gen(function* () {
        const scene = yield* start({}, way)
        const { receipt, one, two } = yield* prepare(scene)
        yield* notices(scene, 2)
        const list = [
          { amount: 600, contract_order_no: one },
          { amount: "400", contract_order_no: two }
        ]
        // The documented example's answer.
        assert.deepStrictEqual(yield* apply(scene, receipt, ...list), { status: "PENDING_RELATE" })
        yield* scene.service.advance("999 millis")
        assert.deepStrictEqual(yield* money(scene), { available: "0", held: "0", unsettled: "1000" })
        const pending = { merch_id: merchId, recv_order_no: receipt, status: "PENDING_RELATE" }
        assert.deepStrictEqual(yield* inquire(scene, receipt), pending)
        yield* scene.service.advance("1 millis")
        assert.deepStrictEqual(yield* money(scene), { available: "1000", held: "0", unsettled: "0" })
        const data = { merch_id: merchId, recv_order_no: receipt, status: "SANDBOX_SETTLED" }
        assert.deepStrictEqual(yield* inquire(scene, receipt), data)
        yield* scene.service.advance("1 hour")
        const [, , notice] = yield* notices(scene, 3)
        assert.deepStrictEqual(notice, { id: "tradesettle.notification", type: "MERCH", merchId, data })
        for (const order of [one, two]) assert.strictEqual(yield* statusOf(scene, order), "RELATABLE")
      })
    )
  })
}

describe("a settlement", () => {
  it.effect("takes parts of a receipt and of an order, until both are used up", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      const { receipt, one, two } = yield* prepare(scene)
      const steps: ReadonlyArray<readonly [List, available: string, status: string]> = [
        [[{ amount: 1, contract_order_no: one }], "1", "PENDING_RELATE"],
        [[{ amount: 698, contract_order_no: one }], "699", "PENDING_RELATE"],
        [
          [
            { amount: 1, contract_order_no: one },
            { amount: 299, contract_order_no: two }
          ],
          "999",
          "PENDING_RELATE"
        ],
        [[{ amount: 1, contract_order_no: two }], "1000", "SANDBOX_SETTLED"]
      ]
      for (const [list, available, status] of steps) {
        yield* apply(scene, receipt, ...list)
        yield* decided(scene)
        const unsettled = String(1000 - Number(available))
        assert.deepStrictEqual(yield* money(scene), { available, held: "0", unsettled })
        assert.strictEqual((yield* inquire(scene, receipt)).status, status)
      }
      assert.strictEqual(yield* statusOf(scene, one), "SANDBOX_RELATED")
      assert.strictEqual(yield* statusOf(scene, two), "RELATABLE")
      const again = { recv_order_no: receipt, relate_list: [{ amount: 1, contract_order_no: two }] }
      yield* refused(scene, Tradesettle.apply, again, "010003", /^: the receipt is settled$/)
      const other = yield* remit(scene, 1)
      yield* refused(
        scene,
        Tradesettle.apply,
        { recv_order_no: other, relate_list: [{ amount: 1, contract_order_no: one }] },
        "010003",
        /^: relate_list\[0\]: more than is left of the order$/
      )
      const settled = (yield* notices(scene, 7)).filter(({ id }) => id === "tradesettle.notification")
      assert.sameMembers(
        settled.map(({ data }) => data["status"]),
        steps.map(([, , status]) => status)
      )
    })
  )

  it.effect("of a receipt with cents credits all of it, to the last cent", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      yield* openAccount(scene)
      const receipt = yield* remit(scene, "1200.50")
      const one = yield* createOrder(scene, { request_id: "O-1", amount: 1000 })
      const two = yield* createOrder(scene, { request_id: "O-2", amount: 201 })
      const list = [
        { amount: 1000, contract_order_no: one },
        { amount: "200.50", contract_order_no: two }
      ]
      const tooMuch = [list[0]!, { amount: "200.51", contract_order_no: two }]
      const request = { recv_order_no: receipt, relate_list: tooMuch }
      yield* refused(scene, Tradesettle.apply, request, "010003", /more than is left of the receipt/)
      yield* apply(scene, receipt, ...list)
      yield* decided(scene)
      const { available, unsettled } = yield* money(scene)
      assert.deepStrictEqual([available, unsettled.replace(/\.0+$/, "")], ["1200.50", "0"])
      assert.strictEqual((yield* inquire(scene, receipt)).status, "SANDBOX_SETTLED")
      // Half a unit of the second order is left.
      assert.strictEqual(yield* statusOf(scene, one), "SANDBOX_RELATED")
      assert.strictEqual(yield* statusOf(scene, two), "RELATABLE")
      const other = yield* remit(scene, 1)
      const more = (amount: string) => ({ recv_order_no: other, relate_list: [{ amount, contract_order_no: two }] })
      yield* refused(scene, Tradesettle.apply, more("0.51"), "010003", /more than is left of the order/)
      yield* succeed(scene, Tradesettle.apply, more("0.5"))
      assert.strictEqual(yield* statusOf(scene, two), "SANDBOX_RELATED")
    })
  )

  it.effect("counts beyond what a double can", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      yield* openAccount(scene)
      const receipt = yield* remit(scene, "9007199254740993.5")
      const one = yield* createOrder(scene, { request_id: "O-1", amount: "9007199254740992" })
      const two = yield* createOrder(scene, { request_id: "O-2", amount: "9223372036854775807" })
      const list = [
        { amount: "9007199254740992", contract_order_no: one },
        { amount: 1, contract_order_no: two }
      ]
      const tooMuch = [...list, { amount: 1, contract_order_no: two }]
      const request = { recv_order_no: receipt, relate_list: tooMuch }
      yield* refused(scene, Tradesettle.apply, request, "010003", /more than is left of the receipt/)
      yield* apply(scene, receipt, ...list)
      yield* decided(scene)
      const left = { available: "9007199254740993", held: "0", unsettled: "0.5" }
      const { available, held, unsettled } = yield* money(scene)
      assert.deepStrictEqual({ available: available.replace(/\.0+$/, ""), held, unsettled }, left)
      assert.strictEqual(yield* statusOf(scene, one), "SANDBOX_RELATED")
    })
  )

  it.effect("is refused, whole, where one of its parts does not fit", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      const { receipt, one, two } = yield* prepare(scene)
      const dollars = yield* createOrder(scene, { request_id: "O-3", currency: "USD" })
      const foreign = yield* createOrder(scene, { request_id: "O-4" }, theirs)
      const good = { amount: 1, contract_order_no: one }
      const cases: ReadonlyArray<readonly [List, code: string, says: RegExp]> = [
        [[], "010000", /^: relate_list is empty$/],
        [
          [good, { amount: 0, contract_order_no: two }],
          "010000",
          /^: relate_list\[1\]\.amount must be more than zero$/
        ],
        [[{ amount: -1, contract_order_no: one }], "010000", /more than zero$/],
        [[good, { amount: 2, contract_order_no: "CO" }], "010002", /^: relate_list\[1\] names no order$/],
        [[{ amount: 1, contract_order_no: foreign }], "010002", /^: relate_list\[0\] names no order$/],
        [[{ amount: 1, contract_order_no: "__proto__" }], "010002", /names no order$/],
        [
          [good, { amount: 1, contract_order_no: dollars }],
          "010003",
          /^: relate_list\[1\]: the order has another currency/
        ],
        [[{ amount: 701, contract_order_no: one }], "010003", /^: relate_list\[0\]: more than is left of the order$/],
        // The same order twice: its sum counts.
        [
          [
            { amount: 400, contract_order_no: one },
            { amount: 301, contract_order_no: one }
          ],
          "010003",
          /^: relate_list\[1\]: more than is left of the order$/
        ],
        [
          [
            { amount: 700, contract_order_no: one },
            { amount: 301, contract_order_no: two }
          ],
          "010003",
          /^: relate_list: more than is left of the receipt$/
        ],
        // Beyond all that can be counted, twice.
        [
          [
            { amount: "9".repeat(100), contract_order_no: one },
            { amount: "9".repeat(100), contract_order_no: one }
          ],
          "010000",
          /^: relate_list\[0\]\.amount must have at most 30 digits/
        ]
      ]
      for (const [relate_list, code, says] of cases) {
        yield* refused(scene, Tradesettle.apply, { recv_order_no: receipt, relate_list }, code, says)
      }
      for (const amount of ["-0.5", "0e1", '"x"', "null"]) {
        const text = `{"recv_order_no":"${receipt}","relate_list":[{"amount":${amount},"contract_order_no":"${one}"}]}`
        assert.match(assertError(yield* sendText(scene, Tradesettle.apply, text), "010000"), /relate_list\[0\]\.amount/)
      }
      // Nothing of all this was taken from the orders: all of both can still be had.
      yield* apply(scene, receipt, { amount: 699, contract_order_no: one }, { ...good, amount: "1" })
      yield* decided(scene)
      yield* apply(scene, receipt, { amount: 300, contract_order_no: two })
      yield* decided(scene)
      assert.strictEqual((yield* money(scene)).available, "1000")
    })
  )

  it.effect("of another merchant's receipt, or of none, is refused", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      const { receipt, one } = yield* prepare(scene)
      const own = yield* createOrder(scene, { request_id: "O-1" }, theirs)
      const relate_list = [{ amount: 1, contract_order_no: own }]
      const request = { recv_order_no: receipt, relate_list }
      yield* refused(scene, Tradesettle.apply, request, "010002", /no receipt/, theirs)
      for (const recv_order_no of ["", "RECV", one]) {
        yield* refused(scene, Tradesettle.apply, { recv_order_no, relate_list }, "010002", /no receipt/)
      }
    })
  )

  it.effect("under way holds receipt and orders: what is left of the order is related by another receipt", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      const { receipt, one } = yield* prepare(scene)
      const other = yield* remit(scene, 1000)
      yield* apply(scene, receipt, { amount: 650, contract_order_no: one })
      const more = (recv_order_no: string, amount: number) => ({
        recv_order_no,
        relate_list: [{ amount, contract_order_no: one }]
      })
      yield* refused(scene, Tradesettle.apply, more(receipt, 1), "010003", /under way/)
      yield* refused(scene, Tradesettle.apply, more(other, 51), "010003", /left of the order/)
      yield* succeed(scene, Tradesettle.apply, more(other, 50))
      yield* decided(scene)
      assert.deepStrictEqual(yield* money(scene), { available: "700", held: "0", unsettled: "1300" })
      assert.strictEqual(yield* statusOf(scene, one), "SANDBOX_RELATED")
    })
  )
})

describe("a rejected settlement", () => {
  it.effect("leaves the money, gives back the orders, says why, and may be tried again", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      const { receipt, one } = yield* prepare(scene)
      const common = { merch_id: merchId, recv_order_no: receipt }
      yield* scene.service.decide("tradesettle", "reject", "the invoice is another one")
      yield* apply(scene, receipt, { amount: 700, contract_order_no: one })
      assert.strictEqual(yield* statusOf(scene, one), "SANDBOX_RELATED")
      yield* decided(scene)
      const rejected = { ...common, status: "CHECK_REJECTED", reason: "the invoice is another one" }
      assert.deepStrictEqual(yield* inquire(scene, receipt), rejected)
      assert.deepStrictEqual((yield* notices(scene, 3))[2]!.data, rejected)
      assert.deepStrictEqual(yield* money(scene), { available: "0", held: "0", unsettled: "1000" })
      assert.strictEqual(yield* statusOf(scene, one), "RELATABLE")

      // Applied for again it waits, and the reason is no longer true.
      yield* apply(scene, receipt, { amount: 700, contract_order_no: one })
      assert.deepStrictEqual(yield* inquire(scene, receipt), { ...common, status: "PENDING_RELATE" })
      yield* decided(scene)
      assert.deepStrictEqual(yield* inquire(scene, receipt), { ...common, status: "PENDING_RELATE" })
      assert.deepStrictEqual(yield* money(scene), { available: "700", held: "0", unsettled: "300" })
    })
  )

  it.effect("gives back only its own part", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      const { receipt, one } = yield* prepare(scene)
      const other = yield* remit(scene, 100)
      yield* scene.service.decide("tradesettle", "settle")
      yield* scene.service.decide("tradesettle", "reject")
      yield* apply(scene, other, { amount: 100, contract_order_no: one })
      yield* apply(scene, receipt, { amount: 500, contract_order_no: one }, { amount: 100, contract_order_no: one })
      yield* decided(scene)
      const again = (amount: number) => ({ recv_order_no: receipt, relate_list: [{ amount, contract_order_no: one }] })
      yield* refused(scene, Tradesettle.apply, again(601), "010003", /left of the order/)
      yield* succeed(scene, Tradesettle.apply, again(600))
      yield* decided(scene)
      assert.strictEqual((yield* money(scene)).available, "700")
    })
  )
})

describe("settlements of two merchants", () => {
  it.effect("do not touch each other", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      yield* fund(scene, 100)
      yield* fund(scene, 30, "EUR", theirs)
      assert.strictEqual((yield* money(scene, "EUR")).available, "100")
      assert.strictEqual((yield* money(scene, "EUR", theirs)).available, "30")
      const merchants = (yield* notices(scene, 6)).filter(({ id }) => id === "tradesettle.notification")
      assert.sameMembers(
        merchants.map((notice) => notice.merchId),
        [merchId, theirs.merchId]
      )
    })
  )
})
