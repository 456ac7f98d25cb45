/** What became of a write whose answer was lost. The accounts of a journal: Journal.test.ts. */
import { inspect } from "node:util"
import * as Operation from "@paykka/schemas/Operation"
import * as Va from "@paykka/schemas/Va"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Outcome from "../src/Outcome.ts"
import * as PaykkaClient from "../src/PaykkaClient.ts"
import type { PaykkaError } from "../src/PaykkaError.ts"
import * as Plugin from "../src/Plugin.ts"
import * as ResolvePolicy from "../src/ResolvePolicy.ts"
import * as RetryPolicy from "../src/RetryPolicy.ts"
import { create, merchId, reasonOf, start } from "./support/client.ts"
import * as JumpClock from "./support/JumpClock.ts"
import * as operations from "./support/operations.ts"
import type { Answer, TestPlatform } from "./support/TestPlatform.ts"

const startedAt = 1_700_000_000_000

/** What a platform knows of the account: nothing, until it is told. */
const notFound = { status: 404, body: { ret_code: "010002", ret_msg: "data not found" } }
const found = { body: { request_id: "R-1", status: "ENABLED", account_no: "DE89370400440532013000" } }

const run = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.suspend(() => JumpClock.make(startedAt).run(effect))

const paths = ({ received }: TestPlatform): ReadonlyArray<string> => received.map(({ target }) => target)
const ids = ({ received }: TestPlatform): ReadonlyArray<unknown> =>
  received.map(({ body }) => (JSON.parse(body.toString()) as { readonly request_id?: unknown }).request_id)

const { apply, inquiry } = Va

/** The error of a create that may have been processed, and a way to ask. */
const doubtful = (answers: ReadonlyArray<Answer>, options?: Partial<PaykkaClient.Options>) =>
  Effect.gen(function* () {
    const { platform, client } = yield* start(["reset", ...answers], options)
    const clock = JumpClock.make(startedAt)
    const error = yield* Effect.flip(clock.run(create(client)))
    const resolve = Outcome.resolve(error).pipe(clock.run, Effect.provideService(PaykkaClient.PaykkaClient, client))
    return { platform, client, clock, error, resolve }
  })

describe("the error", () => {
  it.effect("carries the question: identifiers only, and the descriptors out of sight", () =>
    Effect.gen(function* () {
      const { error } = yield* doubtful([])
      const { query, sentAt, resolvedBy, key } = reasonOf(error, "OutcomeUnknown")
      assert.strictEqual(sentAt, startedAt)
      assert.strictEqual(resolvedBy, "va.inquiry")
      assert.deepStrictEqual(key, { field: "request_id", value: "R-1" })
      assert.deepStrictEqual(JSON.parse(JSON.stringify(query)), {
        operation: "va.inquiry",
        input: { request_id: "R-1" },
        merchId,
        isDecisive: true
      })
      assert.strictEqual(query?.read, inquiry)
      assert.strictEqual(query?.write, apply)
      assert.isBelow(inspect(error, { depth: Infinity }).length, 2000)
      assert.include(error.message, "ask va.inquiry before sending it again")
    })
  )

  it.effect("has no question where no call tells, or it asks for what is not known", () =>
    Effect.gen(function* () {
      const { client } = yield* start(["reset"])
      for (const error of [
        yield* Effect.flip(client.execute(operations.update, { note: "" })),
        yield* Effect.flip(client.execute(operations.order, { order_no: "O-1", amount: "1" }))
      ]) {
        assert.isNull(reasonOf(error, "OutcomeUnknown").query)
        const resolution = yield* Outcome.resolve(error).pipe(Effect.provideService(PaykkaClient.PaykkaClient, client))
        assert.strictEqual(resolution._tag, "Undecided")
      }
    })
  )
})

describe("resolve", () => {
  it.effect("tells that it was processed, with the answer", () =>
    Effect.gen(function* () {
      const { platform, resolve } = yield* doubtful([found])
      const resolution = yield* resolve
      assert.strictEqual(resolution._tag, "Processed")
      assert.include((resolution as Outcome.Processed).answer as object, { status: "ENABLED" })
      assert.deepStrictEqual(paths(platform), [apply.path, inquiry.path])
      assert.deepStrictEqual(ids(platform), ["R-1", "R-1"])
      assert.strictEqual(platform.received[1]?.headers["x-merch-id"], merchId)
    })
  )

  it.effect("asks for the merchant of the call", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start(["reset", found])
      const error = yield* Effect.flip(create(client, { merchId: "M2" }))
      yield* Outcome.resolve(error).pipe(Effect.provideService(PaykkaClient.PaykkaClient, client))
      assert.strictEqual(platform.received[1]?.headers["x-merch-id"], "M2")
    })
  )

  it.effect("believes that it is not there after the settling time, not before", () =>
    Effect.gen(function* () {
      const { platform, clock, resolve } = yield* doubtful([notFound])
      assert.deepStrictEqual(yield* resolve, { _tag: "NotProcessed" })
      const waited = clock.slept.reduce((sum, each) => sum + each, 0)
      assert.isAtLeast(waited, 120_000)
      // The last wait is what brought it over two minutes: it was asked before, and not believed.
      assert.isBelow(waited - (clock.slept.at(-1) ?? 0), 120_000)
      assert.isAbove(platform.received.length, 3)
    })
  )

  it.effect("finds what appears while it waits", () =>
    Effect.gen(function* () {
      const { platform, resolve } = yield* doubtful([notFound, notFound, found])
      assert.strictEqual((yield* resolve)._tag, "Processed")
      assert.strictEqual(platform.received.length, 4)
    })
  )

  it.effect("does not wait where the last request is long ago", () =>
    Effect.gen(function* () {
      const { clock, resolve } = yield* doubtful([notFound])
      yield* clock.run(Effect.sleep("9 minutes"))
      assert.deepStrictEqual(yield* resolve, { _tag: "NotProcessed" })
      assert.deepStrictEqual(clock.slept, [540_000])
    })
  )

  it.effect("follows the policy in force", () =>
    Effect.gen(function* () {
      const { clock, resolve } = yield* doubtful([notFound])
      const policy = {
        ...ResolvePolicy.standard,
        settle: "10 seconds",
        poll: { interval: "4 seconds", factor: 1 }
      } as const
      assert.deepStrictEqual(yield* resolve.pipe(Effect.provideService(ResolvePolicy.Current, policy)), {
        _tag: "NotProcessed"
      })
      assert.deepStrictEqual(clock.slept, [4000, 4000, 4000])
    })
  )

  it.effect("goes on after failures of the question that may pass", () =>
    Effect.gen(function* () {
      const { resolve } = yield* doubtful([{ status: 503 }, { status: 503 }, { status: 503 }, "reset", found])
      assert.strictEqual((yield* resolve)._tag, "Processed")
    })
  )

  it.effect.each([
    ["the question is refused", [{ status: 401, body: { ret_code: "010100" } }], "the question failed"],
    ["there is never a clear answer", [{ status: 503 }], "no clear answer in time"],
    [
      "the answer is about another object",
      [{ body: { request_id: "R-2", status: "ENABLED" } }],
      "about another request_id"
    ],
    ["the answer is empty", [{ body: {} }], "empty"],
    ["the answer is but an echo", [{ body: { request_id: "R-1", status: null } }], "empty"]
  ] as ReadonlyArray<readonly [string, ReadonlyArray<Answer>, string]>)(
    "leaves it undecided where %s",
    ([, answers, why]) =>
      Effect.gen(function* () {
        const { resolve } = yield* doubtful(answers)
        const resolution = yield* resolve
        assert.strictEqual(resolution._tag, "Undecided")
        assert.include((resolution as Outcome.Undecided).why, why)
      })
  )

  it.effect("leaves an update undecided: what the answer shows may have been there before", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start(["reset", found, "reset", notFound])
      for (const expected of [{ request_id: "R-1", status: "ENABLED" }, undefined]) {
        const error = yield* Effect.flip(client.execute(operations.amend, { request_id: "R-1" }))
        const resolution = yield* Outcome.resolve(error).pipe(
          Effect.provideService(PaykkaClient.PaykkaClient, client),
          run
        )
        assert.strictEqual(resolution._tag, "Undecided")
        const { answer } = resolution as Outcome.Undecided
        if (expected === undefined) assert.isUndefined(answer)
        else assert.include(answer as object, { status: "ENABLED" })
      }
      assert.strictEqual(platform.received.length, 4)
    })
  )

  it.effect("asks nothing under a policy without meaning, and concludes nothing", () =>
    Effect.gen(function* () {
      const { platform, resolve } = yield* doubtful([notFound])
      const policy = { ...ResolvePolicy.standard, settle: Number.NaN }
      const resolution = yield* resolve.pipe(Effect.provideService(ResolvePolicy.Current, policy))
      assert.strictEqual(resolution._tag, "Undecided")
      assert.include((resolution as Outcome.Undecided).why, "resolve.settle")
      assert.strictEqual(platform.received.length, 1)
    })
  )

  it.effect("counts from when the request was given up, not from when it began", () =>
    Effect.gen(function* () {
      const { client } = yield* start(["reset", notFound])
      const clock = JumpClock.make(startedAt)
      // As long as the answer took to fail.
      const slow: Plugin.Plugin = {
        name: "slow",
        attempt: (_, next) => Effect.onError(next, () => Effect.sleep("9 minutes"))
      }
      const error = yield* Effect.flip(clock.run(create(client))).pipe(Effect.provideService(Plugin.Current, [slow]))
      const { sentAt, givenUpAt } = reasonOf(error, "OutcomeUnknown")
      assert.deepStrictEqual([sentAt, givenUpAt], [startedAt, startedAt + 540_000])
      const before = clock.slept.length
      yield* Outcome.resolve(error).pipe(clock.run, Effect.provideService(PaykkaClient.PaykkaClient, client))
      assert.isAtLeast(
        clock.slept.slice(before).reduce((sum, each) => sum + each, 0),
        120_000
      )
    })
  )

  it.effect("gives back an error that is no doubt", () =>
    Effect.gen(function* () {
      const { client } = yield* start([notFound])
      const error = yield* Effect.flip(create(client))
      assert.strictEqual(
        yield* Effect.flip(Outcome.resolve(error).pipe(Effect.provideService(PaykkaClient.PaykkaClient, client))),
        error
      )
    })
  )
})

describe('onUnknown: "resolve"', () => {
  const resolving = { onUnknown: "resolve" } as const
  const reply = (client: PaykkaClient.Service, options: PaykkaClient.CallOptions = resolving) =>
    client.executeWithResponse(apply, { request_id: "R-1", currencies: ["EUR"] }, options)

  it.effect("succeeds with what the question tells", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start(["reset", notFound, { ...found, headers: { "x-a": "b" } }])
      const { value, raw, attempts, resolvedBy, httpStatus, headers } = yield* run(reply(client))
      assert.strictEqual(resolvedBy, "va.inquiry")
      assert.strictEqual(attempts, 1)
      assert.strictEqual(httpStatus, 200)
      assert.strictEqual(headers["x-a"], "b")
      assert.strictEqual(value.request_id, "R-1")
      assert.include(raw as object, { status: "ENABLED" })
      assert.deepStrictEqual(paths(platform), [apply.path, inquiry.path, inquiry.path])
    })
  )

  it.effect("says nothing of a question where none was needed", () =>
    Effect.gen(function* () {
      const { client } = yield* start([{}])
      assert.isUndefined((yield* reply(client)).resolvedBy)
    })
  )

  it.effect("sends again what surely was not processed: the same key and body, newly signed", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start(["reset", ({ target }) => (target === inquiry.path ? notFound : {})])
      const { attempts, resolvedBy } = yield* run(reply(client))
      assert.strictEqual(attempts, 2)
      assert.isUndefined(resolvedBy)
      const writes = platform.received.filter(({ target }) => target === apply.path)
      assert.strictEqual(writes.length, 2)
      assert.deepStrictEqual(writes[0]?.body, writes[1]?.body)
      assert.notStrictEqual(writes[0]?.authorization.nonce, writes[1]?.authorization.nonce)
      // Not before it was settled.
      const [first, last] = writes.map(({ authorization }) => Number(authorization.timestamp))
      assert.isAtLeast(last! - first!, 120_000)
    })
  )

  it.effect("sends no more often than the policy says, and then tells that nothing was processed", () =>
    Effect.gen(function* () {
      for (const [maxResends, writes] of [
        [0, 1],
        [1, 2],
        [3, 4]
      ] as const) {
        const { platform, client } = yield* start([({ target }) => (target === inquiry.path ? notFound : "reset")])
        const error = yield* Effect.flip(
          run(reply(client)).pipe(
            Effect.provideService(ResolvePolicy.Current, { ...ResolvePolicy.standard, maxResends })
          )
        )
        assert.strictEqual(paths(platform).filter((path) => path === apply.path).length, writes)
        assert.strictEqual(error.attempts, writes)
        assert.include(reasonOf(error, "Unreachable").detail, "va.inquiry tells that it was not processed")
        assert.isTrue(error.retryable)
      }
    })
  )

  it.effect("stays unknown where the question has no clear answer, and sends nothing", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start(["reset", { body: {} }])
      const error = yield* Effect.flip(run(reply(client)))
      assert.strictEqual(error.reason._tag, "OutcomeUnknown")
      assert.isFalse(error.retryable)
      assert.strictEqual(paths(platform).filter((path) => path === apply.path).length, 1)
    })
  )

  // The first may have arrived after all, and be the reason of the refusal.
  it.effect.each([
    { status: 400, body: { ret_code: "010003" }, never: "InvalidState" },
    // A repeated identifier says by itself that the first is there.
    { status: 400, body: { ret_code: "010004" }, never: "OutcomeUnknown" }
  ])("asks once more when the second sending is refused: %j", (refusal) =>
    Effect.gen(function* () {
      const script = (known: () => boolean) => {
        let writes = 0
        return ({ target }: { readonly target: string }) => {
          if (target === inquiry.path) return known() && writes > 1 ? found : notFound
          return ++writes === 1 ? ("reset" as const) : refusal
        }
      }
      const late = yield* start([script(() => true)])
      const { resolvedBy, attempts } = yield* run(reply(late.client))
      assert.deepStrictEqual([resolvedBy, attempts], ["va.inquiry", 2])

      const never = yield* start([script(() => false)])
      const error = yield* Effect.flip(run(reply(never.client)))
      assert.strictEqual(error.retCode, refusal.body.ret_code)
      assert.strictEqual(error.reason._tag, refusal.never)
    })
  )

  it.effect("does not take what plugins waited for as settling time", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([({ target }) => (target === inquiry.path ? notFound : "reset")])
      const clock = JumpClock.make(startedAt)
      const waiting: Plugin.Plugin = {
        name: "waiting",
        attempt: ({ operation }, next) =>
          operation.effect === "read" ? next : Effect.andThen(Effect.sleep("5 minutes"), next)
      }
      yield* Effect.flip(clock.run(reply(client))).pipe(Effect.provideService(Plugin.Current, [waiting]))
      const writes = platform.received
        .filter(({ target }) => target === apply.path)
        .map(({ authorization }) => Number(authorization.timestamp) - startedAt)
      assert.strictEqual(writes[0], 300_000)
      // Two minutes after the first was given up, and five of waiting.
      assert.isAtLeast(writes[1]!, 300_000 + 120_000 + 300_000)
    })
  )

  it.effect("does not send again what the retry policy does not permit", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([({ target }) => (target === inquiry.path ? notFound : "reset")])
      const retry = { ...RetryPolicy.standard, permits: () => false }
      const error = yield* Effect.flip(run(reply(client, { ...resolving, retry })))
      assert.strictEqual(error.reason._tag, "Unreachable")
      assert.strictEqual(paths(platform).filter((path) => path === apply.path).length, 1)
    })
  )

  it.effect("advises no repetition after notAfter", () =>
    Effect.gen(function* () {
      const { client } = yield* start([({ target }) => (target === inquiry.path ? notFound : "reset")])
      const error = yield* Effect.flip(
        run(reply(client, { ...resolving, notAfter: startedAt + 30_000 })).pipe(
          Effect.provideService(ResolvePolicy.Current, { ...ResolvePolicy.standard, maxResends: 0 })
        )
      )
      assert.strictEqual(error.reason._tag, "Unreachable")
      assert.isFalse(error.retryable)
    })
  )

  it.effect("is a word that there is", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([{}], { onUnknown: "resolv" as "resolve" })
      for (const options of [{}, { onUnknown: "yes" as "resolve" }]) {
        const error = yield* Effect.flip(reply(client, options))
        assert.deepStrictEqual(
          reasonOf(error, "InvalidRequest").faults.map(({ path }) => path),
          ["options.onUnknown"]
        )
      }
      assert.strictEqual(platform.received.length, 0)
    })
  )

  it.effect("stays unknown where the second sending is refused and the question then has no clear answer", () =>
    Effect.gen(function* () {
      let writes = 0
      const { client } = yield* start([
        ({ target }) => {
          if (target === inquiry.path) return writes > 1 ? {} : notFound
          return ++writes === 1 ? "reset" : { status: 400, body: { ret_code: "010003" } }
        }
      ])
      const error = yield* Effect.flip(run(reply(client)))
      assert.strictEqual(error.reason._tag, "OutcomeUnknown")
      assert.isFalse(error.retryable)
    })
  )

  it.effect("stays unknown where the second sending is refused and what is found cannot be read", () =>
    Effect.gen(function* () {
      let writes = 0
      const { client } = yield* start([
        ({ target }) => {
          if (target === inquiry.path) return writes > 1 ? found : notFound
          return ++writes === 1 ? "reset" : { status: 400, body: { ret_code: "010003" } }
        }
      ])
      const bank = Operation.make({ ...apply, response: Schema.Struct({ lacking: Schema.String }) })
      const error = yield* Effect.flip(run(client.execute(bank, { request_id: "R-1" }, resolving)))
      assert.strictEqual(error.reason._tag, "OutcomeUnknown")
      assert.isFalse(error.retryable)
    })
  )

  it.effect("sends nothing after notAfter", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([({ target }) => (target === inquiry.path ? notFound : "reset")])
      const error = yield* Effect.flip(run(reply(client, { ...resolving, notAfter: startedAt + 30_000 })))
      assert.strictEqual(error.reason._tag, "Unreachable")
      assert.isFalse(error.retryable)
      assert.strictEqual(error.attempts, 1)
      assert.strictEqual(paths(platform).filter((path) => path === apply.path).length, 1)
    })
  )

  it.effect("is one call to plugins, and its questions are calls of their own", () =>
    Effect.gen(function* () {
      const { client } = yield* start(["reset", found])
      const lines: Array<string> = []
      const watching: Plugin.Plugin = {
        name: "watching",
        operation: ({ operation }, next) =>
          Effect.tap(next, ({ resolvedBy }) => Effect.sync(() => lines.push(`${operation.id} ${resolvedBy}`)))
      }
      yield* run(reply(client)).pipe(Effect.provideService(Plugin.Current, [watching]))
      assert.deepStrictEqual(lines, ["va.inquiry undefined", "va.apply va.inquiry"])
    })
  )

  it.effect("may be the client's, and a call may differ", () =>
    Effect.gen(function* () {
      const { client } = yield* start(["reset", found, "reset"], resolving)
      assert.strictEqual((yield* run(reply(client, {}))).resolvedBy, "va.inquiry")
      const error = yield* Effect.flip(run(reply(client, { onUnknown: "fail" })))
      assert.strictEqual(error.reason._tag, "OutcomeUnknown")
    })
  )

  it.effect.each([
    [{ settle: Number.NaN }, ["resolve.settle"]],
    [{ settle: "-2 minutes" }, ["resolve.settle"]],
    [{ maxResends: -1 }, ["resolve.maxResends"]],
    [{ poll: { interval: 0 } }, ["resolve.poll.interval"]],
    [{ poll: { timeout: "1 minute" } }, ["resolve.poll.timeout"]],
    [{ settle: "10 minutes" }, ["resolve.poll.timeout"]],
    [{ settle: "soon" as never, maxResends: 0.5 }, ["resolve.settle", "resolve.maxResends"]]
  ] as ReadonlyArray<readonly [Partial<ResolvePolicy.ResolvePolicy>, ReadonlyArray<string>]>)(
    "refuses a policy without meaning before anything is sent: %j",
    ([changes, expected]) =>
      Effect.gen(function* () {
        const { platform, client } = yield* start()
        const error: PaykkaError = yield* Effect.flip(reply(client)).pipe(
          Effect.provideService(ResolvePolicy.Current, { ...ResolvePolicy.standard, ...changes })
        )
        assert.deepStrictEqual(
          reasonOf(error, "InvalidRequest").faults.map(({ path }) => path),
          expected
        )
        assert.strictEqual(platform.received.length, 0)
      })
  )
})
