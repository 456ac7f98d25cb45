import { inspect } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { InvalidConfiguration, OutcomePending, PaykkaError, QuoteRefused, createPaykka } from "../src/index.ts"
import { answering, rejection, settings, start } from "./support.ts"

const payout = { amount: "1200.50", currency: "EUR", beneficiary_id: "B-1", postscript: "rent of flat 17" }

/** All that may be printed of an error. */
const prints = (error: unknown): string =>
  [String(error), JSON.stringify(error), inspect(error, { depth: null, showHidden: true, getters: true })].join("\n")

describe("an error", () => {
  it("is of one class, whatever its reason", async () => {
    const platform = await start()
    await using paykka = createPaykka({ ...settings, fetch: platform.fetch })
    await using broken = createPaykka({ ...settings, fetch: answering(503), retry: false })
    const reasons: Array<string> = []
    for (const call of [
      () => paykka.va.inquiry({ request_id: "" }),
      () => paykka.va.inquiry({ request_id: "R-1" }),
      () => paykka.payment.apply(payout),
      () => broken.balance.inquiry({}),
      () => broken.payment.apply(payout)
    ]) {
      const error = await rejection(call())
      assert.instanceOf(error, PaykkaError)
      assert.instanceOf(error, Error)
      assert.isBoolean(error.retryable)
      reasons.push(error.reason._tag)
    }
    assert.deepStrictEqual(reasons, ["InvalidRequest", "NotFound", "NotFound", "PlatformFailure", "OutcomeUnknown"])
    await platform.dispose()
  })

  it("prints message, stack and fields, and its JSON has the message", async () => {
    await using paykka = createPaykka({ ...settings, fetch: answering(500), retry: false })
    const payInvoice = async () => {
      await paykka.payment.apply({ ...payout, request_id: "R-1" })
    }
    const error = (await rejection(payInvoice())) as PaykkaError
    const printed = inspect(error)
    assert.match(printed, /^PaykkaError: payment\.apply: it is not known whether the platform processed it/)
    // The way to who called, which the engine's own stack does not have.
    assert.match(printed, /at (async )?payInvoice \(/)
    assert.include(printed, "_tag: 'OutcomeUnknown'")
    const json = JSON.parse(JSON.stringify({ error })) as { readonly error: Readonly<Record<string, unknown>> }
    assert.deepInclude(json.error, {
      name: "PaykkaError",
      message: error.message,
      operation: "payment.apply",
      requestId: "R-1",
      retryable: false
    })
  })

  it("of settings leads to each of its callers", async () => {
    await using paykka = createPaykka({ ...settings, privateKey: "no key" })
    const first = async () => {
      await paykka.ready()
    }
    const second = async () => {
      await paykka.va.inquiry({ request_id: "R-1" })
    }
    const errors = [await rejection(first()), await rejection(second())] as ReadonlyArray<Error>
    assert.match(errors[0]!.stack!, /at (async )?first \(/)
    assert.match(errors[1]!.stack!, /at (async )?second \(/)
    assert.instanceOf(errors[1], InvalidConfiguration)
  })

  it("shows no key and no content of a message", async () => {
    const secrets = [settings.privateKey.split("\n")[1]!, payout.postscript, "token-of-the-key-service"]
    const sign = () => Promise.reject(new Error("token-of-the-key-service"))
    const { privateKey: _, keyId: __, ...others } = settings
    await using paykka = createPaykka({ ...settings, fetch: answering(500), retry: false })
    await using unsigned = createPaykka({ ...others, sign, fetch: answering(200) })
    for (const call of [
      () => paykka.payment.apply(payout),
      () => paykka.payment.apply({ ...payout, amount: "1e5" }),
      () => unsigned.payment.apply(payout),
      () => createPaykka({ ...settings, keyId: "" }).ready()
    ]) {
      const printed = prints(await rejection(call()))
      for (const secret of secrets) assert.notInclude(printed, secret)
    }
  })

  it("of a wait and of a conversion is another", async () => {
    const platform = await start()
    await using paykka = createPaykka({ ...settings, fetch: platform.fetch })
    const { request_id } = await paykka.va.apply({ currencies: ["EUR"] })
    const pending = await rejection(paykka.va.awaitOutcome(request_id, { poll: { interval: 1, timeout: 2 } }))
    assert.instanceOf(pending, OutcomePending)
    assert.strictEqual(pending.key, request_id)
    assert.include(inspect(pending), "OutcomePending: va.inquiry")
    const sale = { sell_currency: "EUR", buy_currency: "USD", sell_amount: "100" }
    const refused = await rejection(paykka.forex.convert(sale, { min_buy_amount: "1000000" }))
    assert.instanceOf(refused, QuoteRefused)
    assert.strictEqual(refused.reason._tag, "LimitExceeded")
    assert.instanceOf(refused.quote.expire_at, Date)
    await platform.dispose()
  })
})
