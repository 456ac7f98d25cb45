import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { bounded } from "../../src/internal/bounded.ts"

const inTime = bounded("5 seconds", () => "late")

/** What does not end when it is interrupted, as long as nobody lets it. */
const stubborn = Effect.map(Deferred.make<void>(), (end) => ({
  end,
  effect: Effect.uninterruptible(Deferred.await(end))
}))

describe("bounded", () => {
  it.effect("gives what comes in time", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* inTime(Effect.succeed(1)), 1)
      assert.strictEqual(yield* Effect.flip(inTime(Effect.fail("no"))), "no")
      assert.deepStrictEqual(yield* Effect.exit(inTime(Effect.die("broken"))), Exit.die("broken"))
    })
  )

  it.effect("fails at the end of the time, whatever is still under way, and whether or not it may be interrupted", () =>
    Effect.gen(function* () {
      for (const how of [Effect.interruptible, Effect.uninterruptible]) {
        const { effect, end } = yield* stubborn
        const fiber = yield* Effect.forkChild(how(inTime(effect)))
        yield* TestClock.adjust("4999 millis")
        assert.isUndefined(fiber.pollUnsafe())
        yield* TestClock.adjust("1 millis")
        assert.strictEqual(yield* Effect.flip(Fiber.join(fiber)), "late")
        yield* Deferred.succeed(end, undefined)
      }
    })
  )

  it.effect("interrupts what is late, and what nobody waits for any more", () =>
    Effect.gen(function* () {
      for (const leave of [TestClock.adjust("5 seconds"), Effect.void]) {
        const [begun, interrupted] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
        const fiber = yield* Effect.forkChild(
          inTime(
            Effect.andThen(Deferred.succeed(begun, undefined), Effect.never).pipe(
              Effect.onInterrupt(() => Deferred.succeed(interrupted, undefined))
            )
          )
        )
        yield* Deferred.await(begun)
        yield* leave
        yield* Fiber.interrupt(fiber)
        yield* Deferred.await(interrupted)
      }
    })
  )

  it.effect("does not keep who is interrupted", () =>
    Effect.gen(function* () {
      const { effect, end } = yield* stubborn
      const fiber = yield* Effect.forkChild(inTime(effect))
      yield* Effect.yieldNow
      yield* Fiber.interrupt(fiber)
      yield* Deferred.succeed(end, undefined)
    })
  )
})
