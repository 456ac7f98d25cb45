/** A transport that hands requests to a sandbox of the same process, without any network. For tests. */
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import type * as Faults from "./Faults.ts"
import { flowOf } from "./internal/delivery.ts"
import { type Answer, Sandbox } from "./Sandbox.ts"

/** The address to configure: `Environment.local(SandboxTransport.baseUrl)`. Nothing listens there. */
export const baseUrl = "http://sandbox.localhost"

/** How requests reach the sandbox. */
export interface Options {
  /** Which requests have which faults. Default: none has. */
  readonly faults?: Faults.Source | undefined
}

// What fetch fails with, so that who looks for the code beneath finds it where it is on a network.
const failureOfFetch = (message: string, code: string, of: string, more: object = {}): TypeError =>
  new TypeError(message, { cause: Object.assign(new Error(of), { code, ...more }) })

const reset = (request: HttpClientRequest.HttpClientRequest): HttpClientError.HttpClientError =>
  new HttpClientError.HttpClientError({
    reason: new HttpClientError.TransportError({
      request,
      cause: failureOfFetch("fetch failed", "ECONNRESET", "read ECONNRESET", { errno: -104, syscall: "read" })
    })
  })

/** The answer as it comes: cut or slow, its body is a stream that fails or takes its time. */
const respond = (answer: Answer): Effect.Effect<Response> =>
  Effect.gen(function* () {
    const { response, cutAfter, interval } = answer
    if (cutAfter === undefined && interval === undefined) return response
    const { status } = response
    const headers = new Headers(response.headers)
    const { announced, pieces } = flowOf(yield* Effect.promise(() => response.bytes()), answer)
    headers.set("content-length", String(announced))
    const terminated = () => failureOfFetch("terminated", "UND_ERR_SOCKET", "other side closed")
    const body = yield* Stream.toReadableStreamEffect(Stream.mapError(pieces, terminated))
    return new Response(body, { status, headers })
  })

/**
 * An `HttpClient` that reaches nothing but the sandbox, with faults. A reset connection fails as fetch does: a
 * `TransportError` whose cause is a `TypeError` whose cause has the code `ECONNRESET`. Silence never ends, and can be
 * interrupted.
 */
export const layerWith = ({ faults = () => undefined }: Options): Layer.Layer<HttpClient.HttpClient, never, Sandbox> =>
  Layer.effect(
    HttpClient.HttpClient,
    Effect.map(Sandbox, (sandbox) =>
      HttpClient.make((request, url, signal) =>
        Effect.gen(function* () {
          const web = yield* Effect.orDie(HttpClientRequest.toWeb(request, { signal }))
          const delivery = yield* sandbox.receive(new Request(url, web), faults)
          if (delivery._tag === "Silence") return yield* Effect.never
          if (delivery._tag === "Reset") return yield* reset(request)
          return HttpClientResponse.fromWeb(request, yield* respond(delivery))
        })
      )
    )
  )

/** An `HttpClient` that reaches nothing but the sandbox. */
export const layer: Layer.Layer<HttpClient.HttpClient, never, Sandbox> = /*#__PURE__*/ Layer.effect(
  HttpClient.HttpClient,
  /*#__PURE__*/ Effect.map(Sandbox, (sandbox) =>
    HttpClient.make((request, url, signal) =>
      HttpClientRequest.toWeb(request, { signal }).pipe(
        Effect.orDie,
        Effect.flatMap((web) => sandbox.handle(new Request(url, web))),
        Effect.map((response) => HttpClientResponse.fromWeb(request, response))
      )
    )
  )
)
