import { assert, describe, it } from "@effect/vitest"
import * as Payee from "@paykka/schemas/Payee"
import * as Payment from "@paykka/schemas/Payment"
import * as Va from "@paykka/schemas/Va"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import * as Decisions from "../src/Decisions.ts"
import { succeed, theirs } from "./support/calls.ts"
import { merchId } from "./support/keys.ts"
import { authorizationOf } from "./support/merchant.ts"
import { type Scene, acceptedPayee, decided, fund, notices, start } from "./support/scene.ts"
import { notificationsOf, until } from "./support/ways.ts"

const pay = (scene: Scene, beneficiary_id: string, request_id = "PAY-1") =>
  succeed(scene, Payment.apply, { request_id, amount: 1, currency: "EUR", beneficiary_id })

const statusOf = (scene: Scene, request_id = "PAY-1") =>
  Effect.map(succeed(scene, Payment.inquiry, { request_id }), ({ status }) => status)

/** When what was booked, since the start. */
const bookings = (scene: Scene, what: RegExp) =>
  Effect.map(scene.service.ledger, (entries) => [
    ...new Map(entries.filter((entry) => what.test(entry.what)).map((entry) => [entry.transaction, entry])).values()
  ]).pipe(Effect.map((entries) => entries.map((entry) => [entry.what, entry.at] as const)))

/** A payee, and money: two seconds after the start for the money, one for the payee. */
const prepare = (scene: Scene) => Effect.andThen(fund(scene, 100), acceptedPayee(scene, "P-1"))

describe("advancing", () => {
  it.effect("takes each step at its own time, also those that come of it", () =>
    Effect.gen(function* () {
      const scene = yield* start({ decisions: { payment: "return" } })
      const payee = yield* prepare(scene)
      yield* pay(scene, payee, "PAY-1")
      yield* scene.service.advance("300 millis")
      yield* pay(scene, payee, "PAY-2")
      yield* scene.service.advance("1 hour")
      assert.deepStrictEqual(yield* bookings(scene, /payment/), [
        ["payment begun", 3000],
        ["payment begun", 3300],
        ["payment", 4000],
        ["payment", 4300],
        ["payment returned", 5000],
        ["payment returned", 5300]
      ])
    })
  )

  it.effect("and the program's clock together move the sandbox, and no step is taken twice", () =>
    Effect.gen(function* () {
      const scene = yield* start({ decisions: { payment: "return" } })
      const payee = yield* prepare(scene)
      yield* pay(scene, payee)
      yield* TestClock.adjust("400 millis")
      yield* scene.service.advance("599 millis")
      assert.strictEqual(yield* statusOf(scene), "PROCESSING")
      yield* TestClock.adjust("1 millis")
      // By a timer the step would have come a second after the call; the sandbox was put forward meanwhile.
      yield* scene.service.advance(0)
      assert.strictEqual(yield* statusOf(scene), "SANDBOX_PAID")
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* statusOf(scene), "SANDBOX_RETURNED")
      yield* notices(scene, 6)
      yield* TestClock.adjust("1 hour")
      yield* scene.service.advance("1 hour")
      assert.deepStrictEqual(yield* bookings(scene, /payment/), [
        ["payment begun", 3000],
        ["payment", 4000],
        ["payment returned", 5000]
      ])
      yield* notices(scene, 6)
    })
  )

  it.effect("alone is done by the program's clock, with what comes of it", () =>
    Effect.gen(function* () {
      const scene = yield* start({ decisions: { payment: "return" }, decidesAfter: "1 minute" })
      const beneficiary = succeed(scene, Payee.create, { request_id: "P-1" })
      yield* beneficiary
      yield* TestClock.adjust("59999 millis")
      assert.notProperty(yield* succeed(scene, Payee.inquiry, { request_id: "P-1" }), "status")
      yield* TestClock.adjust("1 millis")
      assert.property(yield* succeed(scene, Payee.inquiry, { request_id: "P-1" }), "status")
      yield* notices(scene, 1)
    })
  )

  it.effect("leaves signatures to the real time, and is told in the log", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      yield* scene.service.advance("30 days")
      yield* succeed(scene, Va.apply, { request_id: "R-1" })
      yield* decided(scene)
      yield* notices(scene, 1)
      assert.strictEqual(authorizationOf(scene.receiver.received[0]!).timestamp, "0")
      const month = 30 * 24 * 3600 * 1000
      assert.strictEqual((yield* notificationsOf(scene))[0]!.at, month + 1000)
    })
  )

  it.effect("is not needed where a timer is over before the clock says so", () =>
    Effect.gen(function* () {
      // As if the clock was set back during every wait.
      const stopped = Object.assign(Object.create(yield* Clock.Clock), { sleep: () => Effect.void }) as Clock.Clock
      yield* Effect.gen(function* () {
        const scene = yield* start({ callbackUrl: undefined })
        yield* succeed(scene, Va.apply, { request_id: "R-1" })
        const status = Effect.map(succeed(scene, Va.inquiry, { request_id: "R-1" }), (account) => account.status)
        yield* until(Effect.map(status, (text) => text === "ENABLED"))
      }).pipe(Effect.provideService(Clock.Clock, stopped))
    })
  )

  it.live("is not needed: on the real clock decisions are made by themselves", () =>
    Effect.gen(function* () {
      const scene = yield* start({ decidesAfter: "3 millis", decisions: { payment: "return" } })
      yield* succeed(scene, Va.apply, { request_id: "R-1" })
      yield* succeed(scene, Payee.create, { request_id: "P-1" })
      yield* until(Effect.map(notificationsOf(scene), ({ length }) => length === 2))
      assert.strictEqual((yield* succeed(scene, Va.inquiry, { request_id: "R-1" })).status, "ENABLED")
    })
  )
})

describe("decisions", () => {
  it.effect("that were told are made in their order, those of each kind apart, and then as it is set", () =>
    Effect.gen(function* () {
      const scene = yield* start({ decisions: { payment: "fail" } })
      const payee = yield* prepare(scene)
      yield* scene.service.decide("payment", "pay")
      yield* scene.service.decide("payee", "reject", "because")
      yield* scene.service.decide("payment", "return")
      const ids = ["PAY-1", "PAY-2", "PAY-3", "PAY-4"]
      for (const id of ids) yield* pay(scene, payee, id)
      yield* succeed(scene, Payee.create, { request_id: "P-2" })
      yield* decided(scene)
      yield* decided(scene)
      assert.deepStrictEqual(yield* Effect.forEach(ids, (id) => statusOf(scene, id)), [
        "SANDBOX_PAID",
        "SANDBOX_RETURNED",
        "SANDBOX_FAILED",
        "SANDBOX_FAILED"
      ])
      assert.strictEqual((yield* succeed(scene, Payee.inquiry, { request_id: "P-2" })).reason, "because")
      const reasons = yield* Effect.forEach(ids, (request_id) =>
        Effect.map(succeed(scene, Payment.inquiry, { request_id }), ({ reason }) => reason)
      )
      assert.deepStrictEqual(reasons, [
        undefined,
        "the sandbox was told so",
        "the sandbox is set so",
        "the sandbox is set so"
      ])
    })
  )

  it.effect("are made when they are due, not when the case comes, and for whichever merchant is next", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      yield* succeed(scene, Payee.create, { request_id: "P-1" })
      yield* succeed(scene, Payee.create, { request_id: "P-1" }, theirs)
      yield* scene.service.advance("999 millis")
      yield* scene.service.decide("payee", "reject", "the first")
      yield* scene.service.advance("1 millis")
      const own = yield* succeed(scene, Payee.inquiry, { request_id: "P-1" })
      assert.deepStrictEqual(own, {
        request_id: "P-1",
        merch_id: merchId,
        status: "SANDBOX_REJECTED",
        reason: "the first"
      })
      const other = yield* succeed(scene, Payee.inquiry, { request_id: "P-1" }, theirs)
      assert.strictEqual(other.status, "SANDBOX_ACCEPTED")
    })
  )

  it("are as the merchant wishes when nothing is said", () => {
    const judge = Decisions.makeJudge(Decisions.standard)
    assert.strictEqual(judge.next("onboarding").as, "approve")
    judge.tell("va", { as: "leave", reason: "told" })
    assert.deepStrictEqual(judge.next("va"), { as: "leave", reason: "told" })
    assert.strictEqual(judge.next("va").as, "open")
  })
})

describe("words for statuses", () => {
  it.effect("may be given, and the others stay the sandbox's own", () =>
    Effect.gen(function* () {
      const scene = yield* start({ statuses: { paymentPaid: "SUCCESS", payeeAccepted: "ACTIVE" } })
      const payee = yield* prepare(scene)
      assert.strictEqual((yield* succeed(scene, Payee.inquiry, { request_id: "P-1" })).status, "ACTIVE")
      yield* pay(scene, payee)
      yield* decided(scene)
      assert.strictEqual(yield* statusOf(scene), "SUCCESS")
      yield* scene.service.decide("payment", "fail")
      yield* pay(scene, payee, "PAY-2")
      yield* decided(scene)
      assert.strictEqual(yield* statusOf(scene, "PAY-2"), "SANDBOX_FAILED")
    })
  )
})
