import { createSign } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import {
  type LogLine,
  type PaykkaSettings,
  InvalidConfiguration,
  createClient,
  createPaykka,
  createWebhooks,
  va
} from "../src/index.ts"
import { answering, platformPublicKeys, rejection, settings, start } from "./support.ts"

describe("a setting that cannot be used", () => {
  const { privateKey, keyId: _, ...others } = settings
  it.each([
    ["environment", { environment: "prod" }],
    ["baseUrl", { environment: "production", baseUrl: undefined }],
    ["baseUrl", { baseUrl: "http://platform.example" }],
    ["merchId", { merchId: "" }],
    ["keyId", { keyId: "" }],
    ["privateKey", { privateKey: "no key" }],
    ["privateKey", { privateKey: undefined }],
    ["sign", { sign: "no function", privateKey: undefined, keyId: undefined }],
    ["sign", { sign: async () => ({ key_id: "", signature: "" }) }],
    ["timeout", { timeout: "soon" }],
    ["retry.maxAttempts", { retry: { maxAttempts: 0 } }],
    ["retry.baseDelay", { retry: { baseDelay: "soon" } }],
    ["resolve.settle", { resolve: { settle: "soon" } }],
    ["resolve.poll.interval", { resolve: { poll: { interval: 0 } } }],
    ["onUnknown", { onUnknown: "ask" }],
    ["plugins", { plugins: {} }],
    ["fetch", { fetch: {} }],
    ["log", { log: "console" }],
    ['overrides["va.apply"].path', { overrides: { "va.apply": { path: "va" } } }],
    ["platformPublicKeys", { platformPublicKeys: "-----BEGIN PUBLIC KEY-----" }],
    // A variable of the environment that is not set.
    ["platformPublicKeys[0].publicKey", { platformPublicKeys: [undefined] }],
    ["platformPublicKeys[0].publicKey", { platformPublicKeys: [{ keyId: "P", publicKey: "no key" }] }],
    ["tolerance", { platformPublicKeys, webhooks: { tolerance: "soon" } }],
    ["paths.va", { platformPublicKeys, webhooks: { paths: { va: ["hooks/va"] } } }],
    ["paths.accounts", { platformPublicKeys, webhooks: { paths: { accounts: ["/hooks/va"] } } }]
  ])("is named, before anything is sent: %s", async (option, change) => {
    const fetch = answering(200)
    await using paykka = createPaykka({ ...settings, fetch, ...change } as unknown as PaykkaSettings)
    const error = await rejection(paykka.ready())
    assert.instanceOf(error, InvalidConfiguration)
    assert.strictEqual(error.option, option)
    if (!("platformPublicKeys" in change)) {
      const again = await rejection(paykka.va.inquiry({ request_id: "R-1" }))
      assert.deepInclude(again, { _tag: error._tag, option: error.option, detail: error.detail })
    }
    assert.strictEqual(fetch.counted.requests, 0)
  })

  it("is so of a client and of webhooks alone too", async () => {
    await using client = createClient({ ...others, keyId: "", privateKey, domains: { va } })
    assert.deepInclude(await rejection(client.ready()), { option: "keyId" })
    await using webhooks = createWebhooks({ platformPublicKeys: [], log: false })
    await webhooks.ready()
    const request = new Request("https://merchant.test/hooks", { method: "POST", headers: { authorization: "x" } })
    assert.instanceOf(await rejection(webhooks.verify(request)), Error)
  })
})

describe("a setting that is undefined", () => {
  it("is the standard one", async () => {
    const nothing = {
      environment: undefined,
      baseUrl: undefined,
      merchId: undefined,
      timeout: undefined,
      retry: undefined,
      onUnknown: undefined,
      resolve: undefined,
      plugins: undefined,
      fetch: undefined,
      log: undefined,
      maxResponseBytes: undefined,
      overrides: undefined,
      undocumentedPaths: undefined,
      check: undefined,
      sign: undefined,
      platformPublicKeys: undefined,
      webhooks: undefined
    }
    const { keyId, privateKey } = settings
    await using paykka = createPaykka({ ...nothing, keyId, privateKey })
    await paykka.ready()
    const none = {
      tolerance: undefined,
      paths: undefined,
      merchants: undefined,
      replayGuard: undefined,
      log: undefined
    }
    await using webhooks = createWebhooks({ ...none, platformPublicKeys, maxBodyBytes: undefined })
    await webhooks.ready()
  })

  it("is so as a member of a policy too", async () => {
    const fetch = answering(503)
    const retry = { maxAttempts: undefined, baseDelay: 1, maxDelay: undefined, totalTime: undefined, jitter: undefined }
    const resolve = { settle: undefined, maxResends: undefined, poll: { interval: undefined, timeout: undefined } }
    await using paykka = createPaykka({ ...settings, fetch, retry, resolve, onUnknown: "resolve" })
    await rejection(paykka.balance.inquiry({}))
    assert.strictEqual(fetch.counted.requests, 3)
    await rejection(paykka.balance.inquiry({}, { retry: { maxAttempts: undefined } }))
    assert.strictEqual(fetch.counted.requests, 6)
  })
})

describe("settings", () => {
  it("of retry hold for all calls", async () => {
    const fetch = answering(503)
    await using once = createPaykka({ ...settings, fetch, retry: false })
    await rejection(once.balance.inquiry({}))
    assert.strictEqual(fetch.counted.requests, 1)
    await using twice = createPaykka({ ...settings, fetch, retry: { maxAttempts: 2, baseDelay: 1 } })
    await rejection(twice.balance.inquiry({}))
    assert.strictEqual(fetch.counted.requests, 3)
  })

  it("may sign somewhere else", async () => {
    const platform = await start()
    const { privateKey, keyId, ...others } = settings
    const sign = async (bytes: Uint8Array) => ({
      key_id: keyId,
      signature: createSign("RSA-SHA256").update(bytes).sign(privateKey, "base64")
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

  it("of a log that throws change nothing", async () => {
    const platform = await start()
    const log = () => {
      throw new Error("the disk is full")
    }
    await using paykka = createPaykka({ ...settings, fetch: platform.fetch, log, undocumentedPaths: "warn" })
    assert.isString((await paykka.va.apply({ currencies: ["EUR"] })).request_id)
    await platform.dispose()
  })
})
