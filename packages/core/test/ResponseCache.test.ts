import * as Operation from "@paykka/schemas/Operation"
import * as Va from "@paykka/schemas/Va"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import { Fresh } from "../src/Fresh.ts"
import * as Outcome from "../src/Outcome.ts"
import * as PaykkaClient from "../src/PaykkaClient.ts"
import type { PaykkaError } from "../src/PaykkaError.ts"
import type { Plugin } from "../src/Plugin.ts"
import * as Poll from "../src/Poll.ts"
import * as ResponseCache from "../src/ResponseCache.ts"
import { create, make as makeClient, start } from "./support/client.ts"
import * as JumpClock from "./support/JumpClock.ts"
import { forbidden, update } from "./support/operations.ts"
import { refusedOption, withPlugins } from "./support/plugins.ts"
import type { Answer } from "./support/TestPlatform.ts"

const make = (options: Partial<ResponseCache.Options> = {}) =>
  ResponseCache.make({ operations: [Va.inquiry], timeToLive: "10 seconds", ...options })

/** Answers that tell how many there were before. */
const numbered: ReadonlyArray<Answer> = Array.from({ length: 20 }, (_, index) => ({
  body: { request_id: "R-1", nth: index + 1 },
  headers: { "x-nth": `${index + 1}` }
}))

const ask = (client: PaykkaClient.Service, request_id = "R-1", options?: PaykkaClient.CallOptions) =>
  client.executeWithResponse(Va.inquiry, { request_id }, options)

/** A write without a merchant number. */
const unowned = Operation.make({ ...update, merchantHeader: "forbidden" })

/** Which answer of the platform a reply is. */
const nth = ({ raw }: PaykkaClient.Reply<unknown>) => (raw as { readonly nth: number }).nth

describe("a response cache", () => {
  it.effect("answers the same question again, and shows that it did", () =>
    Effect.gen(function* () {
      const { client, platform } = yield* start(numbered)
      const cache = yield* make()
      const attempts: Array<number> = []
      const outside: Plugin = {
        name: "outside",
        operation: (_, next) => Effect.tap(next, (outcome) => Effect.sync(() => attempts.push(outcome.attempts)))
      }
      yield* Effect.gen(function* () {
        const first = yield* ask(client)
        const again = yield* ask(client)
        assert.deepStrictEqual(again, { ...first, attempts: 0 })
        assert.strictEqual(again.headers["x-nth"], "1")
        assert.deepStrictEqual((yield* client.execute(Va.inquiry, { request_id: "R-1" })).request_id, "R-1")
      }).pipe(withPlugins(outside, cache))
      assert.deepStrictEqual(attempts, [1, 0, 0])
      assert.strictEqual(platform.received.length, 1)
    })
  )

  it.effect("keeps an answer for so long and no longer", () =>
    Effect.gen(function* () {
      const { client } = yield* start(numbered)
      const cache = yield* make()
      yield* Effect.gen(function* () {
        yield* ask(client)
        yield* TestClock.adjust(9999)
        assert.strictEqual(nth(yield* ask(client)), 1)
        yield* TestClock.adjust(1)
        assert.strictEqual(nth(yield* ask(client)), 2)
      }).pipe(withPlugins(cache))
    })
  )

  it.effect("tells questions apart by content, merchant, host, path and descriptor", () =>
    Effect.gen(function* () {
      const { client, platform } = yield* start(numbered)
      const other = yield* start([{ body: { nth: 100 } }])
      const elsewhere = yield* makeClient(platform.baseUrl, { overrides: { "va.inquiry": { path: "/v3/va" } } })
      // The same question to the same path, but the answer is read in another way.
      const twin = Operation.make({ ...Va.inquiry, response: Schema.Struct({ nth: Schema.Int }) })
      const cache = yield* make({ operations: [Va.inquiry, twin] })
      const questions = [
        ask(client),
        ask(client, "R-2"),
        ask(client, "R-1", { merchId: "M2" }),
        ask(client, "R-1", { extra: { more: true } }),
        ask(elsewhere),
        client.executeWithResponse(twin, { request_id: "R-1" }),
        ask(other.client)
      ]
      yield* Effect.gen(function* () {
        for (let round = 0; round < 2; round++) {
          assert.deepStrictEqual(
            yield* Effect.forEach(questions, (question) => Effect.map(question, nth)),
            [1, 2, 3, 4, 5, 6, 100]
          )
        }
      }).pipe(withPlugins(cache))
    })
  )

  it.effect("keeps only what it is told to, and never what has no merchant number", () =>
    Effect.gen(function* () {
      const { client, platform } = yield* start([{ body: { note: "n" } }])
      const cache = yield* make({ operations: [forbidden] })
      const { path, request: _, response: schema } = Va.inquiry
      const body = { request_id: "R-1" }
      const calls = Effect.all([
        ask(client),
        create(client),
        client.request({ path, body, schema, effect: "read" }),
        client.execute(forbidden, { note: "n" })
      ])
      yield* Effect.replicateEffect(calls, 2).pipe(withPlugins(cache))
      assert.strictEqual(platform.received.length, 8)
    })
  )

  it.effect("does not keep errors", () =>
    Effect.gen(function* () {
      const { client } = yield* start([{ status: 404, body: { ret_code: "010002", ret_msg: "" } }, ...numbered])
      const cache = yield* make()
      yield* Effect.gen(function* () {
        yield* Effect.flip(ask(client))
        assert.strictEqual(nth(yield* ask(client)), 1)
      }).pipe(withPlugins(cache))
    })
  )

  const writes: ReadonlyArray<
    readonly [
      string,
      (client: PaykkaClient.Service) => Effect.Effect<unknown, PaykkaError>,
      ReadonlyArray<number>,
      Answer?
    ]
  > = [
    ["of the merchant", create, [4, 2]],
    ["that fails", create, [4, 2], { status: 503 }],
    ["of another merchant", (client) => create(client, { merchId: "M3" }), [1, 2]],
    ["without a merchant number", (client) => client.execute(unowned, { note: "n" }), [4, 5]]
  ]
  it.effect.each(writes)("forgets what was before a write: %s", ([, write, after, third = {}]) =>
    Effect.gen(function* () {
      const { client } = yield* start([...numbered.slice(0, 2), third, ...numbered.slice(3)])
      const cache = yield* make()
      yield* Effect.gen(function* () {
        const questions = Effect.forEach([ask(client), ask(client, "R-1", { merchId: "M2" })], (question) =>
          Effect.map(question, nth)
        )
        assert.deepStrictEqual(yield* questions, [1, 2])
        yield* Effect.ignore(write(client))
        assert.deepStrictEqual(yield* questions, after)
        assert.deepStrictEqual(yield* questions, after)
      }).pipe(withPlugins(cache))
    })
  )

  const meanwhile: ReadonlyArray<
    readonly [
      string,
      (client: PaykkaClient.Service, cache: ResponseCache.ResponseCache) => Effect.Effect<unknown, PaykkaError>,
      number
    ]
  > = [
    ["a write", (client) => create(client), 3],
    ["a write without a merchant number", (client) => client.execute(unowned, { note: "n" }), 3],
    ["invalidateAll", (_, cache) => cache.invalidateAll, 2]
  ]
  it.effect.each(meanwhile)("does not answer from what was asked before %s and came after it", ([, happens, after]) =>
    Effect.gen(function* () {
      const { client } = yield* start(numbered)
      const cache = yield* make()
      const answered = yield* Deferred.make<void>()
      const done = yield* Deferred.make<void>()
      const holding: Plugin = {
        name: "holding",
        operation: ({ operation }, next) =>
          operation.effect === "read"
            ? Effect.tap(next, () => Effect.andThen(Deferred.succeed(answered, undefined), Deferred.await(done)))
            : next
      }
      yield* Effect.gen(function* () {
        const early = yield* Effect.forkChild(ask(client))
        yield* Deferred.await(answered)
        yield* happens(client, cache)
        yield* Deferred.succeed(done, undefined)
        assert.strictEqual(nth(yield* Fiber.join(early)), 1)
        assert.strictEqual(nth(yield* ask(client)), after)
      }).pipe(withPlugins(cache, holding))
    })
  )

  it.effect("does not answer who asks for a fresh answer, and keeps that answer", () =>
    Effect.gen(function* () {
      const { client } = yield* start(numbered)
      const cache = yield* make()
      yield* Effect.gen(function* () {
        yield* ask(client)
        assert.strictEqual(nth(yield* Effect.provideService(ask(client), Fresh, true)), 2)
        assert.strictEqual(nth(yield* ask(client)), 2)
      }).pipe(withPlugins(cache))
    })
  )

  describe("does not answer", () => {
    const status = (text: string): Answer => ({ body: { request_id: "R-1", status: text } })
    const question = (client: PaykkaClient.Service) => client.execute(Va.inquiry, { request_id: "R-1" })

    it.effect("who waits for an outcome", () =>
      Effect.gen(function* () {
        const { client } = yield* start([status("A"), status("B")])
        const cache = yield* make({ timeToLive: "1 day" })
        yield* Effect.gen(function* () {
          assert.strictEqual((yield* question(client)).status, "A")
          const outcome = yield* Poll.awaitOutcome(
            { operation: "va.inquiry", key: "R-1", ask: question(client) },
            { pending: [], succeeded: ["B"], failed: [], unlisted: "pending" },
            {}
          )
          assert.strictEqual(outcome.status, "B")
          assert.strictEqual((yield* question(client)).status, "B")
        }).pipe(withPlugins(cache), JumpClock.make().run)
      })
    )

    it.effect("who asks what became of a write", () =>
      Effect.gen(function* () {
        const { client } = yield* start(["reset", status("A"), status("B")])
        const cache = yield* make({ timeToLive: "1 day" })
        yield* Effect.gen(function* () {
          const error = yield* Effect.flip(create(client))
          assert.strictEqual((yield* question(client)).status, "A")
          const resolution = yield* Outcome.resolve(error)
          assert.deepInclude(resolution, { _tag: "Processed", raw: { request_id: "R-1", status: "B" } })
        }).pipe(withPlugins(cache), JumpClock.make().run, Effect.provideService(PaykkaClient.PaykkaClient, client))
      })
    )

    it.effect("a write that asks what became of itself", () =>
      Effect.gen(function* () {
        const { client } = yield* start([status("A"), "reset", status("B")])
        const cache = yield* make({ timeToLive: "1 day" })
        yield* Effect.gen(function* () {
          assert.strictEqual((yield* question(client)).status, "A")
          const { status: told } = yield* create(client, { onUnknown: "resolve" })
          assert.strictEqual(told, "B")
        }).pipe(withPlugins(cache), JumpClock.make().run)
      })
    )
  })

  it.effect("forgets when it is told to, and the oldest when there is no room", () =>
    Effect.gen(function* () {
      const { client } = yield* start(numbered)
      const cache = yield* make({ capacity: 2 })
      const asked = (id: string) => Effect.map(ask(client, id), nth)
      yield* Effect.gen(function* () {
        assert.deepStrictEqual(yield* Effect.forEach(["A", "B", "A", "C", "A", "B"], asked), [1, 2, 1, 3, 1, 4])
        yield* cache.invalidateAll
        assert.deepStrictEqual(yield* Effect.forEach(["A", "B"], asked), [5, 6])
      }).pipe(withPlugins(cache))
    })
  )

  const wrong: ReadonlyArray<readonly [string, Partial<ResponseCache.Options>]> = [
    ["operations", { operations: [] }],
    ["operations", { operations: [Va.inquiry, Va.apply] }],
    ["timeToLive", { timeToLive: 0 }],
    ["timeToLive", { timeToLive: Number.NaN }],
    ["timeToLive", { timeToLive: Infinity }],
    ["capacity", { capacity: 0 }],
    ["capacity", { capacity: Infinity }]
  ]
  it.effect.each(wrong)("is refused without a meaning: %s %o", ([option, options]) =>
    Effect.gen(function* () {
      assert.strictEqual(yield* refusedOption(make(options)), `responseCache.${option}`)
    })
  )
})
