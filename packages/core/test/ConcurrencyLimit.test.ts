import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import { stopped } from "../src/AttemptFailed.ts"
import * as ConcurrencyLimit from "../src/ConcurrencyLimit.ts"
import type { Plugin } from "../src/Plugin.ts"
import { create, read, reasonOf, start } from "./support/client.ts"
import { answer, attemptOf, refusedOption, withPlugins } from "./support/plugins.ts"

/** Lets what is ready run, without any time going by. */
const settle = TestClock.adjust(0)

describe("a concurrency limit", () => {
  it.effect("sends no more at the same time, and sends the next when one is interrupted", () =>
    Effect.gen(function* () {
      const { client, platform } = yield* start(["stall", "stall", {}])
      const limit = yield* ConcurrencyLimit.make({ limit: 2 })
      yield* Effect.gen(function* () {
        const [first] = yield* Effect.all([Effect.forkChild(read(client)), Effect.forkChild(read(client))])
        yield* platform.arrival(2)
        const third = yield* Effect.forkChild(create(client), { startImmediately: true })
        yield* settle
        assert.strictEqual(platform.received.length, 2)
        yield* Fiber.interrupt(first)
        yield* Fiber.join(third)
        assert.strictEqual(platform.received.length, 3)
      }).pipe(withPlugins(limit))
    })
  )

  it.effect("keeps no place for a call that waits for its next attempt", () =>
    Effect.gen(function* () {
      const { client, platform } = yield* start([{ status: 503 }, {}])
      const limit = yield* ConcurrencyLimit.make({ limit: 1 })
      const failed = yield* Deferred.make<void>()
      const telling: Plugin = {
        name: "telling",
        attempt: (_, next) => Effect.tapError(next, () => Deferred.succeed(failed, undefined))
      }
      yield* Effect.gen(function* () {
        const waiting = yield* Effect.forkChild(read(client))
        yield* Deferred.await(failed)
        yield* read(client)
        assert.isUndefined(waiting.pollUnsafe())
        yield* TestClock.adjust("1 second")
        yield* Fiber.join(waiting)
      }).pipe(withPlugins(telling, limit))
      assert.strictEqual(platform.received.length, 3)
    })
  )

  it.effect("ends at once what would have to wait behind too many", () =>
    Effect.gen(function* () {
      const { client, platform } = yield* start(["stall", {}])
      const limit = yield* ConcurrencyLimit.make({ limit: 1, maxWaiting: 1 })
      yield* Effect.gen(function* () {
        const first = yield* Effect.forkChild(read(client))
        yield* platform.arrival(1)
        const second = yield* Effect.forkChild(create(client), { startImmediately: true })
        yield* settle
        // By the standard retry policy: without another attempt, for which the clock would have to go on.
        const error = yield* Effect.flip(create(client))
        assert.strictEqual(reasonOf(error, "Unreachable").detail, "not sent: 1 requests are under way, and 1 wait")
        assert.deepStrictEqual([error.attempts, error.retryable], [0, true])
        yield* Fiber.interrupt(first)
        yield* Fiber.join(second)
        // There is room again.
        yield* read(client)
        assert.strictEqual(platform.received.length, 3)
      }).pipe(withPlugins(limit))
    })
  )

  const ends = ["succeeds", "fails", "dies", "is interrupted", "is interrupted waiting"] as const
  it.effect.prop(
    "never has more under way, keeps the order, and gets every place back however it ends",
    {
      limit: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 4 })),
      maxWaiting: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 12 })),
      requests: Schema.Array(
        Schema.Struct({
          gap: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 5 })),
          lasts: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 20 })),
          end: Schema.Literals(ends)
        })
      ).check(Schema.isMaxLength(20))
    },
    ({ limit, maxWaiting, requests }) =>
      Effect.gen(function* () {
        const plugin = yield* ConcurrencyLimit.make({ limit, maxWaiting })
        const begun: Array<number> = []
        let active = 0
        const next = (nth: number, lasts: number, end: (typeof ends)[number]) =>
          Effect.suspend(() => {
            begun.push(nth)
            active++
            assert.isAtMost(active, limit)
            return Effect.sleep(lasts).pipe(
              Effect.andThen(() => {
                if (end === "fails") return stopped({ detail: "no" })
                return end === "dies" ? Effect.die("no") : Effect.succeed(answer)
              }),
              Effect.ensuring(Effect.sync(() => void active--))
            )
          })
        const fibers = []
        for (const [nth, { gap, lasts, end }] of requests.entries()) {
          yield* TestClock.adjust(gap)
          const fiber = yield* Effect.forkChild(Effect.exit(plugin.attempt!(attemptOf(), next(nth, lasts, end))), {
            startImmediately: true
          })
          fibers.push(fiber)
          const after = end === "is interrupted" ? lasts / 2 : end === "is interrupted waiting" ? 0 : undefined
          if (after !== undefined) {
            fibers.push(
              yield* Effect.forkChild(Effect.andThen(Effect.sleep(after), Fiber.interrupt(fiber)), {
                startImmediately: true
              })
            )
          }
        }
        yield* TestClock.adjust(20 * (requests.length + 1))
        yield* Fiber.awaitAll(fibers)
        assert.strictEqual(active, 0)
        assert.deepStrictEqual(
          begun,
          begun.toSorted((a, b) => a - b)
        )
        // All places are free, and all places to wait at: neither fewer nor more.
        const holds = Effect.forkChild(Effect.exit(plugin.attempt!(attemptOf(), next(0, 1000, "succeeds"))), {
          startImmediately: true
        })
        const held = yield* Effect.replicateEffect(holds, limit + maxWaiting + 1)
        yield* settle
        assert.strictEqual(active, limit)
        assert.deepStrictEqual(
          held.map((fiber) => fiber.pollUnsafe() !== undefined),
          held.map((_, index) => index === limit + maxWaiting)
        )
        yield* Fiber.interruptAll(held)
      }),
    { arbitrary: { runs: 100 } }
  )

  const wrong: ReadonlyArray<readonly [string, ConcurrencyLimit.Options]> = [
    ["limit", { limit: 0 }],
    ["limit", { limit: 0.5 }],
    ["limit", { limit: Number.NaN }],
    ["limit", { limit: Infinity }],
    ["maxWaiting", { limit: 1, maxWaiting: -1 }],
    ["maxWaiting", { limit: 1, maxWaiting: Number.NaN }]
  ]
  it.effect.each(wrong)("is refused without a meaning: %s %o", ([option, options]) =>
    Effect.gen(function* () {
      assert.strictEqual(yield* refusedOption(ConcurrencyLimit.make(options)), `concurrencyLimit.${option}`)
    })
  )
})
