/** The two ways to reach a sandbox, and the two ways in which it reaches a merchant. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type { HttpMethod } from "effect/http/HttpMethod"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import type * as Scope from "effect/Scope"
import * as SandboxNode from "../../src/node.ts"
import * as Sandbox from "../../src/Sandbox.ts"
import * as SandboxTransport from "../../src/SandboxTransport.ts"
import { options as honest } from "./keys.ts"
import { type Notified, type Wire, call, inquiryPath } from "./merchant.ts"

/** What a merchant sees of an answer. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A running sandbox. */
export interface Running {
  readonly service: Sandbox.Service
  readonly send: (wire: Wire) => Effect.Effect<Answer>
  /** What Effect's logger was given, each entry as JSON. */
  readonly logged: ReadonlyArray<string>
}

type Options = Partial<Sandbox.Options>

/** A way to reach a sandbox. */
export interface Way {
  readonly name: string
  readonly start: (options?: Options) => Effect.Effect<Running, never, Scope.Scope>
  /** A merchant's callback. */
  readonly receiver: Effect.Effect<Receiver, never, Scope.Scope>
}

const recorder = () => {
  const logged: Array<string> = []
  const layer = Logger.layer([
    Logger.map(Logger.formatJson, (entry) => {
      logged.push(entry)
    })
  ])
  return { logged, layer }
}

const overHttp: Way["start"] = (options) =>
  Effect.gen(function* () {
    const { logged, layer } = recorder()
    const sandbox = Sandbox.layer({ ...honest, ...options })
    const context = yield* Layer.build(
      SandboxNode.layerServer().pipe(Layer.provideMerge(sandbox), Layer.provide(layer), Layer.orDie)
    )
    const { baseUrl } = Context.get(context, SandboxNode.SandboxServer)
    const send = ({ method, target, headers, body }: Wire) =>
      Effect.promise(async () => {
        const response = await fetch(baseUrl + target, { method, headers, ...(body && { body }) })
        return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() }
      })
    return { service: Context.get(context, Sandbox.Sandbox), send, logged }
  })

const inMemory: Way["start"] = (options) =>
  Effect.gen(function* () {
    const { logged, layer } = recorder()
    const sandbox = Sandbox.layer({ ...honest, ...options })
    const context = yield* Layer.build(SandboxTransport.layer.pipe(Layer.provideMerge(sandbox), Layer.orDie))
    const client = Context.get(context, HttpClient.HttpClient)
    const send = ({ method, target, headers, body }: Wire) =>
      Effect.gen(function* () {
        const request = HttpClientRequest.make(method as HttpMethod)(SandboxTransport.baseUrl + target, { headers })
        const response = yield* client.execute(
          body === undefined ? request : HttpClientRequest.bodyUint8Array(request, body, headers["content-type"])
        )
        return { status: response.status, headers: { ...response.headers }, body: yield* response.text }
      }).pipe(Effect.orDie, Effect.provide(layer))
    return { service: Context.get(context, Sandbox.Sandbox), send, logged }
  })

/** A merchant's callback, that answers by a script. */
export interface Receiver {
  /** For the sandbox. */
  readonly options: Pick<Sandbox.Options, "callbackUrl" | "send">
  readonly received: ReadonlyArray<Notified>
  /** Statuses of the answers, in this order; the last one stays. Without any, 200. */
  readonly answer: (...statuses: ReadonlyArray<number>) => void
}

/** The callback's path, which is not the documentation's; the query is no part of what is signed. */
export const callback = "/hooks/paykka?shop=1"

const script = () => {
  const received: Array<Notified> = []
  let statuses: ReadonlyArray<number> = [200]
  let answered = 0
  return {
    received,
    next: () => statuses[Math.min(answered++, statuses.length - 1)]!,
    answer: (...given: ReadonlyArray<number>) => {
      statuses = given
      answered = 0
    }
  }
}

const receiveOverHttp: Way["receiver"] = Effect.gen(function* () {
  const { received, next, answer } = script()
  const server = createServer((request, response) => {
    const chunks: Array<Buffer> = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
      received.push({ method: request.method!, target: request.url!, headers, body: Buffer.concat(chunks) })
      const status = next()
      response.writeHead(status, { "content-type": "application/json", location: "/elsewhere" }).end("{}")
    })
  })
  yield* Effect.acquireRelease(
    Effect.promise(() => new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve))),
    () =>
      Effect.promise(
        () =>
          new Promise<void>((resolve) => {
            server.close(() => resolve())
            server.closeAllConnections()
          })
      )
  )
  const { port } = server.address() as AddressInfo
  return { options: { callbackUrl: `http://127.0.0.1:${port}${callback}` }, received, answer }
})

const receiveInMemory: Way["receiver"] = Effect.sync(() => {
  const { received, next, answer } = script()
  const send = async (request: Request) => {
    const { pathname, search } = new URL(request.url)
    const headers = Object.fromEntries(request.headers)
    received.push({ method: request.method, target: pathname + search, headers, body: await request.bytes() })
    return Response.json({}, { status: next() })
  }
  return { options: { callbackUrl: `https://merchant.test${callback}`, send }, received, answer }
})

export const ways: ReadonlyArray<Way> = [
  { name: "over HTTP", start: overHttp, receiver: receiveOverHttp },
  { name: "in memory", start: inMemory, receiver: receiveInMemory }
]

export const memory = ways[1]!

export const turn = Effect.promise(() => new Promise<void>((resolve) => void setImmediate(resolve)))

/** Waits, without any clock, until something has happened; a test that waits in vain runs into its limit. */
export const until = (happened: Effect.Effect<boolean>): Effect.Effect<void> =>
  Effect.gen(function* () {
    while (!(yield* happened)) yield* turn
  })

/** Sends an honest inquiry and gives the account. */
export const inquire = (running: Running, requestId: string): Effect.Effect<Readonly<Record<string, unknown>>> =>
  call(inquiryPath, { request_id: requestId }).pipe(
    Effect.flatMap(running.send),
    Effect.map(({ body }) => JSON.parse(body) as Readonly<Record<string, unknown>>)
  )

type Entry<Kind> = Extract<Sandbox.LogEntry, { readonly kind: Kind }>

export const requestsOf = (running: Running): Effect.Effect<ReadonlyArray<Entry<"request">>> =>
  Effect.map(running.service.log, (entries) => entries.filter((entry) => entry.kind === "request"))

export const notificationsOf = (running: Running): Effect.Effect<ReadonlyArray<Entry<"notification">>> =>
  Effect.map(running.service.log, (entries) => entries.filter((entry) => entry.kind === "notification"))
