/** What is in memory: the suites of all, and what only the guard in memory has. */
import { assert, describe, it } from "@effect/vitest"
import { deadLettersSuite } from "../deadLetters.ts"
import { inboxQueueSuite } from "../inbox.ts"
import { makeDelivery, replayGuardSuite } from "../replayGuard.ts"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import * as DeadLetters from "@paykka/webhook/DeadLetters"
import * as InboxQueue from "@paykka/webhook/InboxQueue"
import * as ReplayGuard from "@paykka/webhook/ReplayGuard"

replayGuardSuite("one process's memory", ReplayGuard.layerMemory, { connections: 1 })
deadLettersSuite("one process's memory", () => DeadLetters.layerMemory)
inboxQueueSuite("one process's memory", InboxQueue.layerMemory, { connections: 1 })

describe("the guard in memory", () => {
  it.effect("holds a claim for the lease, and what is handled for the retention, by a clock that nobody sets", () =>
    Effect.gen(function* () {
      const guard = yield* ReplayGuard.makeMemory()
      const delivery = makeDelivery()
      const tag = Effect.map(guard.claim(delivery), ({ _tag }) => _tag)
      assert.strictEqual(yield* tag, "Claimed")
      yield* TestClock.adjust("59999 millis")
      assert.strictEqual(yield* tag, "Busy")
      yield* TestClock.adjust("1 millis")
      const claim = yield* guard.claim(delivery)
      if (claim._tag !== "Claimed") return assert.fail(claim._tag)
      yield* guard.commit(claim)
      yield* TestClock.adjust("3599999 millis")
      assert.strictEqual(yield* tag, "Handled")
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(yield* tag, "Claimed")
    })
  )

  it.effect("is not available when it is full, until time makes room", () =>
    Effect.gen(function* () {
      const guard = yield* ReplayGuard.makeMemory({ capacity: 2 })
      const handle = Effect.gen(function* () {
        const claim = yield* guard.claim(makeDelivery())
        if (claim._tag === "Claimed") yield* guard.commit(claim)
      })
      yield* handle
      yield* TestClock.adjust("30 minutes")
      yield* handle
      const error = yield* Effect.flip(handle)
      assert.strictEqual(error.message, "the replay guard is not available: 2 deliveries are remembered already")
      yield* TestClock.adjust("30 minutes")
      yield* handle
      assert.instanceOf(yield* Effect.flip(handle), ReplayGuard.ReplayGuardUnavailable)
    })
  )

  it("does not take settings that guard nothing", () => {
    for (const options of [
      { lease: 0 },
      { lease: "-1 second" as const },
      { retention: Infinity },
      { retention: Number.NaN }
    ]) {
      assert.throws(() => ReplayGuard.settings(options), /must be finite and at least a millisecond/)
    }
    assert.deepStrictEqual(ReplayGuard.settings(), { leaseMillis: 60_000, retentionMillis: 86_400_000 })
  })

  it.effect("layerNone claims everything, as often as it comes", () =>
    Effect.gen(function* () {
      const guard = yield* ReplayGuard.ReplayGuard
      const delivery = makeDelivery()
      for (let nth = 0; nth < 3; nth++) {
        const claim = yield* guard.claim(delivery)
        if (claim._tag !== "Claimed") return assert.fail(claim._tag)
        yield* guard.commit(claim)
      }
    }).pipe(Effect.provide(ReplayGuard.layerNone))
  )
})
