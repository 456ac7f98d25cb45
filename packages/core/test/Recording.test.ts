import * as Payee from "@paykka/schemas/Payee"
import * as Va from "@paykka/schemas/Va"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import type { HttpClient } from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Environment from "../src/Environment.ts"
import * as PaykkaClient from "../src/PaykkaClient.ts"
import * as Recording from "../src/Recording.ts"
import * as RetryPolicy from "../src/RetryPolicy.ts"
import { merchId } from "./support/client.ts"
import * as JumpClock from "./support/JumpClock.ts"
import { merchant, signer } from "./support/keys.ts"
import * as TestPlatform from "./support/TestPlatform.ts"

const operations = [Va.apply, Va.inquiry, Payee.create]

/** A client over a transport, with what was recorded. */
const build = <R>(baseUrl: string, transport: Layer.Layer<HttpClient | R>) =>
  Effect.map(
    Layer.build(
      PaykkaClient.layer({
        environment: Environment.local(baseUrl),
        merchId,
        timeout: JumpClock.timeout,
        undocumentedPaths: "allow"
      }).pipe(Layer.provideMerge(transport), Layer.provide(signer))
    ),
    (context) => ({ client: Context.get(context, PaykkaClient.PaykkaClient), context })
  )

const recording = (baseUrl: string) =>
  Effect.map(
    build(baseUrl, Layer.provide(Recording.layer({ operations }), FetchHttpClient.layer)),
    ({ client, context }) => ({ client, exchanges: Context.get(context, Recording.Recording).exchanges })
  )

const replaying = (exchanges: ReadonlyArray<Recording.Exchange>) =>
  Effect.map(build("http://replay.localhost", Recording.layerReplay({ operations, exchanges })), ({ client }) => client)

const run = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.suspend(() => JumpClock.make().run(effect))

const payee: typeof Payee.create.request.Type = {
  request_id: "P-1",
  beneficiary: {
    nick_name: "Zhang Wei",
    id_number: "110101199003074514",
    bank_account: "DE89370400440532013000",
    holder: "Li Na"
  }
}

/** What the program does, as text: results and errors. */
const story = (client: PaykkaClient.Service, requestId: string) =>
  run(
    Effect.gen(function* () {
      const lines: Array<unknown> = []
      const note = <A>(effect: Effect.Effect<A, { readonly message: string }>) =>
        Effect.match(effect, {
          onSuccess: (value) => lines.push(value),
          onFailure: ({ message }) => lines.push(message)
        })
      yield* note(client.execute(Va.apply, { request_id: requestId, currencies: ["EUR"] }))
      yield* note(client.execute(Va.inquiry, { request_id: requestId }))
      yield* note(client.execute(Va.inquiry, { request_id: requestId }))
      yield* note(client.execute(Va.inquiry, { request_id: "R-9" }, { retry: RetryPolicy.none }))
      yield* note(client.execute(Va.inquiry, { request_id: "R-8" }, { retry: RetryPolicy.none }))
      return JSON.stringify(lines).replaceAll(requestId, "<request_id>")
    })
  )

const answers: ReadonlyArray<TestPlatform.Answer> = [
  { body: {} },
  { status: 503, headers: { "retry-after": "3" }, body: "<html>busy</html>" },
  { body: { request_id: "R-1", status: "PROCESSING" } },
  { body: '{"request_id":"R-1","status":"ENABLED","sandbox_amount":1200.50}' },
  { status: 404, body: { ret_code: "010002", ret_msg: "no data" } },
  "reset"
]

describe("a recording", () => {
  it.effect("is played back to the same program, under another request_id, through a file", () =>
    Effect.gen(function* () {
      const platform = yield* TestPlatform.make
      platform.answer(...answers)
      const { client, exchanges } = yield* recording(platform.baseUrl)
      const first = yield* story(client, "R-1")
      assert.include(first, "ENABLED")
      assert.include(first, "data not found")
      assert.include(first, "connection reset")
      const text = Recording.toText(yield* exchanges)
      const again = yield* replaying(Result.getOrThrow(Recording.fromText(text)))
      assert.strictEqual(
        yield* story(again, "R-2"),
        first.replaceAll(
          '[HTTP 404, ret_code 010002, ret_msg \\"no data\\"',
          '[HTTP 404, ret_code 010002, ret_msg \\"***\\"'
        )
      )
      assert.strictEqual(platform.received.length, 6)
    })
  )

  it.effect("holds the digits of numbers, and of headers no more than is needed", () =>
    Effect.gen(function* () {
      const platform = yield* TestPlatform.make
      platform.answer(...answers)
      const { client, exchanges } = yield* recording(platform.baseUrl)
      yield* story(client, "R-1")
      const all = yield* exchanges
      assert.deepStrictEqual(
        all.map(({ operation, response, failure }) => [operation, response?.status ?? failure?.code]),
        [
          ["va.apply", 200],
          ["va.inquiry", 503],
          ["va.inquiry", 200],
          ["va.inquiry", 200],
          ["va.inquiry", 404],
          ["va.inquiry", "ECONNRESET"]
        ]
      )
      assert.deepStrictEqual(all[1]?.response?.headers, { "content-type": "application/json", "retry-after": "3" })
    })
  )

  it.effect("holds no key, signature, nonce, account or document number and no name", () =>
    Effect.gen(function* () {
      const platform = yield* TestPlatform.make
      platform.answer(
        { body: { account_no: "DE89370400440532013000", holder: "Li Na", request_id: "P-1" } },
        { body: "DE89370400440532013000 of Zhang Wei, 110101199003074514" }
      )
      const { client, exchanges } = yield* recording(platform.baseUrl)
      yield* client.execute(Payee.create, payee)
      yield* Effect.flip(client.execute(Payee.create, payee))
      const text = Recording.toText(yield* exchanges)
      assert.include(text, "P-1")
      for (const { authorization, headers } of platform.received) {
        for (const secret of [authorization.signature, authorization.nonce, String(headers.authorization)])
          assert.notInclude(text, secret)
      }
      for (const secret of ["DE89", "Li Na", "Zhang", "110101", merchant.private_pkcs8_pem.slice(100, 140)])
        assert.notInclude(text, secret)
    })
  )

  it.effect("of an unknown path is masked altogether", () =>
    Effect.gen(function* () {
      const platform = yield* TestPlatform.make
      platform.answer({ body: { secret: "Atlantis" } })
      const { client, exchanges } = yield* recording(platform.baseUrl)
      yield* client.request({
        path: "/api/v2/merch/other",
        body: { name: "Atlantis" },
        schema: Va.inquiry.response,
        effect: "read"
      })
      const [only] = yield* exchanges
      assert.strictEqual(only?.operation, "/api/v2/merch/other")
      assert.notInclude(JSON.stringify(only), "Atlantis")
    })
  )
})

describe("playing back", () => {
  const inquiry = (request_id: string, status: string): Recording.Exchange => ({
    operation: "va.inquiry",
    request: { request_id },
    response: { status: 200, headers: {}, json: { request_id, status } }
  })

  it.effect("tells what the program does otherwise than when it was recorded", () =>
    Effect.gen(function* () {
      const client = yield* replaying([inquiry("R-1", "ENABLED")])
      const die = (effect: Effect.Effect<unknown, unknown>) =>
        Effect.map(Effect.exit(effect), (exit) => (Exit.isFailure(exit) ? String(Cause.squash(exit.cause)) : "none"))
      assert.include(
        yield* die(client.execute(Va.apply, { request_id: "R-1" })),
        "the recording has no va.apply left with such a body; 0 with another body are left of it"
      )
      yield* client.execute(Va.inquiry, { request_id: "R-1" })
      assert.include(yield* die(client.execute(Va.inquiry, { request_id: "R-1" })), "no va.inquiry left")
    })
  )

  it.effect("gives each exchange once, in the order of the recording", () =>
    Effect.gen(function* () {
      const client = yield* replaying([inquiry("R-1", "PROCESSING"), inquiry("R-1", "ENABLED")])
      const statuses = [
        (yield* client.execute(Va.inquiry, { request_id: "X" })).status,
        (yield* client.execute(Va.inquiry, { request_id: "X" })).status
      ]
      assert.deepStrictEqual(statuses, ["PROCESSING", "ENABLED"])
    })
  )

  it.each([
    ["no JSON", "the text"],
    ["[]", "not a JSON object"],
    ["{}", "paykka-recording"],
    ['{"paykka-recording":2,"exchanges":[]}', "paykka-recording"],
    ['{"paykka-recording":1}', "exchanges is not a list"],
    ['{"paykka-recording":1,"exchanges":[{}]}', "exchanges[0]"],
    ['{"paykka-recording":1,"exchanges":[{"operation":"a","response":{"status":"200"}}]}', "exchanges[0]"]
  ])("refuses what is no recording: %s", (text, expected) => {
    const read = Recording.fromText(text)
    assert.isTrue(Result.isFailure(read))
    assert.include(Result.isFailure(read) ? read.failure.message : "", expected)
  })
})
