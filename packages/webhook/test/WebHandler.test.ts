import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServer from "effect/http/HttpServer"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as WebHandler from "../src/WebHandler.ts"
import * as Webhook from "../src/Webhook.ts"
import { Log, type Message, init, notify, opened, padded, record, secrets, va, verifier, web } from "./support.ts"

describe("WebHandler", () => {
  const url = `https://merchant.test${va.path}`

  const recorded = Effect.gen(function* () {
    const log = new Log()
    const bodies: Array<string> = []
    const webhook = Webhook.make({
      notifications: [va],
      handlers: {
        "va.notification": ({ verified }) => Effect.sync(() => bodies.push(Buffer.from(verified.body).toString("utf8")))
      }
    })
    const handler = yield* Effect.acquireRelease(
      Effect.sync(() => WebHandler.make(webhook, Layer.merge(verifier(), log.layer), { maxBodyBytes: 1000 })),
      ({ dispose }) => Effect.promise(dispose)
    )
    const send = (request: Request) => Effect.promise(() => handler.fetch(request))
    const sendStream = (message: Message, body: ReadableStream<Uint8Array>, headers: Record<string, string> = {}) =>
      send(
        new Request(url, {
          method: "POST",
          headers: { ...message.headers, ...headers },
          body,
          duplex: "half"
        } as RequestInit)
      )
    return { log, bodies, send, sendStream }
  })

  const streamOf = (chunks: Iterable<Uint8Array>) => {
    const seen = { pulled: 0, cancelled: false }
    const iterator = chunks[Symbol.iterator]()
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        const next = iterator.next()
        if (next.done === true) return controller.close()
        seen.pulled++
        controller.enqueue(next.value)
      },
      cancel: () => {
        seen.cancelled = true
      }
    })
    return { seen, stream }
  }

  it.live("a body that comes byte by byte is put together", () =>
    Effect.gen(function* () {
      const { bodies, sendStream } = yield* recorded
      const message = notify('{"data":{"bank_name":"中国🏦"}}')
      const { stream } = streamOf([...message.body].map((byte) => Uint8Array.of(byte)))
      assert.strictEqual((yield* sendStream(message, stream)).status, 200)
      assert.deepStrictEqual(bodies, ['{"data":{"bank_name":"中国🏦"}}'])
    }).pipe(Effect.scoped)
  )

  it.live("an endless body is given up at the limit and cancelled", () =>
    Effect.gen(function* () {
      const { log, bodies, sendStream } = yield* recorded
      const endless = function* () {
        for (;;) yield new Uint8Array(300)
      }
      const { seen, stream } = streamOf(endless())
      const answer = yield* sendStream(notify({}), stream)
      assert.strictEqual(answer.status, 413)
      assert.strictEqual(yield* Effect.promise(() => answer.text()), "{}")
      assert.isTrue(seen.cancelled)
      // Four chunks exceed the limit; the stream itself reads one or two ahead.
      assert.isBelow(seen.pulled, 8)
      assert.include(log.text, "the body is larger than 1000 bytes")
      assert.deepStrictEqual(bodies, [])
    }).pipe(Effect.scoped)
  )

  it.live("a content-length over the limit is refused before the body is read", () =>
    Effect.gen(function* () {
      const { sendStream } = yield* recorded
      const { seen, stream } = streamOf([new Uint8Array(10), new Uint8Array(10), new Uint8Array(10)])
      assert.strictEqual((yield* sendStream(notify({}), stream, { "content-length": "1001" })).status, 413)
      assert.isBelow(seen.pulled, 2)
      const exact = notify(padded(1000))
      const { stream: body } = streamOf([exact.body])
      assert.strictEqual((yield* sendStream(exact, body, { "content-length": "1000" })).status, 200)
    }).pipe(Effect.scoped)
  )

  it.live("a body that breaks off is 400", () =>
    Effect.gen(function* () {
      const { log, bodies, send, sendStream } = yield* recorded
      const message = notify(opened())
      const stream = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(message.body.subarray(0, 20)),
        pull: (controller) => controller.error(new Error(secrets.account_no))
      })
      const answer = yield* sendStream(message, stream)
      assert.strictEqual(answer.status, 400)
      assert.strictEqual(yield* Effect.promise(() => answer.text()), "{}")
      assert.include(log.text, "the body could not be read to its end")
      assert.notInclude(log.text, secrets.account_no)
      assert.strictEqual((yield* send(new Request(url, init(notify({}))))).status, 200)
      assert.deepStrictEqual(bodies, ["{}"])
    }).pipe(Effect.scoped)
  )

  it.live("a body that somebody has read before is 500, with the reason in the log", () =>
    Effect.gen(function* () {
      const { log, send } = yield* recorded
      const request = new Request(url, init(notify(opened())))
      yield* Effect.promise(() => request.json())
      assert.strictEqual((yield* send(request)).status, 500)
      assert.include(log.text, "the body was read before")
    }).pipe(Effect.scoped)
  )

  it.live("a request without a body is verified as an empty one", () =>
    Effect.gen(function* () {
      const webhook = yield* record(web)
      assert.strictEqual((yield* webhook.send(notify(""))).status, 200)
      assert.strictEqual(webhook.unknown[0]!.detail, "the body is empty")
      const { send } = yield* recorded
      const { headers } = notify("")
      assert.strictEqual((yield* send(new Request(url, { method: "POST", headers }))).status, 200)
    }).pipe(Effect.scoped)
  )

  it.live("a body over the limit ends, though its other half is never read; one that is locked is told", () =>
    Effect.gen(function* () {
      const webhook = Webhook.make({ notifications: [va], handlers: { "va.notification": () => Effect.void } })
      const log = new Log()
      const { fetch, dispose } = WebHandler.make(webhook, Layer.merge(verifier(), log.layer), { maxBodyBytes: 1000 })
      yield* Effect.addFinalizer(() => Effect.promise(dispose))
      const chunks = () =>
        new ReadableStream<Uint8Array>({
          pull: (controller) => {
            controller.enqueue(new Uint8Array(600))
          }
        })
      const large = new Request(url, { method: "POST", body: chunks(), duplex: "half" } as RequestInit)
      assert.strictEqual((yield* Effect.promise(() => fetch(large.clone()))).status, 413)
      const locked = new Request(url, { method: "POST", body: "{}" })
      locked.body?.getReader()
      assert.strictEqual((yield* Effect.promise(() => fetch(locked))).status, 500)
      assert.include(log.text, "the body was read before")
    }).pipe(Effect.scoped)
  )

  it.live("receive answers what a framework has read, and refuses what it has parsed", () =>
    Effect.gen(function* () {
      const log = new Log()
      const bodies: Array<Uint8Array> = []
      const webhook = Webhook.make({
        notifications: [va],
        handlers: { "va.notification": ({ verified }) => Effect.sync(() => bodies.push(verified.body)) }
      })
      const { receive, dispose } = WebHandler.make(webhook, Layer.merge(verifier(), log.layer), { maxBodyBytes: 1000 })
      const message = notify(opened())
      const { path, headers, body } = message
      const parts = [
        { path: `${path}?x=1`, headers, body },
        { path, headers, body: JSON.parse(Buffer.from(body).toString()) as never },
        { path, headers, body: new Uint8Array(1001) },
        { path, headers: { ...headers, authorization: "x" }, body }
      ]
      const statuses: Array<number> = []
      for (const each of parts) statuses.push((yield* Effect.promise(() => receive(each))).status)
      assert.deepStrictEqual(statuses, [200, 500, 413, 400])
      assert.deepStrictEqual(bodies, [body])
      assert.include(log.text, "the body is not bytes (a parsed value?)")
      yield* Effect.promise(dispose)
    })
  )

  it.live("handle answers inside a program of its own", () =>
    Effect.gen(function* () {
      const webhook = yield* Webhook.make({ notifications: [va], handlers: { "va.notification": () => Effect.void } })
      const handle = WebHandler.handle(webhook, { maxBodyBytes: 100 })
      const statuses: Array<number> = []
      for (const message of [notify({}), notify({}, { signedPath: "/x" }), notify(padded(101))]) {
        const response = yield* handle(new Request(url, init(message)))
        assert.strictEqual(yield* Effect.promise(() => response.text()), "{}")
        assert.strictEqual(response.headers.get("content-type"), "application/json")
        statuses.push(response.status)
      }
      statuses.push((yield* handle(new Request(url))).status)
      assert.deepStrictEqual(statuses, [200, 401, 413, 405])
    }).pipe(Effect.provide(Layer.merge(verifier(), new Log().layer)))
  )

  it.live("handle is a route of Effect's own router", () =>
    Effect.gen(function* () {
      const bodies: Array<string> = []
      const routes = HttpRouter.use(
        Effect.fnUntraced(function* (router) {
          const webhook = yield* Webhook.make({
            notifications: [va],
            paths: { "va.notification": ["/hooks/va"] },
            handlers: {
              "va.notification": ({ verified }) => Effect.sync(() => bodies.push(Buffer.from(verified.body).toString()))
            }
          })
          yield* router.add("POST", "/hooks/va", (request) =>
            HttpServerRequest.toWeb(request).pipe(
              Effect.flatMap(WebHandler.handle(webhook)),
              Effect.map(HttpServerResponse.fromWeb)
            )
          )
        })
      )
      const layer = routes.pipe(Layer.provide([verifier(), HttpServer.layerServices]))
      const { handler, dispose } = HttpRouter.toWebHandler(layer, { disableLogger: true })
      const text = '\uFEFF{"data":\r\n{"bank_name":"中国🏦"}}\r\n'
      const message = notify(text, { path: "/hooks/va?x=1", signedPath: "/hooks/va" })
      const taken = yield* Effect.promise(() =>
        handler(new Request(`https://merchant.test${message.path}`, init(message)))
      )
      assert.strictEqual(taken.status, 200)
      assert.strictEqual(taken.headers.get("content-type"), "application/json")
      assert.strictEqual(yield* Effect.promise(() => taken.text()), "{}")
      assert.deepStrictEqual(bodies, [text])
      yield* Effect.promise(dispose)
    })
  )
})
