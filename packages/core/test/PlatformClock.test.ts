/** A platform whose clock shows another time, as its `Date` tells. */
import * as Va from "@paykka/schemas/Va"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Context from "effect/Context"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Environment from "../src/Environment.ts"
import * as PaykkaClient from "../src/PaykkaClient.ts"
import * as PlatformClock from "../src/PlatformClock.ts"
import * as Plugin from "../src/Plugin.ts"
import * as RetryPolicy from "../src/RetryPolicy.ts"
import { create, merchId, read, start } from "./support/client.ts"
import * as JumpClock from "./support/JumpClock.ts"
import { signer } from "./support/keys.ts"
import { type Answer, type TestPlatform, make as makePlatform } from "./support/TestPlatform.ts"

const now = 1_700_000_000_000

/** Under a clock that begins anew: waits of one call do not move the time of the next. */
const run = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.suspend(() => JumpClock.make(now).run(effect))

/** As the platform's clock writes it. Whole seconds, so half of one is taken for the middle. */
const date = (aheadMillis: number): string => new Date(now + aheadMillis).toUTCString()

const unauthorized = (aheadMillis: number, code = "010100") => ({
  status: 401,
  headers: { date: date(aheadMillis) },
  body: { ret_code: code, ret_msg: "" }
})

const good = { body: { status: "ENABLED" } }

const aheads = ({ received }: TestPlatform): ReadonlyArray<number> =>
  received.map(({ authorization }) => Number(authorization.timestamp) - now)

const minutes = 60_000

const call = [Va.inquiry, { request_id: "R-1" }] as const

/** A client with a clock of the program's. */
const build = (
  { baseUrl }: TestPlatform,
  clock: Layer.Layer<PlatformClock.PlatformClock, Environment.InvalidConfiguration>
) =>
  Effect.map(
    Layer.build(
      PaykkaClient.layer({ environment: Environment.local(baseUrl), merchId, timeout: JumpClock.timeout }).pipe(
        Layer.provide([signer, FetchHttpClient.layer, clock])
      )
    ),
    Context.get(PaykkaClient.PaykkaClient)
  )

describe("a signature that is refused while clocks differ", () => {
  it.effect.each([10 * minutes, -10 * minutes, 31_000, -32_000])(
    "is made anew once with the platform's time: %d ms",
    (ahead) =>
      Effect.gen(function* () {
        const { platform, client } = yield* start([unauthorized(ahead), good])
        const { attempts } = yield* run(client.executeWithResponse(...call))
        assert.strictEqual(attempts, 2)
        assert.deepStrictEqual(aheads(platform), [0, ahead + 500])
        const [first, second] = platform.received.map(({ authorization, body }) => ({ ...authorization, body }))
        assert.notStrictEqual(first?.nonce, second?.nonce)
        assert.deepStrictEqual(first?.body, second?.body)
      })
  )

  it.effect("goes for writes too, and without any retry policy: nothing was processed", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([unauthorized(10 * minutes, "010200"), good])
      yield* run(create(client, { retry: RetryPolicy.none }))
      assert.strictEqual(platform.received.length, 2)
      assert.deepStrictEqual(platform.received[0]?.body, platform.received[1]?.body)
    })
  )

  it.effect("is remembered for the calls that follow", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([unauthorized(10 * minutes), good])
      yield* run(read(client))
      yield* run(read(client))
      assert.deepStrictEqual(aheads(platform), [0, 10 * minutes + 500, 10 * minutes + 500])
    })
  )

  it.effect("is remembered also where the platform then answers with another refusal", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([
        unauthorized(10 * minutes),
        { status: 404, body: { ret_code: "010002" } },
        good
      ])
      yield* Effect.flip(run(read(client)))
      yield* run(read(client))
      assert.deepStrictEqual(aheads(platform), [0, 10 * minutes + 500, 10 * minutes + 500])
    })
  )

  it.effect.each([
    ["a gateway's 503", { status: 503 }],
    ["a gateway's 404", { status: 404 }],
    ["429", { status: 429, body: { ret_code: "010001" } }],
    ["a failure of the platform", { status: 500, body: { ret_code: "999999" } }]
  ] as ReadonlyArray<readonly [string, Answer]>)("is not remembered where nobody has accepted it: %s", ([, answer]) =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([unauthorized(10 * minutes), answer, good])
      yield* Effect.flip(run(read(client, { retry: RetryPolicy.none })))
      yield* run(read(client))
      assert.deepStrictEqual(aheads(platform), [0, 10 * minutes + 500, 0])
    })
  )

  it.effect.each([
    ["a 5xx with the code", { ...unauthorized(10 * minutes), status: 500 }],
    ["an answer that was cut short", { ...unauthorized(10 * minutes), end: "cut" }]
  ] as ReadonlyArray<readonly [string, Answer]>)("is not made for a write in doubt: %s", ([, answer]) =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([answer, good])
      const error = yield* Effect.flip(run(create(client)))
      assert.strictEqual(error.reason._tag, "OutcomeUnknown")
      assert.strictEqual(platform.received.length, 1)
    })
  )

  it.effect("is not made a third time, and what was not accepted is not remembered", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([unauthorized(10 * minutes), unauthorized(20 * minutes), good])
      const error = yield* Effect.flip(run(read(client)))
      assert.strictEqual(error.reason._tag, "Unauthorized")
      assert.strictEqual(error.attempts, 2)
      yield* run(read(client))
      assert.deepStrictEqual(aheads(platform), [0, 10 * minutes + 500, 0])
    })
  )

  it.effect("is not remembered where no answer came", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([unauthorized(10 * minutes), "reset", good])
      yield* Effect.flip(run(read(client, { retry: RetryPolicy.none })))
      yield* run(read(client))
      assert.deepStrictEqual(aheads(platform), [0, 10 * minutes + 500, 0])
    })
  )

  it.effect("is made anew for each of many calls at once, once each", () =>
    Effect.gen(function* () {
      const calls = 8
      const { platform, client } = yield* start([
        ({ authorization }) => (Number(authorization.timestamp) > now + 9 * minutes ? good : unauthorized(10 * minutes))
      ])
      const replies = yield* run(
        Effect.all(
          Array.from({ length: calls }, () => client.executeWithResponse(...call)),
          { concurrency: "unbounded" }
        )
      )
      // A call that begins after another has learnt it needs no second request.
      const sent = replies.reduce((sum, { attempts }) => sum + attempts, 0)
      assert.isTrue(replies.every(({ attempts }) => attempts <= 2))
      assert.strictEqual(sent, platform.received.length)
      assert.deepStrictEqual(
        aheads(platform).filter((ahead) => ahead !== 0),
        Array.from({ length: calls }, () => 10 * minutes + 500)
      )
    })
  )

  it.effect("counts for the retry policy as one", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([
        unauthorized(10 * minutes),
        { status: 503 },
        { status: 503 },
        { status: 503 }
      ])
      const error = yield* Effect.flip(run(read(client)))
      assert.strictEqual(error.attempts, 4)
      assert.strictEqual(platform.received.length, 4)
      assert.deepStrictEqual(aheads(platform).slice(0, 2), [0, 10 * minutes + 500])
    })
  )

  it.effect("is told to plugins", () =>
    Effect.gen(function* () {
      const { client } = yield* start([unauthorized(10 * minutes), { status: 503 }, good])
      const seen: Array<readonly [number, number, boolean]> = []
      const watching: Plugin.Plugin = {
        name: "watching",
        attempt: ({ attempt, offsetMillis, isClockCorrection }, next) => {
          seen.push([attempt, offsetMillis, isClockCorrection])
          return next
        }
      }
      yield* run(read(client)).pipe(Effect.provideService(Plugin.Current, [watching]))
      assert.deepStrictEqual(seen, [
        [1, 0, false],
        [2, 10 * minutes + 500, true],
        [3, 10 * minutes + 500, false]
      ])
    })
  )
})

describe("nothing is signed anew", () => {
  it.effect.each([
    ["where clocks agree", unauthorized(0)],
    ["within the tolerance", unauthorized(29_000)],
    ["within the tolerance", unauthorized(-30_000)],
    ["without a date", { status: 401 }],
    ["where the date is none", { status: 401, headers: { date: "tomorrow" } }],
    ["after another refusal", { status: 404, headers: { date: date(10 * minutes) }, body: { ret_code: "010002" } }]
  ] as ReadonlyArray<readonly [string, Answer]>)("%s", ([, answer]) =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([answer, good])
      yield* Effect.flip(run(read(client)))
      assert.deepStrictEqual(aheads(platform), [0])
    })
  )

  it.effect("when it would be later than notAfter", () =>
    Effect.gen(function* () {
      const platform = yield* makePlatform
      platform.answer(unauthorized(10 * minutes), good)
      const client = yield* build(platform, PlatformClock.layer())
      const slow: Plugin.Plugin = {
        name: "slow",
        attempt: (_, next) => Effect.andThen(Effect.sleep("2 seconds"), next)
      }
      const clock = JumpClock.make(now)
      const error = yield* read(client, { notAfter: now + 3000 }).pipe(
        clock.run,
        Effect.provideService(Plugin.Current, [slow]),
        Effect.flip
      )
      assert.strictEqual(error.reason._tag, "Unreachable")
      assert.strictEqual(error.attempts, 1)
      assert.strictEqual(platform.received.length, 1)
    })
  )
})

describe("the layer", () => {
  it.effect("is one clock for several clients", () =>
    Effect.gen(function* () {
      const platform = yield* makePlatform
      platform.answer(unauthorized(10 * minutes), good)
      const shared = yield* Layer.build(PlatformClock.layer())
      const one = yield* build(platform, Layer.succeedContext(shared))
      const other = yield* build(platform, Layer.succeedContext(shared))
      yield* run(read(one))
      yield* run(read(other))
      assert.deepStrictEqual(aheads(platform), [0, 10 * minutes + 500, 10 * minutes + 500])
    })
  )

  it.effect("may have another tolerance", () =>
    Effect.gen(function* () {
      const platform = yield* makePlatform
      platform.answer(unauthorized(10 * minutes), good)
      const client = yield* build(platform, PlatformClock.layer({ tolerance: "1 hour" }))
      yield* Effect.flip(run(read(client)))
      assert.strictEqual(platform.received.length, 1)
    })
  )

  it.effect.each([Number.NaN, -1, "soon" as "1 second", "-1 minute"] as const)(
    "refuses a tolerance of %s",
    (tolerance) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(Layer.build(PlatformClock.layer({ tolerance })))
        assert.strictEqual(error.option, "platformClock.tolerance")
      })
  )

  it.effect("may be none", () =>
    Effect.gen(function* () {
      const platform = yield* makePlatform
      platform.answer(unauthorized(10 * minutes), good)
      const client = yield* build(platform, PlatformClock.layerNone)
      yield* Effect.flip(run(read(client)))
      assert.strictEqual(platform.received.length, 1)
    })
  )
})
