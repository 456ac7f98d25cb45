/** A transport that hands requests to a sandbox of the same process, without any network. For tests. */
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import { Sandbox } from "./Sandbox.ts"

/** The address to configure: `Environment.local(SandboxTransport.baseUrl)`. Nothing listens there. */
export const baseUrl = "http://sandbox.localhost"

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
