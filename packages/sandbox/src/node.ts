/** A sandbox on a port. */
import { createServer } from "node:http"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpEffect from "effect/http/HttpEffect"
import * as HttpServer from "effect/http/HttpServer"
import type { ServeError } from "effect/http/HttpServerError"
import * as Layer from "effect/Layer"
import * as Docs from "./Docs.ts"
import { Sandbox } from "./Sandbox.ts"

/** Where the sandbox listens: an address that a client of this machine can call. */
export class SandboxServer
  extends /*#__PURE__*/ Context.Service<SandboxServer, { readonly baseUrl: string }>()(
    "@paykka/sandbox/SandboxServer"
  ) {}

/** Address of the server. */
export interface ServerOptions {
  /** Default: 127.0.0.1. */
  readonly host?: string | undefined
  /** Default: 0, a free port. */
  readonly port?: number | undefined
}

// An address that means all interfaces is none that can be called.
const callable = (baseUrl: string): string =>
  baseUrl.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")

/**
 * Serves the sandbox over HTTP, with the API's description: `/openapi.json`, and `/docs` for people. Fails with
 * `ServeError` when the port is taken.
 */
export const layerServer = (options: ServerOptions = {}): Layer.Layer<SandboxServer, ServeError, Sandbox> =>
  Layer.unwrap(
    Effect.sync(() => {
      const { host = "127.0.0.1", port = 0 } = options
      const nodeServer = createServer()
      return Layer.effect(
        SandboxServer,
        Effect.gen(function* () {
          const sandbox = yield* Sandbox
          const context = yield* Effect.context()
          const server = yield* HttpServer.HttpServer
          yield* server.serve(
            HttpEffect.fromWebHandler(
              (request) => Docs.handle(request) ?? Effect.runPromiseWith(context)(sandbox.handle(request))
            )
          )
          // Else the end would wait for every client that keeps its connection, for one that stalls without end.
          yield* Effect.addFinalizer(() =>
            Effect.sync(() => {
              nodeServer.closeAllConnections()
            })
          )
          return { baseUrl: callable(HttpServer.formatAddress(server.address)) }
        })
      ).pipe(Layer.provide(NodeHttpServer.layerServer(() => nodeServer, { host, port })))
    })
  )
