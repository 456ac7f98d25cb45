import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { application } from "../../core/test/support/application.ts"
import { awaitAfter } from "../../core/test/support/amendment.ts"
import * as Domain from "../../core/test/support/domain.ts"
import * as Onboarding from "../src/Onboarding.ts"

const start = Domain.starter(Onboarding.Onboarding, Onboarding.layer)

describe("Onboarding", () => {
  it.effect("applies, amends and asks, signed and without X-Merch-Id", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* start(
        { body: { authorize_link: "https://example.com", merch_id: "M2" } },
        {}
      )
      const { request_id: _, ...withoutId } = application
      const { request_id, merch_id, authorize_link } = yield* service.apply(withoutId)
      assert.deepStrictEqual([merch_id, authorize_link], ["M2", "https://example.com"])
      yield* service.update({ ...application, request_id })
      yield* service.inquiry({ merch_id: "M2" })
      yield* service.inquiry({ request_id })
      // Paths and header rules of contract/onboarding.yaml.
      assert.deepStrictEqual(
        Domain.sent(platform).map(([path, merchId, body]) => [path, merchId, JSON.parse(body)]),
        [
          ["/api/v2/merch/onboard/apply", undefined, { ...application, request_id }],
          ["/api/v2/merch/onboard/update", undefined, { ...application, request_id }],
          ["/api/v2/merch/onboard/status", undefined, { merch_id: "M2" }],
          ["/api/v2/merch/onboard/status", undefined, { request_id }]
        ]
      )
    })
  )

  it.effect("names the question that tells the outcome of a lost answer", () =>
    Effect.gen(function* () {
      const { service } = yield* start("reset")
      for (const write of [service.apply(application), service.update(application)]) {
        assert.deepStrictEqual(Domain.doubt(yield* Effect.flip(write)), {
          resolvedBy: "onboarding.inquiry",
          key: { field: "request_id", value: "R-1" }
        })
      }
    })
  )

  it.effect("refuses what does not fit before anything is sent", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* start()
      const stakeholder_list = [{ ...application.stakeholder_list[0]!, birth_date: "2001-02-29" }]
      const unfit = { ...application, stakeholder_list }
      for (const write of [service.apply(unfit), service.update(unfit)]) {
        const [fault, ...others] = Domain.faults(yield* Effect.flip(write))
        assert.match(fault ?? "", /^stakeholder_list\[0\]\.birth_date: /)
        assert.deepStrictEqual(others, [])
      }
      // @ts-expect-error one of the numbers must be given
      const nothing = service.inquiry({})
      assert.deepStrictEqual(Domain.faults(yield* Effect.flip(nothing)), ["merch_id: give merch_id or request_id"])
      const header = service.inquiry({ request_id: "R-1" }, { merchId: "M2" })
      assert.deepStrictEqual(Domain.faults(yield* Effect.flip(header)), [
        "options.merchId: must not be given: onboarding.inquiry forbids X-Merch-Id"
      ])
      assert.strictEqual(platform.received.length, 0)
    })
  )

  it.effect("waits by the merchant number as well", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* start({ body: { status: "WAIT" } })
      const pending = service.awaitOutcome({ merch_id: "M2" }, { poll: { interval: "1 hour" } })
      const error = yield* Effect.flip(pending)
      if (error._tag !== "OutcomePending") return assert.fail(error.message)
      assert.strictEqual(error.key, "M2")
      assert.deepStrictEqual(Domain.sent(platform), [["/api/v2/merch/onboard/status", undefined, '{"merch_id":"M2"}']])
    })
  )
})

// Both sets of values that contract/onboarding.yaml names.
Domain.awaitOutcome({
  start,
  wait: (service, key, options) => service.awaitOutcome(key, options),
  operation: "onboarding.inquiry",
  key: "R-1",
  asked: ["/api/v2/merch/onboard/status", undefined, '{"request_id":"R-1"}'],
  pending: ["INIT", "WAIT"],
  succeeded: ["APPROVED", "PASS"],
  failed: ["REJECTED", "SUPPLEMENT", "REFUSED", "AUTH_FAIL"],
  unlisted: "pending"
})

awaitAfter({
  start,
  wait: (service, options) => service.awaitOutcome("R-1", options),
  old: "SUPPLEMENT",
  taken: "Failed"
})
