import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Docs from "../src/Docs.ts"
import * as SandboxNode from "../src/node.ts"
import * as Sandbox from "../src/Sandbox.ts"
import { options } from "./support/keys.ts"

const written = JSON.parse(readFileSync(new URL("../../../docs/openapi.json", import.meta.url), "utf8")) as {
  readonly servers: ReadonlyArray<{ readonly url: string }>
}

const start = Effect.map(
  Layer.build(SandboxNode.layerServer().pipe(Layer.provide([Sandbox.layer(options), Logger.layer([])]), Layer.orDie)),
  (context) => {
    const { baseUrl } = Context.get(context, SandboxNode.SandboxServer)
    const get = (path: string, init?: RequestInit) =>
      Effect.promise(async () => {
        const response = await fetch(baseUrl + path, init)
        return { status: response.status, type: response.headers.get("content-type"), text: await response.text() }
      })
    return { baseUrl, get }
  }
)

describe("the sandbox's description of itself", () => {
  it.live("is the OpenAPI document of the repository, but for its server", () =>
    Effect.gen(function* () {
      const { get } = yield* start
      const { status, type, text } = yield* get("/openapi.json")
      assert.deepStrictEqual([status, type], [200, "application/json"])
      const { servers: _, ...served } = JSON.parse(text)
      const { servers: _hosts, ...rest } = written
      assert.deepStrictEqual(served, rest)
    })
  )

  it.live("names the sandbox as its server, and PayKKa's hosts nowhere", () =>
    Effect.gen(function* () {
      const { baseUrl, get } = yield* start
      const [document, page] = [yield* get(Docs.documentPath), yield* get(Docs.pagePath)]
      const { servers } = JSON.parse(document.text) as typeof written
      assert.deepStrictEqual(
        servers.map(({ url }) => url),
        [baseUrl]
      )
      assert.include(page.text, `"servers":[{"url":"${baseUrl}"`)
      assert.isAbove(written.servers.length, 0)
      for (const { url } of written.servers) {
        assert.notInclude(document.text, url)
        assert.notInclude(page.text, `"${url}"`)
      }
    })
  )

  it.live("names it as each request does", () =>
    Effect.gen(function* () {
      for (const origin of ["http://localhost:9090", "http://[::1]:9091", "http://sandbox.test"]) {
        const texts = yield* Effect.promise(() =>
          Promise.all(
            [Docs.documentPath, Docs.pagePath].map(async (path) =>
              (await Docs.handle(new Request(origin + path)))!.text()
            )
          )
        )
        for (const text of texts) assert.include(text, `"servers":[{"url":"${origin}"`)
      }
    })
  )

  it.live("is a page for people, which brings all that it needs", () =>
    Effect.gen(function* () {
      const { get } = yield* start
      const { status, type, text } = yield* get("/docs")
      assert.strictEqual(status, 200)
      assert.match(type!, /^text\/html/)
      assert.include(text, "<title>PayKKa cross-border OpenAPI</title>")
      assert.include(text, "/api/v2/merch/pay/apply")
      assert.include(text, "createApiReference")
      assert.notMatch(text, /<(?:script|img|iframe)[^>]+src=|<link[^>]+href=/)
    })
  )

  it.live("is there for reading only: all else is the API's", () =>
    Effect.gen(function* () {
      const { get } = yield* start
      for (const path of [Docs.documentPath, Docs.pagePath]) {
        assert.strictEqual((yield* get(path, { method: "POST", body: "{}" })).status, 404)
      }
      for (const path of ["/", "/docs/", "/openapi.yaml"]) assert.strictEqual((yield* get(path)).status, 404)
    })
  )
})
