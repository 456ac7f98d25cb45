import type { LifeCycle } from "@paykka/schemas/LifeCycle"
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { PaykkaError, type Reason } from "../src/PaykkaError.ts"
import * as Poll from "../src/Poll.ts"

const failed = (reason: Reason, retryable: boolean): PaykkaError =>
  new PaykkaError({
    operation: "va.inquiry",
    requestId: "R-1",
    attempts: 1,
    httpStatus: undefined,
    retCode: undefined,
    retMsg: undefined,
    retryable,
    reason
  })

const notFound = failed({ _tag: "NotFound" }, false)
const failing = failed({ _tag: "PlatformFailure" }, true)
const fatal = failed({ _tag: "Unauthorized" }, false)

type Step = string | PaykkaError

/** Answers step by step, the last one for ever; notes when it was asked. */
const asked = (steps: ReadonlyArray<Step>, policy?: Partial<Poll.PollPolicy>) => {
  const times: Array<number> = []
  const question: Poll.Question<string> = {
    operation: "va.inquiry",
    key: "R-1",
    ask: Effect.gen(function* () {
      times.push(yield* Clock.currentTimeMillis)
      const step = steps[Math.min(times.length, steps.length) - 1] ?? ""
      return typeof step === "string" ? step : yield* step
    }),
    isOutcome: (status) => status === "ENABLED",
    status: (status) => (status === "" ? undefined : status),
    policy
  }
  return { times, question }
}

/** Runs to the end, letting as much time pass as needed. */
const run = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(effect)
    yield* TestClock.adjust("1 hour")
    return yield* Fiber.join(fiber)
  })

const waits = (times: ReadonlyArray<number>) => times.slice(1).map((time, index) => time - (times[index] ?? 0))

describe("untilOutcome", () => {
  it.effect("asks at once, and then no more when the outcome is there", () =>
    Effect.gen(function* () {
      const { times, question } = asked(["ENABLED"])
      assert.strictEqual(yield* Poll.untilOutcome(question), "ENABLED")
      assert.deepStrictEqual(times, [0])
    })
  )

  it.effect("asks ever more slowly, up to the longest interval", () =>
    Effect.gen(function* () {
      const policy = { interval: "1 second", factor: 2, maxInterval: "5 seconds" } as const
      const { times, question } = asked(["INIT", "", "INIT", "WAIT", "WAIT", "WAIT", "ENABLED"], policy)
      assert.strictEqual(yield* run(Poll.untilOutcome(question)), "ENABLED")
      assert.deepStrictEqual(waits(times), [1000, 2000, 4000, 5000, 5000, 5000])
    })
  )

  it.effect("by the standard waits 1 s and half as long again, in whole milliseconds, up to 30 s", () =>
    Effect.gen(function* () {
      const { times, question } = asked([...Array.from({ length: 12 }, () => "WAIT"), "ENABLED"])
      yield* run(Poll.untilOutcome(question))
      assert.deepStrictEqual(
        waits(times),
        [1000, 1500, 2250, 3375, 5063, 7595, 11_393, 17_090, 25_635, 30_000, 30_000, 30_000]
      )
    })
  )

  it.effect("takes NotFound for not yet, at the beginning only", () =>
    Effect.gen(function* () {
      const early = asked([notFound, notFound, "ENABLED"])
      assert.strictEqual(yield* run(Poll.untilOutcome(early.question)), "ENABLED")
      const policy = { interval: "10 seconds", factor: 1, notFoundGrace: "25 seconds" } as const
      const late = asked([notFound, notFound, notFound, notFound], policy)
      assert.strictEqual(yield* Effect.flip(run(Poll.untilOutcome(late.question))), notFound)
      assert.deepStrictEqual(waits(late.times), [10_000, 10_000, 10_000])
      const never = asked([notFound], { notFoundGrace: 0 })
      assert.strictEqual(yield* Effect.flip(Poll.untilOutcome(never.question)), notFound)
      assert.deepStrictEqual(never.times.length, 1)
    })
  )

  it.effect("bears failures that may pass, for as long as they last", () =>
    Effect.gen(function* () {
      const { times, question } = asked([failing, "WAIT", failing, failing, "ENABLED"])
      assert.strictEqual(yield* run(Poll.untilOutcome(question)), "ENABLED")
      assert.strictEqual(times.length, 5)
    })
  )

  it.effect("ends at once with a failure that will not", () =>
    Effect.gen(function* () {
      const { times, question } = asked(["WAIT", fatal, "ENABLED"])
      assert.strictEqual(yield* Effect.flip(run(Poll.untilOutcome(question))), fatal)
      assert.strictEqual(times.length, 2)
    })
  )

  it.effect("gives up after the timeout, having asked once more at its end", () =>
    Effect.gen(function* () {
      const policy = { interval: "4 seconds", factor: 1, timeout: "10 seconds" } as const
      const { times, question } = asked(["INIT", "WAIT", failing], policy)
      const fiber = yield* Effect.forkChild(Effect.flip(Poll.untilOutcome(question)))
      yield* TestClock.adjust("9999 millis")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      const error = yield* Fiber.join(fiber)
      assert.deepStrictEqual(times, [0, 4000, 8000, 10_000])
      if (error._tag !== "OutcomePending") return assert.fail(error._tag)
      const { operation, key, status, asked: count, waitedMillis } = error
      assert.deepStrictEqual([operation, key, status, count, waitedMillis], ["va.inquiry", "R-1", "WAIT", 4, 10_000])
      assert.strictEqual(
        error.message,
        "va.inquiry R-1: no outcome after 10 s (last status WAIT, asked 4 times); ask again with the same key" +
          `; the last question failed: ${error.lastFailure?.message}`
      )
      assert.strictEqual(error.lastFailure?.reason._tag, "PlatformFailure")
    })
  )

  it.effect("says when it has seen no status", () =>
    Effect.gen(function* () {
      const { question } = asked([""], { timeout: 0 })
      const error = yield* Effect.flip(Poll.untilOutcome(question))
      assert.include(error.message, "no status seen, asked 1 times")
    })
  )

  it.effect("counts the time that asking takes", () =>
    Effect.gen(function* () {
      const { question } = asked(["WAIT"], { timeout: "10 seconds" })
      const slow = { ...question, ask: Effect.delay(question.ask, "1 minute") }
      const error = yield* Effect.flip(run(Poll.untilOutcome(slow)))
      assert.include(error.message, "after 60 s (last status WAIT, asked 1 times)")
    })
  )
})

// What is true of every domain is in support/domain.ts.
describe("awaitOutcome", () => {
  const known: LifeCycle = { pending: ["WAIT"], succeeded: ["OPEN"], failed: ["SHUT"], unlisted: "pending" }
  const answers = (...statuses: ReadonlyArray<string | undefined>) => {
    let count = 0
    return {
      operation: "va.inquiry",
      key: "R-1",
      ask: Effect.sync(() => {
        const status = statuses[Math.min(count++, statuses.length - 1)]
        return status === undefined ? {} : { status }
      })
    }
  }

  it.effect("tells how it was decided, by which status and by which answer", () =>
    Effect.gen(function* () {
      const outcome = yield* run(Poll.awaitOutcome(answers(undefined, "WAIT", "NEW", "OPEN"), known, {}))
      assert.deepStrictEqual(outcome, { _tag: "Succeeded", status: "OPEN", answer: { status: "OPEN" } })
    })
  )

  it.effect("keeps what is known beside what it is told", () =>
    Effect.gen(function* () {
      const statuses = { pending: ["NEW"], succeeded: ["GRANTED"], failed: ["DENIED"] }
      for (const [status, tag] of [
        ["OPEN", "Succeeded"],
        ["GRANTED", "Succeeded"],
        ["SHUT", "Failed"],
        ["DENIED", "Failed"]
      ] as const) {
        const outcome = yield* run(Poll.awaitOutcome(answers("WAIT", "NEW", status), known, { statuses }))
        assert.deepStrictEqual([outcome._tag, outcome.status], [tag, status])
      }
    })
  )

  it.effect("takes the caller's word above what is known", () =>
    Effect.gen(function* () {
      const statuses = { pending: ["OPEN"], succeeded: ["WAIT"] }
      const outcome = yield* run(Poll.awaitOutcome(answers("OPEN", "WAIT"), known, { statuses }))
      assert.deepStrictEqual([outcome._tag, outcome.status], ["Succeeded", "WAIT"])
    })
  )

  it.effect("says when a decision is only presumed", () =>
    Effect.gen(function* () {
      const statuses = { unlisted: "decided" } as const
      const outcome = yield* run(Poll.awaitOutcome(answers(undefined, "WAIT", "NEW"), known, { statuses }))
      assert.deepStrictEqual([outcome._tag, outcome.status], ["Unlisted", "NEW"])
      const unsure = { ...known, unlisted: "decided" } as const
      const patient = { poll: { timeout: "1 minute" }, statuses: { unlisted: "pending" } } as const
      const error = yield* Effect.flip(run(Poll.awaitOutcome(answers("NEW"), unsure, patient)))
      if (error._tag !== "OutcomePending") return assert.fail(error.message)
      assert.deepStrictEqual([error.status, error.waitedMillis], ["NEW", 60_000])
    })
  )
})
