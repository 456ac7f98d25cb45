/** The plugin that writes the journal, and what is found out of it after the process has died. What every journal must do: tooling/conformance. */
import * as Operation from "@paykka/schemas/Operation"
import * as Payment from "@paykka/schemas/Payment"
import * as Va from "@paykka/schemas/Va"
import * as Signer from "@paykka/signing/Signer"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import { AttemptFailed } from "../src/AttemptFailed.ts"
import * as Environment from "../src/Environment.ts"
import * as Journal from "../src/Journal.ts"
import * as Outcome from "../src/Outcome.ts"
import * as PaykkaClient from "../src/PaykkaClient.ts"
import * as Plugin from "../src/Plugin.ts"
import * as ResolvePolicy from "../src/ResolvePolicy.ts"
import * as RetryPolicy from "../src/RetryPolicy.ts"
import { create, make, merchId, read, reasonOf, refusing, start } from "./support/client.ts"
import * as JumpClock from "./support/JumpClock.ts"
import { signer } from "./support/keys.ts"
import { logging } from "./support/logging.ts"
import * as operations from "./support/operations.ts"
import { type Answer, closedPort } from "./support/TestPlatform.ts"

const startedAt = 1_700_000_000_000

const notFound: Answer = { status: 404, body: { ret_code: "010002", ret_msg: "data not found" } }
const found: Answer = { body: { request_id: "R-1", status: "ENABLED", account_no: "DE89370400440532013000" } }

const key = { field: "request_id", value: "R-1" }

/** A journal in memory, what was appended to it, and what is done instead where it says so. */
const recording = (
  instead: (entry: Journal.Entry) => Effect.Effect<unknown, Journal.JournalUnavailable> | undefined = () => undefined
) =>
  Effect.map(Journal.makeMemory, (memory) => {
    const entries: Array<Journal.Entry> = []
    const journal: Journal.Service = {
      ...memory,
      append: (entry) =>
        Effect.suspend(() => instead(entry) ?? Effect.void).pipe(
          // Only when the turn is over: who does not wait for it is too early.
          Effect.andThen(Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))),
          Effect.andThen(memory.append(entry)),
          Effect.tap(Effect.sync(() => entries.push(entry)))
        )
    }
    return { journal, entries }
  })

const down = new Journal.JournalUnavailable({ detail: "its database is away", cause: new Error("s3cret") })

/** Fails for entries of that kind. */
const failing = (tag: Journal.Entry["_tag"]) => recording(({ _tag }) => (_tag === tag ? Effect.fail(down) : undefined))

/** With the plugin in force. */
const journaled =
  (journal: Journal.Service, options?: Journal.Options) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.provide(
      effect,
      Plugin.layer(Journal.make(options)).pipe(Layer.provide(Layer.succeed(Journal.Journal, journal)))
    )

/** Entries in short. */
const brief = (entries: ReadonlyArray<Journal.Entry>): ReadonlyArray<string> =>
  entries.map((entry) => {
    switch (entry._tag) {
      case "Intent":
        return `${entry.operation} ${entry.key?.value}`
      case "Attempt":
        return `#${entry.attempt}`
      case "Outcome":
        return entry.reason === null ? entry.outcome : `${entry.outcome}: ${entry.reason}`
    }
  })

const jump = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.suspend(() => JumpClock.make(startedAt).run(effect))

describe("the journal's plugin", () => {
  it.effect("records the intent and the attempt before the request arrives, and the outcome after the answer", () =>
    Effect.gen(function* () {
      const { journal, entries } = yield* recording()
      const { platform, client } = yield* start()
      let atArrival: ReadonlyArray<Journal.Entry> = []
      platform.answer(() => {
        atArrival = [...entries]
        return {}
      })
      yield* create(client, { merchId: "M2" }).pipe(journaled(journal, { owner: "host-1" }), jump)
      const { id } = entries[0]!
      assert.match(id, /^[0-9a-f]{32}$/)
      const at = startedAt
      assert.deepStrictEqual<unknown>(entries, [
        { _tag: "Intent", id, at, operation: "va.apply", merchId: "M2", key, owner: "host-1" },
        { _tag: "Attempt", id, at, attempt: 1 },
        { _tag: "Outcome", id, at, outcome: "processed", reason: null }
      ])
      assert.deepStrictEqual(atArrival, entries.slice(0, 2))
      assert.deepStrictEqual(yield* journal.unfinished(), [])
    })
  )

  it.effect.each(["Intent", "Attempt"] as const)("sends nothing before the journal has confirmed the %s", (tag) =>
    Effect.gen(function* () {
      const [asked, confirmed] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      const { journal } = yield* recording(({ _tag }) =>
        _tag === tag ? Effect.andThen(Deferred.succeed(asked, undefined), Deferred.await(confirmed)) : undefined
      )
      const { platform, client } = yield* start()
      const writing = yield* Effect.forkChild(create(client).pipe(journaled(journal)))
      yield* Deferred.await(asked)
      // What takes its way meanwhile arrives.
      yield* read(client)
      assert.deepStrictEqual(
        platform.received.map(({ target }) => target),
        [Va.inquiry.path]
      )
      yield* Deferred.succeed(confirmed, undefined)
      yield* Fiber.join(writing)
      assert.strictEqual(platform.received.length, 2)
    })
  )

  it.effect("does not record reads", () =>
    Effect.gen(function* () {
      const { journal, entries } = yield* recording()
      const { client } = yield* start([{}, notFound])
      yield* read(client).pipe(journaled(journal))
      yield* Effect.flip(read(client).pipe(journaled(journal)))
      assert.deepStrictEqual(entries, [])
    })
  )

  it.effect("records updates, and calls without a key or a merchant number; all of no owner unless it is told", () =>
    Effect.gen(function* () {
      const { journal, entries } = yield* recording()
      const { client } = yield* start([{}], { overrides: { "test.update": { merchantHeader: "forbidden" } } })
      yield* client.execute(operations.amend, { request_id: "R-1" }).pipe(journaled(journal))
      yield* client.execute(operations.update, { note: "s3cret" }).pipe(journaled(journal))
      const intents = entries.flatMap((entry) => (entry._tag === "Intent" ? [entry] : []))
      assert.deepStrictEqual(
        intents.map((intent) => [intent.operation, intent.merchId, intent.key, intent.owner]),
        [
          ["test.amend", merchId, key, ""],
          ["test.update", null, null, ""]
        ]
      )
      assert.notInclude(JSON.stringify(entries), "s3cret")
    })
  )

  it.effect("tells calls apart, of the same key and at once as well", () =>
    Effect.gen(function* () {
      const { journal, entries } = yield* recording()
      const { client } = yield* start()
      yield* Effect.all([create(client), create(client), create(client)], { concurrency: "unbounded" }).pipe(
        journaled(journal)
      )
      const byId = Map.groupBy(entries, ({ id }) => id)
      assert.strictEqual(byId.size, 3)
      for (const each of byId.values()) assert.deepStrictEqual(brief(each), ["va.apply R-1", "#1", "processed"])
    })
  )

  it.effect.each([
    ["a refusal", [{ status: 400, body: { ret_code: "010003" } }], ["#1", "refused: InvalidState"]],
    ["a refused signature", [{ status: 401, body: { ret_code: "010100" } }], ["#1", "refused: Unauthorized"]],
    ["too many requests", [{ status: 429 }], ["#1", "#2", "#3", "refused: RateLimited"]],
    ["success at the second request", [{ status: 429 }, {}], ["#1", "#2", "processed"]],
    ["an answer that is lost", ["reset"], ["#1", "unknown: OutcomeUnknown"]],
    ["an answer that says nothing", [{ status: 503 }], ["#1", "unknown: OutcomeUnknown"]],
    [
      "an answer that is lost after one that was not",
      [{ status: 429 }, "reset"],
      ["#1", "#2", "unknown: OutcomeUnknown"]
    ]
  ] as ReadonlyArray<readonly [string, ReadonlyArray<Answer>, ReadonlyArray<string>]>)(
    "records %s",
    ([, answers, expected]) =>
      Effect.gen(function* () {
        const { journal, entries } = yield* recording()
        const { client } = yield* start(answers)
        yield* Effect.exit(create(client)).pipe(journaled(journal), jump)
        assert.deepStrictEqual(brief(entries), ["va.apply R-1", ...expected])
      })
  )

  it.effect("records that nothing was processed where nobody was reached", () =>
    Effect.gen(function* () {
      const { journal, entries } = yield* recording()
      const client = yield* make(closedPort)
      yield* Effect.flip(create(client, { retry: RetryPolicy.none })).pipe(journaled(journal))
      assert.deepStrictEqual(brief(entries), ["va.apply R-1", "#1", "not processed: Unreachable"])
    })
  )

  it.effect("records each request of a call that reaches somebody in the end", () =>
    Effect.gen(function* () {
      const { journal, entries } = yield* recording()
      const { platform } = yield* start()
      const client = yield* make(platform.baseUrl, {}, refusing(2))
      yield* create(client).pipe(journaled(journal), jump)
      assert.deepStrictEqual(brief(entries), ["va.apply R-1", "#1", "#2", "#3", "processed"])
      assert.strictEqual(platform.received.length, 1)
    })
  )

  it.effect.each([
    ["could be signed", 0, [{}], ["#1"]],
    ["more could be signed after a refusal", 1, [{ status: 429 }], ["#1", "#2"]]
  ] as ReadonlyArray<readonly [string, number, ReadonlyArray<Answer>, ReadonlyArray<string>]>)(
    "records that nothing was processed where nothing %s",
    ([, signatures, answers, attempts]) =>
      Effect.gen(function* () {
        const { journal, entries } = yield* recording()
        const { platform } = yield* start(answers)
        let left = signatures
        const losingItsKey = Layer.effect(
          Signer.Signer,
          Effect.map(Signer.Signer, ({ sign }) => ({
            sign: (bytes: Parameters<typeof sign>[0]) =>
              left-- > 0 ? sign(bytes) : Effect.fail(new Signer.SigningFailed({ detail: "no key" }))
          }))
        ).pipe(Layer.provide(signer))
        const layer = PaykkaClient.layer({
          environment: Environment.local(platform.baseUrl),
          merchId,
          timeout: JumpClock.timeout
        }).pipe(Layer.provide([losingItsKey, FetchHttpClient.layer]))
        const error = yield* Effect.flip(Effect.flatMap(PaykkaClient.PaykkaClient, create)).pipe(
          journaled(journal),
          Effect.provide(layer),
          jump
        )
        assert.strictEqual(error.reason._tag, "SigningFailed")
        assert.deepStrictEqual(brief(entries), ["va.apply R-1", ...attempts, "not processed: SigningFailed"])
      })
  )

  it.effect("records that nothing was processed where another plugin let nothing out, whatever it called it", () =>
    Effect.gen(function* () {
      const { journal, entries } = yield* recording()
      const { client } = yield* start()
      const full: Plugin.Plugin = {
        name: "full",
        attempt: () =>
          Effect.fail(
            new AttemptFailed({
              reason: { _tag: "RateLimited", retryAfterMillis: undefined },
              processed: "no",
              transient: true,
              unsent: true
            })
          )
      }
      const layer = Plugin.layer(Journal.make(), full).pipe(Layer.provide(Layer.succeed(Journal.Journal, journal)))
      yield* Effect.flip(create(client, { retry: RetryPolicy.none })).pipe(Effect.provide(layer))
      // Innermost wherever it stands, it is not asked about what goes no further.
      assert.deepStrictEqual(brief(entries), ["va.apply R-1", "not processed: RateLimited"])
    })
  )

  it.effect("leaves a call that is interrupted unfinished", () =>
    Effect.gen(function* () {
      const { journal, entries } = yield* recording()
      const { platform, client } = yield* start(["stall"])
      const writing = yield* Effect.forkChild(create(client).pipe(journaled(journal)))
      yield* platform.arrival(1)
      yield* Fiber.interrupt(writing)
      assert.deepStrictEqual(brief(entries), ["va.apply R-1", "#1"])
      assert.deepStrictEqual(
        (yield* journal.unfinished()).map(({ attempts }) => attempts),
        [1]
      )
    })
  )

  it.effect("leaves a call unfinished that ends in no way that it should", () =>
    Effect.gen(function* () {
      const { journal, entries } = yield* recording()
      const { client } = yield* start()
      const broken: Plugin.Plugin = {
        name: "broken",
        attempt: (_, next) => Effect.andThen(next, Effect.die(new Error("broken")))
      }
      const layer = Plugin.layer(Journal.make(), broken).pipe(Layer.provide(Layer.succeed(Journal.Journal, journal)))
      yield* Effect.catchDefect(create(client), Effect.succeed).pipe(Effect.provide(layer))
      assert.deepStrictEqual(brief(entries), ["va.apply R-1", "#1"])
    })
  )

  it.effect("sends nothing while no intent can be recorded", () =>
    Effect.gen(function* () {
      const { journal, entries } = yield* failing("Intent")
      const { platform, client } = yield* start()
      const error = yield* Effect.flip(create(client).pipe(journaled(journal)))
      assert.strictEqual(
        reasonOf(error, "Unreachable").detail,
        "not sent: the journal is not available: its database is away"
      )
      const { operation, requestId, attempts, retryable } = error
      assert.deepStrictEqual(
        { operation, requestId, attempts, retryable },
        {
          operation: "va.apply",
          requestId: "R-1",
          attempts: 0,
          retryable: true
        }
      )
      assert.notInclude(JSON.stringify(error) + String(error), "s3cret")
      assert.deepStrictEqual([entries.length, platform.received.length], [0, 0])
      // A read needs no journal.
      yield* read(client).pipe(journaled(journal))
    })
  )

  it.effect("sends nothing while no attempt can be recorded, and tells that nothing was processed", () =>
    Effect.gen(function* () {
      const { journal, entries } = yield* failing("Attempt")
      const { platform, client } = yield* start()
      const error = yield* Effect.flip(create(client).pipe(journaled(journal), jump))
      assert.strictEqual(
        reasonOf(error, "Unreachable").detail,
        "not sent: the journal is not available: its database is away"
      )
      assert.deepStrictEqual([error.attempts, error.retryable], [0, true])
      assert.notInclude(JSON.stringify(error) + String(error), "s3cret")
      assert.deepStrictEqual(brief(entries), ["va.apply R-1", "not processed: Unreachable"])
      assert.strictEqual(platform.received.length, 0)
    })
  )

  it.effect("sends when the attempt can be recorded after all", () =>
    Effect.gen(function* () {
      let failures = 0
      const { journal, entries } = yield* recording(({ _tag }) =>
        _tag === "Attempt" && ++failures < 3 ? Effect.fail(down) : undefined
      )
      const { platform, client } = yield* start()
      const { attempts } = yield* client
        .executeWithResponse(Va.apply, { request_id: "R-1", currencies: ["EUR"] })
        .pipe(journaled(journal), jump)
      assert.strictEqual(attempts, 1)
      assert.strictEqual(platform.received.length, 1)
      assert.deepStrictEqual(brief(entries), ["va.apply R-1", "#3", "processed"])
    })
  )

  it.effect.each([
    ["succeeds", {}, "Success"],
    ["fails as it would", { status: 400, body: { ret_code: "010003" } }, "InvalidState"]
  ] as ReadonlyArray<readonly [string, Answer, string]>)(
    "a call whose outcome cannot be recorded %s; it is warned of, and listed",
    ([, answer, expected]) =>
      Effect.gen(function* () {
        const { journal } = yield* failing("Outcome")
        const { client } = yield* start([answer])
        const { lines, layer } = logging()
        const result = yield* create(client).pipe(
          Effect.match({ onSuccess: () => "Success", onFailure: ({ reason }) => reason._tag }),
          journaled(journal),
          Effect.provide(layer)
        )
        assert.strictEqual(result, expected)
        const warnings = lines.filter((line) => line.includes("Warn"))
        assert.strictEqual(warnings.length, 1)
        assert.include(
          warnings[0]!,
          "the outcome of va.apply R-1 was not recorded: the journal is not available: its database is away"
        )
        assert.notInclude(warnings[0]!, "s3cret")
        assert.deepStrictEqual(
          (yield* journal.unfinished()).map((each) => [each.operation, each.attempts]),
          [["va.apply", 1]]
        )
      })
  )

  it.effect('with onUnknown: "resolve" records a call that was found out as processed, and not the questions', () =>
    Effect.gen(function* () {
      const { journal, entries } = yield* recording()
      const { client } = yield* start(["reset", notFound, found])
      yield* create(client, { onUnknown: "resolve" }).pipe(journaled(journal), jump)
      assert.deepStrictEqual(brief(entries), ["va.apply R-1", "#1", "processed"])
    })
  )

  it.effect('with onUnknown: "resolve" records the second sending before it is made, and what stays unknown', () =>
    Effect.gen(function* () {
      const { journal, entries } = yield* recording()
      const { platform, client } = yield* start()
      let atArrival: ReadonlyArray<string> = []
      let writes = 0
      platform.answer(({ target }) => {
        if (target === Va.inquiry.path) return writes === 1 ? notFound : { status: 401 }
        atArrival = brief(entries)
        writes++
        return "reset"
      })
      yield* Effect.flip(create(client, { onUnknown: "resolve" })).pipe(journaled(journal), jump)
      assert.deepStrictEqual(atArrival, ["va.apply R-1", "#1", "#2"])
      assert.deepStrictEqual(brief(entries), ["va.apply R-1", "#1", "#2", "unknown: OutcomeUnknown"])
    })
  )
})

/** What a process left that died. */
const left = (journal: Journal.Service, ...entries: ReadonlyArray<Journal.Entry>) =>
  Effect.forEach(entries, journal.append, { discard: true })

const intent = (id: string, change: Partial<Journal.Intent> = {}): Journal.Intent => ({
  _tag: "Intent",
  id,
  at: startedAt,
  operation: "va.apply",
  merchId: "M2",
  key,
  owner: "",
  ...change
})

const attempt = (id: string, at = startedAt): Journal.Attempt => ({ _tag: "Attempt", id, at, attempt: 1 })

/** A journal in which a process has left some entries, and the next one, which comes some time later. */
const nextLife = (answers: ReadonlyArray<Answer>, entries: ReadonlyArray<Journal.Entry>, after = 0) =>
  Effect.gen(function* () {
    const { journal, entries: all } = yield* recording()
    const { platform, client } = yield* start(answers)
    yield* left(journal, ...entries)
    all.length = 0
    const clock = JumpClock.make(startedAt + after)
    const recover = (options?: Journal.UnfinishedOptions, known: ReadonlyArray<Operation.Operation> = [Va.apply]) =>
      Outcome.recover(known, options).pipe(
        Effect.provide(Context.make(PaykkaClient.PaykkaClient, client).pipe(Context.add(Journal.Journal, journal))),
        clock.run
      )
    return { journal, entries: all, platform, clock, recover }
  })

const isOver = 120_000

describe("recover", () => {
  it.effect("asks once for a create that this call never sent: another may have, under the same key", () =>
    Effect.gen(function* () {
      for (const [answer, tag, outcome] of [
        [notFound, "NotProcessed", "not processed"],
        [found, "Processed", "processed"]
      ] as const) {
        const { journal, entries, platform, clock, recover } = yield* nextLife([answer], [intent("W-1")], 5000)
        const [recovered] = yield* recover()
        assert.deepStrictEqual<unknown>(recovered?.entry, {
          id: "W-1",
          operation: "va.apply",
          merchId: "M2",
          key,
          owner: "",
          intendedAt: startedAt,
          attempts: 0,
          lastAttemptAt: undefined
        })
        assert.strictEqual(recovered?.resolution._tag, tag)
        assert.deepStrictEqual([platform.received.length, clock.slept.length], [1, 0])
        assert.deepStrictEqual<unknown>(entries, [
          { _tag: "Outcome", id: "W-1", at: startedAt + 5000, outcome, reason: null }
        ])
        assert.deepStrictEqual(yield* journal.unfinished(), [])
      }
    })
  )

  it.effect("needs no question where nothing was sent and none would tell", () =>
    Effect.gen(function* () {
      const { entries, platform, recover } = yield* nextLife(
        [],
        [
          intent("W-1", { key: null }),
          intent("W-2", { operation: "test.amend" }),
          intent("W-3", { operation: "test.amend" }),
          intent("W-4", { operation: "payment.apply" })
        ]
      )
      assert.deepStrictEqual(
        (yield* recover({}, [Va.apply, operations.amend])).map(({ entry, resolution }) => [entry.id, resolution._tag]),
        [
          ["W-1", "NotProcessed"],
          // Two updates of one object are two.
          ["W-2", "NotProcessed"],
          ["W-3", "NotProcessed"],
          // Of which it is not known what it is.
          ["W-4", "Undecided"]
        ]
      )
      assert.strictEqual(platform.received.length, 0)
      assert.deepStrictEqual(brief(entries), Array(3).fill("not processed"))
    })
  )

  it.effect("takes several calls with one key for one submission: it waits for the last of them, and tells once", () =>
    Effect.gen(function* () {
      const others = [
        intent("W-4", { merchId: "M3" }),
        intent("W-5", { key: { field: "request_id", value: "R-5" } }),
        intent("W-6", { key: null }),
        intent("W-7", { key: null }),
        intent("W-8", { operation: "payment.apply" })
      ]
      const { journal, platform, clock, recover } = yield* nextLife(
        [notFound],
        [intent("W-1"), attempt("W-1", startedAt - isOver), intent("W-2"), attempt("W-2"), ...others, intent("W-3")]
      )
      const all = yield* recover({}, [Va.apply, Payment.apply])
      assert.deepStrictEqual(
        all.map(({ entry, resolution }) => [entry.id, resolution._tag]),
        ["W-3", "W-4", "W-5", "W-6", "W-7", "W-8"].map((id) => [id, "NotProcessed"])
      )
      // Not from the first of them, nor from none.
      const waited = clock.slept.reduce((sum, each) => sum + each, 0)
      assert.isAtLeast(waited, isOver)
      assert.strictEqual(platform.received.length, clock.slept.length + 4)
      assert.deepStrictEqual(yield* journal.unfinished(), [])
    })
  )

  it.effect("does not send a payment twice that was sent after the journal was away", () =>
    Effect.gen(function* () {
      let isAway = false
      const { journal } = yield* recording(({ _tag }) => (isAway && _tag !== "Intent" ? Effect.fail(down) : undefined))
      const { platform, client } = yield* start()
      isAway = true
      const error = yield* Effect.flip(create(client).pipe(journaled(journal), jump))
      assert.isTrue(error.retryable)
      isAway = false
      yield* create(client).pipe(journaled(journal), jump)
      platform.answer(found)
      const [recovered] = yield* Outcome.recover([Va.apply]).pipe(
        Effect.provide(Context.make(PaykkaClient.PaykkaClient, client).pipe(Context.add(Journal.Journal, journal))),
        jump
      )
      assert.strictEqual(recovered?.resolution._tag, "Processed")
    })
  )

  it.effect("finds what was processed, and records it", () =>
    Effect.gen(function* () {
      const { journal, entries, platform, recover } = yield* nextLife([found], [intent("W-1"), attempt("W-1")])
      const [recovered, ...others] = yield* recover()
      assert.deepStrictEqual(others, [])
      const { entry, resolution } = recovered!
      assert.strictEqual(entry.lastAttemptAt, startedAt)
      if (resolution._tag !== "Processed") return assert.fail(resolution._tag)
      assert.include(resolution.answer as object, { status: "ENABLED" })
      const [asked] = platform.received
      assert.deepStrictEqual(
        [asked?.target, asked?.headers["x-merch-id"], asked?.body.toString()],
        [Va.inquiry.path, "M2", '{"request_id":"R-1"}']
      )
      assert.deepStrictEqual(brief(entries), ["processed"])
      assert.deepStrictEqual(yield* journal.unfinished(), [])
    })
  )

  it.effect("believes at once that it is not there, where the last request is long ago", () =>
    Effect.gen(function* () {
      const { journal, entries, platform, clock, recover } = yield* nextLife(
        [notFound],
        [intent("W-1"), attempt("W-1", startedAt - 60_000), attempt("W-1")],
        isOver
      )
      assert.deepStrictEqual(
        (yield* recover()).map(({ resolution }) => resolution._tag),
        ["NotProcessed"]
      )
      assert.deepStrictEqual([platform.received.length, clock.slept.length], [1, 0])
      assert.deepStrictEqual(brief(entries), ["not processed"])
      assert.deepStrictEqual(yield* journal.unfinished(), [])
    })
  )

  it.effect("waits until the settling time after the last request is over", () =>
    Effect.gen(function* () {
      const { platform, clock, recover } = yield* nextLife(
        [notFound],
        // The first would be long enough ago.
        [intent("W-1"), attempt("W-1", startedAt - isOver), attempt("W-1")],
        30_000
      )
      assert.deepStrictEqual(
        (yield* recover()).map(({ resolution }) => resolution._tag),
        ["NotProcessed"]
      )
      const waited = clock.slept.reduce((sum, each) => sum + each, 0)
      assert.isAtLeast(waited, isOver - 30_000)
      assert.isBelow(waited - clock.slept.at(-1)!, isOver - 30_000)
      assert.strictEqual(platform.received.length, clock.slept.length + 1)
    })
  )

  it.effect("finds what appears while it waits, and goes by the policy in force", () =>
    Effect.gen(function* () {
      const late = yield* nextLife([notFound, notFound, found], [intent("W-1"), attempt("W-1")])
      assert.deepStrictEqual(
        (yield* late.recover()).map(({ resolution }) => resolution._tag),
        ["Processed"]
      )
      const policy = { ...ResolvePolicy.standard, settle: "1 second", poll: { interval: "1 second" } } as const
      const hasty = yield* nextLife([notFound], [intent("W-1"), attempt("W-1")])
      assert.deepStrictEqual(
        (yield* hasty.recover().pipe(Effect.provideService(ResolvePolicy.Current, policy))).map(
          ({ resolution }) => resolution._tag
        ),
        ["NotProcessed"]
      )
      assert.deepStrictEqual(hasty.clock.slept, [1000])
    })
  )

  it.effect.each([
    ["the operation is not one of the program's", intent("W-1", { operation: "payment.apply" }), "no call tells"],
    ["nothing names it", intent("W-1", { key: null }), "no call tells"],
    ["no question takes its key", intent("W-1", { key: { field: "order_no", value: "O" } }), "no call tells"]
  ] as ReadonlyArray<readonly [string, Journal.Intent, string]>)(
    "leaves it undecided and unfinished, without a question, where %s",
    ([, begun, why]) =>
      Effect.gen(function* () {
        const { journal, entries, platform, recover } = yield* nextLife([found], [begun, attempt("W-1")], isOver)
        for (let nth = 0; nth < 2; nth++) {
          const [recovered] = yield* recover()
          if (recovered?.resolution._tag !== "Undecided") return assert.fail(recovered?.resolution._tag)
          assert.include(recovered.resolution.why, why)
        }
        assert.deepStrictEqual([platform.received.length, entries.length], [0, 0])
        assert.strictEqual((yield* journal.unfinished()).length, 1)
      })
  )

  it.effect("leaves an update undecided, with what the platform shows", () =>
    Effect.gen(function* () {
      const { journal, recover } = yield* nextLife(
        [found],
        [intent("W-1", { operation: "test.amend" }), attempt("W-1")],
        isOver
      )
      const [recovered] = yield* recover({}, [Va.apply, operations.amend])
      if (recovered?.resolution._tag !== "Undecided") return assert.fail(recovered?.resolution._tag)
      assert.include(recovered.resolution.answer as object, { status: "ENABLED" })
      assert.strictEqual((yield* journal.unfinished()).length, 1)
    })
  )

  it.effect("leaves it undecided where the question fails, with the failure, and goes on", () =>
    Effect.gen(function* () {
      const { journal, recover } = yield* nextLife(
        [{ status: 401, body: { ret_code: "010100" } }, { body: { request_id: "R-2", status: "ENABLED" } }],
        [intent("W-1"), attempt("W-1"), intent("W-2", { key: { field: "request_id", value: "R-2" } }), attempt("W-2")],
        isOver
      )
      const all = yield* recover()
      assert.deepStrictEqual(
        all.map(({ entry, resolution }) => [entry.id, resolution._tag]),
        [
          ["W-1", "Undecided"],
          ["W-2", "Processed"]
        ]
      )
      const { resolution } = all[0]!
      assert.strictEqual(
        resolution._tag === "Undecided" ? resolution.lastFailure?.reason._tag : undefined,
        "Unauthorized"
      )
      assert.deepStrictEqual(
        (yield* journal.unfinished()).map(({ id }) => id),
        ["W-1"]
      )
    })
  )

  it.effect("recovers the writes of one owner, and no more than it should", () =>
    Effect.gen(function* () {
      const owned = ["one", "other", "one", "one"].map((owner, nth) =>
        intent(`W-${nth}`, { owner, key: { field: "request_id", value: `R-${nth}` } })
      )
      const { journal, recover } = yield* nextLife([notFound], owned)
      assert.deepStrictEqual(
        (yield* recover({ owner: "one", limit: 2 })).map(({ entry }) => entry.id),
        ["W-0", "W-2"]
      )
      assert.deepStrictEqual(
        (yield* journal.unfinished()).map(({ id }) => id),
        ["W-1", "W-3"]
      )
    })
  )

  it.effect("fails where the journal cannot be read, or what was found cannot be recorded", () =>
    Effect.gen(function* () {
      const { client } = yield* start([found])
      const recover = (journal: Journal.Service) =>
        Outcome.recover([Va.apply]).pipe(
          Effect.provide(Context.make(PaykkaClient.PaykkaClient, client).pipe(Context.add(Journal.Journal, journal)))
        )
      const { journal } = yield* failing("Outcome")
      yield* left(journal, intent("W-1"), attempt("W-1"))
      assert.strictEqual(yield* Effect.flip(recover(journal)), down)
      assert.strictEqual((yield* journal.unfinished()).length, 1)
      assert.strictEqual(yield* Effect.flip(recover({ ...journal, unfinished: () => Effect.fail(down) })), down)
    })
  )

  it.effect("knows of a payment whose process died what the platform knows, with nothing but the journal", () =>
    Effect.gen(function* () {
      const { journal } = yield* recording()
      const { platform, client } = yield* start()
      const made = new Set<unknown>()
      platform.answer(({ target, body }) => {
        const { request_id } = JSON.parse(body.toString()) as { readonly request_id?: string }
        if (target === Payment.apply.path) {
          // Every second one is lost on its way, each time without an answer.
          if (Number(request_id) % 2 === 0) made.add(request_id)
          return "reset"
        }
        return made.has(request_id) ? { body: { request_id, status: "PROCESSING" } } : notFound
      })
      const pay = (request_id: string) =>
        client.execute(Payment.apply, { request_id, amount: "1.00", currency: "EUR", beneficiary_id: "B-1" })
      yield* Effect.forEach(["1", "2", "3", "4"], (id) => Effect.flip(pay(id))).pipe(journaled(journal), jump)
      const recover = (after: number) =>
        Outcome.recover([Payment.apply]).pipe(
          Effect.provide(Context.make(PaykkaClient.PaykkaClient, client).pipe(Context.add(Journal.Journal, journal))),
          JumpClock.make(startedAt + after).run
        )
      assert.deepStrictEqual(
        (yield* recover(0)).map(({ entry, resolution }) => [entry.key?.value, entry.merchId, resolution._tag]),
        [
          ["1", merchId, "NotProcessed"],
          ["2", merchId, "Processed"],
          ["3", merchId, "NotProcessed"],
          ["4", merchId, "Processed"]
        ]
      )
      assert.deepStrictEqual(yield* recover(isOver), [])
    })
  )
})
