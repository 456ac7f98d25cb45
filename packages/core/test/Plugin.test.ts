import { createHash } from "node:crypto"
import { inspect } from "node:util"
import * as Va from "@paykka/schemas/Va"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import { PaykkaError } from "../src/PaykkaError.ts"
import * as AttemptFailed from "../src/AttemptFailed.ts"
import * as Plugin from "../src/Plugin.ts"
import * as RetryPolicy from "../src/RetryPolicy.ts"
import { create, make, merchId, read, start } from "./support/client.ts"
import * as JumpClock from "./support/JumpClock.ts"
import type { Answer } from "./support/TestPlatform.ts"

const withPlugins =
  (...plugins: ReadonlyArray<Plugin.Plugin>) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.provide(effect, Layer.succeed(Plugin.Current, plugins))

/** Writes down what passes it. */
const recorder = (name: string, lines: Array<string>): Plugin.Plugin => ({
  name,
  operation: (call, next) =>
    Effect.suspend(() => {
      lines.push(`${name} > ${call.operation.id}`)
      return Effect.onExit(next, (exit) => Effect.sync(() => lines.push(`${name} < ${exit._tag}`)))
    }),
  attempt: (attempt, next) =>
    Effect.suspend(() => {
      lines.push(`${name} > #${attempt.attempt}`)
      return next.pipe(
        Effect.tap(({ httpStatus }) => Effect.sync(() => lines.push(`${name} < ${httpStatus}`))),
        Effect.tapCause(() => Effect.sync(() => lines.push(`${name} < failed`)))
      )
    })
})

const good: Answer = { body: { status: "ENABLED", account_no: "DE89370400440532013000" }, headers: { "x-a": "b" } }

describe("Plugin", () => {
  it.effect("that retries gets the first result again: a create is sent once", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start(["reset"])
      const again: Plugin.Plugin = {
        name: "again",
        operation: (_, next) => Effect.retry(next, { times: 2 }),
        attempt: (_, next) => Effect.retry(next, { times: 2 })
      }
      const error = yield* Effect.flip(create(client).pipe(withPlugins(again)))
      assert.strictEqual(error.reason._tag, "OutcomeUnknown")
      assert.strictEqual(error.attempts, 1)
      assert.strictEqual(platform.received.length, 1)
    })
  )

  it.effect("that runs it twice at once gets one result twice: a create is sent once", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([good])
      const twice = <A, E>(next: Effect.Effect<A, E>): Effect.Effect<A, E> =>
        Effect.map(Effect.all([next, next], { concurrency: 2 }), ([, second]) => second)
      const hedging: Plugin.Plugin = {
        name: "hedging",
        operation: (_, next) => twice(next),
        attempt: (_, next) => twice(next)
      }
      yield* create(client).pipe(withPlugins(hedging))
      assert.strictEqual(platform.received.length, 1)
    })
  )

  it.effect("cannot say of a write that has begun that it was not sent", () =>
    Effect.gen(function* () {
      const { client, platform } = yield* start([good, good, "reset", { status: 404, body: { ret_code: "010002" } }])
      const own = (operation: string) =>
        new PaykkaError({
          operation,
          requestId: "R-1",
          attempts: 0,
          httpStatus: undefined,
          retCode: undefined,
          retMsg: undefined,
          retryable: true,
          reason: { _tag: "Unreachable", detail: "too slow for me" }
        })
      const failing: Plugin.Plugin = {
        name: "failing",
        operation: ({ operation }, next) => Effect.andThen(Effect.exit(next), own(operation.id))
      }
      // A read does no harm; what became of the first create is processed, of the second doubtful, and the third is refused.
      const reasons = []
      for (const call of [read, create, create, create]) {
        const { reason, retryable } = yield* Effect.flip(call(client)).pipe(withPlugins(failing))
        reasons.push([reason._tag, retryable])
      }
      assert.deepStrictEqual(reasons, [
        ["Unreachable", true],
        ["OutcomeUnknown", false],
        ["OutcomeUnknown", false],
        ["Unreachable", true]
      ])
      assert.strictEqual(platform.received.length, 4)
    })
  )

  it.effect("that must be innermost is, wherever it stands in the list", () =>
    Effect.gen(function* () {
      const { client } = yield* start([good])
      const lines: Array<string> = []
      const layer = Plugin.layer({ ...recorder("a", lines), isInnermost: true }, recorder("b", lines))
      yield* read(client).pipe(Effect.provide(layer))
      assert.deepStrictEqual(lines.slice(0, 2), ["b > va.inquiry", "a > va.inquiry"])
    })
  )

  it.effect("wraps calls and attempts, the first of the list outermost", () =>
    Effect.gen(function* () {
      const { client } = yield* start([{ status: 503 }, good])
      const lines: Array<string> = []
      yield* JumpClock.make()
        .run(read(client))
        .pipe(withPlugins(recorder("a", lines), recorder("b", lines)))
      assert.deepStrictEqual(lines, [
        "a > va.inquiry",
        "b > va.inquiry",
        "a > #1",
        "b > #1",
        "b < failed",
        "a < failed",
        "a > #2",
        "b > #2",
        "b < 200",
        "a < 200",
        "b < Success",
        "a < Success"
      ])
    })
  )

  it.effect("sees the facts of a call, and never its content", () =>
    Effect.gen(function* () {
      const { client, platform } = yield* start([{ status: 429 }, good])
      const seen: Array<unknown> = []
      const facts: Array<Plugin.Call> = []
      const nosy: Plugin.Plugin = {
        name: "nosy",
        operation: (call, next) => {
          seen.push(call)
          facts.push(call)
          return next
        },
        attempt: (attempt, next) => {
          seen.push(attempt)
          facts.push(attempt)
          return Effect.tap(next, (answer) => Effect.sync(() => seen.push(answer)))
        }
      }
      const input = { request_id: "R-1", type: "Atlantis" }
      yield* JumpClock.make()
        .run(client.execute(Va.apply, input, { merchId: "M2", extra: { name: "Zhang Wei" } }))
        .pipe(withPlugins(nosy))
      const time = { offsetMillis: 0, isClockCorrection: false }
      assert.deepStrictEqual(
        facts.map(({ operation, fingerprint, ...others }) => ({
          id: operation.id,
          hasFingerprint: Effect.isEffect(fingerprint),
          ...others
        })),
        [{}, { attempt: 1, ...time }, { attempt: 2, ...time }].map((which) => ({
          id: "va.apply",
          hasFingerprint: true,
          origin: platform.baseUrl,
          path: Va.apply.path,
          requestId: "R-1",
          merchId: "M2",
          key: { field: "request_id", value: "R-1" },
          ...which
        }))
      )
      const bytes = [...(platform.received[0]?.body ?? [])].join()
      for (const each of seen) {
        const { operation: _, ...rest } = each as { readonly operation?: unknown }
        for (const print of [JSON.stringify(rest), inspect(rest, { depth: Infinity, maxArrayLength: Infinity })]) {
          for (const secret of ["Atlantis", "Zhang", "DE8937", platform.received[0]?.authorization.signature ?? "-"]) {
            assert.notInclude(print, secret)
          }
          assert.notInclude(print.replaceAll(/[^0-9,]/g, ""), bytes)
        }
      }
      // The answer of the one attempt that had one.
      assert.strictEqual(seen.length, 4)
    })
  )

  it.effect("sees the corrected path, and a read's attempt facts", () =>
    Effect.gen(function* () {
      const { client } = yield* start([good], { overrides: { "va.inquiry": { path: "/v3/va" } } })
      const attempts: Array<Plugin.Attempt> = []
      const answers: Array<Plugin.Answer> = []
      const watching: Plugin.Plugin = {
        name: "watching",
        attempt: (attempt, next) => {
          attempts.push(attempt)
          return Effect.tap(next, (answer) => Effect.sync(() => answers.push(answer)))
        }
      }
      yield* read(client).pipe(withPlugins(watching))
      assert.deepStrictEqual(
        attempts.map(({ path, merchId: sent, attempt }) => [path, sent, attempt]),
        [["/v3/va", merchId, 1]]
      )
      assert.deepStrictEqual(
        answers.map(({ httpStatus, headers }) => [httpStatus, headers["x-a"]]),
        [[200, "b"]]
      )
    })
  )

  it.effect("may end a call before anything is sent", () =>
    Effect.gen(function* () {
      const { client, platform } = yield* start([good])
      const open: Plugin.Plugin = {
        name: "circuit breaker",
        operation: ({ operation, requestId }) =>
          new PaykkaError({
            operation: operation.id,
            requestId,
            attempts: 0,
            httpStatus: undefined,
            retCode: undefined,
            retMsg: undefined,
            retryable: true,
            reason: { _tag: "Unreachable", detail: "the circuit is open" }
          })
      }
      const lines: Array<string> = []
      const error = yield* Effect.flip(create(client)).pipe(withPlugins(open, recorder("never", lines)))
      assert.include(error.message, "the circuit is open")
      assert.deepStrictEqual(lines, [])
      assert.strictEqual(platform.received.length, 0)
    })
  )

  it.effect("may keep a request from going out: nothing is sent, and the policy decides whether another is tried", () =>
    Effect.gen(function* () {
      const { client, platform } = yield* start([good])
      let stops = 2
      const stopping: Plugin.Plugin = {
        name: "stopping",
        attempt: (_, next) => (stops-- > 0 ? AttemptFailed.stopped({ detail: "not sent: not yet" }) : next)
      }
      const clock = JumpClock.make()
      const { attempts } = yield* clock
        .run(client.executeWithResponse(Va.apply, { request_id: "R-1" }))
        .pipe(withPlugins(stopping))
      assert.strictEqual(attempts, 1)
      assert.strictEqual(clock.slept.length, 2)
      assert.strictEqual(platform.received.length, 1)
    })
  )

  it.effect("may keep all requests from going out: the call has sent none, and may be made again", () =>
    Effect.gen(function* () {
      const { client, platform } = yield* start([good])
      for (const [stop, waits] of [
        [{ detail: "not sent: never" }, 2],
        [{ detail: "not sent: never", isFinal: true }, 0],
        [{ detail: "not sent: never", retryAfterMillis: 7000 }, 2],
        [{ detail: "not sent: never", retryAfterMillis: 70_000 }, 0]
      ] as const) {
        const clock = JumpClock.make()
        const error = yield* Effect.flip(
          clock.run(create(client)).pipe(withPlugins({ name: "stopping", attempt: () => AttemptFailed.stopped(stop) }))
        )
        assert.deepStrictEqual(error.reason, { _tag: "Unreachable", detail: "not sent: never" })
        assert.strictEqual(error.attempts, 0)
        assert.isTrue(error.retryable)
        assert.strictEqual(clock.slept.length, waits)
        if (waits > 0 && "retryAfterMillis" in stop) assert.deepStrictEqual(clock.slept, [7000, 7000])
      }
      assert.strictEqual(platform.received.length, 0)
    })
  )

  it.effect("cannot say of a request that has begun that nothing was sent", () =>
    Effect.gen(function* () {
      const { client, platform } = yield* start([good])
      const lying: Plugin.Plugin = {
        name: "lying",
        attempt: (_, next) => Effect.andThen(next, AttemptFailed.stopped({ detail: "not sent" }))
      }
      const error = yield* Effect.flip(create(client)).pipe(withPlugins(lying))
      assert.strictEqual(error.reason._tag, "OutcomeUnknown")
      assert.strictEqual(error.attempts, 1)
      assert.isFalse(error.retryable)
      assert.strictEqual(platform.received.length, 1)
    })
  )

  it.effect("may exchange the failure of a request, but not what is known of it", () =>
    Effect.gen(function* () {
      const { client } = yield* start([{ status: 404, body: { ret_code: "010002" } }, "reset"])
      const seen: Array<string> = []
      const exchanging: Plugin.Plugin = {
        name: "exchanging",
        attempt: (_, next) =>
          Effect.catch(next, (failed) => {
            seen.push(`${failed.processed} ${failed.message}`)
            return AttemptFailed.stopped({ detail: "exchanged", isFinal: true })
          })
      }
      const refused = yield* Effect.flip(create(client)).pipe(withPlugins(exchanging))
      assert.deepStrictEqual(refused.reason, { _tag: "Unreachable", detail: "exchanged" })
      assert.strictEqual(refused.attempts, 1)
      const doubtful = yield* Effect.flip(create(client)).pipe(withPlugins(exchanging))
      assert.strictEqual(doubtful.reason._tag, "OutcomeUnknown")
      assert.match(seen.join("\n"), /^no data not found.*\nperhaps no answer: connection reset/)
    })
  )

  it.effect("hands on what it provides to the call, to its requests", () =>
    Effect.gen(function* () {
      const { client } = yield* start([good])
      const Mark = Context.Reference<string>("test/Mark", { defaultValue: () => "none" })
      const seen: Array<string> = []
      const marking: Plugin.Plugin = {
        name: "marking",
        operation: ({ requestId }, next) => Effect.provideService(next, Mark, `call of ${requestId}`),
        attempt: (_, next) =>
          Effect.flatMap(Mark, (mark) => {
            seen.push(mark)
            return next
          })
      }
      yield* read(client).pipe(withPlugins(marking))
      assert.deepStrictEqual(seen, ["call of R-1"])
    })
  )

  it.effect("tells the same question by its fingerprint, and shows nothing of it", () =>
    Effect.gen(function* () {
      const { client, platform } = yield* start([good])
      const fingerprints: Array<string> = []
      const watching: Plugin.Plugin = {
        name: "watching",
        operation: (call, next) =>
          Effect.andThen(
            Effect.tap(call.fingerprint, (text) => Effect.sync(() => fingerprints.push(text))),
            next
          )
      }
      yield* Effect.all([
        read(client),
        read(client),
        read(client, { merchId: "M2" }),
        client.execute(Va.inquiry, { request_id: "R-2" })
      ]).pipe(withPlugins(watching))
      assert.strictEqual(new Set(fingerprints).size, 3)
      assert.strictEqual(fingerprints[0], fingerprints[1])
      assert.match(fingerprints[0] ?? "", /^[0-9a-f]{64}$/)
      // Nobody who knows the question can find it by the fingerprint, nor another client answer it.
      const known = createHash("sha256").update(`${Va.inquiry.path}\n${merchId}\n`).update(platform.received[0]!.body)
      assert.notStrictEqual(fingerprints[0], known.digest("hex"))
      const other = yield* make(platform.baseUrl)
      yield* read(other).pipe(withPlugins(watching))
      assert.strictEqual(new Set(fingerprints).size, 4)
    })
  )

  it.effect("is made of plugins and of effects that make one, in the order of the list", () =>
    Effect.gen(function* () {
      const { client } = yield* start([good])
      const lines: Array<string> = []
      const layer = Plugin.layer(recorder("a", lines), Effect.succeed(recorder("b", lines)))
      yield* read(client).pipe(Effect.provide(layer))
      assert.deepStrictEqual(lines.slice(0, 2), ["a > va.inquiry", "b > va.inquiry"])
    })
  )

  it.effect("may stop an attempt", () =>
    Effect.gen(function* () {
      const { client, platform } = yield* start([good])
      const stopping: Plugin.Plugin = { name: "stopping", attempt: () => Effect.interrupt }
      const exit = yield* Effect.exit(read(client).pipe(withPlugins(stopping)))
      assert.isTrue(Exit.hasInterrupts(exit))
      assert.strictEqual(platform.received.length, 0)
    })
  )

  it.effect("does not repeat calls of others, nor see those that are invalid", () =>
    Effect.gen(function* () {
      const { client, platform } = yield* start([{ status: 500 }])
      const lines: Array<string> = []
      yield* Effect.flip(create(client, { retry: RetryPolicy.standard })).pipe(withPlugins(recorder("a", lines)))
      assert.deepStrictEqual(lines, ["a > va.apply", "a > #1", "a < failed", "a < Failure"])
      yield* Effect.flip(client.execute(Va.inquiry, { request_id: "" })).pipe(withPlugins(recorder("a", lines)))
      assert.strictEqual(lines.length, 4)
      assert.strictEqual(platform.received.length, 1)
    })
  )

  it.effect("is none by default, and without hooks does nothing", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* Plugin.Current, [])
      const { client } = yield* start([good])
      assert.strictEqual((yield* read(client).pipe(withPlugins({ name: "idle" }))).status, "ENABLED")
    })
  )
})
