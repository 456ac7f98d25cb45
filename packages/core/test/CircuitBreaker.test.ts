import { assert, describe, it } from "@effect/vitest"
import * as Va from "@paykka/schemas/Va"
import * as Signer from "@paykka/signing/Signer"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Breaker from "effect/persistence/CircuitBreaker"
import type * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import { stopped } from "../src/AttemptFailed.ts"
import * as CircuitBreaker from "../src/CircuitBreaker.ts"
import * as Environment from "../src/Environment.ts"
import * as PaykkaClient from "../src/PaykkaClient.ts"
import type { Plugin } from "../src/Plugin.ts"
import * as RetryPolicy from "../src/RetryPolicy.ts"
import { create, merchId, read, reasonOf, start } from "./support/client.ts"
import * as JumpClock from "./support/JumpClock.ts"
import { logging } from "./support/logging.ts"
import { type Health, answer, attemptOf, refusedOption, withPlugins } from "./support/plugins.ts"
import type { Answer } from "./support/TestPlatform.ts"

const make = (options?: CircuitBreaker.Options) =>
  Effect.provide(CircuitBreaker.make(options), Layer.fresh(CircuitBreaker.layerMemory))

const once = { retry: RetryPolicy.none }
const down: Answer = { status: 503 }

describe("a circuit breaker", () => {
  it.effect("stops sending after failures in a row, tries one request later, and closes when that succeeds", () =>
    Effect.gen(function* () {
      const { client, platform } = yield* start([down, down, {}, down, down, down, {}])
      const { lines, layer: logs } = logging()
      const breaker = yield* make({ opensAfter: { failures: 3 }, openDuration: "20 seconds" })
      yield* Effect.gen(function* () {
        const fails = Effect.flip(read(client, once))
        yield* fails
        yield* fails
        yield* read(client)
        for (let i = 0; i < 3; i++) assert.strictEqual((yield* fails).reason._tag, "PlatformFailure")
        yield* TestClock.adjust(7_500)
        for (const error of [yield* fails, yield* Effect.flip(create(client))]) {
          const { detail } = reasonOf(error, "Unreachable")
          assert.strictEqual(detail, "not sent: the circuit is open for about 13 s more")
          assert.deepStrictEqual([error.attempts, error.httpStatus, error.retryable], [0, undefined, true])
        }
        yield* TestClock.adjust(12_499)
        yield* fails
        assert.strictEqual(platform.received.length, 6)
        yield* TestClock.adjust(1)
        yield* read(client)
        yield* read(client)
        assert.strictEqual(platform.received.length, 8)
      }).pipe(withPlugins(breaker), Effect.provide(logs))
      assert.deepStrictEqual(
        lines
          .filter((line) => line.includes("circuit"))
          .map((line) => line.replace(platform.baseUrl, "*").replaceAll(/^\[ '(\w+)', \[ '(.*?)' \].*$/g, "$1 $2")),
        [
          "Warn the circuit of * is open for 20 s: too many requests failed",
          "Info the circuit of * is half open: one request tries it",
          "Info the circuit of * is closed again"
        ]
      )
    })
  )

  it.effect("lets one request through to try, and opens anew when that fails", () =>
    Effect.gen(function* () {
      const { client, platform } = yield* start([down, "stall", {}])
      const breaker = yield* make({ opensAfter: { failures: 1 } })
      yield* Effect.gen(function* () {
        yield* Effect.flip(read(client, once))
        yield* TestClock.adjust("30 seconds")
        const probe = yield* Effect.forkChild(Effect.flip(read(client, { ...once, timeout: "5 seconds" })))
        yield* platform.arrival(2)
        const other = yield* Effect.flip(read(client))
        assert.strictEqual(
          reasonOf(other, "Unreachable").detail,
          "not sent: the circuit is half open, and another request tries it"
        )
        yield* TestClock.adjust("5 seconds")
        yield* Fiber.join(probe)
        assert.include((yield* Effect.flip(read(client))).message, "open for about 30 s more")
        assert.strictEqual(platform.received.length, 2)
      }).pipe(withPlugins(breaker))
    })
  )

  it.effect("frees the way to try when the request that tries is interrupted or not sent", () =>
    Effect.gen(function* () {
      const { client, platform } = yield* start([down, "stall", {}])
      const breaker = yield* make({ opensAfter: { failures: 1 } })
      const isShut = { now: false }
      const inner: Plugin = {
        name: "inner",
        attempt: (_, next) => (isShut.now ? stopped({ detail: "not now", isFinal: true }) : next)
      }
      yield* Effect.gen(function* () {
        yield* Effect.flip(read(client, once))
        yield* TestClock.adjust("30 seconds")
        const probe = yield* Effect.forkChild(read(client))
        yield* platform.arrival(2)
        yield* Fiber.interrupt(probe)
        isShut.now = true
        assert.include((yield* Effect.flip(read(client))).message, "not now")
        isShut.now = false
        yield* read(client)
      }).pipe(withPlugins(breaker, inner))
    })
  )

  // Two failures open it, and between the two stands an answer: with one more failure the second is not sent,
  // with a success both are, and one that says nothing lets the second open it.
  const judged: ReadonlyArray<readonly ["failure" | "nothing" | "success", string, Answer]> = [
    ["failure", "HTTP 500", { status: 500 }],
    ["failure", "HTTP 504 of a gateway", { status: 504, body: "<html>" }],
    ["failure", "999999", { body: { ret_code: "999999", ret_msg: "" } }],
    ["failure", "a broken connection", "reset"],
    ["failure", "no answer in time", "stall"],
    ["failure", "an answer cut short", { body: "{", end: "cut" }],
    ["failure", "HTTP 408", { status: 408 }],
    ["nothing", "HTTP 429", { status: 429 }],
    ["nothing", "010001", { body: { ret_code: "010001", ret_msg: "" } }],
    ["success", "a result", {}],
    ["success", "not found", { status: 404, body: { ret_code: "010002", ret_msg: "" } }],
    ["success", "an invalid state", { body: { ret_code: "010003", ret_msg: "" } }],
    ["success", "a bad request", { status: 400, body: { ret_code: "010000", ret_msg: "" } }],
    ["success", "a refused signature", { status: 401 }],
    ["success", "an unknown code", { status: 400, body: { ret_code: "777777", ret_msg: "" } }],
    ["success", "a redirect", { status: 302, headers: { location: "/" } }],
    ["success", "another text", { body: "<html>" }]
  ]
  it.effect.each(judged)("takes for %s: %s", ([verdict, , between]) =>
    Effect.gen(function* () {
      const { client, platform } = yield* start([down, between, down, {}])
      const breaker = yield* make({ opensAfter: { failures: 2 } })
      // Too short for an answer that never comes, and irrelevant to the others.
      const call = Effect.ignore(read(client, { ...once, timeout: between === "stall" ? "5 seconds" : "1 hour" }))
      yield* Effect.gen(function* () {
        yield* call
        const second = yield* Effect.forkChild(call)
        yield* platform.arrival(2)
        if (between === "stall") yield* TestClock.adjust("5 seconds")
        yield* Fiber.join(second)
        yield* call
        yield* call
      }).pipe(withPlugins(breaker))
      assert.strictEqual(platform.received.length, { failure: 2, nothing: 3, success: 4 }[verdict])
    })
  )

  it.effect("does not judge by what is not sent, defects and interruptions", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([down, "stall", down, {}])
      const unable = Signer.Signer.of({
        sign: () => Effect.fail(new Signer.SigningFailed({ reason: "no key" } as never))
      })
      const unsigned = Context.get(
        yield* Layer.build(
          PaykkaClient.layer({ environment: Environment.local(platform.baseUrl), merchId }).pipe(
            Layer.provide([Layer.succeed(Signer.Signer, unable), FetchHttpClient.layer])
          )
        ),
        PaykkaClient.PaykkaClient
      )
      const breaker = yield* make({ opensAfter: { failures: 2 } })
      const dying: Plugin = { name: "dying", attempt: () => Effect.die("no") }
      yield* Effect.gen(function* () {
        yield* Effect.flip(read(client, once))
        const error = yield* Effect.flip(unsigned.execute(Va.inquiry, { request_id: "R-1" }))
        assert.strictEqual(error.reason._tag, "SigningFailed")
        yield* Effect.flip(read(client, { notAfter: -1 }))
        const { message } = yield* Effect.flip(read(client, { notAfter: -1 }))
        assert.include(message, "notAfter")
        const interrupted = yield* Effect.forkChild(read(client))
        yield* platform.arrival(2)
        yield* Fiber.interrupt(interrupted)
        yield* Effect.exit(read(client)).pipe(withPlugins(breaker, dying))
        // None of these was a failure, nor a success: the next failure is the second.
        yield* Effect.flip(read(client, once))
        assert.include((yield* Effect.flip(read(client))).message, "the circuit is open")
      }).pipe(withPlugins(breaker))
      assert.strictEqual(platform.received.length, 3)
    })
  )

  it.effect("ends a call that would repeat its request, without another wait", () =>
    Effect.gen(function* () {
      const { client, platform } = yield* start([down, {}])
      const jump = JumpClock.make()
      const breaker = yield* make({ opensAfter: { failures: 1 } })
      yield* Effect.gen(function* () {
        const error = yield* Effect.flip(read(client))
        assert.include(error.message, "not sent: the circuit is open")
        assert.deepStrictEqual([error.attempts, error.retryable, jump.slept.length], [1, true, 1])
      }).pipe(withPlugins(breaker), jump.run)
      assert.strictEqual(platform.received.length, 1)
    })
  )

  it.effect("leaves a write in doubt that failed and opened it", () =>
    Effect.gen(function* () {
      const { client } = yield* start([down])
      const breaker = yield* make({ opensAfter: { failures: 1 } })
      const error = yield* Effect.flip(create(client)).pipe(withPlugins(breaker))
      assert.strictEqual(error.reason._tag, "OutcomeUnknown")
      assert.isFalse(error.retryable)
    })
  )

  it.effect("stays open for a longer Retry-After, up to a limit", () =>
    Effect.gen(function* () {
      const { client } = yield* start(
        [60, 5, 3600].map((after) => ({ ...down, headers: { "retry-after": `${after}` } }))
      )
      const breaker = yield* make({ opensAfter: { failures: 1 }, maxRetryAfter: "2 minutes" })
      yield* Effect.gen(function* () {
        for (const seconds of [60, 30, 120]) {
          yield* Effect.flip(read(client, once))
          assert.include((yield* Effect.flip(read(client))).message, `for about ${seconds} s more`)
          yield* TestClock.adjust(`${seconds} seconds`)
        }
      }).pipe(withPlugins(breaker))
    })
  )

  it.effect("opens after a share of failures among the last ones", () =>
    Effect.gen(function* () {
      const { client, platform } = yield* start([down, {}, {}, down, {}, {}, {}])
      const breaker = yield* make({ opensAfter: { failureRate: 0.5, size: 4, minimum: 4 } })
      yield* Effect.replicateEffect(Effect.ignore(read(client, once)), 6).pipe(withPlugins(breaker))
      assert.strictEqual(platform.received.length, 4)
    })
  )

  it.effect("is one for each host, or for what the key says", () =>
    Effect.gen(function* () {
      const failing = Effect.fail(stopped({ detail: "x" }))
      const sends = (breaker: Plugin, facts: Parameters<typeof attemptOf>[0]) =>
        Effect.map(Effect.result(breaker.attempt!(attemptOf(facts), Effect.succeed(answer))), ({ _tag }) => _tag)
      const lost = Effect.mapError(failing, (failed) => Object.assign(failed, { unsent: false }))
      const each = [{}, { operation: Va.apply }, { origin: "https://other.test" }]
      const byHost = yield* make({ opensAfter: { failures: 1 } })
      yield* Effect.flip(byHost.attempt!(attemptOf(), lost))
      assert.deepStrictEqual(yield* Effect.forEach(each, (facts) => sends(byHost, facts)), [
        "Failure",
        "Failure",
        "Success"
      ])
      const byOperation = yield* make({
        opensAfter: { failures: 1 },
        key: ({ origin, operation }) => `${origin} ${operation.id}`
      })
      yield* Effect.flip(byOperation.attempt!(attemptOf(), lost))
      assert.deepStrictEqual(yield* Effect.forEach(each, (facts) => sends(byOperation, facts)), [
        "Failure",
        "Success",
        "Success"
      ])
    })
  )

  it.effect("counts its changes", () =>
    Effect.gen(function* () {
      const { client } = yield* start([down, {}])
      const breaker = yield* make({ opensAfter: { failures: 1 } })
      const counts = Effect.forEach(["Open", "HalfOpen", "Closed"], (to) =>
        Effect.map(Metric.value(Metric.withAttributes(CircuitBreaker.transitions, { to })), ({ count }) => count)
      )
      const before = yield* counts
      yield* Effect.gen(function* () {
        yield* Effect.flip(read(client, once))
        yield* TestClock.adjust("30 seconds")
        yield* read(client)
      }).pipe(withPlugins(breaker))
      assert.deepStrictEqual(
        yield* counts,
        before.map((count) => count + 1)
      )
    })
  )
})

describe("a circuit breaker whose store is not available", () => {
  const sick = (health: { now: Health }): Effect.Effect<Layer.Layer<Breaker.CircuitBreakerStore>, never, Scope.Scope> =>
    Effect.gen(function* () {
      const memory = Context.get(
        yield* Layer.build(Layer.fresh(CircuitBreaker.layerMemory)),
        Breaker.CircuitBreakerStore
      )
      const error = new Breaker.CircuitBreakerError({
        reason: new Breaker.CircuitBreakerStoreError({ message: "no connection", cause: new Error("10.0.0.7:6379") })
      })
      const or = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
        Effect.suspend((): Effect.Effect<A, E | Breaker.CircuitBreakerError, R> => {
          if (health.now === "well") return effect
          return health.now === "failing" ? Effect.fail(error) : Effect.never
        })
      return Layer.succeed(Breaker.CircuitBreakerStore, {
        state: memory.state,
        admit: (key) => or(memory.admit(key)),
        record: (options) => or(memory.record(options))
      })
    })

  it.effect("lets requests pass, says so once, and judges again when it is back", () =>
    Effect.gen(function* () {
      const { client, platform } = yield* start([down])
      const health: { now: Health } = { now: "failing" }
      const { lines, layer: logs } = logging()
      const breaker = yield* Effect.provide(CircuitBreaker.make({ opensAfter: { failures: 1 } }), yield* sick(health))
      yield* Effect.gen(function* () {
        yield* Effect.flip(read(client, once))
        yield* Effect.flip(read(client, once))
        health.now = "well"
        yield* Effect.flip(read(client, once))
        assert.include((yield* Effect.flip(read(client, once))).message, "the circuit is open")
      }).pipe(withPlugins(breaker), Effect.provide(logs))
      assert.strictEqual(platform.received.length, 3)
      const ours = lines.filter((line) => line.includes("store"))
      assert.strictEqual(ours.length, 2)
      assert.include(ours[0], "is not available (no connection): requests go out all the same")
      assert.include(ours[1], "is available again")
      assert.notInclude(lines.join(), "10.0.0.7")
    })
  )

  it.effect("does not wait for it longer than told, before a request and after it", () =>
    Effect.gen(function* () {
      const health: { now: Health } = { now: "silent" }
      const breaker = yield* Effect.provide(CircuitBreaker.make({ storeTimeout: 300 }), yield* sick(health))
      const begun = yield* Deferred.make<void>()
      const ended = yield* Deferred.make<void>()
      const next = Deferred.succeed(begun, undefined).pipe(Effect.andThen(Deferred.await(ended)), Effect.as(answer))
      const before = yield* Effect.forkChild(breaker.attempt!(attemptOf(), next), { startImmediately: true })
      yield* TestClock.adjust(300)
      yield* Deferred.await(begun)
      yield* Deferred.succeed(ended, undefined)
      assert.strictEqual(yield* Fiber.join(before), answer)
      health.now = "well"
      const leaving = Effect.sync(() => {
        health.now = "silent"
        return answer
      })
      const after = yield* Effect.forkChild(breaker.attempt!(attemptOf(), leaving), { startImmediately: true })
      yield* TestClock.adjust(299)
      assert.isUndefined(after.pollUnsafe())
      yield* TestClock.adjust(1)
      assert.strictEqual(yield* Fiber.join(after), answer)
    })
  )

  it.effect("sends nothing where it is told to fail, and leaves it to the retry policy", () =>
    Effect.gen(function* () {
      const { client, platform } = yield* start()
      const jump = JumpClock.make()
      const breaker = yield* Effect.provide(
        CircuitBreaker.make({ onStoreError: "fail" }),
        yield* sick({ now: "failing" })
      )
      const error = yield* Effect.flip(create(client)).pipe(withPlugins(breaker), jump.run)
      assert.strictEqual(
        reasonOf(error, "Unreachable").detail,
        "not sent: the store of the circuit breaker is not available"
      )
      assert.deepStrictEqual([error.attempts, error.retryable, jump.slept.length], [0, true, 2])
      assert.strictEqual(platform.received.length, 0)
    })
  )
})

describe("the options of a circuit breaker", () => {
  const wrong: ReadonlyArray<readonly [string, CircuitBreaker.Options]> = [
    ["opensAfter.failures", { opensAfter: { failures: 0 } }],
    ["opensAfter.failures", { opensAfter: { failures: Number.NaN } }],
    ["opensAfter.failureRate", { opensAfter: { failureRate: 0, size: 10 } }],
    ["opensAfter.failureRate", { opensAfter: { failureRate: 1.1, size: 10 } }],
    ["opensAfter.failureRate", { opensAfter: { failureRate: Number.NaN, size: 10 } }],
    ["opensAfter.size", { opensAfter: { failureRate: 0.5, size: 0 } }],
    ["opensAfter.minimum", { opensAfter: { failureRate: 0.5, size: 10, minimum: 0 } }],
    ["opensAfter.minimum", { opensAfter: { failureRate: 0.5, size: 10, minimum: 11 } }],
    ["openDuration", { openDuration: 0 }],
    ["openDuration", { openDuration: Infinity }],
    ["maxRetryAfter", { maxRetryAfter: Number.NaN }],
    ["onStoreError", { onStoreError: "ignore" as never }],
    ["storeTimeout", { storeTimeout: 0 }]
  ]
  it.effect.each(wrong)("are refused without a meaning: %s %o", ([option, options]) =>
    Effect.gen(function* () {
      assert.strictEqual(yield* refusedOption(make(options)), `circuitBreaker.${option}`)
    })
  )
})
