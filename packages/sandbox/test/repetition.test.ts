import { assert, describe, it } from "@effect/vitest"
import * as Assessment from "@paykka/schemas/Assessment"
import * as Forex from "@paykka/schemas/Forex"
import * as Json from "@paykka/schemas/Json"
import * as Onboarding from "@paykka/schemas/Onboarding"
import type * as Operation from "@paykka/schemas/Operation"
import * as Order from "@paykka/schemas/Order"
import * as Payee from "@paykka/schemas/Payee"
import * as Payment from "@paykka/schemas/Payment"
import * as Tradesettle from "@paykka/schemas/Tradesettle"
import * as Va from "@paykka/schemas/Va"
import * as Effect from "effect/Effect"
import { assertError, assertSuccess } from "./support/answers.ts"
import { refused, send, sendText, succeed, theirs, uploadFile } from "./support/calls.ts"
import { first, merchId, secondMerchId } from "./support/keys.ts"
import type { Options } from "./support/merchant.ts"
import { applicationOf } from "./support/onboarding.ts"
import {
  type Scene,
  acceptedPayee,
  contract,
  createOrder,
  fund,
  money,
  notices,
  openAccount,
  remit,
  start
} from "./support/scene.ts"
import { requestsOf } from "./support/ways.ts"

/** A creating operation: a body of a new submission as JSON text, and how many notifications one object makes. */
interface Creation {
  readonly operation: Operation.Operation
  readonly body: (scene: Scene, request_id: string) => Effect.Effect<unknown>
  /** Notifications of what must be there before, and of each object. */
  readonly earlier: number
  readonly each: number
}

const creations: ReadonlyArray<Creation> = [
  { operation: Onboarding.apply, body: applicationOf, earlier: 0, each: 1 },
  { operation: Assessment.apply, body: applicationOf, earlier: 0, each: 2 },
  { operation: Va.apply, body: (_, request_id) => Effect.succeed({ request_id }), earlier: 0, each: 1 },
  {
    operation: Order.create,
    body: (scene, request_id) => Effect.map(uploadFile(scene), (fileId) => contract(fileId, { request_id })),
    earlier: 0,
    each: 0
  },
  { operation: Payee.create, body: (_, request_id) => Effect.succeed({ request_id }), earlier: 0, each: 1 },
  {
    operation: Payment.apply,
    body: (scene, request_id) =>
      Effect.gen(function* () {
        yield* fund(scene, 1000)
        const beneficiary_id = yield* acceptedPayee(scene, "P-1")
        return { request_id, amount: 1, currency: "EUR", beneficiary_id }
      }),
    earlier: 4,
    each: 1
  }
]

const cases = creations.map((creation) => ({ ...creation, id: creation.operation.id }))

/** Sends the same submission five times at once, and once more an hour later. */
const sendAgain = (scene: Scene, { operation, body }: Creation, request_id = "R-1") =>
  Effect.gen(function* () {
    const text = Json.stringify(yield* body(scene, request_id))
    const one = sendText(scene, operation, text)
    const atOnce = yield* Effect.all(
      Array.from({ length: 5 }, () => one),
      { concurrency: "unbounded" }
    )
    yield* scene.service.advance("1 hour")
    const later = yield* one
    yield* scene.service.advance("1 hour")
    return [...atOnce, later]
  })

describe("a repeated request_id", () => {
  it.effect.each(cases)("gets the first answer and changes nothing: $id", (creation) =>
    Effect.gen(function* () {
      const scene = yield* start()
      const answers = yield* sendAgain(scene, creation)
      for (const answer of answers) assertSuccess(creation.operation, answer)
      assert.strictEqual(new Set(answers.map(({ body }) => body)).size, 1)
      yield* notices(scene, creation.earlier + creation.each)
    })
  )

  it.effect.each(cases)("is refused with 010004 where it is set so: $id", (creation) =>
    Effect.gen(function* () {
      const scene = yield* start({ repeatedRequestId: "integrity-violation" })
      const answers = yield* sendAgain(scene, creation)
      const [accepted, ...others] = answers.toSorted((a, b) => a.status - b.status)
      assertSuccess(creation.operation, accepted!)
      assert.strictEqual(others.length, 5)
      for (const answer of others) assert.match(assertError(answer, "010004"), /^: the request_id was used before$/)
      yield* notices(scene, creation.earlier + creation.each)
    })
  )

  it.effect.each(cases)("makes a second object where it is set so: $id", (creation) =>
    Effect.gen(function* () {
      const scene = yield* start({ repeatedRequestId: "second-object" })
      const answers = yield* sendAgain(scene, creation)
      for (const answer of answers) assertSuccess(creation.operation, answer)
      if (creation.operation === Order.create) assert.strictEqual(new Set(answers.map(({ body }) => body)).size, 6)
      yield* notices(scene, creation.earlier + 6 * creation.each)
    })
  )

  it.effect("with another body gets the first answer all the same", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      const order = yield* createOrder(scene, { request_id: "O-1", amount: 10 })
      assert.strictEqual(yield* createOrder(scene, { request_id: "O-1", amount: 99, currency: "USD" }), order)
      yield* openAccount(scene)
      const recv_order_no = yield* remit(scene, 100)
      const settle = (amount: number) => ({ recv_order_no, relate_list: [{ amount, contract_order_no: order }] })
      yield* refused(scene, Tradesettle.apply, settle(11), "010003", /left of the order/)
      yield* succeed(scene, Tradesettle.apply, settle(10))
    })
  )

  it.effect("moves money once, or twice where a second object is made", () =>
    Effect.gen(function* () {
      const payout = creations.find(({ operation }) => operation === Payment.apply)!
      for (const [repeatedRequestId, available] of [
        ["same-answer", "999"],
        ["integrity-violation", "999"],
        ["second-object", "994"]
      ] as const) {
        const scene = yield* start({ repeatedRequestId })
        yield* sendAgain(scene, payout)
        assert.strictEqual((yield* money(scene)).available, available)
      }
    })
  )

  it.effect("is no repetition while the first one was refused", () =>
    Effect.gen(function* () {
      for (const repeatedRequestId of ["same-answer", "integrity-violation"] as const) {
        const scene = yield* start({ repeatedRequestId })
        const beneficiary_id = yield* acceptedPayee(scene, "P-1")
        const payment = { request_id: "R-1", amount: 100, currency: "EUR", beneficiary_id }
        yield* refused(scene, Payment.apply, payment, "010003", /insufficient/)
        yield* refused(scene, Order.create, contract("1", { request_id: "R-1" }), "010002", /contract_file_ids/)
        yield* fund(scene, 100)
        yield* succeed(scene, Payment.apply, payment)
        yield* createOrder(scene, { request_id: "R-1" })
      }
    })
  )

  it.effect("is none of another operation, or another merchant's", () =>
    Effect.gen(function* () {
      const scene = yield* start({ repeatedRequestId: "integrity-violation" })
      const everywhere = (options?: Options) =>
        Effect.gen(function* () {
          yield* succeed(scene, Va.apply, { request_id: "R-1" }, options)
          yield* succeed(scene, Payee.create, { request_id: "R-1" }, options)
          yield* createOrder(scene, { request_id: "R-1" }, options)
          yield* succeed(scene, Onboarding.apply, yield* applicationOf(scene, "R-1", "Example", options), options)
          yield* succeed(scene, Assessment.apply, yield* applicationOf(scene, "R-1", "Example", options), options)
        })
      yield* everywhere()
      yield* everywhere(theirs)
      const entries = yield* requestsOf(scene)
      assert.sameMembers([...new Set(entries.map(({ requestId }) => requestId))], ["R-1", undefined])
    })
  )

  it.effect("is none of another merchant's with the same key", () =>
    Effect.gen(function* () {
      const key = { keyId: first.keyId, publicKey: first.publicPem }
      const merchants = [
        { merchId, ...key },
        { merchId: secondMerchId, ...key }
      ]
      const scene = yield* start({ merchants })
      const one = yield* createOrder(scene, { request_id: "R-1" })
      assert.notStrictEqual(yield* createOrder(scene, { request_id: "R-1" }, { merchId: secondMerchId }), one)
    })
  )

  it.effect("is nothing to quotes and files, which have none", () =>
    Effect.gen(function* () {
      const scene = yield* start({ repeatedRequestId: "integrity-violation" })
      const request = { sell_currency: "EUR", buy_currency: "USD", sell_amount: 1 }
      const offers = [yield* succeed(scene, Forex.preorder, request), yield* succeed(scene, Forex.preorder, request)]
      assert.notStrictEqual(offers[0]!.order_no, offers[1]!.order_no)
      assert.notStrictEqual(yield* uploadFile(scene), yield* uploadFile(scene))
    })
  )
})

describe("second objects", () => {
  it.effect("live beside the first ones; the inquiry tells of the last", () =>
    Effect.gen(function* () {
      const scene = yield* start({ repeatedRequestId: "second-object" })
      yield* succeed(scene, Va.apply, { request_id: "R-1", currencies: ["EUR"] })
      yield* scene.service.decide("va", "leave")
      yield* scene.service.decide("va", "open")
      yield* succeed(scene, Va.apply, { request_id: "R-1", currencies: ["USD"] })
      yield* succeed(scene, Va.apply, { request_id: "R-1", currencies: ["GBP"] })
      yield* scene.service.advance("1 second")
      // The first one was left, the others are open.
      assert.deepStrictEqual((yield* succeed(scene, Va.inquiry, { request_id: "R-1" })).currencies, ["GBP"])
      yield* remit(scene, 1, "USD")
      yield* remit(scene, 1, "GBP")
      const none = yield* Effect.exit(remit(scene, 1, "EUR"))
      assert.strictEqual(none._tag, "Failure")
    })
  )

  it.effect("of a payee can both be paid", () =>
    Effect.gen(function* () {
      const scene = yield* start({ repeatedRequestId: "second-object" })
      yield* fund(scene, 10)
      const ids = [yield* acceptedPayee(scene, "P-1"), yield* acceptedPayee(scene, "P-1")]
      assert.strictEqual(new Set(ids).size, 2)
      for (const [index, beneficiary_id] of ids.entries()) {
        const payment = { request_id: `R-${index}`, amount: 5, currency: "EUR", beneficiary_id }
        assert.strictEqual((yield* send(scene, Payment.apply, payment)).status, 200)
      }
    })
  )
})
