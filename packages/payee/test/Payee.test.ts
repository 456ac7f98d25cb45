import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { awaitAfter } from "../../core/test/support/amendment.ts"
import * as Domain from "../../core/test/support/domain.ts"
import * as Payee from "../src/Payee.ts"

const start = Domain.starter(Payee.Payee, Payee.layer)

describe("Payee", () => {
  it.effect("creates, amends and asks, signed, with members that no schema knows", () =>
    Effect.gen(function* () {
      const known = { request_id: "R-1", beneficiary_id: "B-1", status: "ANY" }
      const { platform, service } = yield* start({}, {}, { body: { ...known, bank: { name: "example" } } })
      const { request_id } = yield* service.create({ beneficiary: { purpose: "PFG", bank_account: { no: "1" } } })
      yield* service.update({ request_id, type: "any", beneficiary: { country: "DE" } })
      assert.deepStrictEqual(yield* service.inquiry({ request_id }), { ...known, bank: { name: "example" } })
      yield* service.inquiry({ beneficiary_id: "B-1" })
      // Paths of contract/payee.yaml.
      assert.deepStrictEqual(Domain.sent(platform), [
        [
          "/api/v2/merch/beneficiary/create",
          Domain.merchId,
          `{"request_id":"${request_id}","beneficiary":{"purpose":"PFG","bank_account":{"no":"1"}}}`
        ],
        [
          "/api/v2/merch/beneficiary/update",
          Domain.merchId,
          `{"request_id":"${request_id}","type":"any","beneficiary":{"country":"DE"}}`
        ],
        ["/api/v2/merch/beneficiary/inquiry", Domain.merchId, `{"request_id":"${request_id}"}`],
        ["/api/v2/merch/beneficiary/inquiry", Domain.merchId, '{"beneficiary_id":"B-1"}']
      ])
    })
  )

  it.effect("names the question that tells the outcome of a lost answer", () =>
    Effect.gen(function* () {
      const { service } = yield* start("reset")
      for (const write of [service.create({ request_id: "R-1" }), service.update({ request_id: "R-1" })]) {
        assert.deepStrictEqual(Domain.doubt(yield* Effect.flip(write)), {
          resolvedBy: "payee.inquiry",
          key: { field: "request_id", value: "R-1" }
        })
      }
    })
  )

  it.effect("refuses what does not fit before anything is sent", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* start()
      const beneficiary = { country: "Germany", industry: 1.5 }
      assert.match(
        Domain.faults(yield* Effect.flip(service.create({ beneficiary }))).join(),
        /^beneficiary\.country: .*,beneficiary\.industry: /
      )
      // @ts-expect-error an amendment names the payee
      assert.match(Domain.faults(yield* Effect.flip(service.update({}))).join(), /^request_id: is missing/)
      // @ts-expect-error one of the numbers must be given
      const nothing = service.inquiry({})
      assert.deepStrictEqual(Domain.faults(yield* Effect.flip(nothing)), [
        "request_id: give request_id or beneficiary_id"
      ])
      assert.strictEqual(platform.received.length, 0)
    })
  )
})

// contract/payee.yaml knows no status.
Domain.awaitOutcome({
  start,
  wait: (service, key, options) => service.awaitOutcome(key, options),
  operation: "payee.inquiry",
  key: "R-1",
  asked: ["/api/v2/merch/beneficiary/inquiry", Domain.merchId, '{"request_id":"R-1"}'],
  pending: [],
  succeeded: [],
  failed: [],
  unlisted: "decided"
})

awaitAfter({ start, wait: (service, options) => service.awaitOutcome("R-1", options), old: "ANY", taken: "Unlisted" })
