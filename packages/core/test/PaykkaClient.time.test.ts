/** Timeouts and interruption: real sockets under virtual time. */
import * as Va from "@paykka/schemas/Va"
import * as Signer from "@paykka/signing/Signer"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import * as Environment from "../src/Environment.ts"
import * as PaykkaClient from "../src/PaykkaClient.ts"
import type { Unreachable } from "../src/PaykkaError.ts"
import * as Plugin from "../src/Plugin.ts"
import * as RetryPolicy from "../src/RetryPolicy.ts"
import { create, make, merchId, read, reasonOf, refusing, start } from "./support/client.ts"
import * as JumpClock from "./support/JumpClock.ts"
import { signer } from "./support/keys.ts"
import type { Answer } from "./support/TestPlatform.ts"

const once = { retry: RetryPolicy.none }
const silences: ReadonlyArray<readonly [string, Answer]> = [
  ["without an answer", "stall"],
  ["within the body", { body: "{", end: "stall" }]
]

describe("the timeout", () => {
  it.effect.each(silences)("is 30 seconds by default: %s", ([, answer]) =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([answer], { timeout: undefined })
      const fiber = yield* Effect.forkChild(Effect.flip(read(client, once)))
      const { closed } = yield* platform.arrival(1)
      yield* TestClock.adjust("29999 millis")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      const error = yield* Fiber.join(fiber)
      assert.strictEqual(reasonOf(error, "Unreachable").detail, "no answer within 30 s")
      assert.isTrue(error.retryable)
      yield* Effect.promise(() => closed)
    })
  )

  it.effect.each(silences)("leaves the outcome of a create open: %s", ([, answer]) =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([answer, {}], { timeout: "5 seconds" })
      const fiber = yield* Effect.forkChild(Effect.flip(create(client)))
      yield* platform.arrival(1)
      yield* TestClock.adjust("5 seconds")
      const error = yield* Fiber.join(fiber)
      const reason = reasonOf(error, "OutcomeUnknown")
      assert.deepStrictEqual(reason.because, { _tag: "Unreachable", detail: "no answer within 5 s" })
      assert.isFalse(error.retryable)
      assert.strictEqual(platform.received.length, 1)
    })
  )

  it.effect("is the call's before the client's", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start(["stall"], { timeout: "5 seconds" })
      const fiber = yield* Effect.forkChild(Effect.flip(read(client, { ...once, timeout: "1 second" })))
      yield* platform.arrival(1)
      yield* TestClock.adjust("1 second")
      assert.include(reasonOf(yield* Fiber.join(fiber), "Unreachable").detail, " 1 s")
    })
  )

  it.effect.each([0, -1, Number.NaN, "soon"])("of a call is refused as %s, before anything is sent", (timeout) =>
    Effect.gen(function* () {
      const { platform, client } = yield* start()
      const error = yield* Effect.flip(create(client, { timeout: timeout as number }))
      assert.deepStrictEqual(
        reasonOf(error, "InvalidRequest").faults.map(({ path }) => path),
        ["options.timeout"]
      )
      assert.strictEqual(platform.received.length, 0)
    })
  )

  it.effect("is that of each request: a read is then sent again", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start(["stall", { body: { status: "ENABLED" } }], { timeout: "10 minutes" })
      const retry = { ...RetryPolicy.standard, totalTime: "1 hour" } as const
      const fiber = yield* Effect.forkChild(client.executeWithResponse(Va.inquiry, { request_id: "R-1" }, { retry }))
      yield* platform.arrival(1)
      yield* TestClock.adjust("10 minutes")
      // When the client has begun its wait cannot be seen from here: let the time run, in steps far below the timeout.
      const running = yield* TestClock.adjust("10 millis").pipe(
        Effect.andThen(Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 1)))),
        Effect.forever,
        Effect.forkChild
      )
      const reply = yield* Fiber.join(fiber)
      yield* Fiber.interrupt(running)
      assert.strictEqual(reply.attempts, 2)
      assert.strictEqual(reply.value.status, "ENABLED")
    })
  )
})

describe("notAfter", () => {
  const limited: Answer = { status: 429, headers: { "retry-after": "20" } }
  const second = TestClock.adjust("1 second")
  const notSent: Unreachable = { _tag: "Unreachable", detail: "not sent, since notAfter has passed" }

  it.effect("is the last moment for a request", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start()
      yield* TestClock.setTime(5000)
      for (const call of [read, create]) {
        yield* call(client, { notAfter: 5000 })
        const error = yield* Effect.flip(call(client, { notAfter: 4999 }))
        assert.deepStrictEqual([error.reason, error.attempts, error.retryable], [notSent, 0, false])
      }
      assert.strictEqual(platform.received.length, 2)
    })
  )

  it.effect.each([
    ["of a plugin around the call", { name: "slow", operation: (_, next) => Effect.andThen(second, next) }],
    ["of a plugin around the request", { name: "slow", attempt: (_, next) => Effect.andThen(second, next) }]
  ] as ReadonlyArray<readonly [string, Plugin.Plugin]>)("bounds the time %s as well", ([, plugin]) =>
    Effect.gen(function* () {
      const { platform, client } = yield* start()
      const call = (notAfter: number) => Effect.provideService(create(client, { notAfter }), Plugin.Current, [plugin])
      assert.deepStrictEqual((yield* Effect.flip(call(999))).reason, notSent)
      assert.strictEqual(platform.received.length, 0)
      yield* call(2000)
      assert.strictEqual(platform.received.length, 1)
    })
  )

  it.effect("bounds the time of signing as well", () =>
    Effect.gen(function* () {
      const { platform } = yield* start()
      const slow = Layer.effect(
        Signer.Signer,
        Effect.map(Signer.Signer, ({ sign }) => Signer.Signer.of({ sign: (bytes) => Effect.tap(sign(bytes), second) }))
      ).pipe(Layer.provide(signer))
      const options = { environment: Environment.local(platform.baseUrl), merchId }
      const error = yield* PaykkaClient.PaykkaClient.use((client) =>
        Effect.flip(create(client, { notAfter: 999 }))
      ).pipe(Effect.provide(Layer.provide(PaykkaClient.layer(options), [slow, FetchHttpClient.layer])))
      assert.deepStrictEqual([error.reason, error.attempts], [notSent, 0])
      assert.strictEqual(platform.received.length, 0)
    })
  )

  it.effect("ends a call at once when a repetition would come later", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([limited, {}, limited, {}])
      const { clock, slept, run } = JumpClock.make()
      const after = (millis: number) => ({ notAfter: clock.currentTimeMillisUnsafe() + millis })
      yield* run(create(client, after(20_000)))
      assert.deepStrictEqual(slept, [20_000])
      const error = yield* Effect.flip(run(create(client, after(19_999))))
      assert.deepStrictEqual(error.reason, { _tag: "RateLimited", retryAfterMillis: 20_000 })
      assert.deepStrictEqual([error.attempts, error.retryable], [1, false])
      assert.deepStrictEqual([slept.length, platform.received.length], [1, 3])
    })
  )

  it.effect("ends a call when a repetition comes later than it should", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([{ status: 429 }, {}])
      // As after a wait that a busy or suspended machine has drawn out.
      const late: Plugin.Plugin = {
        name: "late",
        attempt: ({ attempt }, next) => (attempt === 1 ? next : Effect.andThen(second, next))
      }
      const retry = { ...RetryPolicy.standard, baseDelay: 0 }
      const call = Effect.provideService(create(client, { notAfter: 999, retry }), Plugin.Current, [late])
      const error = yield* Effect.flip(call)
      assert.deepStrictEqual([error.reason, error.attempts, error.retryable], [notSent, 1, false])
      assert.strictEqual(platform.received.length, 1)
    })
  )

  it.effect("ends a call also between refused connections", () =>
    Effect.gen(function* () {
      const { platform } = yield* start()
      const client = yield* make(platform.baseUrl, {}, refusing(1))
      const retry = { ...RetryPolicy.standard, jitter: 0 }
      const error = yield* Effect.flip(create(client, { retry, notAfter: 249 }))
      assert.include(reasonOf(error, "Unreachable").detail, "connection refused")
      assert.deepStrictEqual([error.attempts, error.retryable], [1, false])
      assert.strictEqual(platform.received.length, 0)
    })
  )

  it.effect("tells whether the call may be made again, where the policy has ended it", () =>
    Effect.gen(function* () {
      const { client } = yield* start([limited])
      assert.isTrue((yield* Effect.flip(create(client, { ...once, notAfter: 20_000 }))).retryable)
      assert.isFalse((yield* Effect.flip(create(client, { ...once, notAfter: 19_999 }))).retryable)
    })
  )

  it.effect("leaves what is in doubt in doubt", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start(["stall"], { timeout: "5 seconds" })
      const fiber = yield* Effect.forkChild(Effect.flip(create(client, { notAfter: 1000 })))
      yield* platform.arrival(1)
      yield* TestClock.adjust("5 seconds")
      reasonOf(yield* Fiber.join(fiber), "OutcomeUnknown")
    })
  )

  it.effect.each([Number.NaN, "soon"])("is refused as %s, before anything is sent", (notAfter) =>
    Effect.gen(function* () {
      const { platform, client } = yield* start()
      const error = yield* Effect.flip(create(client, { notAfter: notAfter as number }))
      assert.deepStrictEqual(reasonOf(error, "InvalidRequest").faults, [
        { path: "options.notAfter", rule: "must be a time in milliseconds since the epoch" }
      ])
      assert.strictEqual(platform.received.length, 0)
    })
  )
})

describe("interruption", () => {
  const endless: Answer = { body: "x".repeat(1000), end: "endless" }
  it.effect.each([...silences, ["within an endless body", endless] as const])("aborts the request: %s", ([, answer]) =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([answer], { maxResponseBytes: Number.MAX_SAFE_INTEGER })
      for (const [index, call] of [read, create].entries()) {
        const fiber = yield* Effect.forkChild(Effect.asVoid(call(client)))
        const { closed } = yield* platform.arrival(index + 1)
        yield* Fiber.interrupt(fiber)
        assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
        yield* Effect.promise(() => closed)
      }
      assert.strictEqual(platform.received.length, 2)
    })
  )

  it.effect("aborts the request also by an AbortSignal of the program", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start(["stall"])
      const controller = new AbortController()
      const promise = Effect.runPromiseExit(read(client), { signal: controller.signal })
      const { closed } = yield* platform.arrival(1)
      controller.abort()
      yield* Effect.promise(() => closed)
      assert.isTrue(Exit.hasInterrupts(yield* Effect.promise(() => promise)))
    })
  )

  it.effect("ends a wait between two requests", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([{ status: 429, headers: { "retry-after": "20" } }])
      const fiber = yield* Effect.forkChild(Effect.asVoid(read(client)))
      yield* platform.arrival(1)
      yield* Fiber.interrupt(fiber)
      yield* TestClock.adjust("1 hour")
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
      assert.strictEqual(platform.received.length, 1)
    })
  )
})
