/** What goes wrong on a port beside the faults of requests: refused and reset connections, certificates, the end. */
import { readFileSync } from "node:fs"
import { Agent as PlainAgent, type IncomingMessage, request as plainRequest } from "node:http"
import { request as tlsRequest } from "node:https"
import { type Socket, connect, createServer } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { ServeError } from "effect/http/HttpServerError"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import * as Faults from "../src/Faults.ts"
import * as SandboxNode from "../src/node.ts"
import * as Sandbox from "../src/Sandbox.ts"
import { type Outcome, fetchFrom, quiet } from "./support/faulty.ts"
import { first, options } from "./support/keys.ts"
import { type Wire, applyPath, call } from "./support/merchant.ts"
import { until } from "./support/ways.ts"

const cert = readFileSync(new URL("fixtures/self-signed.pem", import.meta.url), "utf8")
const tls = { key: first.privatePem, cert: new TextEncoder().encode(cert) }

interface Running extends SandboxNode.Server {
  readonly service: Sandbox.Service
  readonly port: number
}

const start = (serverOptions?: SandboxNode.ServerOptions): Effect.Effect<Running, never, Scope.Scope> =>
  Layer.build(
    SandboxNode.layerServer(serverOptions).pipe(
      Layer.provideMerge(Sandbox.layer(options)),
      Layer.provide(quiet),
      Layer.orDie
    )
  ).pipe(
    Effect.map((context) => {
      const server = Context.get(context, SandboxNode.SandboxServer)
      return {
        ...server,
        service: Context.get(context, Sandbox.Sandbox),
        port: Number(new URL(server.baseUrl).port)
      }
    })
  )

const wireOf = (request_id = "R-1", path = applyPath): Effect.Effect<Wire> => call(path, { request_id })

/** A call by fetch. */
const send = ({ baseUrl }: Running, request_id?: string): Effect.Effect<Outcome> =>
  Effect.flatMap(wireOf(request_id), (wire) => fetchFrom(baseUrl)(wire, () => undefined))

/** A connection of our own, and its end. */
const open = (port: number): Effect.Effect<{ readonly socket: Socket; readonly closed: Promise<string> }> =>
  Effect.promise(async () => {
    const socket = connect(port, "127.0.0.1")
    let code = ""
    socket.on("error", (error: NodeJS.ErrnoException) => (code = error.code ?? "none"))
    socket.resume()
    const closed = new Promise<string>((resolve) => void socket.once("close", () => resolve(code)))
    await Promise.race([closed, new Promise<void>((resolve) => void socket.once("connect", () => resolve()))])
    return { socket, closed }
  })

/** A request as text, its body in two halves. */
const textOf = ({ method, target, headers, body }: Wire): readonly [string, string] => {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const text = Buffer.from(body!).toString("latin1")
  const head = `${method} ${target} HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${text.length}\r\n${lines.join("")}\r\n`
  return [head + text.slice(0, 5), text.slice(5)]
}

const write = (socket: Socket, text: string): Effect.Effect<void> =>
  Effect.promise(() => new Promise<void>((resolve) => void socket.write(text, () => resolve())))

/** Sends by node:http, on connections that are kept, or by node:https. */
const sendBy = (request: typeof tlsRequest, url: string, wire: Wire | undefined, more: object) =>
  Effect.promise(
    () =>
      new Promise<{ readonly status: number | undefined; readonly text: string }>((resolve, reject) => {
        const method = wire?.method ?? "GET"
        const sending = request(url, { method, headers: wire?.headers ?? {}, ...more }, (answer: IncomingMessage) => {
          let text = ""
          answer.on("data", (chunk: Buffer) => (text += chunk.toString()))
          answer.on("end", () => resolve({ status: answer.statusCode, text }))
        })
        sending.on("error", reject)
        sending.end(wire?.body)
      })
  )

describe("a source of faults", () => {
  it.effect("is asked when the whole request has been read", () =>
    Effect.gen(function* () {
      const asked: Array<string | undefined> = []
      const { source, arrival } = Faults.watched(({ requestId }) => void asked.push(requestId))
      const running = yield* start({ faults: source })
      const { socket } = yield* open(running.port)
      const [before, after] = textOf(yield* wireOf("R-1"))
      yield* write(socket, before)
      assert.strictEqual((yield* send(running, "R-2")).status, 200)
      yield* write(socket, after)
      yield* arrival(2)
      assert.deepStrictEqual(asked, ["R-2", "R-1"])
      socket.destroy()
    })
  )

  it.effect("is not asked about a request that does not come to its end, nor about the documentation", () =>
    Effect.gen(function* () {
      const { source, arrival } = Faults.watched(() => Faults.reset({ processed: false }))
      const running = yield* start({ faults: source })
      const { socket, closed } = yield* open(running.port)
      yield* write(socket, textOf(yield* wireOf("R-1"))[0])
      socket.destroy()
      yield* Effect.promise(() => closed)
      yield* until(Effect.map(running.service.log, ({ length }) => length > 0))
      assert.deepInclude((yield* running.service.log)[0], { kind: "request", status: 400 })
      assert.strictEqual((yield* sendBy(plainRequest, `${running.baseUrl}/openapi.json`, undefined, {})).status, 200)
      yield* send(running, "R-2")
      assert.strictEqual((yield* arrival(1)).requestId, "R-2")
    })
  )
})

describe("a server that stops listening", () => {
  it.effect("refuses connections, and takes them again on its port", () =>
    Effect.gen(function* () {
      const running = yield* start()
      for (const id of ["R-1", "R-2"]) {
        yield* running.listen(false)
        yield* running.listen(false)
        assert.strictEqual((yield* send(running, id)).code, "ECONNREFUSED")
        yield* running.listen(true)
        yield* running.listen(true)
        assert.strictEqual((yield* send(running, id)).status, 200)
      }
      const log = yield* running.service.log
      assert.lengthOf(log, 2)
    })
  )

  it.effect("closes idle connections, and busy ones when they have their answer", () =>
    Effect.gen(function* () {
      const { source, arrival } = Faults.watched(({ requestId }) =>
        requestId === "R-1" ? Faults.late("1 second") : undefined
      )
      const running = yield* start({ faults: source })
      const agent = new PlainAgent({ keepAlive: true })
      const idle = yield* open(running.port)
      // So that the server has seen it.
      yield* sendBy(plainRequest, running.baseUrl + applyPath, yield* wireOf("R-2"), { agent })
      const sockets = Object.values(agent.freeSockets).flatMap((each) => each ?? [])
      assert.lengthOf(sockets, 1)
      const kept = new Promise<void>((resolve) => void sockets[0]!.once("close", () => resolve()))
      const busy = yield* open(running.port)
      yield* write(busy.socket, textOf(yield* wireOf("R-1")).join(""))
      let text = ""
      busy.socket.on("data", (chunk) => (text += chunk.toString()))
      yield* arrival(2)
      yield* running.listen(false)
      yield* Effect.promise(() => kept)
      assert.strictEqual(yield* Effect.promise(() => idle.closed), "")
      assert.strictEqual(text, "")
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* Effect.promise(() => busy.closed), "")
      assert.match(text, /^HTTP\/1\.1 200 [^]*\{"request_id":"R-1"\}\r\n0\r\n\r\n$/)
      agent.destroy()
    })
  )

  it.effect("fails to listen again where its port is taken", () =>
    Effect.gen(function* () {
      const running = yield* start()
      yield* running.listen(false)
      const other = createServer()
      yield* Effect.promise(() => new Promise<void>((resolve) => void other.listen(running.port, "127.0.0.1", resolve)))
      const error = yield* Effect.flip(running.listen(true))
      assert.instanceOf(error, ServeError)
      assert.strictEqual((error.cause as NodeJS.ErrnoException).code, "EADDRINUSE")
      yield* Effect.promise(() => new Promise<void>((resolve) => void other.close(() => resolve())))
      yield* running.listen(true)
      assert.strictEqual((yield* send(running)).status, 200)
    })
  )
})

describe("connections that are reset", () => {
  it.effect("as they are accepted, or at the head of a request, have no request", () =>
    Effect.gen(function* () {
      for (const at of ["connection", "head"] as const) {
        const { source, arrival } = Faults.watched(() => undefined)
        const running = yield* start({ faults: source })
        yield* running.resetNext(5, at)
        // In its place.
        yield* running.resetNext(2, at)
        assert.strictEqual((yield* send(running, "R-1")).code, "ECONNRESET")
        assert.strictEqual((yield* send(running, "R-2")).code, "ECONNRESET")
        assert.strictEqual((yield* send(running, "R-3")).status, 200)
        assert.strictEqual((yield* arrival(1)).requestId, "R-3")
        assert.lengthOf(yield* running.service.log, 1)
      }
    })
  )

  it.effect("at the head do not wait for the body", () =>
    Effect.gen(function* () {
      const running = yield* start()
      yield* running.resetNext(1, "head")
      const { socket, closed } = yield* open(running.port)
      yield* write(socket, textOf(yield* wireOf())[0])
      assert.strictEqual(yield* Effect.promise(() => closed), "ECONNRESET")
    })
  )
})

describe("HTTPS", () => {
  it.effect("is refused by who does not trust the certificate, and serves who does", () =>
    Effect.gen(function* () {
      const running = yield* start({ tls })
      assert.match(running.baseUrl, /^https:\/\/127\.0\.0\.1:[0-9]+$/)
      assert.strictEqual((yield* send(running)).code, "DEPTH_ZERO_SELF_SIGNED_CERT")
      assert.lengthOf(yield* running.service.log, 0)
      const answer = yield* sendBy(tlsRequest, running.baseUrl + applyPath, yield* wireOf(), { ca: cert })
      assert.deepStrictEqual([answer.status, answer.text], [200, '{"request_id":"R-1"}'])
      const { text } = yield* sendBy(tlsRequest, `${running.baseUrl}/openapi.json`, undefined, { ca: cert })
      assert.strictEqual((JSON.parse(text) as { servers: [{ url: string }] }).servers[0].url, running.baseUrl)
    })
  )

  it.effect("has connections reset as well: at once, at the head, and by a fault", () =>
    Effect.gen(function* () {
      const running = yield* start({ tls, faults: () => Faults.reset({ processed: true }) })
      for (const at of ["connection", "head", undefined] as const) {
        if (at !== undefined) yield* running.resetNext(1, at)
        const exit = yield* Effect.exit(
          sendBy(tlsRequest, running.baseUrl + applyPath, yield* wireOf(), { ca: cert, agent: false })
        )
        assert.include(JSON.stringify(exit), "ECONNRESET")
        assert.lengthOf(yield* running.service.log, at === undefined ? 2 : 0)
      }
    })
  )
})

describe("the end of the server", () => {
  const stalls: ReadonlyArray<readonly [string, Faults.Fault, string]> = [
    ["silence", Faults.silence({ processed: { after: "1 hour" } }), ""],
    ["a late answer", Faults.late("1 hour"), ""],
    ["a late reset", { ...Faults.reset({ processed: true }), latency: "1 hour" }, ""],
    ["a slow answer", Faults.slow("1 hour"), "HTTP/1.1 200"]
  ]

  it.effect.each(stalls)("closes connections at once: %s", ([, fault, begin]) =>
    Effect.gen(function* () {
      for (const listening of [true, false]) {
        const scope = yield* Scope.make()
        const { source, arrival } = Faults.watched(() => fault)
        const running = yield* Scope.provide(start({ faults: source }), scope)
        const { socket, closed } = yield* open(running.port)
        let text = ""
        socket.on("data", (chunk) => (text += chunk.toString()))
        yield* write(socket, textOf(yield* wireOf()).join(""))
        yield* arrival(1)
        yield* until(Effect.sync(() => text.startsWith(begin)))
        yield* running.listen(listening)
        // The TestClock stands still: an end that waited for anything would wait for ever.
        yield* Scope.close(scope, Exit.void)
        assert.strictEqual(yield* Effect.promise(() => closed), "")
        assert.isTrue(text === "" || begin !== "", text)
        const again = yield* open(running.port)
        assert.strictEqual(yield* Effect.promise(() => again.closed), "ECONNREFUSED")
      }
    })
  )

  it.effect("closes connections whose client never began with TLS", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const running = yield* Scope.provide(start({ tls }), scope)
      const { closed } = yield* open(running.port)
      yield* send(running)
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual(yield* Effect.promise(() => closed), "")
    })
  )

  it.effect("is not needed for clients that go away while they wait", () =>
    Effect.gen(function* () {
      const { source, arrival } = Faults.watched(Faults.script(stalls.map(([, fault]) => fault)))
      const running = yield* start({ faults: source })
      for (const [index, [, , begin]] of stalls.entries()) {
        const { socket, closed } = yield* open(running.port)
        let text = ""
        socket.on("data", (chunk) => (text += chunk.toString()))
        yield* write(socket, textOf(yield* wireOf()).join(""))
        yield* arrival(index + 1)
        yield* until(Effect.sync(() => text.startsWith(begin)))
        if (index % 2 === 0) socket.resetAndDestroy()
        else socket.destroy()
        yield* Effect.promise(() => closed)
      }
      // What was to be sent to them comes to nobody, and breaks nothing.
      for (let hour = 0; hour < 3; hour++) yield* TestClock.adjust("1 hour")
      assert.strictEqual((yield* send(running)).status, 200)
    })
  )
})
