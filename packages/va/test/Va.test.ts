import type * as Messages from "@paykka/schemas/Va"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
// The server that checks signatures by its own reading of the rule; it knows nothing of the client.
import * as Domain from "../../core/test/support/domain.ts"
import * as JumpClock from "../../core/test/support/JumpClock.ts"
import * as Va from "../src/Va.ts"

const start = Domain.starter(Va.Va, Va.layer)

// The documentation's example of the notification (contract/va.yaml), which has the older spellings.
const enabled = {
  body: {
    status: "ENABLED",
    currency: ["EUR"],
    account_type: "LOCAL",
    account_no: "example",
    bic: "example",
    bank: "example"
  }
}
const account = {
  status: "ENABLED",
  currencies: ["EUR"],
  type: "LOCAL",
  account_no: "example",
  bic_swift_code: "example"
}

describe("Va", () => {
  it.effect("applies and asks for the result, signed", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* start({}, enabled)
      const made = yield* service.apply({ currencies: ["EUR"], country_code: "DE", type: "LOCAL" })
      const requestId: string = made.request_id
      const opened: Messages.Account = yield* service.inquiry({ request_id: requestId })
      // Paths of contract/va.yaml.
      assert.deepStrictEqual(Domain.sent(platform), [
        [
          "/api/v2/merch/va/apply",
          Domain.merchId,
          `{"request_id":"${requestId}","currencies":["EUR"],"country_code":"DE","type":"LOCAL"}`
        ],
        ["/api/v2/merch/va/inquiry", Domain.merchId, `{"request_id":"${requestId}"}`]
      ])
      assert.deepStrictEqual(opened, account)
    })
  )

  it.effect("gives the facts of an answer, the unknown fields too", () =>
    Effect.gen(function* () {
      const { service } = yield* start(enabled)
      const reply = yield* service.inquiry.withResponse({ request_id: "R-1" }, { merchId: "M2" })
      assert.deepStrictEqual(reply.raw, enabled.body)
      assert.strictEqual(reply.value.status, "ENABLED")
      assert.strictEqual(reply.httpStatus, 200)
      assert.strictEqual(reply.attempts, 1)
    })
  )

  it.effect("after a lost answer names inquiry and the request id to ask with, which then tells", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* start("reset", enabled)
      const { resolvedBy, key } = Domain.doubt(yield* Effect.flip(service.apply({ currencies: ["EUR"] })))
      assert.strictEqual(resolvedBy, "va.inquiry")
      const requestId = key?.value ?? ""
      assert.strictEqual((yield* service.inquiry({ request_id: requestId })).status, "ENABLED")
      assert.deepStrictEqual(
        Domain.sent(platform).map(([, , body]) => body),
        [`{"request_id":"${requestId}","currencies":["EUR"]}`, `{"request_id":"${requestId}"}`]
      )
    })
  )

  it.effect("refuses an unfit application before anything is sent", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* start()
      const unfit = yield* Effect.flip(service.apply({ currencies: ["euro"], country_code: "" }))
      assert.match(Domain.faults(unfit).join("\n"), /^currencies\[0\]: .*\ncountry_code: /)
      // @ts-expect-error a misspelt field
      const misspelt = yield* Effect.flip(service.apply({ curencies: ["EUR"] }))
      assert.match(Domain.faults(misspelt).join(), /^curencies: is not a known field/)
      assert.strictEqual(platform.received.length, 0)
    })
  )
})

// contract/va.yaml knows one status.
Domain.awaitOutcome({
  start,
  wait: (service, key, options) => service.awaitOutcome(key, options),
  operation: "va.inquiry",
  key: "R-1",
  asked: ["/api/v2/merch/va/inquiry", Domain.merchId, '{"request_id":"R-1"}'],
  pending: [],
  succeeded: ["ENABLED"],
  failed: [],
  unlisted: "pending"
})

describe("awaitOutcome of an account", () => {
  it.effect("gives the account", () =>
    Effect.gen(function* () {
      const { service } = yield* start({ body: { request_id: "R-1", status: "WAIT" } }, enabled)
      const { answer } = yield* JumpClock.make().run(service.awaitOutcome("R-1"))
      assert.deepStrictEqual(answer, account)
    })
  )
})
