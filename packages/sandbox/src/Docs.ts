/** What the sandbox says of itself: the OpenAPI document of the API that it plays, and a page for people made of it. */
import { notifications, operations } from "@paykka/schemas/Catalogue"
import * as Descriptions from "@paykka/schemas/Descriptions"
import * as OpenApi from "@paykka/schemas/OpenApi"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServer from "effect/http/HttpServer"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiScalar from "effect/http-api/HttpApiScalar"
import * as EffectOpenApi from "effect/http-api/OpenApi"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"

/** Where the document is. */
export const documentPath = "/openapi.json"

/** Where the page is. */
export const pagePath = "/docs"

/** Answers requests for the two; undefined for all others. */
export interface Docs {
  readonly handle: (request: Request) => Promise<Response> | undefined
}

/** The OpenAPI document: all operations and notifications, each part with its provenance. */
export const document = (): OpenApi.Document => OpenApi.make({ operations, notifications, describe: Descriptions.find })

/**
 * The two as web handlers. The page is Scalar's, with its script, and fetches nothing from anywhere; it is built by the
 * first request for it.
 */
export const make: Effect.Effect<Docs, never, Scope.Scope> = /*#__PURE__*/ Effect.gen(function* () {
  let page: ReturnType<typeof makePage> | undefined
  yield* Effect.addFinalizer(() => Effect.promise(async () => page?.dispose()))
  return {
    handle: (request) => {
      if (request.method !== "GET") return undefined
      const { pathname } = new URL(request.url)
      if (pathname === documentPath) return Promise.resolve(Response.json(document()))
      if (pathname !== pagePath) return undefined
      page ??= makePage()
      return page.handler(request)
    }
  }
})

// A request that the page sent would not be signed; and the page is not to offer what goes to a server of Scalar's.
const scalar = {
  hideTestRequestButton: true,
  hideClientButton: true,
  showDeveloperTools: "never",
  withDefaultFonts: false
} as const

// Effect makes the page of an HttpApi; the descriptors have made the document already, so it takes the place of the
// one that Effect would derive.
const makePage = () =>
  HttpRouter.toWebHandler(
    HttpApiScalar.layer(HttpApi.make("paykka").annotate(EffectOpenApi.Transform, document), {
      path: pagePath,
      scalar
    }).pipe(Layer.provide(HttpServer.layerServices)),
    { disableLogger: true }
  )
