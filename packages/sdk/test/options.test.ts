import { getEventListeners } from "node:events"
import { AsyncLocalStorage } from "node:async_hooks"
import { assert, describe, it } from "@effect/vitest"
import { type CallOptions, Disposed, PaykkaError, createClient, createPaykka, payment, va } from "../src/index.ts"
import { answering, rejection, settings, start } from "./support.ts"

/** A fetch that never answers, tells when it was called, and whether it was aborted. */
const silent = () => {
  const arrived = Promise.withResolvers<void>()
  const state = { aborted: false }
  const fetch: typeof globalThis.fetch = (_, init) =>
    new Promise((_resolve, reject) => {
      init?.signal?.addEventListener("abort", () => {
        state.aborted = true
        reject(new Error("aborted"))
      })
      arrived.resolve()
    })
  return { fetch, state, arrived: arrived.promise }
}

const payout = { amount: "1200.50", currency: "EUR", beneficiary_id: "B-1" }

describe("a signal", () => {
  it("ends a call with its reason, as fetch does", async () => {
    const { fetch, state, arrived } = silent()
    await using paykka = createPaykka({ ...settings, fetch })
    const controller = new AbortController()
    const call = rejection(paykka.balance.inquiry({}, { signal: controller.signal }))
    await arrived
    controller.abort(new Error("the user has left"))
    assert.deepStrictEqual(await call, new Error("the user has left"))
    assert.isTrue(state.aborted)
    const before = await rejection(paykka.balance.inquiry({}, { signal: controller.signal }))
    assert.deepStrictEqual(before, new Error("the user has left"))
  })

  it("ends a wait between two requests, and a wait for an outcome", async () => {
    const fetch = answering(503)
    await using paykka = createPaykka({
      ...settings,
      fetch,
      retry: { baseDelay: "10 minutes", totalTime: "1 hour", maxDelay: "1 hour" }
    })
    const controller = new AbortController()
    const call = rejection(paykka.balance.inquiry({}, { signal: controller.signal }))
    while (fetch.counted.requests === 0) await new Promise((resolve) => setImmediate(resolve))
    controller.abort()
    assert.strictEqual(await call, controller.signal.reason)
    const platform = await start()
    await using other = createPaykka({ ...settings, fetch: platform.fetch })
    const { request_id } = await other.va.apply({ currencies: ["EUR"] })
    // Its clock stands still, so the account is never opened.
    const waiting = new AbortController()
    const wait = rejection(other.va.awaitOutcome(request_id, { signal: waiting.signal }))
    setImmediate(() => waiting.abort("enough"))
    assert.strictEqual(await wait, "enough")
    await platform.dispose()
  })

  it("that is aborted while the keys are read spoils no other call", async () => {
    const platform = await start()
    await using paykka = createPaykka({ ...settings, fetch: platform.fetch })
    const controller = new AbortController()
    const first = rejection(paykka.va.apply({ currencies: ["EUR"] }, { signal: controller.signal }))
    const second = paykka.va.apply({ request_id: "R-2", currencies: ["EUR"] })
    controller.abort("changed my mind")
    assert.strictEqual(await first, "changed my mind")
    assert.strictEqual((await second).request_id, "R-2")
    await platform.dispose()
  })

  it("that outlives the calls keeps nothing of them", async () => {
    const platform = await start()
    await using paykka = createPaykka({ ...settings, fetch: platform.fetch })
    const { signal } = new AbortController()
    for (let i = 0; i < 3; i++) await paykka.va.apply({ currencies: ["EUR"] }, { signal })
    assert.deepStrictEqual(getEventListeners(signal, "abort"), [])
    await platform.dispose()
  })

  it("that is none is refused, before anything is sent", async () => {
    const fetch = answering(200)
    await using paykka = createPaykka({ ...settings, fetch })
    const error = await rejection(paykka.payment.pay(payout, payout, { signal: new AbortController() as never }))
    assert.instanceOf(error, PaykkaError)
    assert.include(
      error.message,
      "payment.pay: the request is invalid, nothing was sent: options.signal must be an AbortSignal"
    )
    assert.strictEqual(fetch.counted.requests, 0)
  })
})

describe("options of a call", () => {
  it("deviate from the client's retry policy", async () => {
    const fetch = answering(503)
    await using paykka = createPaykka({ ...settings, fetch, retry: { maxAttempts: 4, baseDelay: 1 } })
    const attempts = async (options: CallOptions) =>
      ((await rejection(paykka.balance.inquiry({}, options))) as PaykkaError).attempts
    assert.deepStrictEqual(
      [await attempts({}), await attempts({ retry: { maxAttempts: 2 } }), await attempts({ retry: false })],
      [4, 2, 1]
    )
  })

  it("limit the wait for one request", async () => {
    const { fetch, state } = silent()
    await using paykka = createPaykka({ ...settings, fetch, retry: false })
    const error = await rejection(paykka.payment.apply(payout, { timeout: 5 }))
    assert.instanceOf(error, PaykkaError)
    assert.strictEqual(error.reason._tag, "OutcomeUnknown")
    assert.isTrue(state.aborted)
  })

  it("that cannot be used are named", async () => {
    await using paykka = createPaykka({ ...settings, fetch: answering(200) })
    for (const [options, rule] of [
      [{ timeout: "soon" }, "options.timeout"],
      [{ retry: { maxAttempts: 0 } }, "retry.maxAttempts"],
      [{ onUnknown: "ask" }, "options.onUnknown"]
    ] as ReadonlyArray<readonly [object, string]>) {
      const error = await rejection(paykka.payment.apply(payout, options))
      assert.include((error as PaykkaError).message, rule)
      assert.strictEqual((error as PaykkaError).attempts, 0)
    }
  })

  it("stand behind the arguments, whatever those are", async () => {
    const platform = await start()
    await using paykka = createPaykka({ ...settings, fetch: platform.fetch })
    const { requestId } = await paykka.va.apply.withResponse(
      { request_id: "R-1", currencies: ["EUR"] },
      { signal: undefined }
    )
    assert.strictEqual(requestId, "R-1")
    await platform.advance("1 second")
    assert.strictEqual((await paykka.va.awaitOutcome("R-1", { retry: false })).status, "ENABLED")
    // A file that is named as its options are is a file all the same.
    const file = Object.assign(new File(["%PDF-1.7"], "licence.pdf"), { signal: "none" })
    assert.strictEqual((await paykka.file.upload(file)).name, "licence.pdf")
    await platform.dispose()
  })

  it("are those of withResponse only where there is a response", () => {
    const paykka = createPaykka(settings)
    assert.isFunction(paykka.va.apply.withResponse)
    assert.notProperty(paykka.va.awaitOutcome, "withResponse")
  })
})

describe("first calls at the same time", () => {
  it("read the keys once, and run in the context of their callers", async () => {
    const platform = await start()
    const current = new AsyncLocalStorage<string>()
    const seen: Array<readonly [requestId: unknown, context: string | undefined]> = []
    const fetch: typeof globalThis.fetch = (url, init) => {
      const { request_id } = JSON.parse(new TextDecoder().decode(init?.body as Uint8Array)) as { request_id: string }
      seen.push([request_id, current.getStore()])
      return platform.fetch(url, init)
    }
    let signed = 0
    const { createSign } = await import("node:crypto")
    const { privateKey, keyId, ...others } = settings
    const sign = async (bytes: Uint8Array) => {
      signed++
      return { key_id: keyId, signature: createSign("RSA-SHA256").update(bytes).sign(privateKey, "base64") }
    }
    await using paykka = createPaykka({ ...others, sign, fetch })
    const ids = ["R-1", "R-2", "R-3", "R-4"]
    await Promise.all(ids.map((id) => current.run(id, () => paykka.va.apply({ request_id: id, currencies: ["EUR"] }))))
    assert.strictEqual(signed, 4)
    assert.sameDeepMembers(
      seen,
      ids.map((id) => [id, id] as const)
    )
    await platform.dispose()
  })
})

describe("dispose", () => {
  it("refuses later calls, and may be called again", async () => {
    const fetch = answering(200)
    const paykka = createPaykka({ ...settings, fetch })
    await paykka.dispose()
    await paykka.dispose()
    for (const call of [
      () => paykka.ready(),
      () => paykka.va.inquiry({ request_id: "R-1" }),
      () => paykka.request({ path: "/x", body: {}, effect: "read" }),
      () => paykka.webhooks.verify(new Request("https://merchant.test/"))
    ]) {
      const error = await rejection(call())
      assert.instanceOf(error, Disposed)
      assert.isFalse(error.wasUnderWay)
    }
    assert.throws(() => paykka.webhooks.handler({}), Disposed)
    assert.strictEqual(fetch.counted.requests, 0)
  })

  it("ends what is under way, and says so", async () => {
    const { fetch, state, arrived } = silent()
    const client = createClient({ ...settings, fetch, domains: { payment, va } })
    const call = rejection(client.payment.apply(payout))
    await arrived
    await client.dispose()
    const error = await call
    assert.instanceOf(error, Disposed)
    assert.isTrue(error.wasUnderWay)
    assert.include(error.message, "what became of a write is not known")
    assert.isTrue(state.aborted)
  })
})
