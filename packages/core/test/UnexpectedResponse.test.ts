/** Answers that cannot be read. */
import { gzipSync } from "node:zlib"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as PaykkaClient from "../src/PaykkaClient.ts"
import type { PaykkaError, UnexpectedResponse } from "../src/PaykkaError.ts"
import * as RetryPolicy from "../src/RetryPolicy.ts"
import { type Transport, create, fetches, make, reasonOf, start } from "./support/client.ts"
import * as operations from "./support/operations.ts"
import { assertKeeps } from "./support/secrets.ts"
import * as TestPlatform from "./support/TestPlatform.ts"

const once = { retry: RetryPolicy.none }

const read = (client: PaykkaClient.Service) => client.execute(operations.forbidden, { note: "sent by me" }, once)

type Call = (client: PaykkaClient.Service) => Effect.Effect<unknown, PaykkaError>
const both: ReadonlyArray<Call> = [read, create]

const secrets = [
  "DE89370400440532013000",
  "89370400440532013000",
  "Zhang Wei",
  "Zhang",
  "sent by me",
  "6222021234567890"
]
const account = { account_no: "DE89370400440532013000", name: "Zhang Wei", card: 6222021234567890, count: "Zhang Wei" }

/** The reason of a read, and what a write is unsure because of. */
const unexpected = (error: PaykkaError): UnexpectedResponse => {
  if (error.reason._tag !== "OutcomeUnknown") return reasonOf(error, "UnexpectedResponse")
  assert.strictEqual(error.reason.because._tag, "UnexpectedResponse")
  return error.reason.because as UnexpectedResponse
}

const cases: ReadonlyArray<
  readonly [name: string, answer: TestPlatform.Answer, detail: string, beginning: string | RegExp]
> = [
  ["text that is not JSON", { body: "<html>\n  <h1>Welcome</h1>" }, "the body is not JSON", "<html> <h1>Welcome</h1>"],
  [
    "text with numbers",
    { body: "account DE89 3704 0044 0532 0130 00, card 6222021234567890" },
    "the body is not JSON",
    "account ***, card ***"
  ],
  ["text that repeats what was sent", { body: "you have sent: sent by me!" }, "is not JSON", "you have sent: ***!"],
  [
    "broken JSON",
    { body: `{"account_no":"DE89370400440532013000", "name" : "Zhang Wei", "list":["Zhang"` },
    "the body is not JSON",
    "{account_no: …, name: …, list: …"
  ],
  ["an array", { body: [account] }, "is not a JSON object", /^\[\{account_no: string, name: string, card: number,/],
  ["a text", { body: '"Zhang Wei"' }, "is not a JSON object", "string"],
  ["a number", { body: "6222021234567890" }, "is not a JSON object", "number"],
  ["null", { body: "null" }, "is not a JSON object", "null"],
  [
    "wrapped nonsense",
    { body: { ret_code: "000000", data: [1] } },
    "is not a JSON object",
    "{ret_code: string, data: [number]}"
  ],
  [
    "a field of another type",
    { body: account },
    "count: Expected",
    "{account_no: string, name: string, card: number, count: string}"
  ],
  ["a body that was cut short", { body: { name: "Zhang Wei" }, end: "cut" }, "the body was cut short", ""],
  ["no UTF-8", { body: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]) }, "the body is not UTF-8", ""],
  ["UTF-8 that stops within a letter", { body: Buffer.from([0x7b, 0xe6, 0xb1]) }, "the body is not UTF-8", ""],
  ["an empty body", { body: "" }, "the body is empty", ""],
  ["blanks", { body: " \n" }, "the body is empty", ""],
  ["204", { status: 204, body: "" }, "the body is empty", ""],
  ["nested too deeply", { body: `{"a":${"[".repeat(70)}1${"]".repeat(70)}}` }, "nested deeper than", "{a: …"]
]

describe("an answer that cannot be read", () => {
  it.effect.each(cases)("%s", ([, answer, detail, beginning]) =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([answer])
      const status = typeof answer === "object" ? (answer.status ?? 200) : 0

      const ofRead = yield* Effect.flip(read(client))
      const reason = reasonOf(ofRead, "UnexpectedResponse")
      assert.include(reason.detail, detail)
      if (typeof beginning === "string") assert.strictEqual(reason.beginning, beginning)
      else assert.match(reason.beginning, beginning)
      assert.strictEqual(ofRead.httpStatus, status)
      assert.isUndefined(ofRead.retCode)
      assertKeeps(ofRead, secrets)

      const ofWrite = yield* Effect.flip(client.execute(operations.update, { note: "sent by me" }))
      assert.include(unexpected(ofWrite).detail, detail)
      assert.strictEqual(reasonOf(ofWrite, "OutcomeUnknown").because._tag, "UnexpectedResponse")
      assert.strictEqual(ofWrite.httpStatus, status)
      assert.isFalse(ofWrite.retryable)
      assertKeeps(ofWrite, secrets)
      assert.strictEqual(platform.received.length, 2)
    })
  )

  it.effect("is a long one, of which little is shown", () =>
    Effect.gen(function* () {
      const many = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`name_${index}`, "Zhang Wei"]))
      const { client } = yield* start([{ body: [many] }, { body: "long ".repeat(100_000) }])
      for (let i = 0; i < 2; i++) {
        const error = yield* Effect.flip(read(client))
        assert.isAtMost(reasonOf(error, "UnexpectedResponse").beginning.length, 201)
        assertKeeps(error, secrets)
      }
    })
  )

  it.effect.each([400, 403, 404, 418])("with %d and no code is unexpected, and nothing was processed", (status) =>
    Effect.gen(function* () {
      const { client } = yield* start([
        { status, body: "<h1>no</h1>" },
        { status, body: { error: "Zhang Wei" } }
      ])
      for (const call of both) {
        const error = yield* Effect.flip(call(client))
        const reason = reasonOf(error, "UnexpectedResponse")
        assert.include(reason.detail, call === read ? "is not JSON" : `HTTP ${status} without an error code`)
        assert.strictEqual(error.httpStatus, status)
        assert.isFalse(error.retryable)
        assertKeeps(error, secrets)
      }
    })
  )

  it.effect("is repeated only when it was cut short, and only for a read", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([{ end: "cut" }, { body: { note: "ok" } }])
      // A policy without waits: the TestClock stands still.
      const retry = { ...RetryPolicy.standard, baseDelay: 0 }
      const value = yield* client.execute(operations.forbidden, { note: "" }, { retry })
      assert.strictEqual(value.note, "ok")
      assert.strictEqual(platform.received.length, 2)
      platform.answer({ body: "no JSON" })
      const error = yield* Effect.flip(client.execute(operations.forbidden, { note: "" }, { retry }))
      assert.isFalse(error.retryable)
      assert.strictEqual(platform.received.length, 3)
    })
  )
})

describe("a redirect", () => {
  it.effect.each([301, 302, 303, 307, 308])("%d is not followed", (status) =>
    Effect.gen(function* () {
      const target = yield* TestPlatform.make
      const { platform, client } = yield* start([{ status, headers: { location: `${target.baseUrl}/api` }, body: "" }])
      for (const call of both) {
        const error = yield* Effect.flip(call(client))
        assert.include(unexpected(error).detail, `a redirect (HTTP ${status})`)
        // A 303 is what a form answers after it was processed.
        assert.strictEqual(error.reason._tag, call === read ? "UnexpectedResponse" : "OutcomeUnknown")
        assert.isFalse(error.retryable)
        assert.notInclude(error.message, target.baseUrl)
      }
      assert.strictEqual(platform.received.length, 2)
      assert.strictEqual(target.received.length + target.refused.length, 0)
    })
  )

  it.effect.each([
    ["fetch alone", globalThis.fetch],
    ["fetch alone", globalThis.fetch],
    ["undici", NodeHttpClient.layerUndici],
    ["node:http", NodeHttpClient.layerNodeHttp]
  ] satisfies ReadonlyArray<readonly [string, Transport]>)("is not followed over %s either", ([, transport]) =>
    Effect.gen(function* () {
      const target = yield* TestPlatform.make
      const platform = yield* TestPlatform.make
      platform.answer({ status: 307, headers: { location: `${target.baseUrl}/api` } })
      const client = yield* make(platform.baseUrl, {}, transport)
      reasonOf(yield* Effect.flip(read(client)), "UnexpectedResponse")
      assert.strictEqual(target.received.length + target.refused.length, 0)
    })
  )
})

describe.each(fetches)("an answer over the limit, over %s", (_, transport) => {
  const limit = { maxResponseBytes: 1000 }

  const assertTooLarge = (platform: TestPlatform.TestPlatform, client: PaykkaClient.Service) =>
    Effect.gen(function* () {
      for (const [index, call] of both.entries()) {
        const error = yield* Effect.flip(call(client))
        assert.strictEqual(unexpected(error).detail, "the body is larger than 1000 bytes")
        assert.strictEqual(error.reason._tag, call === read ? "UnexpectedResponse" : "OutcomeUnknown")
        // Nothing is left behind: the connection of a body that was not read to its end is closed.
        const { closed } = yield* platform.arrival(index + 1)
        yield* Effect.promise(() => closed)
      }
    })

  it.effect("by its announced length is not read, even when nothing follows", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([{ body: "x".repeat(100), end: "stall" }], limit, transport)
      yield* assertTooLarge(platform, client)
    })
  )

  it.effect("of unknown length is read up to the limit, even when it has no end", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([{ body: "x".repeat(700), end: "endless" }], limit, transport)
      yield* assertTooLarge(platform, client)
    })
  )

  it.effect("counts bytes after decompression", () =>
    Effect.gen(function* () {
      const body = gzipSync(JSON.stringify({ note: "x".repeat(100_000) }))
      assert.isBelow(body.length, 1000)
      const { client } = yield* start([{ headers: { "content-encoding": "gzip" }, body }], limit, transport)
      const error = yield* Effect.flip(read(client))
      assert.strictEqual(unexpected(error).detail, "the body is larger than 1000 bytes")
    })
  )

  it.effect("is one byte over it", () =>
    Effect.gen(function* () {
      const body = (bytes: number) => `{"note":"${"x".repeat(bytes - 11)}"}`
      assert.strictEqual(body(1000).length, 1000)
      const { client } = yield* start([{ body: body(1000) }, { body: body(1001) }], limit, transport)
      assert.strictEqual((yield* read(client)).note?.length, 989)
      reasonOf(yield* Effect.flip(read(client)), "UnexpectedResponse")
    })
  )

  it.effect("is 4 MiB by default", () =>
    Effect.gen(function* () {
      const body = (bytes: number) => `{"note":"${"x".repeat(bytes - 11)}"}`
      const { client } = yield* start(
        [{ body: body(4 * 1024 * 1024) }, { body: body(4 * 1024 * 1024 + 1) }],
        {},
        transport
      )
      yield* read(client)
      const error = yield* Effect.flip(read(client))
      assert.strictEqual(unexpected(error).detail, "the body is larger than 4194304 bytes")
    })
  )

  it.effect("keeps the meaning of its status", () =>
    Effect.gen(function* () {
      const { client } = yield* start(
        [
          { status: 429, body: "x".repeat(2000) },
          { status: 500, body: "x".repeat(2000) }
        ],
        limit,
        transport
      )
      reasonOf(yield* Effect.flip(read(client)), "RateLimited")
      reasonOf(yield* Effect.flip(read(client)), "PlatformFailure")
    })
  )
})

describe.each(fetches)("a good connection, over %s", (_, transport) => {
  it.effect("is used again", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([{ body: { note: "ok" } }], {}, transport)
      yield* read(client)
      yield* read(client)
      const ports = new Set(platform.received.map(({ remotePort }) => remotePort))
      assert.strictEqual(ports.size, 1)
    })
  )
})
