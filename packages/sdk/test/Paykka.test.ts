import { assert, describe, it } from "@effect/vitest"
import type { Plugin } from "@paykka/core/Plugin"
import * as Effect from "effect/Effect"
import {
  Amount,
  type AnyEvent,
  type LogLine,
  InvalidConfiguration,
  InvalidKeyStore,
  PaykkaError,
  SignatureRejected,
  createClient,
  createPaykka,
  payment,
  va
} from "../src/index.ts"
import { merchId, platformPublicKeys, settings, start } from "./support.ts"

/** What a promise rejects with. */
const rejection = async (promise: Promise<unknown>): Promise<unknown> => {
  try {
    await promise
  } catch (error) {
    return error
  }
  return assert.fail("it resolved")
}

describe("createPaykka", () => {
  it("calls with promises, and waits for an outcome", async () => {
    const platform = await start()
    await using paykka = createPaykka({ ...settings, fetch: platform.fetch })
    const { request_id } = await paykka.va.apply({ currencies: ["EUR"], country_code: "DE" })
    await platform.advance("1 second")
    const outcome = await paykka.va.awaitOutcome(request_id)
    assert.deepStrictEqual([outcome._tag, outcome.status], ["Succeeded", "ENABLED"])
    await platform.dispose()
  })

  it("tells status, headers and request id", async () => {
    const platform = await start()
    await using paykka = createPaykka({ ...settings, fetch: platform.fetch })
    const { value, requestId, attempts, httpStatus, headers } = await paykka.va.apply.withResponse({
      currencies: ["EUR"]
    })
    assert.strictEqual(value.request_id, requestId)
    assert.deepStrictEqual([attempts, httpStatus, headers["x-sandbox-provenance"]], [1, 200, "unknown"])
    await platform.dispose()
  })

  it("rejects with one class of error, which has a reason and says whether to try again", async () => {
    const platform = await start()
    await using paykka = createPaykka({ ...settings, fetch: platform.fetch })
    const error = await rejection(paykka.va.inquiry({ request_id: "R-1" }))
    assert.instanceOf(error, PaykkaError)
    assert.instanceOf(error, Error)
    assert.deepStrictEqual([error.reason._tag, error.retryable, error.retCode], ["NotFound", false, "010002"])
    const invalid = await rejection(paykka.va.inquiry({ request_id: "" }))
    assert.deepInclude(invalid as PaykkaError, { attempts: 0 })
    await platform.dispose()
  })

  it("keeps the plugin that must be innermost there, wherever it stands in the list", async () => {
    const platform = await start()
    for (const log of [false, () => {}] as const) {
      const seen: Array<string> = []
      const plugin = (name: string, isInnermost: boolean): Plugin => ({
        name,
        isInnermost,
        operation: (_call, next) =>
          Effect.suspend(() => {
            seen.push(name)
            return next
          })
      })
      await using paykka = createPaykka({
        ...settings,
        log,
        fetch: platform.fetch,
        plugins: [plugin("journal", true), plugin("metrics", false)]
      })
      await paykka.va.apply({ currencies: ["EUR"] })
      assert.deepStrictEqual(seen, ["metrics", "journal"])
    }
    await platform.dispose()
  })

  it("has every domain, and its functions only", () => {
    const paykka = createPaykka(settings)
    const functions = Object.entries(paykka).flatMap(([name, domain]) =>
      typeof domain === "object" && name !== "webhooks" ? Object.keys(domain).map((each) => `${name}.${each}`) : []
    )
    assert.deepStrictEqual(functions.toSorted(), [
      "assessment.apply",
      "assessment.awaitOutcome",
      "assessment.inquiry",
      "assessment.update",
      "balance.inquiry",
      "file.upload",
      "forex.awaitOutcome",
      "forex.confirm",
      "forex.convert",
      "forex.inquiry",
      "forex.preorder",
      "onboarding.apply",
      "onboarding.awaitOutcome",
      "onboarding.inquiry",
      "onboarding.update",
      "order.create",
      "order.inquiry",
      "order.supplement",
      "order.update",
      "payee.awaitOutcome",
      "payee.create",
      "payee.inquiry",
      "payee.update",
      "payment.apply",
      "payment.awaitOutcome",
      "payment.inquiry",
      "payment.pay",
      "tradesettle.apply",
      "tradesettle.awaitOutcome",
      "tradesettle.inquiry",
      "va.apply",
      "va.awaitOutcome",
      "va.inquiry"
    ])
  })

  it("uploads", async () => {
    const platform = await start()
    await using paykka = createPaykka({ ...settings, fetch: platform.fetch })
    const content = new TextEncoder().encode("%PDF-1.7")
    const { file_id, type } = await paykka.file.upload(content, { name: "licence.pdf" })
    assert.match(String(file_id), /^\d+$/)
    assert.strictEqual(type, "application/pdf")
    await platform.dispose()
  })

  it("calls an endpoint that it does not know", async () => {
    const platform = await start()
    await using paykka = createPaykka({ ...settings, fetch: platform.fetch })
    const error = await rejection(
      paykka.request({ path: "/api/v2/merch/other", body: {}, schema: Amount.Inbound, effect: "read" })
    )
    assert.strictEqual((error as PaykkaError).httpStatus, 404)
    await platform.dispose()
  })
})

describe("settings", () => {
  it.each([
    [{ baseUrl: "http://platform.example" }, InvalidConfiguration, "environment.baseUrl"],
    [{ merchId: "" }, InvalidConfiguration, "merchId"],
    [{ privateKey: "no key" }, InvalidKeyStore, "signingKey.privateKey"]
  ] as const)("that cannot be used are named: %j", async (change, type, option) => {
    await using paykka = createPaykka({ ...settings, ...change })
    for (const promise of [paykka.ready(), paykka.va.inquiry({ request_id: "R-1" })]) {
      const error = await rejection(promise)
      assert.isTrue(error instanceof type)
      assert.strictEqual((error as { readonly option: string }).option, option)
    }
  })

  it("of retry hold for all calls, or for one", async () => {
    let asked = 0
    const fetch: typeof globalThis.fetch = async () => {
      asked++
      return new Response("", { status: 503 })
    }
    await using once = createPaykka({ ...settings, fetch, retry: false })
    await rejection(once.balance.inquiry({}))
    assert.strictEqual(asked, 1)
    await using twice = createPaykka({ ...settings, fetch, retry: { maxAttempts: 2, baseDelay: 1 } })
    await rejection(twice.balance.inquiry({}))
    assert.strictEqual(asked, 3)
  })

  it("may sign somewhere else", async () => {
    const platform = await start()
    const { privateKey: _, keyId, ...others } = settings
    const { createSign } = await import("node:crypto")
    const sign = async (bytes: Uint8Array) => ({
      key_id: keyId,
      signature: createSign("RSA-SHA256").update(bytes).sign(settings.privateKey, "base64")
    })
    await using paykka = createPaykka({ ...others, sign, fetch: platform.fetch })
    assert.isString((await paykka.va.apply({ currencies: ["EUR"] })).request_id)
    await platform.dispose()
  })

  it("of the log take one line a call, without contents", async () => {
    const platform = await start()
    const lines: Array<LogLine> = []
    await using paykka = createPaykka({ ...settings, fetch: platform.fetch, log: (line) => lines.push(line) })
    await paykka.va.apply({ request_id: "R-1", currencies: ["EUR"] })
    await rejection(paykka.payment.inquiry({ request_id: "R-2" }))
    assert.deepStrictEqual(
      lines.map(({ level, facts }) => [level, facts["operation"], facts["request_id"]]),
      [
        ["info", "va.apply", "R-1"],
        ["warn", "payment.inquiry", "R-2"]
      ]
    )
    await platform.dispose()
  })
})

describe("a signal", () => {
  it("ends a call with its reason, as fetch does", async () => {
    const arrived = Promise.withResolvers<void>()
    let aborted = false
    const fetch: typeof globalThis.fetch = (_, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener("abort", () => {
          aborted = true
          reject(new Error("aborted"))
        })
        arrived.resolve()
      })
    await using paykka = createPaykka({ ...settings, fetch })
    const controller = new AbortController()
    const call = rejection(paykka.balance.inquiry({}, { signal: controller.signal }))
    await arrived.promise
    controller.abort(new Error("the user has left"))
    assert.deepStrictEqual(await call, new Error("the user has left"))
    assert.isTrue(aborted)
    const before = await rejection(paykka.balance.inquiry({}, { signal: controller.signal }))
    assert.deepStrictEqual(before, new Error("the user has left"))
  })

  it("is no field of a message: without one, options are sent as they are", async () => {
    const platform = await start()
    await using paykka = createPaykka({ ...settings, fetch: platform.fetch })
    const { requestId } = await paykka.va.apply.withResponse(
      { request_id: "R-1", currencies: ["EUR"] },
      { signal: undefined }
    )
    assert.strictEqual(requestId, "R-1")
    await platform.dispose()
  })
})

describe("createClient", () => {
  it("has the domains that are named, under their names", async () => {
    const platform = await start()
    await using client = createClient({ ...settings, fetch: platform.fetch, domains: { accounts: va, payment } })
    assert.isString((await client.accounts.apply({ currencies: ["EUR"] })).request_id)
    assert.deepStrictEqual(Object.keys(client).toSorted(), ["accounts", "dispose", "payment", "ready", "request"])
    await platform.dispose()
  })

  it("is over when it is disposed of", async () => {
    const platform = await start()
    const client = createClient({ ...settings, fetch: platform.fetch, domains: { va } })
    await client.ready()
    await client.dispose()
    await rejection(client.va.inquiry({ request_id: "R-1" }))
    await platform.dispose()
  })
})

describe("webhooks", () => {
  it("hand genuine notifications to their handlers, and acknowledge them", async () => {
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

  it("verify one request, and refuse a forgery", async () => {
    await using paykka = createPaykka({ ...settings, platformPublicKeys })
    const requests: Array<Request> = []
    const arrived = Promise.withResolvers<void>()
    const platform = await start(async (request) => {
      requests.push(request.clone())
      arrived.resolve()
      return Response.json({})
    })
    await using merchant = createPaykka({ ...settings, fetch: platform.fetch })
    await merchant.va.apply({ request_id: "R-1", currencies: ["EUR"] })
    await platform.advance("1 second")
    await arrived.promise
    const [request] = requests
    const forged = new Request(request!.url, { method: "POST", headers: request!.headers, body: "{}" })
    const event: AnyEvent = await paykka.webhooks.verify(request!)
    assert.strictEqual(event.kind, "va.notification")
    if (event.kind === "va.notification") assert.strictEqual(event.data.merch_id, merchId)
    const again = forged.clone()
    const error = await rejection(paykka.webhooks.verify(forged))
    assert.instanceOf(error, SignatureRejected)
    assert.strictEqual((await paykka.webhooks.handler({}).fetch(again)).status, 401)
    await platform.dispose()
  })
})
