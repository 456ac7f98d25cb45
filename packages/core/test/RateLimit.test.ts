import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as RateLimiter from "effect/persistence/RateLimiter"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import type { AttemptFailed } from "../src/AttemptFailed.ts"
import type { Plugin } from "../src/Plugin.ts"
import * as RateLimit from "../src/RateLimit.ts"
import { create, read, reasonOf, start } from "./support/client.ts"
import * as JumpClock from "./support/JumpClock.ts"
import { logging } from "./support/logging.ts"
import { type Health, answer, attemptOf, refusedOption, withPlugins } from "./support/plugins.ts"

const make = (options: Partial<RateLimit.Options> = {}) =>
  Effect.provide(
    RateLimit.make({ limit: 2, window: "1 second", onExceeded: "delay", ...options }),
    Layer.fresh(RateLimit.layerMemory)
  )

/** Sends a request through a plugin; it goes out at the time that is returned. */
const send = (plugin: Plugin, facts?: Parameters<typeof attemptOf>[0]) => {
  let sentAt = Number.NaN
  const next = Effect.map(Clock.currentTimeMillis, (now) => {
    sentAt = now
    return answer
  })
  return Effect.map(plugin.attempt!(attemptOf(facts), next), () => sentAt)
}

describe("a rate limit", () => {
  it.effect("delays what is too much, until there is room", () =>
    Effect.gen(function* () {
      const { client, platform } = yield* start()
      const jump = JumpClock.make()
      const plugin = yield* make()
      yield* Effect.replicateEffect(read(client), 5).pipe(withPlugins(plugin), jump.run)
      assert.deepStrictEqual(jump.slept, [1000, 1000])
      assert.strictEqual(platform.received.length, 5)
    })
  )

  it.effect("may end the call at once instead, with nothing sent", () =>
    Effect.gen(function* () {
      const { client, platform } = yield* start()
      const jump = JumpClock.make()
      const plugin = yield* make({ onExceeded: "fail" })
      const errors = yield* Effect.gen(function* () {
        yield* read(client)
        yield* create(client)
        return [yield* Effect.flip(read(client)), yield* Effect.flip(create(client))]
      }).pipe(withPlugins(plugin), jump.run)
      for (const error of errors) {
        assert.deepStrictEqual(error.reason, { _tag: "RateLimited", retryAfterMillis: 1000 })
        assert.deepStrictEqual([error.attempts, error.httpStatus, error.retryable], [0, undefined, true])
      }
      // The retry policy does not wait for a turn either.
      assert.deepStrictEqual(jump.slept, [])
      assert.strictEqual(platform.received.length, 2)
    })
  )

  it.effect("counts each request of a call, and lets its wait count for notAfter", () =>
    Effect.gen(function* () {
      const { client, platform } = yield* start([{ status: 503 }, {}])
      const jump = JumpClock.make()
      const plugin = yield* make({ limit: 1 })
      yield* Effect.gen(function* () {
        yield* read(client)
        const [backoff = 0, turn] = jump.slept
        assert.isTrue(backoff > 0 && backoff < 1000)
        assert.strictEqual(turn, 1000 - backoff)
        const late = yield* Effect.flip(create(client, { notAfter: (yield* Clock.currentTimeMillis) + 999 }))
        assert.include(late.message, "notAfter")
        assert.isFalse(late.retryable)
      }).pipe(withPlugins(plugin), jump.run)
      assert.strictEqual(platform.received.length, 2)
    })
  )

  it.effect("is that of a merchant on a host, or of what the key says", () =>
    Effect.gen(function* () {
      const passes = (plugin: Plugin, facts?: Parameters<typeof attemptOf>[0]) =>
        Effect.map(Effect.result(send(plugin, facts)), ({ _tag }) => _tag === "Success")
      const each = [{}, { merchId: "M2" }, { merchId: undefined }, { origin: "https://other.test" }, { path: "/other" }]
      const plugin = yield* make({ limit: 1, onExceeded: "fail" })
      assert.deepStrictEqual(yield* Effect.forEach(each, (facts) => passes(plugin, facts)), [
        true,
        true,
        true,
        true,
        false
      ])
      const byPath = yield* make({ limit: 1, onExceeded: "fail", key: ({ path }) => path })
      assert.deepStrictEqual(yield* Effect.forEach(each, (facts) => passes(byPath, facts)), [
        true,
        false,
        false,
        false,
        true
      ])
    })
  )

  it.effect("waits as long as it may, and no longer", () =>
    Effect.gen(function* () {
      const turns = (maxDelay: number) =>
        Effect.gen(function* () {
          const plugin = yield* make({ limit: 1, maxDelay })
          yield* send(plugin)
          const fiber = yield* Effect.forkChild(Effect.result(send(plugin)), { startImmediately: true })
          yield* TestClock.adjust("1 second")
          return yield* Fiber.join(fiber)
        })
      assert.strictEqual((yield* turns(1000))._tag, "Success")
      const refused = yield* turns(999)
      assert.strictEqual(refused._tag === "Failure" ? refused.failure.retryAfterMillis : 0, 1000)
    })
  )

  it.effect.each([
    ["fixed-window", [true, true, false, false, true, true, false]],
    ["token-bucket", [true, true, false, true, true, false, false]]
  ] as const)("has room again as its algorithm says (%s)", ([algorithm, expected]) =>
    Effect.gen(function* () {
      const plugin = yield* make({ algorithm, onExceeded: "fail" })
      const passes = Effect.map(Effect.result(send(plugin)), ({ _tag }) => _tag === "Success")
      const seen: Array<boolean> = []
      for (const wait of [0, 0, 0, 500, 500, 0, 0]) {
        yield* TestClock.adjust(wait)
        seen.push(yield* passes)
      }
      assert.deepStrictEqual(seen, [...expected])
    })
  )

  it.effect("can be interrupted while it waits", () =>
    Effect.gen(function* () {
      const plugin = yield* make({ limit: 1 })
      yield* send(plugin)
      const fiber = yield* Effect.forkChild(send(plugin), { startImmediately: true })
      yield* Fiber.interrupt(fiber)
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
    })
  )

  it.effect.each(["fixed-window", "token-bucket"] as const)(
    "does not push turns away by those that nobody waits for (%s)",
    (algorithm) =>
      Effect.gen(function* () {
        const plugin = yield* make({ algorithm, maxDelay: "1 second" })
        const outcomes: Array<Exit.Exit<number, AttemptFailed>> = []
        // Ten times as many as there is room for, for a minute.
        for (let i = 0; i < 1200; i++) {
          yield* Effect.forkChild(
            Effect.tap(Effect.exit(send(plugin)), (exit) => Effect.sync(() => outcomes.push(exit))),
            { startImmediately: true }
          )
          yield* TestClock.adjust(50)
        }
        yield* TestClock.adjust("1 minute")
        const sent = outcomes.filter(Exit.isSuccess).length
        assert.isTrue(sent >= 118 && sent <= 124, `${sent} were sent`)
        assert.strictEqual(outcomes.length, 1200)
        const { reason } = (yield* Effect.flip(
          Effect.flatten(Effect.fromNullishOr(outcomes.find(Exit.isFailure)))
        )) as AttemptFailed
        assert.isTrue(reason._tag === "RateLimited" && reason.retryAfterMillis! > 1000)
      })
  )

  it.effect.prop(
    "lets pass no more than it promises in any span, in the order of arrival, and nobody waits too long",
    {
      limit: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 5 })),
      algorithm: Schema.Literals(["fixed-window", "token-bucket"]),
      maxDelay: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3000 })),
      gaps: Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 700 }))).check(Schema.isMaxLength(25))
    },
    ({ limit, algorithm, maxDelay, gaps }) =>
      Effect.gen(function* () {
        const plugin = yield* make({ limit, algorithm, maxDelay })
        const sent: Array<{ readonly nth: number; readonly at: number }> = []
        const one = (nth: number) =>
          Effect.gen(function* () {
            const arrivedAt = yield* Clock.currentTimeMillis
            const result = yield* Effect.result(send(plugin))
            const waited = (yield* Clock.currentTimeMillis) - arrivedAt
            assert.isAtMost(waited, result._tag === "Success" ? maxDelay : 0)
            if (result._tag === "Success") sent.push({ nth, at: result.success })
          })
        const fibers = []
        for (const [nth, gap] of gaps.entries()) {
          yield* TestClock.adjust(gap)
          fibers.push(yield* Effect.forkChild(one(nth), { startImmediately: true }))
        }
        yield* TestClock.adjust(maxDelay)
        yield* Fiber.joinAll(fibers)
        const order = sent.map(({ nth }) => nth)
        assert.deepStrictEqual(
          order,
          order.toSorted((a, b) => a - b)
        )
        for (let windows = 1; windows <= 4; windows++) {
          for (const { at } of sent) {
            const within = sent.filter((other) => other.at >= at && other.at < at + windows * 1000).length
            assert.isAtMost(within, (windows + 1) * limit - 1, `in ${windows} windows from ${at}`)
          }
        }
      }),
    { arbitrary: { runs: 100 } }
  )
})

describe("a rate limit whose store is not available", () => {
  /** A limiter over a store in memory that can be told to fail or to be silent. */
  const limiter = Effect.gen(function* () {
    let health: Health = "well"
    const context = yield* Layer.build(Layer.fresh(RateLimiter.layerStoreMemory))
    const memory = Context.get(context, RateLimiter.RateLimiterStore)
    const error = new RateLimiter.RateLimiterError({
      reason: new RateLimiter.RateLimitStoreError({ message: "no connection", cause: new Error("10.0.0.7:6379") })
    })
    const store = RateLimiter.RateLimiterStore.of({
      ...memory,
      fixedWindow: (options) =>
        Effect.suspend(() => {
          if (health === "well") return memory.fixedWindow(options)
          return health === "failing" ? Effect.fail(error) : Effect.never
        })
    })
    return {
      be: (now: Health) => void (health = now),
      layer: Layer.provide(RateLimiter.layer, Layer.succeed(RateLimiter.RateLimiterStore, store))
    }
  })

  const options = { limit: 1, window: "1 hour", onExceeded: "fail" } as const

  it.effect("lets requests pass, says so once, and counts again when it is back", () =>
    Effect.gen(function* () {
      const { client, platform } = yield* start()
      const { be, layer } = yield* limiter
      const { lines, layer: logs } = logging()
      const plugin = yield* Effect.provide(RateLimit.make(options), layer)
      yield* Effect.gen(function* () {
        be("failing")
        yield* read(client)
        yield* read(client)
        be("well")
        yield* read(client)
        assert.strictEqual((yield* Effect.flip(read(client))).reason._tag, "RateLimited")
      }).pipe(withPlugins(plugin), Effect.provide(logs))
      assert.strictEqual(platform.received.length, 3)
      const ours = lines.filter((line) => line.includes("store"))
      assert.strictEqual(ours.length, 2)
      assert.include(ours[0], "'Warn'")
      assert.include(ours[0], "is not available (no connection): requests go out all the same")
      assert.include(ours[1], "is available again")
      assert.notInclude(lines.join(), "10.0.0.7")
    })
  )

  it.effect("does not wait for it longer than told", () =>
    Effect.gen(function* () {
      const { be, layer } = yield* limiter
      const { lines, layer: logs } = logging()
      const plugin = yield* Effect.provide(RateLimit.make({ ...options, storeTimeout: 300 }), layer)
      be("silent")
      const fiber = yield* Effect.forkChild(Effect.provide(send(plugin), logs), { startImmediately: true })
      yield* TestClock.adjust(299)
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust(1)
      assert.strictEqual(yield* Fiber.join(fiber), 300)
      assert.include(lines.join(), "no answer within 300 ms")
    })
  )

  it.effect("sends nothing where it is told to fail, and leaves it to the retry policy", () =>
    Effect.gen(function* () {
      const { client, platform } = yield* start()
      const { be, layer } = yield* limiter
      const jump = JumpClock.make()
      const plugin = yield* Effect.provide(RateLimit.make({ ...options, onStoreError: "fail" }), layer)
      be("failing")
      const error = yield* Effect.flip(create(client)).pipe(withPlugins(plugin), jump.run)
      assert.strictEqual(
        reasonOf(error, "Unreachable").detail,
        "not sent: the store of the rate limit is not available"
      )
      assert.deepStrictEqual([error.attempts, error.retryable, jump.slept.length], [0, true, 2])
      assert.strictEqual(platform.received.length, 0)
    })
  )
})

describe("the options of a rate limit", () => {
  const wrong: ReadonlyArray<readonly [string, Partial<RateLimit.Options>]> = [
    ["limit", { limit: 0 }],
    ["limit", { limit: 1.5 }],
    ["limit", { limit: Number.NaN }],
    ["limit", { limit: Infinity }],
    ["window", { window: 0 }],
    ["window", { window: Number.NaN }],
    ["window", { window: Infinity }],
    ["window", { window: "soon" as never }],
    ["onExceeded", { onExceeded: "wait" as never }],
    ["maxDelay", { maxDelay: -1 }],
    ["algorithm", { algorithm: "leaky" as never }],
    ["onStoreError", { onStoreError: "ignore" as never }],
    ["storeTimeout", { storeTimeout: 0 }]
  ]
  it.effect.each(wrong)("are refused without a meaning: %s %o", ([option, options]) =>
    Effect.gen(function* () {
      assert.strictEqual(yield* refusedOption(make(options)), `rateLimit.${option}`)
    })
  )
})
