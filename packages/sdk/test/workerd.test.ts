/** The plain door in workerd, the runtime of Workers, without `nodejs_compat`. */
import { fileURLToPath } from "node:url"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Log, LogLevel, Miniflare, type Request as MiniflareRequest, Response as MiniflareResponse } from "miniflare"
import { rolldown } from "rolldown"
import { type Platform, platformKey, settings, signed, start } from "./support.ts"

const bundle = async (): Promise<string> => {
  const input = fileURLToPath(new URL("worker.ts", import.meta.url))
  const build = await rolldown({
    input,
    platform: "neutral",
    resolve: { mainFields: ["module", "main"] },
    logLevel: "silent"
  })
  const { output } = await build.generate({ format: "esm", codeSplitting: false })
  await build.close()
  const [{ code, imports }] = output
  assert.deepStrictEqual(imports, [])
  return code
}

describe("a worker", () => {
  let platform: Platform
  let miniflare: Miniflare
  let origin: string

  beforeAll(async () => {
    platform = await start()
    miniflare = new Miniflare({
      modules: true,
      script: await bundle(),
      compatibilityDate: "2026-07-01",
      // It would ask Cloudflare for an example.
      cf: false,
      bindings: { PRIVATE_KEY: settings.privateKey, PLATFORM_PUBLIC_KEY: platformKey.publicKey },
      // What the worker fetches.
      outboundService: async (request: MiniflareRequest) => {
        const { method, headers } = request
        const answer = await platform.fetch(request.url, {
          method,
          headers: [...headers],
          body: new Uint8Array(await request.arrayBuffer())
        })
        return new MiniflareResponse(await answer.text(), { status: answer.status, headers: [...answer.headers] })
      },
      log: new Log(LogLevel.NONE)
    })
    origin = (await miniflare.ready).origin
  })

  afterAll(async () => {
    await miniflare.dispose()
    await platform.dispose()
  })

  it("makes calls, its first ones at the same time", async () => {
    const ids = Array.from({ length: 8 }, (_, index) => `R-${index}`)
    const answers = await Promise.all(ids.map(async (id) => (await fetch(`${origin}/${id}`)).json()))
    assert.deepStrictEqual(
      answers,
      ids.map((request_id) => ({ request_id }))
    )
  })

  it("answers notifications", async () => {
    const answers = await Promise.all(
      ["R-1", "R-2"].map(async (id) => {
        const { path, headers, body } = await signed(id)
        return (await fetch(origin + path, { method: "POST", headers, body })).status
      })
    )
    assert.deepStrictEqual(answers, [200, 200])
    const { path, headers } = await signed("R-3")
    assert.strictEqual((await fetch(origin + path, { method: "POST", headers, body: "{}" })).status, 401)
    assert.sameMembers(await (await fetch(`${origin}/seen`)).json(), ["R-1 ENABLED", "R-2 ENABLED"])
  })
})
