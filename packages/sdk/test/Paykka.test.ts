import { assert, describe, it } from "@effect/vitest"
import type { Plugin } from "@paykka/core/Plugin"
import * as Effect from "effect/Effect"
import { PaykkaError, createClient, createPaykka, payment, va } from "../src/index.ts"
import { rejection, settings, start } from "./support.ts"

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
    const path = "/api/v2/merch/va/inquiry"
    await paykka.va.apply({ request_id: "R-1", currencies: ["EUR"] })
    const { value, httpStatus } = await paykka.request({ path, body: { request_id: "R-1" }, effect: "read" })
    assert.strictEqual(httpStatus, 200)
    assert.deepInclude(value, { request_id: "R-1" })
    const error = await rejection(paykka.request({ path: "/api/v2/merch/other", body: {}, effect: "read" }))
    assert.strictEqual((error as PaykkaError).httpStatus, 404)
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
})
