/** A sandbox on a port, and its tape in a file. */
import { closeSync, openSync } from "node:fs"
import { type Server as NodeServer, type IncomingMessage, type ServerResponse, createServer } from "node:http"
import { createServer as createTlsServer } from "node:https"
import type { AddressInfo, Socket } from "node:net"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpServer from "effect/http/HttpServer"
import { ServeError } from "effect/http/HttpServerError"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Docs from "./Docs.ts"
import type * as Faults from "./Faults.ts"
import { flowOf } from "./internal/delivery.ts"
import { type Answer, Sandbox } from "./Sandbox.ts"
import type { Tape } from "./Tape.ts"

/** A sandbox's server. */
export interface Server {
  /** Where it listens: an address that a client of this machine can call. */
  readonly baseUrl: string
  /**
   * False: connections are refused, and those without a request closed; requests that have arrived are still answered,
   * and then their connections are closed. True: listens again, on the same port; fails with `ServeError` where another program
   * has taken it meanwhile.
   */
  readonly listen: (listening: boolean) => Effect.Effect<void, ServeError>
  /**
   * Resets the next connections: as they are accepted, so that nothing of a request is read (the client may see it while
   * it connects or when it has written); or each when the head of a request has been read, its body not. In place of what
   * was said before. The source of faults is not asked.
   */
  readonly resetNext: (count: number, at: "connection" | "head") => Effect.Effect<void>
}

/** The server of {@link layerServer}. */
export class SandboxServer
  extends /*#__PURE__*/ Context.Service<SandboxServer, Server>()("@paykka/sandbox/SandboxServer") {}

/** Address of the server, and what goes wrong there. */
export interface ServerOptions {
  /** Default: 127.0.0.1. */
  readonly host?: string | undefined
  /** Default: 0, a free port. */
  readonly port?: number | undefined
  /** Serves HTTPS with this private key and certificate (PEM). Default: HTTP. */
  readonly tls?: { readonly key: string | Uint8Array; readonly cert: string | Uint8Array } | undefined
  /** Which requests of the API have which faults. Default: none has. */
  readonly faults?: Faults.Source | undefined
  /** Further pages of the server: answers a request, or gives undefined and leaves it to the sandbox. Is asked first, and has no faults. */
  readonly pages?: ((request: Request) => Response | undefined) | undefined
}

// An address that means all interfaces is none that can be called.
const callable = (baseUrl: string): string =>
  baseUrl.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")

const pem = (given: string | Uint8Array) => (typeof given === "string" ? given : Buffer.from(given))

/** Sends an answer that is cut or slow. */
const send = (nodeResponse: ServerResponse, answer: Answer): Effect.Effect<void> =>
  Effect.gen(function* () {
    const { status, headers } = answer.response
    const body = yield* Effect.promise(() => answer.response.bytes())
    const { announced, pieces } = flowOf(body, answer)
    nodeResponse.writeHead(status, { ...Object.fromEntries(headers), "content-length": announced })
    nodeResponse.flushHeaders()
    yield* Stream.runForEach(pieces, (piece) => Effect.sync(() => nodeResponse.write(piece))).pipe(
      Effect.match({
        onSuccess: () => nodeResponse.end(),
        // When all is written.
        onFailure: () => nodeResponse.socket?.destroySoon()
      })
    )
  })

const nameOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`

/** Watches over the connections of a server. Beneath the encryption of HTTPS, where they are there from the start. */
const watch = (nodeServer: NodeServer) => {
  const open = new Map<string, Socket>()
  const busy = new Set<string>()
  const next = { connection: 0, head: 0 }
  nodeServer.prependListener("connection", (socket: Socket) => {
    const name = nameOf(socket)
    open.set(name, socket)
    socket.once("close", () => {
      if (open.get(name) === socket) open.delete(name)
    })
    if (next.connection > 0) {
      next.connection--
      socket.resetAndDestroy()
    }
  })
  nodeServer.prependListener("request", ({ socket }, response) => {
    const name = nameOf(socket)
    busy.add(name)
    response.once("close", () => {
      busy.delete(name)
      // A connection that is kept would get around a closed port.
      if (!nodeServer.listening) socket.destroySoon()
    })
  })
  return {
    next,
    reset: (socket: Socket) => open.get(nameOf(socket))?.resetAndDestroy(),
    closeIdle: () => {
      for (const [name, socket] of open) if (!busy.has(name)) socket.destroy()
    },
    closeAll: () => {
      nodeServer.close()
      for (const socket of open.values()) socket.destroy()
    }
  }
}

const listen = (nodeServer: NodeServer, host: string, port: number): Effect.Effect<void, ServeError> =>
  Effect.callback((resume) => {
    const onError = (cause: unknown) => resume(Effect.fail(new ServeError({ cause })))
    nodeServer.once("error", onError)
    nodeServer.listen({ host, port }, () => {
      nodeServer.off("error", onError)
      resume(Effect.void)
    })
  })

/**
 * Serves the sandbox over HTTP, with the API's description: `/openapi.json`, and `/docs` for people, which have no
 * faults. Fails with `ServeError` when the port is taken. The scope's end closes all connections and waits for nobody.
 */
export const layerServer = (options: ServerOptions = {}): Layer.Layer<SandboxServer, ServeError, Sandbox> =>
  Layer.unwrap(
    Effect.sync(() => {
      const { host = "127.0.0.1", port = 0, tls, faults = () => undefined, pages = () => undefined } = options
      const nodeServer =
        tls === undefined ? createServer() : createTlsServer({ key: pem(tls.key), cert: pem(tls.cert) })
      return Layer.effect(
        SandboxServer,
        Effect.gen(function* () {
          const sandbox = yield* Sandbox
          const scope = yield* Scope.fork(yield* Effect.scope)
          const server = yield* HttpServer.HttpServer
          const { next, reset, closeIdle, closeAll } = watch(nodeServer)
          const clock = yield* Clock.Clock
          // By the clock that judges signatures, as a platform's would be: a client takes it for the platform's time.
          nodeServer.prependListener("request", (_, response) => {
            response.setHeader("date", new Date(clock.currentTimeMillisUnsafe()).toUTCString())
          })
          const handler = Effect.gen(function* () {
            const request = yield* HttpServerRequest.HttpServerRequest
            const { socket } = NodeHttpServerRequest.toIncomingMessage(request) as IncomingMessage
            // What has no answer ends when the connection does.
            if (next.head > 0) {
              next.head--
              reset(socket)
              return yield* Effect.never
            }
            const web = yield* HttpServerRequest.toWeb(request)
            const page = pages(web) ?? Docs.handle(web)
            if (page !== undefined) return HttpServerResponse.fromWeb(yield* Effect.promise(async () => page))
            // In a fiber of its own, so that a client that goes away ends nothing that is begun.
            const delivery = yield* Fiber.join(yield* Effect.forkIn(sandbox.receive(web, faults), scope))
            if (delivery._tag === "Reset") reset(socket)
            if (delivery._tag !== "Answer") return yield* Effect.never
            const { response, cutAfter, interval } = delivery
            if (cutAfter === undefined && interval === undefined) return HttpServerResponse.fromWeb(response)
            yield* send(NodeHttpServerRequest.toServerResponse(request) as ServerResponse, delivery)
            return cutAfter === undefined ? HttpServerResponse.empty() : yield* Effect.never
          })
          // Effect's server does not interrupt handlers that do not ask for it.
          yield* server.serve(Effect.interruptible(handler))
          // The first that the end does. Else it would wait for every client that keeps its connection, for one that
          // stalls without end; and requests that it interrupts would be answered.
          yield* Effect.addFinalizer(() => Effect.sync(closeAll))
          const address = callable(HttpServer.formatAddress(server.address))
          const { port: givenPort } = nodeServer.address() as AddressInfo
          return SandboxServer.of({
            baseUrl: tls === undefined ? address : address.replace("http:", "https:"),
            listen: (listening) =>
              Effect.suspend(() => {
                if (listening === nodeServer.listening) return Effect.void
                if (listening) return listen(nodeServer, host, givenPort)
                nodeServer.close()
                closeIdle()
                return Effect.void
              }),
            resetNext: (count, at) =>
              Effect.sync(() => {
                next.connection = at === "connection" ? count : 0
                next.head = at === "head" ? count : 0
              })
          })
        })
      ).pipe(Layer.provide(NodeHttpServer.layerServer(() => nodeServer, { host, port })))
    })
  )

/** A tape cannot be kept in this file. */
export class TapeUnusable extends /*#__PURE__*/ Data.TaggedError("TapeUnusable")<{ readonly detail: string }> {
  override get message(): string {
    return `the file of the sandbox's state cannot be used: ${this.detail}`
  }
}

/**
 * A tape in a SQLite file of one sandbox at a time, made where it is not there, readable for its owner only. What was answered survives the
 * death of the process. Fails with {@link TapeUnusable}: the file is none of SQLite's, cannot be written, or another sandbox has it.
 */
export const tapeSqlite = (filename: string): Effect.Effect<Tape, TapeUnusable, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.tryPromise({
      try: async () => {
        // Node 22 warns of this module, so only those who want it load it.
        const { DatabaseSync } = await import("node:sqlite")
        closeSync(openSync(filename, "a", 0o600))
        const database = new DatabaseSync(filename)
        database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = NORMAL; PRAGMA journal_mode = WAL")
        database.exec("CREATE TABLE IF NOT EXISTS paykka_sandbox_tape (nth INTEGER PRIMARY KEY, entry TEXT NOT NULL)")
        // The lock is taken by the first writing.
        database.exec("BEGIN IMMEDIATE; COMMIT")
        return database
      },
      catch: (cause) => new TapeUnusable({ detail: cause instanceof Error ? cause.message : String(cause) })
    }),
    (database) => Effect.sync(() => database.close())
  ).pipe(
    Effect.map((database) => {
      const insert = database.prepare("INSERT INTO paykka_sandbox_tape (entry) VALUES (?)")
      const select = database.prepare("SELECT entry FROM paykka_sandbox_tape ORDER BY nth")
      return {
        entries: () => select.all().map(({ entry }) => String(entry)),
        append: (entry: string) => void insert.run(entry)
      }
    })
  )
