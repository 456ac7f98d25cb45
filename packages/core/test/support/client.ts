/** The client under test over fetch and over a {@link TestPlatform}, with the vectors' key. */
import * as Va from "@paykka/schemas/Va"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import type { HttpClient } from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Environment from "../../src/Environment.ts"
import * as PaykkaClient from "../../src/PaykkaClient.ts"
import type { PaykkaError, Reason } from "../../src/PaykkaError.ts"
import * as JumpClock from "./JumpClock.ts"
import { signer } from "./keys.ts"
import * as TestPlatform from "./TestPlatform.ts"

/** The example of the contract. */
export const merchId = "M24061911365700670"

/** What a client sends by: Effect's HTTP client, or a bare fetch. */
export type Transport = Layer.Layer<HttpClient> | typeof globalThis.fetch

/** The platform's fetch, with Effect's HTTP client above it and without. */
export const fetches: ReadonlyArray<readonly [string, Transport]> = [
  ["fetch", FetchHttpClient.layer],
  ["fetch alone", globalThis.fetch]
]

const layerOf = (transport: Transport, options: PaykkaClient.Options) =>
  typeof transport === "function"
    ? PaykkaClient.layerFetch(options, transport)
    : Layer.provide(PaykkaClient.layer(options), transport)

/** A client, for the given base URL. Its timeout is so long that under a {@link JumpClock} it never ends. */
export const make = (
  baseUrl: string,
  options: Partial<PaykkaClient.Options> = {},
  transport: Transport = FetchHttpClient.layer
): Effect.Effect<PaykkaClient.Service, Environment.InvalidConfiguration, Scope.Scope> =>
  Effect.map(
    Layer.build(
      layerOf(transport, {
        environment: Environment.local(baseUrl),
        merchId,
        timeout: JumpClock.timeout,
        ...options
      }).pipe(Layer.provide(signer))
    ),
    Context.get(PaykkaClient.PaykkaClient)
  )

/** A platform that answers as told, and a client of it. */
export const start = (
  answers: ReadonlyArray<TestPlatform.Answer> = [{}],
  options: Partial<PaykkaClient.Options> = {},
  transport?: Transport
): Effect.Effect<
  { readonly platform: TestPlatform.TestPlatform; readonly client: PaykkaClient.Service },
  Environment.InvalidConfiguration,
  Scope.Scope
> =>
  Effect.gen(function* () {
    const platform = yield* TestPlatform.make
    platform.answer(...answers)
    return { platform, client: yield* make(platform.baseUrl, options, transport) }
  })

/** A read. */
export const read = (client: PaykkaClient.Service, options?: PaykkaClient.CallOptions) =>
  client.execute(Va.inquiry, { request_id: "R-1" }, options)

/** A create. */
export const create = (client: PaykkaClient.Service, options?: PaykkaClient.CallOptions) =>
  client.execute(Va.apply, { request_id: "R-1", currencies: ["EUR"] }, options)

/** A fetch whose first connections, or the first to a path, are refused: real ones, to a port where nobody listens. */
export const refusing = (times: number, path = "") => {
  let calls = 0
  const fetch: typeof globalThis.fetch = (url, init) =>
    globalThis.fetch(
      (url as URL | string).toString().endsWith(path) && ++calls <= times ? TestPlatform.closedPort : url,
      init
    )
  return Layer.provideMerge(FetchHttpClient.layer, Layer.succeed(FetchHttpClient.Fetch, fetch))
}

/** The reason of an error, as the type it is said to have. */
export const reasonOf = <Tag extends Reason["_tag"]>(
  error: PaykkaError,
  tag: Tag
): Extract<Reason, { readonly _tag: Tag }> => {
  if (error.reason._tag !== tag) throw new Error(`expected ${tag}, got ${error.message}`)
  return error.reason as Extract<Reason, { readonly _tag: Tag }>
}
