import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { application } from "../../core/test/support/application.ts"
import { awaitAfter } from "../../core/test/support/amendment.ts"
import * as Domain from "../../core/test/support/domain.ts"
import * as Assessment from "../src/Assessment.ts"

const start = Domain.starter(Assessment.Assessment, Assessment.layer)

describe("Assessment", () => {
  it.effect("submits without X-Merch-Id; amends and asks with it, signed", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* start(
        { body: { merch_id: "M2" } },
        {},
        { body: { status: "PASS", risk_level: "LOW" } }
      )
      const { merch_id, request_id } = yield* service.apply(application)
      assert.deepStrictEqual([merch_id, request_id], ["M2", "R-1"])
      const { contact_person } = application
      yield* service.update({ merch_id: "M2", contact_person })
      assert.deepStrictEqual(yield* service.inquiry({ merch_id: "M2" }), { status: "PASS", risk_level: "LOW" })
      // Paths and header rules of contract/assessment.yaml.
      assert.deepStrictEqual(
        Domain.sent(platform).map(([path, merchId, body]) => [path, merchId, JSON.parse(body)]),
        [
          ["/api/v2/merch/assessment/apply", undefined, application],
          ["/api/v2/merch/assessment/update", "M2", { merch_id: "M2", contact_person }],
          ["/api/v2/merch/assessment/result", "M2", { merch_id: "M2" }]
        ]
      )
    })
  )

  it.effect("sends another X-Merch-Id where the call says so", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* start()
      yield* service.inquiry({ merch_id: "M2" }, { merchId: "M3" })
      assert.deepStrictEqual(
        Domain.sent(platform).map(([, merchId]) => merchId),
        ["M3"]
      )
    })
  )

  it.effect("names the question and the key of a lost answer", () =>
    Effect.gen(function* () {
      const { service } = yield* start("reset")
      // The one place where the question does not take the key.
      assert.deepStrictEqual(Domain.doubt(yield* Effect.flip(service.apply(application))), {
        resolvedBy: "assessment.inquiry",
        key: { field: "request_id", value: "R-1" }
      })
      assert.deepStrictEqual(Domain.doubt(yield* Effect.flip(service.update({ merch_id: "M2" }))), {
        resolvedBy: "assessment.inquiry",
        key: { field: "merch_id", value: "M2" }
      })
    })
  )

  it.effect("refuses what does not fit before anything is sent", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* start()
      const license = { ...application.license, region: "China" }
      assert.match(
        Domain.faults(yield* Effect.flip(service.apply({ ...application, license }))).join(),
        /^license\.region: /
      )
      // @ts-expect-error the merchant number names what is amended
      assert.match(Domain.faults(yield* Effect.flip(service.update({ request_id: "R-1" }))).join(), /^merch_id: /)
      // @ts-expect-error the inquiry knows no request_id
      assert.match(Domain.faults(yield* Effect.flip(service.inquiry({ request_id: "R-1" }))).join(), /merch_id: /)
      assert.strictEqual(platform.received.length, 0)
    })
  )
})

// The statuses of contract/assessment.yaml.
Domain.awaitOutcome({
  start,
  wait: (service, key, options) => service.awaitOutcome(key, options),
  operation: "assessment.inquiry",
  key: "M2",
  asked: ["/api/v2/merch/assessment/result", "M2", '{"merch_id":"M2"}'],
  pending: ["INIT", "WAIT"],
  succeeded: ["PASS"],
  failed: ["REFUSED", "REJECTED", "AUTH_FAIL"],
  unlisted: "pending"
})

awaitAfter({ start, wait: (service, options) => service.awaitOutcome("M2", options), old: "REJECTED", taken: "Failed" })
