import { inspect } from "node:util"
import * as Va from "@paykka/schemas/Va"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import { PaykkaError } from "../src/PaykkaError.ts"
import * as Plugin from "../src/Plugin.ts"
import * as RetryPolicy from "../src/RetryPolicy.ts"
import { create, merchId, read, start } from "./support/client.ts"
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
      assert.deepStrictEqual(
        facts.map(({ operation, fingerprint: _, ...others }) => ({ id: operation.id, ...others })),
        [{}, { attempt: 1 }, { attempt: 2 }].map(
          (which) =>
            ({
              id: "va.apply",
              origin: platform.baseUrl,
              path: Va.apply.path,
              requestId: "R-1",
              merchId: "M2",
              key: { field: "request_id", value: "R-1" },
              ...which
            }) as unknown
        )
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
