/** The lines of calls. Their levels, their facts, and what is never in them. */
import { inspect } from "node:util"
import * as Va from "@paykka/schemas/Va"
import * as Signer from "@paykka/signing/Signer"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as References from "effect/References"
import * as AttemptFailed from "../src/AttemptFailed.ts"
import * as Environment from "../src/Environment.ts"
import * as Logging from "../src/Logging.ts"
import * as PaykkaClient from "../src/PaykkaClient.ts"
import * as Plugin from "../src/Plugin.ts"
import * as RetryPolicy from "../src/RetryPolicy.ts"
import * as Client from "./support/client.ts"
import * as JumpClock from "./support/JumpClock.ts"
import { merchant } from "./support/keys.ts"
import * as operations from "./support/operations.ts"
import { type Answer, make as makePlatform } from "./support/TestPlatform.ts"

const { create, merchId, read } = Client

// The engine's own word on its operations: PaykkaClient.paths.test.ts.
const quiet = { undocumentedPaths: "allow" } as const
const start = (answers: ReadonlyArray<Answer>) => Client.start(answers, quiet)

interface Line {
  readonly level: string
  readonly message: unknown
  readonly facts: Readonly<Record<string, unknown>>
}

/** Runs an effect with the plugin, and collects what is logged at any level. */
const logged = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  options?: Logging.Options,
  others: ReadonlyArray<Plugin.Plugin> = []
): Effect.Effect<
  { readonly exit: Exit.Exit<A, E>; readonly lines: ReadonlyArray<Line>; readonly text: string },
  never,
  R
> =>
  Effect.gen(function* () {
    const lines: Array<Line> = []
    let text = ""
    const logger = Logger.make(({ logLevel, message, cause, fiber }) => {
      const facts = fiber.getRef(References.CurrentLogAnnotations)
      lines.push({
        level: logLevel,
        message: Array.isArray(message) && message.length === 1 ? message[0] : message,
        facts
      })
      text += inspect([message, cause, facts], { depth: Infinity })
    })
    const exit = yield* Effect.exit(effect).pipe(
      Effect.provide([Logger.layer([logger]), Plugin.layer(Logging.make(options), ...others)]),
      Effect.provideService(References.MinimumLogLevel, "All"),
      Effect.provideService(RetryPolicy.Current, { ...RetryPolicy.standard, jitter: 0 })
    )
    return { exit, lines, text }
  })

const run = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.suspend(() => JumpClock.make().run(effect))

const of = { operation: "va.inquiry", request_id: "R-1", merch_id: merchId }
const ofCreate = { ...of, operation: "va.apply" }
const good: Answer = { body: { status: "ENABLED", account_no: "DE89370400440532013000" } }
const refusal: Answer = { status: 400, body: { ret_code: "010003", ret_msg: "account 6222020200112233445 is closed" } }

describe("the line of a call", () => {
  it.effect("tells of all its requests when it has ended: a read is of interest to who looks for it", () =>
    Effect.gen(function* () {
      const { client } = yield* start([{ status: 503 }, { status: 429 }, good])
      const { lines } = yield* logged(run(read(client)))
      assert.deepStrictEqual(lines, [
        {
          level: "Debug",
          message: "va.inquiry succeeded",
          facts: { ...of, attempts: 3, duration_ms: 750, http_status: 200 }
        }
      ])
    })
  )

  it.effect("of a write is for everybody", () =>
    Effect.gen(function* () {
      const { client } = yield* start([good])
      const { lines } = yield* logged(run(create(client, { merchId: "M2" })))
      assert.deepStrictEqual(lines, [
        {
          level: "Info",
          message: "va.apply succeeded",
          facts: { ...ofCreate, merch_id: "M2", attempts: 1, duration_ms: 0, http_status: 200 }
        }
      ])
    })
  )

  it.effect("warns of a refusal, with the platform's masked words", () =>
    Effect.gen(function* () {
      const { client } = yield* start([refusal])
      const { lines, exit } = yield* logged(run(create(client)))
      assert.isTrue(Exit.isFailure(exit))
      assert.deepStrictEqual(lines, [
        {
          level: "Warn",
          message: "va.apply failed: the object's state does not allow this call; query it first",
          facts: {
            ...ofCreate,
            attempts: 1,
            duration_ms: 0,
            http_status: 400,
            ret_code: "010003",
            ret_msg: "account *** is closed",
            reason: "InvalidState"
          }
        }
      ])
    })
  )

  it.effect("is an error where the outcome of a write is not known", () =>
    Effect.gen(function* () {
      const { client } = yield* start([{ status: 502, body: "<html>" }])
      const { lines } = yield* logged(run(create(client)))
      assert.strictEqual(lines.length, 1)
      assert.strictEqual(lines[0]?.level, "Error")
      assert.match(String(lines[0]?.message), /^va\.apply failed: it is not known whether .* ask va\.inquiry before/)
      assert.deepStrictEqual(lines[0]?.facts, {
        ...ofCreate,
        attempts: 1,
        duration_ms: 0,
        http_status: 502,
        reason: "OutcomeUnknown",
        because: "PlatformFailure"
      })
    })
  )

  it.effect("tells which read has told the outcome, and each question has its own", () =>
    Effect.gen(function* () {
      const { client } = yield* start(["reset", good])
      const { lines } = yield* logged(run(create(client, { onUnknown: "resolve" })))
      assert.deepStrictEqual(
        lines.map(({ level, message, facts }) => [level, message, facts["attempts"], facts["resolved_by"]]),
        [
          ["Debug", "va.inquiry succeeded", 1, undefined],
          ["Info", "va.apply succeeded, as va.inquiry tells", 1, "va.inquiry"]
        ]
      )
    })
  )

  it.effect("warns when nobody was reached, and after how many requests", () =>
    Effect.gen(function* () {
      const platform = yield* makePlatform
      const client = yield* Client.make(platform.baseUrl, quiet, Client.refusing(9))
      const { lines } = yield* logged(run(create(client)))
      assert.deepStrictEqual(lines, [
        {
          level: "Warn",
          message: "va.apply failed: no answer: connection refused (ECONNREFUSED)",
          facts: { ...ofCreate, attempts: 3, duration_ms: 750, reason: "Unreachable" }
        }
      ])
    })
  )

  it.effect("is an error where nothing can be signed", () =>
    Effect.gen(function* () {
      const platform = yield* makePlatform
      const fail = new Signer.SigningFailed({ detail: "no key", cause: new Error(merchant.private_pkcs8_pem) })
      const context = yield* Layer.build(
        PaykkaClient.layer({ environment: Environment.local(platform.baseUrl), merchId }).pipe(
          Layer.provide([Layer.succeed(Signer.Signer, { sign: () => fail }), FetchHttpClient.layer])
        )
      )
      const client = Context.get(context, PaykkaClient.PaykkaClient)
      const { lines, text } = yield* logged(run(read(client)))
      assert.deepStrictEqual(
        lines.map(({ level, facts }) => [level, facts]),
        [["Error", { ...of, attempts: 0, duration_ms: 0, reason: "SigningFailed" }]]
      )
      assert.notInclude(text, merchant.private_pkcs8_pem.slice(100, 140))
    })
  )

  it.effect("warns of an interruption, with the requests that were begun", () =>
    Effect.gen(function* () {
      const { client, platform } = yield* start([{ status: 429 }, "stall"])
      const interrupted = Effect.gen(function* () {
        const fiber = yield* Effect.forkChild(run(create(client)))
        yield* platform.arrival(2)
        yield* Fiber.interrupt(fiber)
      })
      const { lines } = yield* logged(interrupted)
      assert.deepStrictEqual(lines, [
        {
          level: "Warn",
          message: "va.apply was interrupted",
          facts: { ...ofCreate, attempts: 2, duration_ms: 250, reason: "Interrupted" }
        }
      ])
    })
  )

  it.effect("is an error for a defect, whose own words are not repeated", () =>
    Effect.gen(function* () {
      const { client } = yield* start([good])
      const broken: Plugin.Plugin = { name: "broken", attempt: () => Effect.die(new Error("Zhang Wei")) }
      const { lines, exit, text } = yield* logged(run(create(client)), {}, [broken])
      assert.isTrue(Exit.hasDies(exit))
      assert.deepStrictEqual(lines, [
        {
          level: "Error",
          message: "va.apply ended by a defect",
          facts: { ...ofCreate, attempts: 1, duration_ms: 0, reason: "Defect" }
        }
      ])
      assert.notInclude(text, "Zhang")
    })
  )

  it.effect("has no facts that are not known", () =>
    Effect.gen(function* () {
      const { client } = yield* start([{}])
      const { lines } = yield* logged(run(client.execute(operations.forbidden, { note: "n" })))
      assert.deepStrictEqual(
        lines.map(({ facts }) => facts),
        [{ operation: "test.forbidden", attempts: 1, duration_ms: 0, http_status: 200 }]
      )
    })
  )

  it.effect("does not exist for an input that is invalid", () =>
    Effect.gen(function* () {
      const { client } = yield* start([good])
      const { lines } = yield* logged(run(client.execute(Va.inquiry, { request_id: "" })))
      assert.deepStrictEqual(lines, [])
    })
  )
})

describe("the level", () => {
  it.effect("may be one's own, by the call and how it ended", () =>
    Effect.gen(function* () {
      const { client } = yield* start([good, refusal, good])
      const level: Logging.Options["level"] = (call, exit) => {
        if (Exit.isFailure(exit)) return "Fatal"
        return call.operation.effect === "read" ? undefined : Logging.standardLevel(call, exit)
      }
      const all = Effect.all([read(client), Effect.exit(read(client)), create(client)])
      const { lines } = yield* logged(run(all), { level })
      assert.deepStrictEqual(
        lines.map((line) => [line.level, line.facts["operation"]]),
        [
          ["Fatal", "va.inquiry"],
          ["Info", "va.apply"]
        ]
      )
    })
  )

  it.effect("is the standard one where one's own throws, and the call's result stays", () =>
    Effect.gen(function* () {
      const { client } = yield* start([good])
      const level = () => {
        throw new Error("no level")
      }
      const { lines, exit } = yield* logged(run(create(client)), { level })
      assert.isTrue(Exit.isSuccess(exit))
      assert.deepStrictEqual(
        lines.map((line) => line.level),
        ["Info"]
      )
    })
  )
})

describe("the lines of requests", () => {
  it.effect("are written as each ends, where they are wanted", () =>
    Effect.gen(function* () {
      const { client } = yield* start([{ status: 503 }, refusal, good])
      const { lines } = yield* logged(run(Effect.all([Effect.exit(read(client)), create(client)])), { requests: true })
      const request = { ...of, duration_ms: 0 }
      assert.deepStrictEqual(
        lines.map(({ level, message, facts }) => [level, message, facts]),
        [
          [
            "Debug",
            "va.inquiry, request 1, failed: the platform failed",
            { ...request, attempt: 1, http_status: 503, reason: "PlatformFailure" }
          ],
          [
            "Debug",
            "va.inquiry, request 2, failed: the object's state does not allow this call; query it first",
            {
              ...request,
              attempt: 2,
              http_status: 400,
              ret_code: "010003",
              ret_msg: "account *** is closed",
              reason: "InvalidState"
            }
          ],
          [
            "Warn",
            "va.inquiry failed: the object's state does not allow this call; query it first",
            {
              ...of,
              attempts: 2,
              duration_ms: 250,
              http_status: 400,
              ret_code: "010003",
              ret_msg: "account *** is closed",
              reason: "InvalidState"
            }
          ],
          [
            "Debug",
            "va.apply, request 1, succeeded",
            { ...request, operation: "va.apply", attempt: 1, http_status: 200 }
          ],
          ["Info", "va.apply succeeded", { ...ofCreate, attempts: 1, duration_ms: 0, http_status: 200 }]
        ]
      )
    })
  )

  it.effect("tell what did not go out", () =>
    Effect.gen(function* () {
      const { client, platform } = yield* start([good])
      const stopping: Plugin.Plugin = {
        name: "stopping",
        attempt: () => Effect.fail(AttemptFailed.stopped({ detail: "the circuit is open", isFinal: true }))
      }
      const { lines } = yield* logged(run(read(client)), { requests: true }, [stopping])
      assert.strictEqual(platform.received.length, 0)
      assert.deepStrictEqual(
        lines.map(({ message, facts }) => [message, facts["attempt"], facts["unsent"], facts["attempts"]]),
        [
          ["va.inquiry, request 1, failed: no answer: the circuit is open", 1, true, undefined],
          ["va.inquiry failed: no answer: the circuit is open", undefined, undefined, 0]
        ]
      )
    })
  )

  it.effect("tell of an interruption", () =>
    Effect.gen(function* () {
      const { client, platform } = yield* start(["stall"])
      const interrupted = Effect.gen(function* () {
        const fiber = yield* Effect.forkChild(run(read(client)))
        yield* platform.arrival(1)
        yield* Fiber.interrupt(fiber)
      })
      const { lines } = yield* logged(interrupted, { requests: true })
      assert.deepStrictEqual(
        lines.map(({ message }) => message),
        ["va.inquiry, request 1, was interrupted", "va.inquiry was interrupted"]
      )
    })
  )
})

describe("logging", () => {
  it.effect("shows no content, key or signature", () =>
    Effect.gen(function* () {
      const echo = "Zhang Wei Atlantis DE89370400440532013000 Li Na"
      const { client, platform } = yield* start([
        { body: { status: "ENABLED", account_no: "DE89370400440532013000", holder: "Li Na" } },
        { status: 400, body: { ret_code: "010000", ret_msg: echo } },
        { status: 500, body: echo },
        { body: echo }
      ])
      const call = Effect.exit(
        client.execute(Va.apply, { request_id: "R-1", type: "Atlantis" }, { extra: { name: "Zhang Wei", to: "Li Na" } })
      )
      const { lines, text } = yield* logged(run(Effect.all([call, call, call, call])), { requests: true })
      assert.strictEqual(lines.length, 8)
      assert.include(text, "R-1")
      const secrets = platform.received.flatMap(({ headers, authorization: { signature, nonce } }) => [
        String(headers.authorization),
        signature,
        encodeURIComponent(signature),
        nonce
      ])
      for (const secret of [
        ...secrets,
        "Zhang",
        "Li Na",
        "Atlantis",
        "DE8937",
        merchant.private_pkcs8_pem.slice(100, 140)
      ])
        assert.notInclude(text, secret)
    })
  )

  it.effect("that breaks does not change a call's result", () =>
    Effect.gen(function* () {
      const { client } = yield* start([good, refusal])
      const broken = Logger.make(() => {
        throw new Error("disk full")
      })
      const both = Effect.all([create(client), Effect.flip(create(client))])
      const [result, error] = yield* run(both).pipe(
        Effect.provide([Logger.layer([broken]), Plugin.layer(Logging.make({ requests: true }))]),
        Effect.provideService(References.MinimumLogLevel, "All")
      )
      assert.strictEqual(result.status, "ENABLED")
      assert.strictEqual(error.reason._tag, "InvalidState")
    })
  )
})
