/** Requests of two parts over real HTTP. The platform verifies the signature over the bytes of the text as it arrived. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as File from "@paykka/schemas/File"
import * as Va from "@paykka/schemas/Va"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as PaykkaClient from "../src/PaykkaClient.ts"
import * as Plugin from "../src/Plugin.ts"
import * as RetryPolicy from "../src/RetryPolicy.ts"
import { type Transport, fetches, make, merchId, reasonOf, start } from "./support/client.ts"
import * as JumpClock from "./support/JumpClock.ts"
import { assertKeeps } from "./support/secrets.ts"
import * as TestPlatform from "./support/TestPlatform.ts"

const bytes = Buffer.from("%PDF-1.7\r\n--\r\n\0\xff", "latin1")
const input = {
  meta: { filename: "营业执照.pdf", pages: 2, digits: 1.5 },
  file: { bytes, name: "营业执照.pdf", type: "application/pdf" }
}
const uploaded = { body: '{"file_id":9007199254740993}' }

const upload = (client: PaykkaClient.Service, options?: PaykkaClient.CallOptions) =>
  client.execute(File.upload, input, options)

const parts = ({ received }: TestPlatform.TestPlatform, nth = 0) =>
  (received[nth]?.parts ?? []).map(({ head, body }) => [head, body.toString("latin1")] as const)

const utf8 = (text: string) => Buffer.from(text).toString("latin1")

describe("an upload", () => {
  it.effect("signs the very bytes of its text, and sends the file beside it", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([uploaded])
      assert.deepStrictEqual(yield* upload(client), { file_id: "9007199254740993" } as never)
      assert.deepStrictEqual(platform.refused, [])
      // Path and header of contract/file.yaml.
      assert.strictEqual(platform.received[0]?.target, "/api/file/upload")
      assert.strictEqual(platform.received[0]?.headers["x-merch-id"], merchId)
      assert.strictEqual(platform.received[0]?.headers["content-length"], String(platform.received[0]?.body.length))
      assert.deepStrictEqual(parts(platform), [
        ['Content-Disposition: form-data; name="meta"', utf8('{"filename":"营业执照.pdf","pages":2,"digits":1.5}')],
        [
          'Content-Disposition: form-data; name="file"; filename="营业执照.pdf"\r\nContent-Type: application/pdf',
          bytes.toString("latin1")
        ]
      ])
    })
  )

  it.effect("names and types its parts as the client is told", () =>
    Effect.gen(function* () {
      const overrides = { "file.upload": { metaPart: "data", metaPartType: "application/json", filePart: "document" } }
      const { platform, client } = yield* start([uploaded], { overrides })
      yield* upload(client)
      assert.deepStrictEqual(platform.refused, [])
      assert.deepStrictEqual(
        parts(platform).map(([head]) => head),
        [
          'Content-Disposition: form-data; name="data"\r\nContent-Type: application/json',
          'Content-Disposition: form-data; name="document"; filename="营业执照.pdf"\r\nContent-Type: application/pdf'
        ]
      )
    })
  )

  it.effect("takes extra members of the text, and signs them", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([uploaded])
      yield* upload(client, { extra: { purpose: "licence", nested: [1, null] } })
      assert.deepStrictEqual(platform.refused, [])
      assert.strictEqual(
        parts(platform)[0]?.[1],
        utf8('{"filename":"营业执照.pdf","pages":2,"digits":1.5,"purpose":"licence","nested":[1,null]}')
      )
      const { faults } = reasonOf(yield* Effect.flip(upload(client, { extra: { pages: 3 } })), "InvalidRequest")
      assert.deepStrictEqual(faults, [{ path: "extra.pages", rule: "is given in the input already" }])
    })
  )

  it.effect("is checked before anything is sent", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start()
      const unfit = { meta: {}, file: { bytes: "text", name: "", type: "a/b\r\nX: 1" } }
      const { faults } = reasonOf(yield* Effect.flip(client.execute(File.upload, unfit as never)), "InvalidRequest")
      assert.deepStrictEqual(
        faults.map(({ path }) => path),
        ["file.bytes", "file.name", "file.type"]
      )
      const cyclic = { ...input, meta: { big: 1n } }
      reasonOf(yield* Effect.flip(client.execute(File.upload, cyclic)), "InvalidRequest")
      assert.strictEqual(platform.received.length + platform.refused.length, 0)
    })
  )

  it.effect("is sent again byte for byte, under a signature of its own", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([{ status: 429 }, { body: { ret_code: "010001" } }, uploaded])
      yield* JumpClock.make().run(upload(client))
      assert.deepStrictEqual(platform.refused, [])
      const distinct = (values: ReadonlyArray<unknown>) => new Set(values).size
      const { received } = platform
      assert.strictEqual(received.length, 3)
      assert.strictEqual(distinct(received.map(({ body }) => body.toString("hex"))), 1)
      assert.strictEqual(distinct(received.map(({ headers }) => headers["content-type"])), 1)
      assert.strictEqual(distinct(received.map(({ authorization }) => authorization.nonce)), 3)
      assert.strictEqual(distinct(received.map(({ authorization }) => authorization.signature)), 3)
    })
  )

  it.effect("keeps its bytes, whatever the caller does with his own meanwhile", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([uploaded])
      const own = Buffer.from("original")
      const spoiling: Plugin.Plugin = {
        name: "spoiling",
        attempt: (_, next) => {
          own.fill(0)
          return next
        }
      }
      const call = client.execute(File.upload, { ...input, file: { ...input.file, bytes: own } })
      yield* Effect.provideService(call, Plugin.Current, [spoiling])
      assert.strictEqual(parts(platform)[1]?.[1], "original")
      assert.strictEqual(own[0], 0)
    })
  )

  it.effect("whose answer was lost is in doubt, and nothing can be asked", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start(["reset"])
      const { resolvedBy, key } = reasonOf(yield* Effect.flip(upload(client)), "OutcomeUnknown")
      assert.deepStrictEqual([resolvedBy, key], [null, null])
      assert.strictEqual(platform.received.length, 1)
    })
  )

  it.effect("may be too large for the platform", () =>
    Effect.gen(function* () {
      const { client } = yield* start([{ status: 400, body: { ret_code: "010005", ret_msg: "too large" } }])
      reasonOf(yield* Effect.flip(upload(client)), "FileTooLarge")
    })
  )

  it.effect("keeps the file's name out of errors, also where the text has none", () =>
    Effect.gen(function* () {
      const name = "passport Zhang Wei.pdf"
      const { client } = yield* start([
        { status: 400, body: { ret_code: "010000", ret_msg: `cannot read ${name} of 张伟` } },
        { status: 400, body: `no ${name} please` }
      ])
      const call = client.execute(File.upload, { meta: { owner: "张伟" }, file: { ...input.file, name } })
      const refused = yield* Effect.flip(call)
      assert.strictEqual(refused.retMsg, "cannot read *** of ***")
      assertKeeps(refused, ["Zhang", "passport", "张伟"])
      const unread = yield* Effect.flip(call)
      assert.strictEqual(reasonOf(unread, "UnexpectedResponse").beginning, "no *** please")
      assertKeeps(unread, ["Zhang", "passport", "张伟"])
    })
  )
})

const transports = [
  ...fetches,
  ["undici", NodeHttpClient.layerUndici],
  ["node:http", NodeHttpClient.layerNodeHttp]
] satisfies ReadonlyArray<readonly [string, Transport]>

describe.each(transports)("progress over %s", (_, transport) => {
  const big = { ...input, file: { ...input.file, bytes: new Uint8Array(300_000).fill(7) } }

  it.effect("goes up to the whole, and once more for each attempt", () =>
    Effect.gen(function* () {
      const platform = yield* TestPlatform.make
      platform.answer({ status: 429 }, uploaded)
      const client = yield* make(platform.baseUrl, {}, transport)
      const told: Array<PaykkaClient.Progress> = []
      const onProgress = (progress: PaykkaClient.Progress) => {
        told.push(progress)
      }
      yield* JumpClock.make().run(client.execute(File.upload, big, { onProgress }))
      assert.deepStrictEqual(platform.refused, [])
      const total = platform.received[0]?.body.length ?? 0
      assert.isAbove(total, 300_000)
      assert.strictEqual(platform.received[1]?.body.length, total)
      assert.isTrue(told.every((progress) => progress.total === total))
      const end = told.findIndex(({ sent }) => sent === total)
      const [first, second] = [told.slice(0, end + 1), told.slice(end + 1)]
      for (const attempt of [first, second]) {
        assert.isAbove(attempt.length, 2)
        for (const [index, { sent }] of attempt.entries()) assert.isAbove(sent, attempt[index - 1]?.sent ?? 0)
        assert.strictEqual(attempt.at(-1)?.sent, total)
      }
    })
  )

  it.effect("is of no consequence when its listener throws", () =>
    Effect.gen(function* () {
      const platform = yield* TestPlatform.make
      platform.answer(uploaded)
      const client = yield* make(platform.baseUrl, {}, transport)
      let told = 0
      const onProgress = () => {
        told++
        throw new Error("the listener's own trouble")
      }
      const { file_id } = yield* client.execute(File.upload, big, { onProgress })
      assert.strictEqual(file_id, "9007199254740993")
      assert.deepStrictEqual(platform.refused, [])
      assert.isAbove(told, 2)
    })
  )

  it.effect("is told of JSON too, and of nothing where nothing was sent", () =>
    Effect.gen(function* () {
      const platform = yield* TestPlatform.make
      const client = yield* make(platform.baseUrl, {}, transport)
      const told: Array<PaykkaClient.Progress> = []
      const onProgress = (progress: PaykkaClient.Progress) => {
        told.push(progress)
      }
      yield* client.execute(Va.inquiry, { request_id: "R-1" }, { onProgress })
      assert.deepStrictEqual(platform.refused, [])
      const total = '{"request_id":"R-1"}'.length
      assert.deepStrictEqual(told, [{ sent: total, total }])
      assert.strictEqual(platform.received[0]?.body.length, total)
    })
  )

  it.effect("does not make a refused connection a doubtful one", () =>
    Effect.gen(function* () {
      const client = yield* make(TestPlatform.closedPort, {}, transport)
      const options = { retry: RetryPolicy.none, onProgress: () => undefined }
      const error = yield* Effect.flip(client.execute(File.upload, big, options))
      assert.include(reasonOf(error, "Unreachable").detail, "connection refused")
      assert.isTrue(error.retryable)
    })
  )
})
