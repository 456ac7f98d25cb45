/** Uploads over real HTTP, to a platform that verifies the signature over the bytes of `meta` as they arrived. */
import * as Crypto from "node:crypto"
import * as PaykkaClient from "@paykka/core/PaykkaClient"
import type { PaykkaError } from "@paykka/core/PaykkaError"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Client from "../../core/test/support/client.ts"
import * as Domain from "../../core/test/support/domain.ts"
import * as JumpClock from "../../core/test/support/JumpClock.ts"
import { assertKeeps } from "../../core/test/support/secrets.ts"
import * as TestPlatform from "../../core/test/support/TestPlatform.ts"
import * as FileService from "../src/File.ts"
import { samples } from "./samples.ts"

const pdf = samples["application/pdf"]
const uploaded = { body: '{"file_id":9007199254740993}' }
const sha256 = (bytes: Uint8Array) => Crypto.createHash("sha256").update(bytes).digest("hex")

/** A service over a client and a platform that answers as told. */
const start = Effect.fnUntraced(function* (
  answers: ReadonlyArray<TestPlatform.Answer> = [uploaded],
  options: Partial<PaykkaClient.Options> = {},
  layer = FileService.layer
) {
  const { platform, client } = yield* Client.start(answers, options)
  return { platform, upload: yield* over(client, layer) }
})

const over = (client: PaykkaClient.Service, layer = FileService.layer) =>
  Layer.build(Layer.provide(layer, Layer.succeed(PaykkaClient.PaykkaClient, client))).pipe(
    Effect.map((context) => Context.get(context, FileService.File).upload)
  )

/** What arrived: the text, the head of the file's part, and the file. */
const arrived = (platform: TestPlatform.TestPlatform, nth = 0) => {
  assert.deepStrictEqual(platform.refused, [])
  const [meta, file] = platform.received[nth]?.parts ?? []
  if (meta === undefined || file === undefined) return assert.fail("nothing has arrived")
  return { meta: meta.body.toString(), head: file.head, bytes: new Uint8Array(file.body) }
}

/** A stream of the given pieces that notes how it is treated. */
const streamOf = (pieces: Iterable<unknown>) => {
  const seen = { pulled: 0, cancelled: false }
  const rest = pieces[Symbol.iterator]()
  const stream = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        seen.pulled++
        const { done, value } = rest.next()
        if (done === true) controller.close()
        else controller.enqueue(value as Uint8Array)
      },
      cancel: () => {
        seen.cancelled = true
      }
    },
    { highWaterMark: 0 }
  )
  return { stream, seen }
}

/** Much longer than the limits here; where none of these holds, the test fails and does not fill the memory. */
const long = function* () {
  for (let pieces = 0; pieces < 100; pieces++) yield new Uint8Array(1000)
}

const faultsOf = (upload: Effect.Effect<unknown, PaykkaError>) => Effect.map(Effect.flip(upload), Domain.faults)

describe("upload", () => {
  it.effect("sends the file and signs the JSON text about it", () =>
    Effect.gen(function* () {
      const { platform, upload } = yield* start()
      const result: FileService.Uploaded = yield* upload(pdf, { name: "营业执照.pdf" })
      assert.deepStrictEqual(result, {
        file_id: "9007199254740993",
        name: "营业执照.pdf",
        size: pdf.length,
        type: "application/pdf",
        sha256: sha256(pdf)
      } as never)
      const { meta, head, bytes } = arrived(platform)
      assert.strictEqual(meta, `{"filename":"营业执照.pdf","sha256":"${sha256(pdf)}"}`)
      assert.strictEqual(
        head,
        'Content-Disposition: form-data; name="file"; filename="营业执照.pdf"\r\nContent-Type: application/pdf'
      )
      assert.deepStrictEqual(bytes, pdf)
      // Path and header of contract/file.yaml.
      assert.strictEqual(platform.received[0]?.target, "/api/file/upload")
      assert.strictEqual(platform.received[0]?.headers["x-merch-id"], Client.merchId)
    })
  )

  it.effect("takes bytes, blobs, files and streams alike", () =>
    Effect.gen(function* () {
      const { platform, upload } = yield* start()
      const name = "a.pdf"
      const big = new Uint8Array([...pdf, ...Crypto.randomBytes(200_000)])
      const inPieces = () =>
        streamOf([big.subarray(0, 1), new Uint8Array(), big.subarray(1, 70_000), big.subarray(70_000)])
      const whole = { name, size: big.length, type: "application/pdf", sha256: sha256(big) }
      for (const { file_id, ...facts } of [
        yield* upload(big, { name }),
        yield* upload(Buffer.from(big), { name }),
        yield* upload(new Blob([big]), { name }),
        yield* upload(new File([big], name)),
        yield* upload(new File([big], "another.pdf"), { name }),
        yield* upload(inPieces().stream, { name }),
        yield* upload(new Blob([big]).stream(), { name })
      ]) {
        assert.strictEqual(file_id, "9007199254740993")
        assert.deepStrictEqual(facts, whole)
      }
      assert.strictEqual(platform.received.length, 7)
      for (const [nth] of platform.received.entries()) assert.deepStrictEqual(arrived(platform, nth).bytes, big)
    })
  )

  it.effect("leaves a stream that was read to its end, unlocked and not cancelled", () =>
    Effect.gen(function* () {
      const { upload } = yield* start()
      const { stream, seen } = streamOf([pdf])
      yield* upload(stream, { name: "a.pdf" })
      assert.deepStrictEqual([stream.locked, seen.cancelled], [false, false])
    })
  )

  it.effect("digests what it sends, whatever the caller does with his bytes meanwhile", () =>
    Effect.gen(function* () {
      const { platform, upload } = yield* start()
      const own = Buffer.from(pdf)
      const spoil = () => {
        own.fill(0)
      }
      const facts = yield* upload(own, { name: "a.pdf", onProgress: () => queueMicrotask(spoil) })
      assert.strictEqual(facts.sha256, sha256(pdf))
      assert.deepStrictEqual(arrived(platform).bytes, pdf)
      assert.strictEqual(own[0], 0)
    })
  )

  it.effect("tells the type by the content, or as it is told", () =>
    Effect.gen(function* () {
      const { platform, upload } = yield* start()
      const csv = new Blob(["a,b\n"], { type: "text/csv" })
      const types = [
        (yield* upload(new File([samples["image/png"]], "a.pdf", { type: "application/pdf" }))).type,
        (yield* upload(csv, { name: "a.csv" })).type,
        (yield* upload(csv, { name: "a.csv", type: "text/plain" })).type,
        (yield* upload(pdf, { name: "a.csv", type: "text/plain" })).type
      ]
      assert.deepStrictEqual(types, ["image/png", "text/csv", "text/plain", "text/plain"])
      for (const [nth, type] of types.entries()) {
        assert.match(arrived(platform, nth).head, new RegExp(`\r\nContent-Type: ${type}$`))
      }
    })
  )

  it.effect("names parts as the client is told, and says of the file what it is told, by layer or call", () =>
    Effect.gen(function* () {
      const overrides = { "file.upload": { metaPart: "data", metaPartType: "application/json", filePart: "document" } }
      const layer = FileService.layerWith({ meta: ({ name, size, type }) => ({ file_name: name, size, type }) })
      const { platform, upload } = yield* start([uploaded], { overrides }, layer)
      yield* upload(pdf, { name: "a.pdf", extra: { purpose: "licence" } })
      yield* upload(pdf, { name: "a.pdf", meta: () => ({}), merchId: "M2" })
      assert.deepStrictEqual(
        [arrived(platform, 0).meta, arrived(platform, 1).meta],
        [`{"file_name":"a.pdf","size":${pdf.length},"type":"application/pdf","purpose":"licence"}`, "{}"]
      )
      assert.deepStrictEqual(
        platform.received.map(({ parts, headers }) => [headers["x-merch-id"], ...parts.map(({ head }) => head)]),
        [Client.merchId, "M2"].map((merchId) => [
          merchId,
          'Content-Disposition: form-data; name="data"\r\nContent-Type: application/json',
          'Content-Disposition: form-data; name="document"; filename="a.pdf"\r\nContent-Type: application/pdf'
        ])
      )
    })
  )
})

describe("what cannot be uploaded", () => {
  const limit = "source: is larger than 4096 bytes, the limit (maxBytes)"

  it.effect("is refused by field and rule, before anything is sent", () =>
    Effect.gen(function* () {
      const { platform, upload } = yield* start()
      for (const [call, faults] of [
        [upload(new Uint8Array(), { name: "a.pdf" }), ["source: is empty"]],
        [upload(new Blob([]), { name: "a.pdf" }), ["source: is empty"]],
        [upload(streamOf([]).stream, { name: "a.pdf" }), ["source: is empty"]],
        [upload(new Uint8Array(4097), { name: "a.pdf", maxBytes: 4096 }), [limit]],
        [upload(new Blob([new Uint8Array(4097)]), { name: "a.pdf", maxBytes: 4096 }), [limit]],
        [upload(pdf, { name: "" }), ["name: is missing: only a File has one of its own"]],
        [upload(new File([pdf], "")), ["name: is missing: only a File has one of its own"]],
        [upload(pdf, { name: "folder/a.pdf" }), ["name: must be without folders and control characters"]],
        [upload(pdf, { name: "folder\\a.pdf" }), ["name: must be without folders and control characters"]],
        [upload(pdf, { name: "a\n.pdf" }), ["name: must be without folders and control characters"]],
        [
          upload(pdf, { name: "", maxBytes: Number.NaN }),
          ["name: is missing: only a File has one of its own", "maxBytes: must be more than zero"]
        ],
        [
          upload(new Blob(["text"]), { name: "a.txt", type: "text" }),
          ["file.type: must be a media type, such as application/pdf"]
        ],
        [
          upload("text" as never, { name: "a.txt" }),
          ["source: must be bytes (Uint8Array), a Blob, a File or a web stream (ReadableStream)"]
        ],
        [upload(streamOf(["text"]).stream, { name: "a.txt" }), ["source: must be a stream of bytes (Uint8Array)"]]
      ] as const) {
        assert.deepStrictEqual(yield* faultsOf(call), faults)
      }
      // @ts-expect-error bytes have no name of their own
      assert.isFunction(() => upload(pdf))
      // @ts-expect-error nor has a blob, whatever else it is told
      assert.isFunction(() => upload(new Blob([pdf]), { type: "application/pdf" }))
      assert.strictEqual(platform.received.length + platform.refused.length, 0)
    })
  )

  it.effect("may be as large as the limit, of the layer or the call, by default 10 MiB", () =>
    Effect.gen(function* () {
      const { platform, upload } = yield* start([uploaded], {}, FileService.layerWith({ maxBytes: 4096 }))
      const name = "a.bin"
      yield* upload(new Uint8Array(4096), { name })
      assert.deepStrictEqual(yield* faultsOf(upload(new Uint8Array(4097), { name })), [limit])
      yield* upload(new Uint8Array(4097), { name, maxBytes: Infinity })
      assert.strictEqual(platform.received.length, 2)
      const standard = yield* start()
      yield* standard.upload(new Uint8Array(10_485_760), { name })
      assert.deepStrictEqual(yield* faultsOf(standard.upload(new Uint8Array(10_485_761), { name })), [
        "source: is larger than 10485760 bytes, the limit (maxBytes)"
      ])
    })
  )

  it.effect("is stopped and cancelled as soon as it is too long", () =>
    Effect.gen(function* () {
      const { platform, upload } = yield* start()
      const { stream, seen } = streamOf(long())
      assert.deepStrictEqual(yield* faultsOf(upload(stream, { name: "a.pdf", maxBytes: 4096 })), [limit])
      assert.deepStrictEqual([seen.pulled, seen.cancelled, stream.locked], [5, true, false])
      assert.strictEqual(platform.received.length, 0)
    })
  )

  it.effect("does not wait for a stream that takes its time to be cancelled", () =>
    Effect.gen(function* () {
      const { upload } = yield* start()
      const stream = new ReadableStream<Uint8Array>({
        start: (controller) => {
          controller.enqueue(new Uint8Array(5000))
        },
        cancel: () => new Promise(() => undefined)
      })
      assert.deepStrictEqual(yield* faultsOf(upload(stream, { name: "a.pdf", maxBytes: 4096 })), [limit])
    })
  )

  it.effect("is a stream that fails or is another's, told without its message", () =>
    Effect.gen(function* () {
      const { platform, upload } = yield* start()
      const failing = new ReadableStream<Uint8Array>({
        pull: (controller) => {
          controller.error(new TypeError("GET https://store.example/passport-zhang-wei"))
        }
      })
      const error = yield* Effect.flip(upload(failing, { name: "a.pdf" }))
      assert.deepStrictEqual(Domain.faults(error), ["source: cannot be read to its end (TypeError)"])
      assertKeeps(error, ["store.example", "zhang"])
      const { stream } = streamOf([pdf])
      const reader = stream.getReader()
      assert.deepStrictEqual(yield* faultsOf(upload(stream, { name: "a.pdf" })), [
        "source: is locked: another reader has it"
      ])
      assert.strictEqual((yield* Effect.promise(() => reader.read())).value, pdf)
      assert.strictEqual(platform.received.length, 0)
    })
  )

  it.effect("is let go of when the program gives up", () =>
    Effect.gen(function* () {
      const { platform, upload } = yield* start()
      const reading = yield* Deferred.make<void>()
      const { promise: cancelled, resolve } = Promise.withResolvers<void>()
      const source: UnderlyingDefaultSource<Uint8Array> = {
        pull: () => {
          Deferred.doneUnsafe(reading, Effect.void)
          return new Promise(() => undefined)
        },
        cancel: () => {
          resolve()
        }
      }
      const stuck = new ReadableStream(source, { highWaterMark: 0 })
      const fiber = yield* Effect.forkChild(upload(stuck, { name: "a.pdf" }))
      yield* Deferred.await(reading)
      yield* Fiber.interrupt(fiber)
      yield* Effect.promise(() => cancelled)
      assert.isFalse(stuck.locked)
      assert.strictEqual(platform.received.length, 0)
    })
  )
})

describe("progress", () => {
  const big = new Uint8Array([...pdf, ...new Uint8Array(200_000)])

  const watch = () => {
    const told: Array<FileService.Progress> = []
    const onProgress = (progress: FileService.Progress) => {
      told.push(progress)
    }
    return { told, onProgress }
  }

  it.effect("tells of reading and then of sending, each up to its end", () =>
    Effect.gen(function* () {
      const { platform, upload } = yield* start()
      for (const [source, total, steps] of [
        [big, big.length, 1],
        [new Blob([big]), big.length, 1],
        [streamOf([big.subarray(0, 1), big.subarray(1)]).stream, undefined, 2]
      ] as const) {
        const { told, onProgress } = watch()
        yield* upload(source, { name: "a.pdf", onProgress })
        const phases = told.map(({ phase }) => phase)
        assert.deepStrictEqual(phases, phases.toSorted())
        const read = told.filter(({ phase }) => phase === "read")
        const sent = told.filter(({ phase }) => phase === "sent")
        assert.isAtLeast(read.length, steps)
        assert.isAbove(sent.length, 1)
        assert.isTrue(read.every((progress) => progress.total === total))
        assert.strictEqual(read.at(-1)?.bytes, big.length)
        assert.deepStrictEqual(sent.at(-1)?.bytes, platform.received.at(-1)?.body.length)
        for (const each of [read, sent]) {
          for (const [index, { bytes }] of each.entries()) assert.isAbove(bytes, each[index - 1]?.bytes ?? 0)
        }
      }
      assert.strictEqual(platform.received.length, 3)
      assert.deepStrictEqual(platform.refused, [])
    })
  )

  it.effect("does not end an upload when the listener throws", () =>
    Effect.gen(function* () {
      const { platform, upload } = yield* start()
      let told = 0
      const onProgress = () => {
        told++
        throw new Error("the listener's own trouble")
      }
      const { file_id } = yield* upload(new Blob([big]), { name: "a.pdf", onProgress })
      assert.strictEqual(file_id, "9007199254740993")
      assert.deepStrictEqual(arrived(platform).bytes, big)
      assert.isAbove(told, 2)
    })
  )

  it.effect("costs the length of the request only where it is wanted", () =>
    Effect.gen(function* () {
      const { platform, upload } = yield* start()
      yield* upload(pdf, { name: "a.pdf" })
      yield* upload(pdf, { name: "a.pdf", onProgress: () => undefined })
      const [plain, watched] = platform.received
      assert.strictEqual(plain?.headers["content-length"], String(plain?.body.length))
      assert.isUndefined(watched?.headers["content-length"])
    })
  )
})

describe("an upload that meets trouble", () => {
  it.effect("is sent again byte for byte where nothing was processed, from a stream that is read once", () =>
    Effect.gen(function* () {
      const { platform, upload } = yield* start([{ status: 429 }, { body: { ret_code: "010001" } }, uploaded])
      const { stream } = streamOf([pdf])
      yield* JumpClock.make().run(upload(stream, { name: "a.pdf" }))
      assert.deepStrictEqual(platform.refused, [])
      const distinct = (of: (received: TestPlatform.Received) => string) => new Set(platform.received.map(of)).size
      assert.strictEqual(platform.received.length, 3)
      assert.strictEqual(
        distinct(({ body }) => body.toString("hex")),
        1
      )
      assert.strictEqual(
        distinct(({ authorization }) => authorization.signature),
        3
      )
    })
  )

  it.effect("is sent again byte for byte after a refused connection", () =>
    Effect.gen(function* () {
      const platform = yield* TestPlatform.make
      platform.answer(uploaded)
      const bodies: Array<string> = []
      const authorizations: Array<string | null> = []
      // The first request meets a port where nobody listens.
      const fetching: typeof fetch = (url, init) => {
        bodies.push(Buffer.from(init?.body as Uint8Array).toString("hex"))
        authorizations.push(new Headers(init?.headers).get("authorization"))
        return fetch(bodies.length === 1 ? TestPlatform.closedPort : url, init)
      }
      const transport = Layer.provideMerge(FetchHttpClient.layer, Layer.succeed(FetchHttpClient.Fetch, fetching))
      const upload = yield* over(yield* Client.make(platform.baseUrl, {}, transport))
      yield* JumpClock.make().run(upload(pdf, { name: "a.pdf" }))
      assert.deepStrictEqual(arrived(platform).bytes, pdf)
      assert.strictEqual(bodies.length, 2)
      assert.strictEqual(new Set(bodies).size, 1)
      assert.strictEqual(new Set(authorizations).size, 2)
      assert.strictEqual(platform.received[0]?.body.toString("hex"), bodies[0])
    })
  )

  it.effect("is in doubt when the answer was lost: it is not sent again, and nothing can be asked", () =>
    Effect.gen(function* () {
      const { platform, upload } = yield* start(["reset"])
      const error = yield* Effect.flip(upload(pdf, { name: "passport Zhang Wei.pdf" }))
      assert.deepStrictEqual(Domain.doubt(error), { resolvedBy: null, key: null })
      assert.isFalse(error.retryable)
      assert.strictEqual(platform.received.length, 1)
      assertKeeps(error, ["Zhang", sha256(pdf)])
    })
  )

  it.effect("is told by the platform that it is too large", () =>
    Effect.gen(function* () {
      const ret_msg = "passport Zhang Wei.pdf is too large"
      const { upload } = yield* start([{ status: 400, body: { ret_code: "010005", ret_msg } }])
      // With a meta that does not have the name.
      const error = yield* Effect.flip(upload(pdf, { name: "passport Zhang Wei.pdf", meta: () => ({}) }))
      assert.strictEqual(error.reason._tag, "FileTooLarge")
      assert.strictEqual(error.retMsg, "*** is too large")
    })
  )
})
