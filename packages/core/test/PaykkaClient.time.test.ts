/** Timeouts and interruption: real sockets under virtual time. */
import * as Va from "@paykka/schemas/Va"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import * as RetryPolicy from "../src/RetryPolicy.ts"
import { create, read, reasonOf, start } from "./support/client.ts"
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
