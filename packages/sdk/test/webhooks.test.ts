import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { mkdtempSync, rmSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import {
  type AnyEvent,
  type LogLine,
  SignatureRejected,
  Unreadable,
  createPaykka,
  createWebhooks
} from "../src/index.ts"
import { merchId, platformPublicKeys, rejection, settings, signed, start } from "./support.ts"

describe("handler", () => {
  it("hands genuine notifications of the platform to their handlers, and acknowledges them", async () => {
    const events: Array<string> = []
    const answered = Promise.withResolvers<void>()
    const paykka = createPaykka({ ...settings, platformPublicKeys })
    const handler = paykka.webhooks.handler({
      va: async ({ kind, data }) => events.push(`${kind} ${data.request_id} ${data.status}`)
    })
    const statuses: Array<number> = []
    const platform = await start(async (request) => {
      const response = await handler.fetch(request)
      statuses.push(response.status)
      answered.resolve()
      return response
    })
    await using merchant = createPaykka({ ...settings, fetch: platform.fetch })
    await merchant.va.apply({ request_id: "R-1", currencies: ["EUR"] })
    await platform.advance("1 second")
    await answered.promise
    assert.deepStrictEqual(events, ["va.notification R-1 ENABLED"])
    await platform.dispose()
    await paykka.dispose()
    assert.deepStrictEqual(statuses, [200])
  })

  it("answers over node:http, and what a framework has read", async () => {
    const seen: Array<unknown> = []
    await using webhooks = createWebhooks({ platformPublicKeys, log: false })
    const handler = webhooks.handler({ va: ({ data }) => void seen.push(data.request_id) })
    const server = createServer(handler.node).listen(0, "127.0.0.1")
    await once(server, "listening")
    const post = async ({ path, headers, body }: Awaited<ReturnType<typeof signed>>, more = "") => {
      const { port } = server.address() as AddressInfo
      const all = Buffer.concat([body, Buffer.from(more)])
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: "POST", headers, body: all })
      return [response.status, await response.text()]
    }
    assert.deepStrictEqual(await post(await signed("R-1")), [200, "{}"])
    assert.deepStrictEqual(await post(await signed("R-2"), " "), [401, "{}"])
    server.close()
    const parts = await signed("R-3")
    assert.strictEqual((await handler.receive(parts)).status, 200)
    assert.strictEqual((await handler.receive(parts)).status, 200)
    assert.deepStrictEqual(seen, ["R-1", "R-3"])
  })

  it("asks for a notification again whose handler rejects or throws, and tells the log why", async () => {
    const lines: Array<LogLine> = []
    await using webhooks = createWebhooks({ platformPublicKeys, log: (line) => lines.push(line) })
    const failures = [
      () => Promise.reject(new Error("the database is away")),
      () => {
        throw new Error("a defect")
      }
    ]
    for (const [index, va] of failures.entries()) {
      assert.strictEqual((await webhooks.handler({ va }).fetch((await signed(`R-${index}`)).request())).status, 500)
    }
    assert.deepStrictEqual(
      lines.map(({ level, message, error }) => [level, message, (error as Error).message]),
      ["the database is away", "a defect"].map((text) => [
        "error",
        "the handler of va.notification failed; PayKKa is asked to send it again",
        text
      ])
    )
  })

  it("aborts the signal of a handler that takes too long, and asks for the notification again", async () => {
    const { layerMemory } = await import("@paykka/webhook/ReplayGuard")
    const replayGuard = layerMemory({ lease: "50 millis" })
    await using webhooks = createWebhooks({ platformPublicKeys, log: false, replayGuard })
    let aborted = false
    const handler = webhooks.handler({
      va: (_, { signal }) =>
        new Promise((resolve) => {
          signal.addEventListener("abort", () => {
            aborted = true
            resolve(undefined)
          })
        })
    })
    assert.strictEqual((await handler.fetch((await signed("R-1")).request())).status, 500)
    assert.isTrue(aborted)
  })

  it("gives handlers a signal that is not aborted", async () => {
    await using webhooks = createWebhooks({ platformPublicKeys, log: false })
    const handler = webhooks.handler({
      va: (_, { signal }) => {
        assert.instanceOf(signal, AbortSignal)
        assert.isFalse(signal.aborted)
      }
    })
    assert.strictEqual((await handler.fetch((await signed("R-1")).request())).status, 200)
  })

  it("takes paths that are undefined for none, and those that are given for their kind", async () => {
    const kinds: Array<string> = []
    await using webhooks = createWebhooks({
      platformPublicKeys,
      log: false,
      paths: { va: undefined, payment: ["/hooks/payment"] }
    })
    const handler = webhooks.handler({
      va: ({ kind }) => void kinds.push(kind),
      payment: ({ kind }) => void kinds.push(kind),
      onboarding: undefined
    })
    for (const path of ["/hooks/any", "/hooks/payment"]) {
      assert.strictEqual((await handler.fetch((await signed(`R${path.length}`, path)).request())).status, 200)
    }
    assert.deepStrictEqual(kinds, ["va.notification", "payment.notification"])
    assert.strictEqual((await webhooks.verify((await signed("R-3", "/hooks/payment")).request())).kind, kinds[1])
  })

  it("refuses a merchant that is not expected", async () => {
    await using webhooks = createWebhooks({ platformPublicKeys, log: false, merchants: [merchId] })
    const handler = webhooks.handler({ va: () => {} })
    assert.strictEqual((await handler.fetch((await signed("R-1")).request())).status, 200)
    assert.strictEqual((await handler.fetch((await signed("R-2", "/hooks/va", "M-OTHER")).request())).status, 401)
  })

  it("remembers in a store what it has handled", async () => {
    const folder = mkdtempSync(join(tmpdir(), "paykka-sdk-"))
    const { layer } = await import("@paykka/store-sql/SqlReplayGuard")
    const { layerSqlite } = await import("@paykka/store-sql/node")
    const Layer = await import("effect/Layer")
    const handled: Array<unknown> = []
    const { request } = await signed("R-1")
    for (const _process of [1, 2]) {
      const replayGuard = Layer.provide(layer(), layerSqlite({ filename: join(folder, "paykka.db") }))
      await using webhooks = createWebhooks({ platformPublicKeys, log: false, replayGuard })
      const handler = webhooks.handler({ va: ({ data }) => void handled.push(data.request_id) })
      assert.strictEqual((await handler.fetch(request())).status, 200)
    }
    assert.deepStrictEqual(handled, ["R-1"])
    rmSync(folder, { recursive: true })
  })

  it("answers 503 without a key, and when it is over", async () => {
    const lines: Array<LogLine> = []
    const paykka = createPaykka({ ...settings, log: (line) => lines.push(line) })
    const handler = paykka.webhooks.handler({ va: () => {} })
    assert.strictEqual((await handler.fetch((await signed("R-1")).request())).status, 503)
    assert.include(lines.at(-1)?.message, "no platform key")
    await paykka.dispose()
    assert.strictEqual((await handler.fetch((await signed("R-2")).request())).status, 503)
  })
})

describe("verify", () => {
  it("decodes one request, web request or parts", async () => {
    await using paykka = createPaykka({ ...settings, platformPublicKeys })
    const { request, ...parts } = await signed("R-1")
    for (const given of [request(), parts]) {
      const event: AnyEvent = await paykka.webhooks.verify(given)
      assert.strictEqual(event.kind, "va.notification")
      if (event.kind === "va.notification") assert.strictEqual(event.data.request_id, "R-1")
      assert.strictEqual(event.verified.merchId, merchId)
    }
  })

  it("refuses a forgery, and what cannot be read", async () => {
    await using paykka = createPaykka({ ...settings, platformPublicKeys })
    const { path, headers } = await signed("R-1")
    const forged = await rejection(paykka.webhooks.verify({ path, headers, body: "{}" }))
    assert.instanceOf(forged, SignatureRejected)
    assert.strictEqual(forged.reason._tag, "Mismatch")
    const parsed = await rejection(paykka.webhooks.verify({ path, headers, body: {} as never }))
    assert.instanceOf(parsed, Unreadable)
    assert.include(String(parsed), "not bytes")
  })

  it("says that there is no key", async () => {
    await using paykka = createPaykka(settings)
    const error = await rejection(paykka.webhooks.verify((await signed("R-1")).request()))
    assert.deepInclude(error, { _tag: "InvalidConfiguration", option: "platformPublicKeys" })
  })
})
