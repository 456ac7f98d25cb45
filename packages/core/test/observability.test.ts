/** Spans and logs: what they tell, and what they must not. */
import { inspect } from "node:util"
import * as Va from "@paykka/schemas/Va"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Headers from "effect/http/Headers"
import * as HttpClient from "effect/http/HttpClient"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import * as Plugin from "../src/Plugin.ts"
import { merchId, read, start } from "./support/client.ts"
import * as JumpClock from "./support/JumpClock.ts"
import { merchant } from "./support/keys.ts"
import { logging } from "./support/logging.ts"
import type { TestPlatform } from "./support/TestPlatform.ts"

const recording = () => {
  const spans: Array<Tracer.NativeSpan> = []
  const tracer = Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      spans.push(span)
      return span
    }
  })
  return { spans, tracer: Effect.provideService(Tracer.Tracer, tracer) }
}

const input = { request_id: "R-1", type: "Atlantis" }
const extra = { name: "Zhang Wei" }
const account = { status: "ENABLED", account_no: "DE89370400440532013000", holder: "Li Na" }

const secretsOf = (platform: TestPlatform): ReadonlyArray<string> => [
  "Atlantis",
  "Zhang",
  "DE8937",
  "Li Na",
  merchant.private_pkcs8_pem.slice(100, 140),
  ...platform.received.flatMap(({ headers, authorization }) => [
    String(headers.authorization),
    authorization.signature,
    encodeURIComponent(authorization.signature),
    authorization.nonce
  ])
]

describe("spans", () => {
  it.effect("have the operation's name, and the request id", () =>
    Effect.gen(function* () {
      const { client } = yield* start([{ status: 503 }, { body: account }])
      const { spans, tracer } = recording()
      yield* JumpClock.make().run(read(client)).pipe(tracer)
      const [span] = spans
      assert.strictEqual(span?.name, "va.inquiry")
      assert.strictEqual(span?.attributes.get("paykka.operation"), "va.inquiry")
      assert.strictEqual(span?.attributes.get("paykka.request_id"), "R-1")
      assert.strictEqual(span?.status._tag, "Ended")
      // One client span for each request, inside.
      const inner = spans.slice(1)
      assert.deepStrictEqual(
        inner.map(({ kind, attributes }) => [kind, attributes.get("http.response.status_code")]),
        [
          ["client", 503],
          ["client", 200]
        ]
      )
      for (const { traceId } of inner) assert.strictEqual(traceId, span?.traceId)
    })
  )

  it.effect("are not made where nobody keeps them", () =>
    Effect.gen(function* () {
      const { client } = yield* start()
      const seen: Array<boolean> = []
      const looking: Plugin.Plugin = {
        name: "looking",
        operation: (_, next) =>
          Effect.andThen(
            Effect.map(Effect.option(Effect.currentSpan), (span) => seen.push(Option.isSome(span))),
            next
          )
      }
      const call = Effect.provideService(read(client), Plugin.Current, [looking])
      yield* call
      yield* call.pipe(recording().tracer)
      assert.deepStrictEqual(seen, [false, true])
    })
  )

  it.effect("tell a request id that the client has made", () =>
    Effect.gen(function* () {
      const { client } = yield* start()
      const { spans, tracer } = recording()
      const { request_id } = yield* client.execute(Va.apply, {}).pipe(tracer)
      assert.strictEqual(spans[0]?.attributes.get("paykka.request_id"), request_id)
    })
  )

  it.effect("hold no signature, no key and no content", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([{ body: account }, { body: "Li Na DE89370400440532013000" }])
      const { spans, tracer } = recording()
      yield* client.execute(Va.apply, input, { extra }).pipe(tracer)
      yield* Effect.flip(client.execute(Va.apply, input, { extra })).pipe(tracer)
      assert.strictEqual(spans.length, 4)
      for (const { name, attributes, events } of spans) {
        const print = inspect([name, [...attributes], events], { depth: 9 })
        for (const secret of secretsOf(platform)) assert.notInclude(print, secret)
      }
    })
  )

  it.effect("hide the signature where a program records headers, and show the merchant number", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([{ body: account }])
      const { spans, tracer } = recording()
      const all = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
        effect.pipe(
          Effect.provideService(HttpClient.TracerHeaderFilter, () => true),
          // Who shows headers of other services must not thereby show ours.
          Effect.provideService(Headers.CurrentRedactedNames, [])
        )
      yield* client.execute(Va.apply, input, { extra }).pipe(tracer, all)
      const header = (name: string) => spans[1]?.attributes.get(`http.request.header.${name}`)
      assert.strictEqual(header("authorization"), "<redacted>")
      assert.strictEqual(header("x-merch-id"), merchId)
      const print = inspect([...(spans[1]?.attributes ?? [])], { depth: 9 })
      for (const secret of secretsOf(platform)) assert.notInclude(print, secret)
    })
  )

  it.effect("do not reach the platform", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start()
      yield* read(client).pipe(Effect.withSpan("outer"))
      yield* read(client).pipe(Effect.withSpan("outer"), recording().tracer)
      assert.strictEqual(platform.received.length, 2)
      for (const { headerNames } of platform.received) {
        for (const name of ["traceparent", "tracestate", "b3", "baggage"]) assert.notInclude(headerNames, name)
        assert.isFalse(headerNames.some((name) => name.startsWith("x-b3")))
      }
    })
  )
})

describe("logs", () => {
  it.effect("are left to plugins; an error that the program logs holds no secret", () =>
    Effect.gen(function* () {
      const answers = [
        { status: 429, body: { ret_code: "010001", ret_msg: "Li Na DE89370400440532013000 Zhang Wei" } },
        { status: 500, body: "Zhang Wei DE89370400440532013000" },
        { body: account },
        { status: 429 },
        { status: 500, body: "Zhang Wei" }
      ]
      // The one thing that the engine says itself: PaykkaClient.paths.test.ts.
      const { platform, client } = yield* start(answers, { undocumentedPaths: "allow" })
      const { lines, layer } = logging()
      const { run } = JumpClock.make()
      yield* Effect.gen(function* () {
        yield* run(read(client))
        const error = yield* Effect.flip(run(client.execute(Va.apply, input, { extra })))
        yield* Effect.logError("failed", error)
      }).pipe(Effect.provide(layer))
      assert.strictEqual(lines.length, 1)
      assert.include(lines[0], "OutcomeUnknown")
      for (const line of lines) for (const secret of secretsOf(platform)) assert.notInclude(line, secret)
    })
  )
})
