import type { ServerResponse } from "node:http"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Node from "../src/node.ts"
import * as Webhook from "../src/Webhook.ts"
import {
  Log,
  head,
  init,
  node,
  notify,
  opened,
  padded,
  raw,
  readAnswer,
  record,
  secrets,
  serve,
  statusOf,
  va,
  verifier,
  whole
} from "./support.ts"

const start = (maxBodyBytes?: number) =>
  Effect.map(record(node, maxBodyBytes === undefined ? {} : { maxBodyBytes }), (webhook) => ({
    ...webhook,
    port: webhook.port!,
    /** The next notification is taken. */
    assertServes: Effect.gen(function* () {
      const before = webhook.events.length
      assert.strictEqual((yield* webhook.send(notify({}))).status, 200)
      assert.strictEqual(webhook.events.length, before + 1)
    })
  }))

/** Waits until something is so; the test's time limit is the only one. */
const until = (holds: () => boolean): Effect.Effect<void> =>
  Effect.suspend(() => (holds() ? Effect.void : Effect.andThen(Effect.sleep(1), until(holds))))

const chunk = (content: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`${content.length.toString(16)}\r\n`), content, Buffer.from("\r\n")])

describe("node: the wire", () => {
  it.live("the acknowledgement", () =>
    Effect.gen(function* () {
      const { port } = yield* start()
      const received = yield* raw(port, (socket) => {
        socket.write(whole(notify(opened()), { Connection: "close" }))
      })
      const [top, body] = received.split("\r\n\r\n")
      assert.strictEqual(body, "{}")
      const [status, ...headers] = top!.split("\r\n")
      assert.strictEqual(status, "HTTP/1.1 200 OK")
      assert.deepStrictEqual(headers.filter((line) => !line.startsWith("Date: ")).toSorted(), [
        "Connection: close",
        "Content-Length: 2",
        "Content-Type: application/json"
      ])
    }).pipe(Effect.scoped)
  )

  it.live("several notifications over one connection", () =>
    Effect.gen(function* () {
      const { port, events } = yield* start()
      const received = yield* raw(port, (socket) => {
        for (const Connection of ["keep-alive", "keep-alive", "close"]) socket.write(whole(notify({}), { Connection }))
      })
      assert.strictEqual(received.match(/HTTP\/1\.1 200 OK/g)?.length, 3)
      assert.strictEqual(events.length, 3)
    }).pipe(Effect.scoped)
  )

  it.live("a sender that waits for 100 Continue", () =>
    Effect.gen(function* () {
      const { port, events } = yield* start()
      const message = notify(opened())
      const received = yield* raw(port, (socket) => {
        const headers = { ...message.headers, "Content-Length": message.body.length, Expect: "100-continue" }
        socket.write(head(va.path, { ...headers, Connection: "close" }))
        socket.once("data", () => socket.write(message.body))
      })
      assert.match(received, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/)
      assert.strictEqual(events.length, 1)
    }).pipe(Effect.scoped)
  )

  it.live("names of headers in any case", () =>
    Effect.gen(function* () {
      const { port, events } = yield* start()
      const { headers, ...message } = notify(opened())
      const upper = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]))
      const received = yield* raw(port, (socket) => {
        socket.write(whole({ ...message, headers: upper }, { Connection: "close" }))
      })
      assert.strictEqual(statusOf(received), 200)
      assert.strictEqual(events.length, 1)
    }).pipe(Effect.scoped)
  )

  it.live("the path counts as it was sent", () =>
    Effect.gen(function* () {
      const { port, events } = yield* start()
      const targets = [
        ["/hooks/../a/./va", "/hooks/../a/./va"],
        ["/hooks/%E4%B8%AD%2f/{va}|", "/hooks/%E4%B8%AD%2f/{va}|"],
        ["/hooks/va?x=/y&z=//h", "/hooks/va"],
        ["http://merchant.test/hooks/va?x=1", "/hooks/va"]
      ] as const
      for (const [target, path] of targets) {
        const message = { ...notify(opened(), { signedPath: path }), path: target }
        const received = yield* raw(port, (socket) => {
          socket.write(whole(message, { Connection: "close" }))
        })
        assert.strictEqual(statusOf(received), 200, target)
        assert.strictEqual(events.at(-1)!.verified.path, path)
      }
    }).pipe(Effect.scoped)
  )

  it.live("targets that are no path are refused like any other forgery", () =>
    Effect.gen(function* () {
      const { port, log, events, assertServes } = yield* start()
      // `//x/hooks/va` is a path to HTTP; resolved as a URL it would turn into the host x and another path.
      for (const target of ["//", "//[", "http://[", "*", "//x/hooks/va", "/%zz", `/${"x".repeat(4000)}`]) {
        const before = log.entries.length
        const message = { ...notify(opened(), { signedPath: "/hooks/va" }), path: target }
        const received = yield* raw(port, (socket) => {
          socket.write(whole(message, { Connection: "close" }))
        })
        assert.strictEqual(statusOf(received), 401, target)
        assert.isTrue(received.endsWith("\r\n\r\n{}"), target)
        assert.strictEqual(log.entries.length, before + 1, target)
      }
      assert.deepStrictEqual(events, [])
      yield* assertServes
    }).pipe(Effect.scoped)
  )
})

describe("node: bodies", () => {
  it.live("byte by byte, in chunks, up to the limit", () =>
    Effect.gen(function* () {
      const message = notify('{"data":{"bank_name":"中国🏦"}}')
      const { port, events } = yield* start(message.body.length)
      const received = yield* raw(port, (socket) => {
        socket.setNoDelay(true)
        socket.write(head(va.path, { ...message.headers, Connection: "close", "Transfer-Encoding": "chunked" }))
        for (const byte of message.body) socket.write(chunk(Uint8Array.of(byte)))
        socket.write("0\r\n\r\n")
      })
      assert.strictEqual(statusOf(received), 200)
      assert.deepStrictEqual(Buffer.from(events[0]!.verified.body), Buffer.from(message.body))
    }).pipe(Effect.scoped)
  )

  it.live("chunks that exceed the limit are 413", () =>
    Effect.gen(function* () {
      const { port, log, events, assertServes } = yield* start(1000)
      const message = notify(padded(1001))
      const received = yield* raw(port, (socket) => {
        socket.write(head(va.path, { ...message.headers, "Transfer-Encoding": "chunked" }))
        socket.write(chunk(message.body.subarray(0, 1000)))
        // Its end never comes, and need not.
        socket.write(chunk(message.body.subarray(1000)))
      })
      assert.strictEqual(statusOf(received), 413)
      assert.isTrue(received.endsWith("\r\n\r\n{}"))
      assert.include(log.text, "the body is larger than 1000 bytes")
      assert.deepStrictEqual(events, [])
      yield* assertServes
    }).pipe(Effect.scoped)
  )

  it.live("a sender that never ends is cut off", () =>
    Effect.gen(function* () {
      const { port, log, assertServes } = yield* start(1000)
      yield* raw(port, (socket) => {
        socket.write(head(va.path, { "Transfer-Encoding": "chunked" }))
        const more = (): void => {
          if (socket.destroyed || socket.writableEnded) return
          socket.write(chunk(new Uint8Array(500)), () => setImmediate(more))
        }
        more()
      })
      assert.include(log.text, "the body is larger than 1000 bytes")
      yield* assertServes
    }).pipe(Effect.scoped)
  )

  it.live("a content-length over the limit is 413 before the body comes", () =>
    Effect.gen(function* () {
      const { port, log, assertServes } = yield* start(1000)
      const received = yield* raw(port, (socket) => {
        socket.write(head(va.path, { ...notify(opened()).headers, "Content-Length": 1001 }))
      })
      assert.strictEqual(statusOf(received), 413)
      assert.match(received, /\r\nConnection: close\r\n/)
      assert.isTrue(received.endsWith("\r\n\r\n{}"))
      assert.include(log.text, "the body is larger than 1000 bytes")
      yield* assertServes
    }).pipe(Effect.scoped)
  )

  it.live("an upload that is aborted, or reset, is given up", () =>
    Effect.gen(function* () {
      const { port, log, events, assertServes } = yield* start()
      const message = notify(opened())
      for (const leave of ["end", "destroy", "resetAndDestroy"] as const) {
        const before = log.entries.length
        yield* raw(port, (socket) => {
          socket.write(whole(message).subarray(0, -10), () => socket[leave]())
        })
        yield* until(() => log.entries.length > before)
        assert.include(log.entries.at(-1), "the body could not be read to its end")
        yield* assertServes
      }
      assert.notInclude(log.text, secrets.account_no)
      assert.strictEqual(events.length, 3)
    }).pipe(Effect.scoped)
  )

  it.live("a sender that leaves while the handler runs does not disturb it", () =>
    Effect.gen(function* () {
      const log = new Log()
      const running = yield* Deferred.make<void>()
      const left = yield* Deferred.make<void>()
      let handled = 0
      const webhook = Webhook.make({
        notifications: [va],
        handlers: {
          "va.notification": () =>
            Deferred.succeed(running, undefined).pipe(
              Effect.andThen(Deferred.await(left)),
              Effect.andThen(
                Effect.sync(() => {
                  handled++
                })
              )
            )
        }
      })
      const { port, send } = yield* node.start(webhook, Layer.merge(verifier(), log.layer))
      const context = yield* Effect.context()
      yield* raw(port!, (socket) => {
        socket.write(whole(notify(opened())))
        Effect.runForkWith(context)(
          Effect.andThen(
            Deferred.await(running),
            Effect.sync(() => socket.resetAndDestroy())
          )
        )
      })
      yield* Deferred.succeed(left, undefined)
      yield* until(() => handled === 1)
      assert.strictEqual((yield* send(notify({}))).status, 200)
      assert.strictEqual(handled, 2)
      assert.deepStrictEqual(log.entries, [])
    }).pipe(Effect.scoped)
  )
})

describe("node: a server with other ideas", () => {
  it.live("a body that a parser has read before is 500, with the reason in the log", () =>
    Effect.gen(function* () {
      const log = new Log()
      const webhook = Webhook.make({
        notifications: [va],
        handlers: { "va.notification": () => Effect.die(new Error("not to be called")) }
      })
      const { listener } = Node.make(webhook, Layer.merge(verifier(), log.layer))
      const port = yield* serve((request, response) => {
        request.once("end", () => listener(request, response)).resume()
      })
      const answer = yield* Effect.promise(async () =>
        readAnswer(await fetch(`http://127.0.0.1:${port}${va.path}`, init(notify(opened()))))
      )
      assert.deepStrictEqual([answer.status, answer.body], [500, "{}"])
      assert.include(log.text, "the body was read before")
      assert.notInclude(log.text, secrets.account_no)
      assert.strictEqual(log.entries.length, 1)
    }).pipe(Effect.scoped)
  )

  it.live("an answer that a timeout has given stands", () =>
    Effect.gen(function* () {
      const running = yield* Deferred.make<ServerResponse>()
      const answered = yield* Deferred.make<void>()
      const handled = yield* Deferred.make<void>()
      let current: ServerResponse | undefined
      const webhook = Webhook.make({
        notifications: [va],
        handlers: {
          "va.notification": () =>
            Deferred.succeed(running, current!).pipe(
              Effect.andThen(Deferred.await(answered)),
              Effect.andThen(Deferred.succeed(handled, undefined))
            )
        }
      })
      const { listener } = Node.make(webhook, verifier())
      const port = yield* serve((request, response) => {
        current = response
        listener(request, response)
      })
      const send = Effect.promise(async () =>
        readAnswer(await fetch(`http://127.0.0.1:${port}${va.path}`, init(notify(opened()))))
      )
      const answer = yield* Effect.forkChild(send)
      const response = yield* Deferred.await(running)
      response.writeHead(504, { "Content-Type": "text/plain" }).end("too late")
      const { status, body } = yield* Fiber.join(answer)
      assert.deepStrictEqual([status, body], [504, "too late"])
      // A second answer would be an unhandled rejection, which ends a process (and fails this run).
      yield* Deferred.succeed(answered, undefined)
      yield* Deferred.await(handled)
      assert.strictEqual((yield* send).status, 200)
    }).pipe(Effect.scoped)
  )
})

describe("node: a router", () => {
  it.live("that has cut off a prefix tells in originalUrl what was called", () =>
    Effect.gen(function* () {
      const { listener, dispose } = Node.make(
        Webhook.make({ notifications: [va], handlers: { "va.notification": () => Effect.void } }),
        verifier()
      )
      yield* Effect.addFinalizer(() => Effect.promise(dispose))
      const port = yield* serve((request, response) => {
        const { url = "" } = request
        Object.assign(request, { originalUrl: url, url: url.replace("/api", "") })
        listener(request, response)
      })
      const message = notify(opened())
      const status = yield* Effect.promise(async () => {
        const response = await fetch(`http://127.0.0.1:${port}${message.path}`, { method: "POST", ...message })
        return response.status
      })
      assert.strictEqual(status, 200)
    }).pipe(Effect.scoped)
  )
})

describe("node: handle", () => {
  class Accounts extends Context.Service<Accounts, { readonly save: (accountNo: string) => Effect.Effect<void> }>()(
    "test/Accounts"
  ) {}

  it.live("answers inside a program of its own, with its services", () =>
    Effect.gen(function* () {
      const saved: Array<string> = []
      const accounts = Accounts.of({ save: (accountNo) => Effect.sync(() => saved.push(accountNo)) })
      const webhook = yield* Webhook.make({
        notifications: [va],
        handlers: { "va.notification": ({ data }) => Accounts.use(({ save }) => save(data.account_no ?? "none")) }
      })
      const handle = Node.handle(webhook, { maxBodyBytes: 300 })
      const context = yield* Effect.context()
      const port = yield* serve((request, response) => {
        Effect.runForkWith(context)(handle(request, response).pipe(Effect.provideService(Accounts, accounts)))
      })
      const answer = (message: ReturnType<typeof notify>, method?: string) =>
        Effect.promise(async () => readAnswer(await fetch(`http://127.0.0.1:${port}${va.path}`, init(message, method))))
      const statuses: Array<number> = []
      for (const message of [notify(opened()), notify({}, { signedPath: "/x" }), notify(padded(301))]) {
        const { status, body } = yield* answer(message)
        assert.strictEqual(body, "{}")
        statuses.push(status)
      }
      statuses.push((yield* answer(notify({}), "GET")).status)
      statuses.push(statusOf(yield* raw(port, (socket) => socket.write(head("//", { Connection: "close" })))))
      statuses.push((yield* answer(notify({ data: { account_no: "2" } }))).status)
      assert.deepStrictEqual(statuses, [200, 401, 413, 405, 401, 200])
      assert.deepStrictEqual(saved, [secrets.account_no, "2"])
    }).pipe(Effect.provide(Layer.merge(verifier(), new Log().layer)), Effect.scoped)
  )
})
