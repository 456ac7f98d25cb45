import * as Va from "@paykka/schemas/Va"
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import type { PaykkaError } from "../src/PaykkaError.ts"
import type * as PaykkaClient from "../src/PaykkaClient.ts"
import * as RetryPolicy from "../src/RetryPolicy.ts"
import { create, make, read, reasonOf, refusing, start } from "./support/client.ts"
import * as JumpClock from "./support/JumpClock.ts"
import * as operations from "./support/operations.ts"
import type { Answer } from "./support/TestPlatform.ts"

const situation = (changes: Partial<RetryPolicy.Situation> = {}): RetryPolicy.Situation => ({
  attempts: 1,
  elapsedMillis: 0,
  retryAfterMillis: undefined,
  random: 0,
  ...changes
})

describe("delayMillis", () => {
  const policy: RetryPolicy.RetryPolicy = {
    maxAttempts: 8,
    baseDelay: "200 millis",
    maxDelay: "1 second",
    jitter: 0.5,
    maxRetryAfter: "30 seconds",
    totalTime: "1 minute"
  }

  it.each([
    ["doubles", { attempts: 1 }, 200],
    ["doubles", { attempts: 2 }, 400],
    ["doubles", { attempts: 3 }, 800],
    ["is capped", { attempts: 4 }, 1000],
    ["is capped", { attempts: 7 }, 1000],
    ["ends with the last attempt", { attempts: 8 }, undefined],
    ["ends with the last attempt", { attempts: 9 }, undefined],
    ["is shortened by the jitter", { random: 1 }, 100],
    ["is shortened by the jitter", { random: 0.5 }, 150],
    ["is whole", { random: 0.333 }, 167],
    ["caps before the jitter", { attempts: 7, random: 1 }, 500],
    ["is no less than Retry-After", { retryAfterMillis: 5000 }, 5000],
    ["is no less than Retry-After, jitter or not", { retryAfterMillis: 5000, random: 1 }, 5000],
    ["is more than a short Retry-After", { attempts: 3, retryAfterMillis: 1 }, 800],
    ["is not for a Retry-After over the limit", { retryAfterMillis: 30_001 }, undefined],
    ["is for a Retry-After at the limit", { retryAfterMillis: 30_000 }, 30_000],
    ["fits into the total time", { elapsedMillis: 59_800 }, 200],
    ["fits into the total time", { elapsedMillis: 59_801 }, undefined],
    ["fits into the total time, Retry-After included", { elapsedMillis: 31_000, retryAfterMillis: 30_000 }, undefined]
  ] as const)("%s: %j", (_, changes, expected) => {
    assert.strictEqual(RetryPolicy.delayMillis(policy, situation(changes)), expected)
  })

  it("knows no jitter and full jitter", () => {
    assert.strictEqual(RetryPolicy.delayMillis({ ...policy, jitter: 0 }, situation({ random: 1 })), 200)
    assert.strictEqual(RetryPolicy.delayMillis({ ...policy, jitter: 1 }, situation({ random: 1 })), 0)
    assert.strictEqual(RetryPolicy.delayMillis({ ...policy, jitter: 1 }, situation({ random: 0 })), 200)
  })

  it("of none is never", () => {
    assert.isUndefined(RetryPolicy.delayMillis(RetryPolicy.none, situation()))
  })

  it("of the standard is what its documentation says", () => {
    const { standard } = RetryPolicy
    const delay = (attempts: number, random: number) =>
      RetryPolicy.delayMillis(standard, situation({ attempts, random }))
    assert.deepStrictEqual([delay(1, 0), delay(2, 0), delay(3, 0)], [250, 500, undefined])
    assert.deepStrictEqual([delay(1, 1), delay(2, 1)], [125, 250])
    assert.strictEqual(Duration.toMillis(Duration.fromInputUnsafe(standard.totalTime)), 60_000)
  })
})

const code = (status: number, ret_code: string): Answer => ({ status, body: { ret_code, ret_msg: "" } })
const limited: Answer = { status: 429 }
const good: Answer = { body: { status: "ENABLED" } }

describe("a read", () => {
  it.effect.each([
    ["a reset", "reset"],
    ["500", { status: 500 }],
    ["502", { status: 502, body: "<html>" }],
    ["503", { status: 503 }],
    ["429", limited],
    ["010001", code(400, "010001")],
    ["999999", code(200, "999999")],
    ["a body that was cut short", { end: "cut" }]
  ] as ReadonlyArray<readonly [string, Answer]>)("is repeated after %s", ([, answer]) =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([answer, answer, good])
      const { run, slept } = JumpClock.make()
      const account = yield* run(read(client))
      assert.strictEqual(account.status, "ENABLED")
      assert.strictEqual(platform.received.length, 3)
      assert.strictEqual(slept.length, 2)
      assert.isTrue((slept[0] ?? 0) >= 125 && (slept[0] ?? 0) <= 250, String(slept[0]))
      assert.isTrue((slept[1] ?? 0) >= 250 && (slept[1] ?? 0) <= 500, String(slept[1]))
    })
  )

  it.effect("is repeated after refused connections", () =>
    Effect.gen(function* () {
      const { platform } = yield* start([good])
      const client = yield* make(platform.baseUrl, {}, refusing(2))
      const reply = yield* JumpClock.make().run(client.executeWithResponse(Va.inquiry, { request_id: "R-1" }))
      assert.strictEqual(reply.attempts, 3)
      assert.strictEqual(platform.received.length, 1)
    })
  )

  it.effect("fails with the last answer when all attempts have failed", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([limited, "reset", { status: 503 }])
      const error = yield* Effect.flip(JumpClock.make().run(read(client)))
      assert.strictEqual(error.reason._tag, "PlatformFailure")
      assert.strictEqual(error.httpStatus, 503)
      assert.strictEqual(error.attempts, 3)
      assert.isTrue(error.retryable)
      assert.strictEqual(platform.received.length, 3)
    })
  )

  it.effect.each([
    code(400, "010000"),
    code(401, "010100"),
    code(401, "010200"),
    code(404, "010002"),
    code(400, "010003"),
    code(400, "010004"),
    code(400, "010005"),
    code(400, "123456"),
    { status: 401 },
    { status: 404 },
    { status: 302 },
    { body: "no JSON" }
  ] as ReadonlyArray<Answer>)("is not repeated after %j", (answer) =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([answer])
      const error = yield* Effect.flip(read(client))
      assert.isFalse(error.retryable)
      assert.strictEqual(error.attempts, 1)
      assert.strictEqual(platform.received.length, 1)
    })
  )
})

describe("a create", () => {
  const doubtful: ReadonlyArray<readonly [string, Answer]> = [
    ["a reset", "reset"],
    ["500", { status: 500 }],
    ["502 of a proxy", { status: 502, body: "<html>" }],
    ["504", { status: 504 }],
    ["999999", code(500, "999999")],
    ["999999 in a 200", code(200, "999999")],
    ["an answer that was cut short", { end: "cut" }],
    ["an answer that is not JSON", { body: "no JSON" }]
  ]

  it.effect.each(doubtful)("is sent once when it may have been processed: %s", ([, answer]) =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([answer, good])
      // A policy of many attempts without waits: what follows is not for lack of patience.
      const retry = { ...RetryPolicy.standard, maxAttempts: 10, baseDelay: 0 }
      const error = yield* Effect.flip(create(client, { retry }))
      const reason = reasonOf(error, "OutcomeUnknown")
      assert.strictEqual(reason.resolvedBy, "va.inquiry")
      assert.deepStrictEqual(reason.key, { field: "request_id", value: "R-1" })
      assert.isFalse(error.retryable)
      assert.strictEqual(error.attempts, 1)
      assert.strictEqual(platform.received.length, 1)
    })
  )

  it.effect("is sent once also when it is an update", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start(["reset", good])
      reasonOf(yield* Effect.flip(client.execute(operations.update, { note: "" })), "OutcomeUnknown")
      assert.strictEqual(platform.received.length, 1)
    })
  )

  it.effect.each([
    ["429", limited],
    ["010001", code(400, "010001")],
    ["010001 in a 200", code(200, "010001")]
  ] as ReadonlyArray<readonly [string, Answer]>)("is repeated after %s, under the same request id", ([, answer]) =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([answer, answer, {}])
      const value = yield* JumpClock.make().run(client.execute(Va.apply, {}))
      const ids = platform.received.map(({ body }) => (JSON.parse(String(body)) as { request_id: string }).request_id)
      assert.deepStrictEqual(ids, [value.request_id, value.request_id, value.request_id])
    })
  )

  it.effect("is repeated after refused connections, and arrives once", () =>
    Effect.gen(function* () {
      const { platform } = yield* start([good])
      const client = yield* make(platform.baseUrl, {}, refusing(2))
      const reply = yield* JumpClock.make().run(client.executeWithResponse(Va.apply, { request_id: "R-1" }))
      assert.strictEqual(reply.attempts, 3)
      assert.strictEqual(platform.received.length, 1)
    })
  )

  it.effect("is open when a later attempt is doubtful", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([limited, { status: 500 }, good])
      const { run } = JumpClock.make(1_700_000_000_000)
      const error = yield* Effect.flip(run(create(client)))
      const { sentAt } = reasonOf(error, "OutcomeUnknown")
      assert.strictEqual(error.attempts, 2)
      assert.strictEqual(platform.received.length, 2)
      // When the last attempt was sent, not the first.
      assert.strictEqual(String(sentAt), platform.received[1]?.authorization.timestamp)
      assert.isAbove(sentAt, 1_700_000_000_000)
    })
  )
})

describe("Retry-After", () => {
  const asking = (value: string): Answer => ({ status: 429, headers: { "retry-after": value } })

  it.effect("is waited for, in seconds and as a date", () =>
    Effect.gen(function* () {
      const { client } = yield* start([asking("7"), asking("Tue, 14 Nov 2023 22:13:40 GMT"), good])
      // 2023-11-14T22:13:20Z, so that after seven seconds the date is 13 seconds ahead.
      const { run, slept } = JumpClock.make(1_700_000_000_000)
      yield* run(read(client))
      assert.deepStrictEqual(slept, [7000, 13_000])
    })
  )

  it.effect("of more than the policy allows ends the call at once", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([asking("31"), good])
      const error = yield* Effect.flip(read(client))
      assert.strictEqual(reasonOf(error, "RateLimited").retryAfterMillis, 31_000)
      assert.isTrue(error.retryable)
      assert.strictEqual(platform.received.length, 1)
    })
  )

  it.effect("counts into the total time", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([asking("20")])
      const { run, slept } = JumpClock.make()
      const retry = { ...RetryPolicy.standard, maxAttempts: 10 }
      yield* Effect.flip(run(read(client, { retry })))
      assert.deepStrictEqual(slept, [20_000, 20_000, 20_000])
      assert.strictEqual(platform.received.length, 4)
    })
  )

  it.effect("is obeyed whatever the answer is, where a read is repeated", () =>
    Effect.gen(function* () {
      const { client } = yield* start([{ status: 503, headers: { "retry-after": "7" } }, good])
      const clock = JumpClock.make()
      yield* clock.run(read(client))
      assert.deepStrictEqual(clock.slept, [7000])
    })
  )
})

describe("the policy in force", () => {
  const sends = (call: (client: PaykkaClient.Service) => Effect.Effect<unknown, PaykkaError>, expected: number) =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([{ status: 503 }])
      const error = yield* Effect.flip(JumpClock.make().run(call(client)))
      assert.strictEqual(error.attempts, expected)
      assert.strictEqual(platform.received.length, expected)
    })
  const five = { ...RetryPolicy.standard, maxAttempts: 5 }

  it.effect("is the standard one", () => sends(read, 3))
  it.effect("is none", () => sends((client) => read(client, { retry: RetryPolicy.none }), 1))
  it.effect("is the call's", () => sends((client) => read(client, { retry: five }), 5))
  it.effect("is the program's", () => sends(read, 5).pipe(Effect.provide(Layer.succeed(RetryPolicy.Current, five))))
  it.effect("is an effect's", () =>
    sends((client) => Effect.provideService(read(client), RetryPolicy.Current, five), 5)
  )
  it.effect("is the call's before the program's", () =>
    sends((client) => read(client, { retry: RetryPolicy.none }), 1).pipe(
      Effect.provide(Layer.succeed(RetryPolicy.Current, five))
    )
  )

  it.effect("waits with a jitter that comes from the program's randomness", () =>
    Effect.gen(function* () {
      const waits = (seed: string) =>
        Effect.gen(function* () {
          const { client } = yield* start([{ status: 503 }])
          const { run, slept } = JumpClock.make()
          yield* Effect.flip(run(read(client, { retry: { ...five, baseDelay: "10 seconds" } })))
          return slept
        }).pipe(Random.withSeed(seed))
      const first = yield* waits("a")
      assert.deepStrictEqual(yield* waits("a"), first)
      assert.notDeepEqual(yield* waits("b"), first)
    })
  )
})

describe("permits", () => {
  const startedAt = 1_700_000_000_000

  it.effect("is asked before each repetition, with the time when it would come", () =>
    Effect.gen(function* () {
      const { client, platform } = yield* start([{ status: 503 }, limited, good])
      const asked: Array<unknown> = []
      const retry: RetryPolicy.RetryPolicy = {
        ...RetryPolicy.standard,
        jitter: 0,
        permits: ({ operation, requestId, attempts, reason, at }) => {
          asked.push([operation.id, requestId, attempts, reason._tag, at - startedAt])
          return true
        }
      }
      yield* JumpClock.make(startedAt).run(read(client, { retry }))
      assert.deepStrictEqual(asked, [
        ["va.inquiry", "R-1", 1, "PlatformFailure", 250],
        ["va.inquiry", "R-1", 2, "RateLimited", 750]
      ])
      assert.strictEqual(platform.received.length, 3)
    })
  )

  it.effect("ends the call, which may still be made again later", () =>
    Effect.gen(function* () {
      const { client, platform } = yield* start([{ status: 503 }, good])
      const error = yield* Effect.flip(read(client, { retry: { ...RetryPolicy.standard, permits: () => false } }))
      assert.strictEqual(error.reason._tag, "PlatformFailure")
      assert.isTrue(error.retryable)
      assert.strictEqual(platform.received.length, 1)
    })
  )

  it.effect("is not asked about what is not repeated anyway, and cannot allow it", () =>
    Effect.gen(function* () {
      const { client, platform } = yield* start([{ status: 500 }, good])
      const retry = { ...RetryPolicy.standard, permits: () => assert.fail("asked") }
      yield* Effect.flip(create(client, { retry }))
      assert.strictEqual(platform.received.length, 1)
    })
  )
})

describe("a policy that cannot be", () => {
  it.effect.each([
    ["maxAttempts", { maxAttempts: Number.NaN }],
    ["totalTime", { totalTime: "-1 minute" }],
    ["maxAttempts", { maxAttempts: 0 }],
    ["jitter", { jitter: 2 }],
    ["baseDelay", { baseDelay: "250ms" as Duration.Input }],
    ["maxDelay", { maxDelay: "soon" as Duration.Input }],
    ["maxRetryAfter", { maxRetryAfter: "" as Duration.Input }],
    ["totalTime", { totalTime: Number.NaN }]
  ] satisfies ReadonlyArray<readonly [string, Partial<RetryPolicy.RetryPolicy>]>)(
    "%s is a fault, told before anything is sent",
    ([name, part]) =>
      Effect.gen(function* () {
        const { platform, client } = yield* start()
        const policy = { ...RetryPolicy.standard, ...part }
        for (const call of [
          create(client, { retry: policy }),
          Effect.provideService(create(client), RetryPolicy.Current, policy)
        ]) {
          const { faults } = reasonOf(yield* Effect.flip(call), "InvalidRequest")
          assert.deepStrictEqual(
            faults.map(({ path }) => path),
            [`retry.${name}`]
          )
        }
        assert.strictEqual(platform.received.length, 0)
      })
  )
})
