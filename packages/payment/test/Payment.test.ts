import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { assertKeeps } from "../../core/test/support/secrets.ts"
import * as Domain from "../../core/test/support/domain.ts"
import * as Payment from "../src/Payment.ts"

const start = Domain.starter(Payment.Payment, Payment.layer)

// The documentation's example of the answer: contract/payment.yaml.
const accepted = { body: '{"fee_amount":0,"beneficiary_type":"PAY","status":"PROCESSING"}' }
const payment = { request_id: "R-1", amount: "1200.50", currency: "EUR", beneficiary_id: "B-1" }
const apply = [
  "/api/v2/merch/pay/apply",
  Domain.merchId,
  '{"amount":1200.50,"currency":"EUR","beneficiary_id":"B-1","request_id":"R-1"}'
] as const

describe("Payment", () => {
  it.effect("pays and asks, signed, with every digit", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* start(accepted)
      const { request_id, status, fee_amount } = yield* service.apply(payment)
      assert.deepStrictEqual([request_id, status, String(fee_amount)], ["R-1", "PROCESSING", "0"])
      yield* service.inquiry({ request_id })
      // Paths of contract/payment.yaml.
      assert.deepStrictEqual(Domain.sent(platform), [
        apply,
        ["/api/v2/merch/pay/inquiry", Domain.merchId, '{"request_id":"R-1"}']
      ])
    })
  )

  it.effect("names the question that tells the outcome of a lost answer, and does not pay twice", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* start("reset")
      assert.deepStrictEqual(Domain.doubt(yield* Effect.flip(service.apply(payment))), {
        resolvedBy: "payment.inquiry",
        key: { field: "request_id", value: "R-1" }
      })
      assert.strictEqual(platform.received.length, 1)
    })
  )

  it.effect("refuses what does not fit before anything is sent", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* start()
      const unfit = service.apply({ ...payment, amount: 0.1, currency: "euro" })
      assert.match(Domain.faults(yield* Effect.flip(unfit)).join("\n"), /^amount: .*\ncurrency: /)
      // @ts-expect-error a payment is asked for by its request_id
      assert.include(Domain.faults(yield* Effect.flip(service.inquiry({}))).join(), "request_id: is missing")
      assert.strictEqual(platform.received.length, 0)
    })
  )
})

describe("pay", () => {
  const { beneficiary_id, ...input } = payment

  it.effect("pays a payee in its currency, as apply does", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* start(accepted, "reset")
      const { request_id } = yield* service.pay({ beneficiary_id, currency: "EUR" }, input)
      assert.strictEqual(request_id, "R-1")
      const lost = service.pay({ beneficiary_id, currency: "EUR" }, input, { merchId: "M2" })
      assert.strictEqual(Domain.doubt(yield* Effect.flip(lost)).resolvedBy, "payment.inquiry")
      assert.deepStrictEqual(Domain.sent(platform), [apply, [apply[0], "M2", apply[2]]])
    })
  )

  it.effect("refuses another currency before anything is sent", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* start()
      const error = yield* Effect.flip(service.pay({ beneficiary_id, currency: "USD" }, input))
      assert.deepStrictEqual(Domain.faults(error), ["currency: must be the payee's currency; convert with forex first"])
      assert.strictEqual(error.operation, "payment.apply")
      assert.isFalse(error.retryable)
      assertKeeps(error, [beneficiary_id, "1200.50"])
      assert.strictEqual(platform.received.length, 0)
    })
  )

  it.effect("refuses to pay nothing, or less, before anything is sent", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* start(accepted)
      const rule = "amount: must be more than zero"
      for (const amount of ["-5", "0", "-0.00", "0.000", 0, -0, -1, 0n, -1n]) {
        const error = yield* Effect.flip(service.pay({ beneficiary_id, currency: "EUR" }, { ...input, amount }))
        assert.deepStrictEqual(Domain.faults(error), [rule])
        assert.strictEqual(error.operation, "payment.apply")
      }
      const both = service.pay({ beneficiary_id, currency: "USD" }, { ...input, amount: "-1200.50" })
      const error = yield* Effect.flip(both)
      assert.deepStrictEqual(Domain.faults(error), [
        rule,
        "currency: must be the payee's currency; convert with forex first"
      ])
      assertKeeps(error, [beneficiary_id, "1200.50"])
      // What is no amount is for the schema to refuse.
      const none = yield* Effect.flip(service.pay({ beneficiary_id, currency: "EUR" }, { ...input, amount: 0.5 }))
      assert.match(Domain.faults(none).join(), /^amount: must not be a float/)
      assert.strictEqual(platform.received.length, 0)
      yield* service.pay({ beneficiary_id, currency: "EUR" }, { ...input, amount: "0.01" })
      assert.strictEqual(platform.received.length, 1)
    })
  )

  it.effect("pays nobody but the payee", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* start(accepted)
      // @ts-expect-error the payee is named once
      yield* service.pay({ beneficiary_id, currency: "EUR" }, { ...input, beneficiary_id: "B-2" })
      assert.deepStrictEqual(Domain.sent(platform), [apply])
    })
  )
})

// contract/payment.yaml knows no final status.
Domain.awaitOutcome({
  start,
  wait: (service, key, options) => service.awaitOutcome(key, options),
  operation: "payment.inquiry",
  key: "R-1",
  asked: ["/api/v2/merch/pay/inquiry", Domain.merchId, '{"request_id":"R-1"}'],
  pending: ["PROCESSING"],
  succeeded: [],
  failed: [],
  unlisted: "decided"
})
