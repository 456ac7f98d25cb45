/** A domain's service over the client under test and a {@link TestPlatform}, and what is true of every domain. */
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { InvalidConfiguration } from "../../src/Environment.ts"
import * as PaykkaClient from "../../src/PaykkaClient.ts"
import type { PaykkaError } from "../../src/PaykkaError.ts"
import type * as Poll from "../../src/Poll.ts"
import * as Client from "./client.ts"
import * as JumpClock from "./JumpClock.ts"
import type * as TestPlatform from "./TestPlatform.ts"

/** The client's merchant number. */
export const merchId = Client.merchId

/** Starts a platform that answers as told, and a service over it. */
export type Start<Service> = (
  ...answers: ReadonlyArray<TestPlatform.Answer>
) => Effect.Effect<
  { readonly platform: TestPlatform.TestPlatform; readonly service: Service },
  InvalidConfiguration,
  Scope.Scope
>

/** How a domain's tests start. */
export const starter =
  <Id, Service>(
    key: Context.Key<Id, Service>,
    layer: Layer.Layer<Id, never, PaykkaClient.PaykkaClient>
  ): Start<Service> =>
  (...answers) =>
    Effect.gen(function* () {
      const { platform, client } = yield* Client.start(answers)
      const context = yield* Layer.build(Layer.provide(layer, Layer.succeed(PaykkaClient.PaykkaClient, client)))
      return { platform, service: Context.get(context, key) }
    })

/** A request as it arrived: path, `X-Merch-Id`, body. */
export type Sent = readonly [path: string, merchId: string | undefined, body: string]

/** What was sent; all of it was signed rightly. */
export const sent = (platform: TestPlatform.TestPlatform): ReadonlyArray<Sent> => {
  assert.deepStrictEqual(platform.refused, [])
  return platform.received.map(({ target, headers, body }) => [
    target,
    headers["x-merch-id"] as string | undefined,
    body.toString()
  ])
}

/** What is said of a write whose answer was lost: whom to ask, and by what. */
export const doubt = (error: PaykkaError) => {
  const { resolvedBy, key } = Client.reasonOf(error, "OutcomeUnknown")
  return { resolvedBy, key }
}

/** What the client has found wrong before sending, as `path: rule`. */
export const faults = (error: PaykkaError): ReadonlyArray<string> => {
  const reason = Client.reasonOf(error, "InvalidRequest")
  assert.strictEqual(reason.by, "client")
  assert.strictEqual(error.attempts, 0)
  return reason.faults.map(({ path, rule }) => `${path}: ${rule}`)
}

interface Waiting<Service> {
  readonly start: Start<Service>
  /** The method under test. */
  readonly wait: (
    service: Service,
    key: string,
    options?: Poll.AwaitOptions
  ) => Effect.Effect<Poll.Outcome<{ readonly status?: string }>, PaykkaError | Poll.OutcomePending>
  /** The operation that is asked. */
  readonly operation: string
  /** What is waited for, and the one request that asks for it. */
  readonly key: string
  readonly asked: Sent
  /** The statuses of the contract; `unlisted` is what any other is taken for. */
  readonly pending: ReadonlyArray<string>
  readonly succeeded: ReadonlyArray<string>
  readonly failed: ReadonlyArray<string>
  readonly unlisted: "pending" | "decided"
}

const status = (text: string): TestPlatform.Answer => ({ body: { status: text } })
const poll = { interval: "4 minutes", maxInterval: "4 minutes", factor: 1, timeout: JumpClock.timeout } as const
const early: TestPlatform.Answer = { status: 404, body: { ret_code: "010002", ret_msg: "data not found" } }

/** The tests of an `awaitOutcome`. */
export const awaitOutcome = <Service>(domain: Waiting<Service>): void => {
  const { start, wait, operation, key, asked, pending, succeeded, failed, unlisted } = domain
  const undecided = [early, {}, ...pending.map(status), { status: 503 }, {}]

  const decides = (text: string, tag: Poll.Outcome<unknown>["_tag"], statuses?: Poll.AwaitOptions["statuses"]) =>
    Effect.gen(function* () {
      const { platform, service } = yield* start(...undecided, status(text))
      const outcome = yield* JumpClock.make().run(wait(service, key, { statuses }))
      assert.strictEqual(outcome._tag, tag)
      assert.strictEqual(outcome.status, text)
      assert.strictEqual(outcome.answer.status, text)
      assert.deepStrictEqual(
        sent(platform),
        Array.from({ length: undecided.length + 1 }, () => asked)
      )
    })

  describe("awaitOutcome", () => {
    for (const text of succeeded) it.effect(`takes ${text} for success`, () => decides(text, "Succeeded"))
    for (const text of failed) it.effect(`takes ${text} for failure`, () => decides(text, "Failed"))

    it.effect("takes a status for what it is told to mean", () =>
      Effect.gen(function* () {
        yield* decides("GRANTED", "Succeeded", { succeeded: ["GRANTED"] })
        yield* decides("DENIED", "Failed", { failed: ["DENIED"] })
        yield* decides("SOMETHING", "Unlisted", { unlisted: "decided" })
      })
    )

    it.effect(`takes an unknown status for ${unlisted}`, () =>
      Effect.gen(function* () {
        if (unlisted === "decided") return yield* decides("SOMETHING", "Unlisted")
        const { service } = yield* start(status("SOMETHING"))
        const error = yield* Effect.flip(JumpClock.make().run(wait(service, key, { poll })))
        if (error._tag !== "OutcomePending") return assert.fail(error.message)
        assert.strictEqual(error.status, "SOMETHING")
      })
    )

    it.effect("ends when the time is over, and goes on with the key alone", () =>
      Effect.gen(function* () {
        const last = pending.at(-1)
        const { platform, service } = yield* start(last === undefined ? {} : status(last))
        const error = yield* Effect.flip(JumpClock.make().run(wait(service, key, { poll })))
        if (error._tag !== "OutcomePending") return assert.fail(error.message)
        assert.deepStrictEqual(
          [error.operation, error.key, error.status, error.asked, error.waitedMillis],
          [operation, key, last, 3, 2 * 4 * 60_000]
        )
        platform.answer(status("DONE"))
        const outcome = yield* wait(service, error.key, { statuses: { succeeded: ["DONE"] } })
        assert.strictEqual(outcome._tag, "Succeeded")
        assert.deepStrictEqual(
          sent(platform),
          Array.from({ length: 4 }, () => asked)
        )
      })
    )

    it.effect("ends at once with a failure that will not pass", () =>
      Effect.gen(function* () {
        const { platform, service } = yield* start({}, { status: 401 })
        const error = yield* Effect.flip(JumpClock.make().run(wait(service, key)))
        if (error._tag !== "PaykkaError") return assert.fail(error.message)
        assert.strictEqual(error.reason._tag, "Unauthorized")
        assert.strictEqual(platform.received.length, 2)
      })
    )

    it.effect("asks with the options of a call", () =>
      Effect.gen(function* () {
        const { platform, service } = yield* start(status("DONE"))
        const options = { extra: { note: "n" }, statuses: { succeeded: ["DONE"] } }
        yield* wait(service, key, options)
        const [path, merchant, body] = asked
        assert.deepStrictEqual(sent(platform), [[path, merchant, body.replace(/\}$/, ',"note":"n"}')]])
      })
    )
  })
}
