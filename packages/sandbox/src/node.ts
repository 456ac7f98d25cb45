/** A sandbox on a port. */
import { createServer } from "node:http"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpEffect from "effect/http/HttpEffect"
import * as HttpServer from "effect/http/HttpServer"
import type { ServeError } from "effect/http/HttpServerError"
import * as Layer from "effect/Layer"
import { Sandbox } from "./Sandbox.ts"

/** Where the sandbox listens. */
export class SandboxServer extends Context.Service<SandboxServer, { readonly baseUrl: string }>()(
  "@paykka/sandbox/SandboxServer"
) {}

/** Address of the server. */
export interface ServerOptions {
  /** Default: 127.0.0.1. */
  readonly host?: string | undefined
  /** Default: 0, a free port. */
  readonly port?: number | undefined
}

/** Serves the sandbox over HTTP. */
export const layerServer = (options: ServerOptions = {}): Layer.Layer<SandboxServer, ServeError, Sandbox> => {
  const { host = "127.0.0.1", port = 0 } = options
  return Layer.effect(
    SandboxServer,
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      const context = yield* Effect.context<never>()
      const server = yield* HttpServer.HttpServer
      yield* server.serve(HttpEffect.fromWebHandler((request) => Effect.runPromiseWith(context)(sandbox.handle(request))))
      return { baseUrl: HttpServer.formatAddress(server.address) }
    })
  ).pipe(Layer.provide(NodeHttpServer.layerServer(createServer, { host, port })))
}
