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

  it.effect("gives up as soon as the next question would come at the end of the time", () =>
    Effect.gen(function* () {
      const policy = { interval: "4 seconds", factor: 1, timeout: "12 seconds" } as const
      const { times, question } = asked(["INIT", "WAIT", failing], policy)
      const fiber = yield* Effect.forkChild(Effect.flip(Poll.untilOutcome(question)))
      yield* TestClock.adjust("7999 millis")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      const error = yield* Fiber.join(fiber)
      assert.deepStrictEqual(times, [0, 4000, 8000])
      if (error._tag !== "OutcomePending") return assert.fail(error._tag)
      const { operation, key, status, asked: count, waitedMillis } = error
      assert.deepStrictEqual([operation, key, status, count, waitedMillis], ["va.inquiry", "R-1", "WAIT", 3, 8000])
      assert.strictEqual(
        error.message,
        "va.inquiry R-1: no outcome after 8 s (last status WAIT, asked 3 times); ask again with the same key" +
          `; the last question failed: ${error.lastFailure?.message}`
      )
      assert.strictEqual(error.lastFailure?.reason._tag, "PlatformFailure")

      const longer = asked([failing, "WAIT"], { ...policy, timeout: 12_001 })
      const later = yield* Effect.flip(run(Poll.untilOutcome(longer.question)))
      assert.deepStrictEqual(waits(longer.times), [4000, 4000, 4000])
      // Not that of an earlier question.
      assert.isUndefined(later._tag === "OutcomePending" ? later.lastFailure : later)
    })
  )

  it.effect("says when it has seen no status", () =>
    Effect.gen(function* () {
      const { question } = asked([""], { timeout: 1 })
      const error = yield* Effect.flip(Poll.untilOutcome(question))
      assert.include(error.message, "no status seen, asked 1 times")
    })
  )

  it.effect("goes on for as long as it takes, where it is told to", () =>
    Effect.gen(function* () {
      const steps = [...Array.from({ length: 100 }, () => "WAIT"), "ENABLED"]
      const { question } = asked(steps, { timeout: "Infinity" })
      assert.strictEqual(yield* run(Poll.untilOutcome(question)), "ENABLED")
    })
  )
})

describe("a question in flight", () => {
  /** As {@link asked}, but each question from the nth on takes a minute; notes what was interrupted. */
  const slow = (from: number, steps: ReadonlyArray<Step>, policy: Partial<Poll.PollPolicy>) => {
    const { times, question } = asked(steps, policy)
    const interrupted: Array<number> = []
    const ask = Effect.gen(function* () {
      const result = yield* Effect.result(question.ask)
      if (times.length >= from) yield* Effect.sleep("1 minute")
      return yield* Effect.fromResult(result)
    }).pipe(
      Effect.onInterrupt(() =>
        Effect.map(Clock.currentTimeMillis, (now) => {
          interrupted.push(now)
        })
      )
    )
    return { times, interrupted, question: { ...question, ask } }
  }

  it.effect("is cut off at the end of the time", () =>
    Effect.gen(function* () {
      const { times, interrupted, question } = slow(1, ["ENABLED"], { timeout: "10 seconds" })
      const fiber = yield* Effect.forkChild(Effect.flip(Poll.untilOutcome(question)))
      yield* TestClock.adjust("9999 millis")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      const error = yield* Fiber.join(fiber)
      assert.strictEqual(error._tag, "OutcomePending")
      assert.strictEqual(
        error.message,
        "va.inquiry R-1: no outcome after 10 s (no status seen, asked 1 times); ask again with the same key"
      )
      assert.deepStrictEqual([times, interrupted], [[0], [10_000]])
    })
  )

  it.effect("takes nothing with it of what was known before", () =>
    Effect.gen(function* () {
      const policy = { interval: "1 second", factor: 1, timeout: "10 seconds" } as const
      const { times, interrupted, question } = slow(3, ["WAIT", failing, "ENABLED"], policy)
      const error = yield* Effect.flip(run(Poll.untilOutcome(question)))
      if (error._tag !== "OutcomePending") return assert.fail(error._tag)
      const { key, status, lastFailure, asked: count, waitedMillis } = error
      assert.deepStrictEqual([key, status, lastFailure, count, waitedMillis], ["R-1", "WAIT", failing, 3, 10_000])
      assert.deepStrictEqual([times, interrupted], [[0, 1000, 2000], [10_000]])
    })
  )

  it.effect("is awaited while there is time", () =>
    Effect.gen(function* () {
      const { interrupted, question } = slow(2, ["WAIT", "ENABLED"], { interval: "1 second", timeout: 61_001 })
      assert.strictEqual(yield* run(Poll.untilOutcome(question)), "ENABLED")
      assert.deepStrictEqual(interrupted, [])
    })
  )
})

describe("the policy", () => {
  const wait = "must be a duration of 1 millisecond or longer, such as 1 second"
  const timeout = "must be a duration longer than zero, such as 10 minutes"
  const factor = "must be a number of 1 or more"
  const grace = "must be a duration, such as 30 seconds"
  const unfit: ReadonlyArray<readonly [keyof Poll.PollPolicy, ReadonlyArray<unknown>, string]> = [
    ["interval", [0, -1, Number.NaN, 0.4, "soon", "0 seconds", "-1 seconds", null, { seconds: Number.NaN }], wait],
    ["maxInterval", [0, -1, Number.NaN, 0.4, "soon", "0 seconds"], wait],
    ["factor", [0, 0.3, 0.999, -2, Number.NaN, Number.POSITIVE_INFINITY, "2", null], factor],
    ["timeout", [0, -1, Number.NaN, "soon", "-1 minutes", "0 seconds", null], timeout],
    ["notFoundGrace", [-1, Number.NaN, "soon", "-1 seconds"], grace]
  ]

  it.effect.each(unfit.flatMap(([name, values, rule]) => values.map((value) => [name, value, rule] as const)))(
    "is refused before anything is asked: %s of %s",
    ([name, value, rule]) =>
      Effect.gen(function* () {
        const { times, question } = asked(["ENABLED"], { [name]: value })
        const error = yield* Effect.flip(Poll.untilOutcome(question))
        if (error._tag !== "PaykkaError" || error.reason._tag !== "InvalidRequest") return assert.fail(error.message)
        assert.deepStrictEqual(error.reason, {
          _tag: "InvalidRequest",
          by: "client",
          faults: [{ path: `poll.${name}`, rule }]
        })
        assert.deepStrictEqual([error.operation, error.attempts, error.retryable], ["va.inquiry", 0, false])
        assert.deepStrictEqual(times, [])
      })
  )

  it.effect("is refused with all its faults", () =>
    Effect.gen(function* () {
      const { question } = asked(["ENABLED"])
      const poll = { interval: 0, factor: 0, maxInterval: 0, timeout: 0, notFoundGrace: -1 }
      const error = yield* Effect.flip(
        Poll.awaitOutcome(
          { ...question, ask: Effect.as(question.ask, {}) },
          { pending: [], succeeded: [], failed: [], unlisted: "pending" },
          { poll }
        )
      )
      assert.strictEqual(
        error.message,
        `va.inquiry: the request is invalid, nothing was sent: poll.interval ${wait}; poll.factor ${factor}; ` +
          `poll.maxInterval ${wait}; poll.timeout ${timeout}; poll.notFoundGrace ${grace} [attempts 0]`
      )
    })
  )

  it.effect("may be the shortest, and in any form of a duration", () =>
    Effect.gen(function* () {
      const policy = { interval: 1n * 1_000_000n, factor: 1, maxInterval: [0, 1_000_000], notFoundGrace: 0 } as const
      const { times, question } = asked(["WAIT", "WAIT", "WAIT", "ENABLED"], { ...policy, timeout: { seconds: 1 } })
      assert.strictEqual(yield* run(Poll.untilOutcome(question)), "ENABLED")
      assert.deepStrictEqual(waits(times), [1, 1, 1])
    })
  )

  it.effect("may leave out what is that of the standard", () =>
    Effect.gen(function* () {
      const { times, question } = asked(["WAIT", "ENABLED"], { interval: undefined, timeout: undefined } as object)
      yield* run(Poll.untilOutcome(question))
      assert.deepStrictEqual(waits(times), [1000])
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
      // Asked last after 49.3 s, the next time would have been after 74.9 s.
      assert.deepStrictEqual([error.status, error.waitedMillis], ["NEW", 49_266])
    })
  )
})
