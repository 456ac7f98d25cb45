/** What the sandbox says of itself: the OpenAPI document of the API that it plays, and a page for people made of it. */
import { notifications, operations } from "@paykka/schemas/Catalogue"
import * as Descriptions from "@paykka/schemas/Descriptions"
import * as OpenApi from "@paykka/schemas/OpenApi"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServer from "effect/http/HttpServer"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiScalar from "effect/http-api/HttpApiScalar"
import * as EffectOpenApi from "effect/http-api/OpenApi"
import * as Layer from "effect/Layer"

/** Where the document is. */
export const documentPath = "/openapi.json"

/** Where the page is. */
export const pagePath = "/docs"

/**
 * The OpenAPI document: all operations and notifications, each part with its provenance. Its server is the one that is
 * given, the sandbox itself: a tool that imports the document must not call PayKKa.
 */
export const document = (baseUrl: string): OpenApi.Document =>
  OpenApi.make({
    operations,
    notifications,
    describe: Descriptions.find,
    servers: [{ url: baseUrl, description: "This sandbox: a local PayKKa." }]
  })

/**
 * Answers requests for the two as a web handler; undefined for all others. Both name as their server the origin that the
 * request was for. The page is Scalar's, with its script, and fetches nothing from anywhere.
 */
export const handle = (request: Request): Promise<Response> | undefined => {
  if (request.method !== "GET") return undefined
  const { origin, pathname } = new URL(request.url)
  if (pathname === documentPath) return Promise.resolve(Response.json(document(origin)))
  if (pathname !== pagePath) return undefined
  const { handler, dispose } = makePage(origin)
  return handler(request).finally(dispose)
}

// A request that the page sent would not be signed; and the page is not to offer what goes to a server of Scalar's.
const scalar = {
  hideTestRequestButton: true,
  hideClientButton: true,
  showDeveloperTools: "never",
  withDefaultFonts: false
} as const

// Effect makes the page of an HttpApi; the descriptors have made the document already, so it takes the place of the
// one that Effect would derive.
const makePage = (baseUrl: string) =>
  HttpRouter.toWebHandler(
    HttpApiScalar.layer(
      HttpApi.make("paykka").annotate(EffectOpenApi.Transform, () => document(baseUrl)),
      {
        path: pagePath,
        scalar
      }
    ).pipe(Layer.provide(HttpServer.layerServices)),
    { disableLogger: true }
  )
