import { assert, describe, it } from "@effect/vitest"
import * as Notification from "@paykka/schemas/Notification"
import * as Va from "@paykka/schemas/Va"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import type * as Sandbox from "../src/Sandbox.ts"
import * as JumpClock from "./support/JumpClock.ts"
import { merchId, platform } from "./support/keys.ts"
import { applyPath, authorizationOf, call, isGenuine, jsonOf } from "./support/merchant.ts"
import { type Running, callback, inquire, memory, notificationsOf, until, ways } from "./support/ways.ts"

const startedAt = 1_714_525_019_235
const account = { request_id: "R-1", currencies: ["EUR"], country_code: "DE" }

const apply = (running: Running, request_id = "R-1") =>
  Effect.gen(function* () {
    const answer = yield* running.send(yield* call(applyPath, { ...account, request_id }))
    assert.strictEqual(answer.status, 200, answer.body)
  })

/** Applies, and waits until the notification is acknowledged or given up. */
const notify = (running: Running) =>
  Effect.gen(function* () {
    yield* apply(running)
    yield* until(Effect.map(notificationsOf(running), ({ length }) => length > 0))
    const [{ deliveries, failure }] = (yield* notificationsOf(running)) as [
      Extract<Sandbox.LogEntry, { readonly kind: "notification" }>
    ]
    return { deliveries, failure }
  })

/** Nothing here comes near the limit of 10 seconds for one answer; only its own test lets it run out. */
const limit = "10 seconds"

/** What the documentation of `callbackUrl` promises: seven deliveries, waits of 0.5 to 16 seconds. */
const waits = [500, 1000, 2000, 4000, 8000, 16_000]

for (const way of ways) {
  describe(`${way.name}: a notification`, () => {
    it.live("is signed by the platform over the path of the callback URL, and is what the contract says", () => {
      const clock = JumpClock.make(startedAt, limit)
      return Effect.gen(function* () {
        const receiver = yield* way.receiver
        const running = yield* way.start(receiver.options)
        assert.deepStrictEqual(yield* notify(running), { deliveries: 1, failure: undefined })
        assert.strictEqual(receiver.received.length, 1)
        const notified = receiver.received[0]!
        assert.strictEqual(notified.method, "POST")
        assert.strictEqual(notified.target, callback)
        assert.strictEqual(notified.headers["content-type"], "application/json")
        assert.strictEqual(notified.headers["x-merch-id"], merchId)

        const authorization = authorizationOf(notified)
        assert.hasAllKeys(authorization, ["key_id", "nonce", "sign_type", "signature", "timestamp"])
        assert.strictEqual(authorization.sign_type, "SHA256_WITH_RSA")
        assert.strictEqual(authorization.key_id, platform.keyId)
        assert.strictEqual(authorization.timestamp, String(startedAt + 1000))
        assert.match(authorization.nonce, /^[0-9a-f]{6,32}$/)
        assert.isTrue(isGenuine(notified))
        for (const forged of [
          { ...notified, target: Va.notification.path },
          { ...notified, body: Buffer.concat([notified.body, Buffer.from(" ")]) },
          { ...notified, headers: { ...notified.headers, "x-merch-id": "" } }
        ]) {
          assert.isFalse(isGenuine(forged))
        }

        const body = jsonOf(notified)
        assert.deepStrictEqual(Object.keys(body as object), ["type", "version", "data"])
        const { type, version, data } = Notification.readEnvelope(body)
        assert.strictEqual(type, "MERCH")
        assert.strictEqual(version, "V2")
        assert.deepStrictEqual(Notification.recognise([Va.notification], "/hooks/paykka", data), [Va.notification])
        const decoded = Result.getOrThrow(Notification.decodeData(Va.notification, data))
        assert.deepInclude(decoded, { ...account, merch_id: merchId, status: "ENABLED", type: "LOCAL" })
        // Nothing that the schema does not know, and what the inquiry tells.
        assert.deepStrictEqual(decoded, data as typeof decoded)
        assert.deepStrictEqual(yield* inquire(running, "R-1"), data as typeof decoded)
      }).pipe(clock.run)
    })

    it.live("comes again until it is answered with 200, each time signed anew", () => {
      const clock = JumpClock.make(startedAt, limit)
      return Effect.gen(function* () {
        const receiver = yield* way.receiver
        const running = yield* way.start(receiver.options)
        receiver.answer(500, 401, 202, 200)
        assert.deepStrictEqual(yield* notify(running), { deliveries: 4, failure: undefined })
        assert.deepStrictEqual(clock.slept, [1000, 500, 1000, 2000])
        assert.strictEqual(receiver.received.length, 4)
        const authorizations = receiver.received.map(authorizationOf)
        assert.strictEqual(new Set(authorizations.map(({ nonce }) => nonce)).size, 4)
        assert.deepStrictEqual(
          authorizations.map(({ timestamp }) => Number(timestamp) - startedAt),
          [1000, 1500, 2500, 4500]
        )
        assert.isTrue(receiver.received.every(isGenuine))
        const bodies = receiver.received.map(({ body }) => Buffer.from(body).toString("utf8"))
        assert.strictEqual(new Set(bodies).size, 1)
        // Who waits for it is told at once what went wrong.
        const warnings = running.logged.filter((entry) => entry.includes("sandbox notification to"))
        assert.deepStrictEqual(
          warnings.map((entry) => /delivery ([0-9]): (HTTP [0-9]+)/.exec(entry)?.slice(1)),
          [
            ["1", "HTTP 500"],
            ["2", "HTTP 401"],
            ["3", "HTTP 202"]
          ]
        )
        assert.notInclude(warnings.join("\n"), "shop=1")
      }).pipe(clock.run)
    })

    it.live("is given up after seven deliveries with growing waits", () => {
      const clock = JumpClock.make(startedAt, limit)
      return Effect.gen(function* () {
        const receiver = yield* way.receiver
        const running = yield* way.start(receiver.options)
        receiver.answer(503)
        assert.deepStrictEqual(yield* notify(running), { deliveries: 7, failure: "HTTP 503" })
        assert.deepStrictEqual(clock.slept, [1000, ...waits])
        const nonces = receiver.received.map((notified) => authorizationOf(notified).nonce)
        assert.strictEqual(new Set(nonces).size, 7)
        assert.isTrue(receiver.received.every(isGenuine))
        // The account is open all the same.
        assert.strictEqual((yield* inquire(running, "R-1"))["status"], "ENABLED")
      }).pipe(clock.run)
    })

    it.live("that is answered with a redirect does not follow it", () => {
      const clock = JumpClock.make(startedAt, limit)
      return Effect.gen(function* () {
        const receiver = yield* way.receiver
        const running = yield* way.start(receiver.options)
        receiver.answer(307, 200)
        assert.deepStrictEqual(yield* notify(running), { deliveries: 2, failure: undefined })
        assert.deepStrictEqual(
          receiver.received.map(({ target }) => target),
          [callback, callback]
        )
      }).pipe(clock.run)
    })

    it.live("to nobody does not break the sandbox", () => {
      const clock = JumpClock.make(startedAt, limit)
      return Effect.gen(function* () {
        // Below the ports that systems hand out: nobody ever listens there.
        const running = yield* way.start({ callbackUrl: "http://127.0.0.1:2/hooks" })
        assert.deepStrictEqual(yield* notify(running), { deliveries: 7, failure: "no answer (ECONNREFUSED)" })
        assert.strictEqual((yield* inquire(running, "R-1"))["status"], "ENABLED")
      }).pipe(clock.run)
    })

    it.effect("without a callbackUrl is not sent", () =>
      Effect.gen(function* () {
        const receiver = yield* way.receiver
        const running = yield* way.start({ ...receiver.options, callbackUrl: undefined })
        yield* apply(running)
        yield* TestClock.adjust("1 hour")
        assert.strictEqual((yield* inquire(running, "R-1"))["status"], "ENABLED")
        assert.deepStrictEqual(yield* notificationsOf(running), [])
        assert.strictEqual(receiver.received.length, 0)
      })
    )

    it.effect("is not sent any more when the scope has ended", () =>
      Effect.gen(function* () {
        const [receiver, lastReceiver] = [yield* way.receiver, yield* way.receiver]
        const scope = yield* Scope.make()
        const ended = yield* Scope.provide(way.start(receiver.options), scope)
        // Decided later, over a sandbox that goes on: when this one has arrived, the other would have too.
        const lasting = yield* way.start(lastReceiver.options)
        receiver.answer(500)
        yield* apply(ended, "R-1")
        yield* TestClock.adjust("1 second")
        // The first delivery fails; the second is waited for, the other account's decision too.
        yield* until(Effect.sync(() => ended.logged.some((entry) => entry.includes("delivery 1: HTTP 500"))))
        yield* apply(ended, "R-2")
        yield* Scope.close(scope, Exit.void)
        yield* apply(lasting, "R-3")
        // No longer: deliveries are given up by this clock, and the real request takes a real while.
        yield* TestClock.adjust("1 second")
        yield* until(Effect.sync(() => lastReceiver.received.length > 0))
        assert.strictEqual(receiver.received.length, 1)
        assert.deepStrictEqual(yield* notificationsOf(ended), [])
      })
    )
  })
}

describe("in memory: a callback", () => {
  it.live("that does not answer is given up after 10 seconds, and told so", () => {
    const clock = JumpClock.make(startedAt)
    return Effect.gen(function* () {
      const signals: Array<AbortSignal> = []
      const send = (request: Request) => {
        signals.push(request.signal)
        return new Promise<Response>(() => undefined)
      }
      const running = yield* memory.start({ callbackUrl: "https://merchant.test/hooks", send })
      assert.deepStrictEqual(yield* notify(running), { deliveries: 7, failure: "no answer within 10 seconds" })
      assert.deepStrictEqual(clock.slept, [1000, 10_000, ...waits.flatMap((wait) => [wait, 10_000])])
      assert.strictEqual(signals.length, 7)
      assert.isTrue(signals.every(({ aborted }) => aborted))
    }).pipe(clock.run)
  })

  it.live("that fails in its own way counts as no answer", () => {
    const clock = JumpClock.make(startedAt, limit)
    return Effect.gen(function* () {
      const failures = [
        undefined,
        "text",
        new Error("boom"),
        { cause: null },
        new Error("boom", { cause: { code: 7 } })
      ]
      const next = failures[Symbol.iterator]()
      const send = () => {
        const { value, done } = next.next()
        return done === true ? Promise.resolve(new Response()) : Promise.reject(value)
      }
      const running = yield* memory.start({ callbackUrl: "https://merchant.test/hooks", send })
      assert.deepStrictEqual(yield* notify(running), { deliveries: failures.length + 1, failure: undefined })
      const warnings = running.logged.filter((entry) => entry.includes("sandbox notification to"))
      assert.strictEqual(warnings.length, failures.length)
      for (const warning of warnings) assert.match(warning, /delivery [0-9]: no answer"/)
    }).pipe(clock.run)
  })

  it.live("is freed of an answer's body", () => {
    const clock = JumpClock.make(startedAt, limit)
    return Effect.gen(function* () {
      let cancelled = false
      const body = new ReadableStream<Uint8Array>({
        pull: (controller) => {
          controller.enqueue(new Uint8Array(1024))
        },
        cancel: () => {
          cancelled = true
        }
      })
      const send = () => Promise.resolve(new Response(body))
      const running = yield* memory.start({ callbackUrl: "https://merchant.test/hooks", send })
      assert.deepStrictEqual(yield* notify(running), { deliveries: 1, failure: undefined })
      assert.isTrue(cancelled)
    }).pipe(clock.run)
  })
})
