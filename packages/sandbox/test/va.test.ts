import { assert, describe, it } from "@effect/vitest"
import * as Operation from "@paykka/schemas/Operation"
import * as Va from "@paykka/schemas/Va"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as TestClock from "effect/testing/TestClock"
import { merchId, second, secondMerchId } from "./support/keys.ts"
import { type Options, applyPath, call, jsonOf } from "./support/merchant.ts"
import { type Running, inquire, notificationsOf, until, ways } from "./support/ways.ts"

const apply = (running: Running, body: Readonly<Record<string, unknown>>, options?: Options) =>
  Effect.gen(function* () {
    const answer = yield* running.send(yield* call(applyPath, body, options))
    assert.strictEqual(answer.status, 200, answer.body)
    assert.strictEqual(answer.headers["content-type"], "application/json")
    // Nothing is known of the answer.
    assert.strictEqual(answer.headers["x-sandbox-provenance"], "unknown")
    return JSON.parse(answer.body) as unknown
  })

const application = { request_id: "R-1", currencies: ["EUR", "USD"], country_code: "DE" }

/** What an account has before it is open. */
const pending = { ...application, merch_id: merchId, type: "LOCAL" }

/** The fields that only an open account has. */
const accountFields = ["status", "account_no", "bic_swift_code", "bank_name", "bank_address"]

const assertOpen = (account: Readonly<Record<string, unknown>>): string => {
  const rest = Object.fromEntries(Object.entries(account).filter(([name]) => !accountFields.includes(name)))
  assert.deepStrictEqual(rest, pending)
  assert.strictEqual(account["status"], "ENABLED")
  for (const field of accountFields) {
    assert.isString(account[field], field)
    assert.isNotEmpty(account[field], field)
  }
  assert.isTrue(Result.isSuccess(Operation.decodeResponse(Va.inquiry, account)))
  return account["account_no"] as string
}

for (const way of ways) {
  describe(`${way.name}: a collection account`, () => {
    it.effect("is applied for, has no status at first, is open after a second, and is notified once", () =>
      Effect.gen(function* () {
        const receiver = yield* way.receiver
        const running = yield* way.start(receiver.options)
        assert.deepStrictEqual(yield* apply(running, application), { request_id: "R-1" })
        yield* TestClock.adjust("999 millis")
        assert.deepStrictEqual(yield* inquire(running, "R-1"), pending)
        assert.strictEqual(receiver.received.length, 0)

        yield* TestClock.adjust("1 millis")
        const accountNo = assertOpen(yield* inquire(running, "R-1"))
        yield* until(Effect.map(notificationsOf(running), ({ length }) => length > 0))
        const [entry] = yield* notificationsOf(running)
        assert.deepStrictEqual(entry, {
          kind: "notification",
          at: 1000,
          notification: "va.notification",
          merchId,
          deliveries: 1,
          failure: undefined
        })
        const { type, version, data } = jsonOf(receiver.received[0]!) as Record<string, Record<string, unknown>>
        assert.deepEqual({ type, version }, { type: "MERCH", version: "V2" })
        assert.strictEqual(assertOpen(data!), accountNo)

        yield* TestClock.adjust("1 hour")
        assert.strictEqual(assertOpen(yield* inquire(running, "R-1")), accountNo)
        assert.strictEqual(receiver.received.length, 1)
        assert.strictEqual((yield* notificationsOf(running)).length, 1)
        // The log tells nothing of the account.
        assert.notInclude(JSON.stringify(yield* running.service.log) + running.logged.join("\n"), accountNo)
      })
    )

    it.effect("is open after the time that is set", () =>
      Effect.gen(function* () {
        const running = yield* way.start({ decidesAfter: "3 minutes" })
        yield* apply(running, application)
        yield* TestClock.adjust("179 seconds")
        assert.notProperty(yield* inquire(running, "R-1"), "status")
        yield* TestClock.adjust("1 second")
        assertOpen(yield* inquire(running, "R-1"))
      })
    )

    it.effect("keeps the type that was applied for", () =>
      Effect.gen(function* () {
        const running = yield* way.start()
        yield* apply(running, { ...application, type: "GLOBAL" })
        yield* TestClock.adjust("1 second")
        assert.strictEqual((yield* inquire(running, "R-1"))["type"], "GLOBAL")
      })
    )

    it.effect("is never opened where that is decided, and nobody is told", () =>
      Effect.gen(function* () {
        const receiver = yield* way.receiver
        const running = yield* way.start(receiver.options)
        yield* running.service.decide("va", "leave")
        yield* apply(running, application)
        yield* apply(running, { ...application, request_id: "R-2" })
        yield* TestClock.adjust("1 second")
        // The next one is opened again.
        yield* until(Effect.map(notificationsOf(running), ({ length }) => length > 0))
        yield* TestClock.adjust("1 hour")
        assert.deepStrictEqual(yield* inquire(running, "R-1"), pending)
        const { data } = jsonOf(receiver.received[0]!) as { readonly data: Readonly<Record<string, unknown>> }
        assert.strictEqual(data["request_id"], "R-2")
        assert.strictEqual(receiver.received.length, 1)
      })
    )

    it.effect("a repeated request_id gets the first answer, no second account and no second notification", () =>
      Effect.gen(function* () {
        const receiver = yield* way.receiver
        const running = yield* way.start(receiver.options)
        const again = { ...application, currencies: ["GBP"], country_code: "GB" }
        // At once, while the first is pending, and when it is open.
        yield* Effect.all(
          Array.from({ length: 10 }, () => apply(running, application)),
          { concurrency: "unbounded" }
        )
        yield* TestClock.adjust("500 millis")
        assert.deepStrictEqual(yield* apply(running, again), { request_id: "R-1" })
        yield* TestClock.adjust("500 millis")
        yield* until(Effect.map(notificationsOf(running), ({ length }) => length > 0))
        const accountNo = assertOpen(yield* inquire(running, "R-1"))
        assert.deepStrictEqual(yield* apply(running, again), { request_id: "R-1" })
        yield* TestClock.adjust("1 hour")
        assert.strictEqual(assertOpen(yield* inquire(running, "R-1")), accountNo)
        assert.strictEqual(receiver.received.length, 1)
      })
    )

    it.effect("two merchants with one request_id do not see each other", () =>
      Effect.gen(function* () {
        const receiver = yield* way.receiver
        const running = yield* way.start(receiver.options)
        yield* apply(running, application)
        yield* TestClock.adjust("500 millis")
        const theirs = { merchId: secondMerchId, key: second }
        yield* apply(running, { request_id: "R-1", country_code: "GB" }, theirs)
        yield* TestClock.adjust("500 millis")
        yield* until(Effect.sync(() => receiver.received.length === 1))
        assert.strictEqual(receiver.received[0]!.headers["x-merch-id"], merchId)
        const ours = assertOpen(yield* inquire(running, "R-1"))
        const inquiry = yield* running.send(yield* call(Va.inquiry.path, { request_id: "R-1" }, theirs))
        assert.deepStrictEqual(JSON.parse(inquiry.body), {
          request_id: "R-1",
          merch_id: secondMerchId,
          country_code: "GB",
          type: "LOCAL"
        })
        yield* TestClock.adjust("500 millis")
        yield* until(Effect.sync(() => receiver.received.length === 2))
        assert.strictEqual(receiver.received[1]!.headers["x-merch-id"], secondMerchId)
        const { data } = jsonOf(receiver.received[1]!) as { readonly data: Readonly<Record<string, unknown>> }
        assert.strictEqual(data["merch_id"], secondMerchId)
        assert.notStrictEqual(data["account_no"], ours)
      })
    )

    it.effect("many at once: each gets an account of its own and one notification", () =>
      Effect.gen(function* () {
        const receiver = yield* way.receiver
        const running = yield* way.start(receiver.options)
        const ids = Array.from({ length: 60 }, (_, index) => `R-${index}`)
        yield* Effect.forEach(ids, (request_id) => apply(running, { request_id }), { concurrency: "unbounded" })
        yield* TestClock.adjust("1 second")
        yield* until(Effect.map(notificationsOf(running), ({ length }) => length === ids.length))
        const notified = receiver.received.map(
          (each) => (jsonOf(each) as { readonly data: Readonly<Record<string, string>> }).data
        )
        assert.deepStrictEqual(notified.map((data) => data["request_id"]!).toSorted(), ids.toSorted())
        const accounts = new Map(notified.map((data) => [data["request_id"], data["account_no"]]))
        assert.strictEqual(new Set(accounts.values()).size, ids.length)
        const inquired = yield* Effect.forEach(ids, (id) => inquire(running, id), { concurrency: "unbounded" })
        for (const account of inquired) {
          assert.strictEqual(account["account_no"], accounts.get(account["request_id"] as string))
        }
      })
    )
  })
}
