import * as Environment from "@paykka/core/Environment"
import * as PaykkaClient from "@paykka/core/PaykkaClient"
import type { PaykkaError } from "@paykka/core/PaykkaError"
import type { OutcomePending } from "@paykka/core/Poll"
import type * as Messages from "@paykka/schemas/Va"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
// A clock without waiting, and the server that checks signatures by its own reading of the rule; it knows nothing of the client.
import * as JumpClock from "../../core/test/support/JumpClock.ts"
import { signer } from "../../core/test/support/keys.ts"
import * as TestPlatform from "../../core/test/support/TestPlatform.ts"
import * as Va from "../src/Va.ts"

const merchId = "M24061911365700670"

const start = Effect.fnUntraced(function* (...answers: ReadonlyArray<TestPlatform.Answer>) {
  const platform = yield* TestPlatform.make
  platform.answer(...answers)
  const client = PaykkaClient.layer({
    environment: Environment.local(platform.baseUrl),
    merchId,
    timeout: JumpClock.timeout
  })
  const context = yield* Layer.build(
    Va.layer.pipe(Layer.provide(client), Layer.provide([signer, FetchHttpClient.layer]))
  )
  return { platform, va: Context.get(context, Va.Va) }
})

const sent = (platform: TestPlatform.TestPlatform) =>
  platform.received.map(({ target, headers, body }) => [target, headers["x-merch-id"], body.toString()])

const waiting = { body: { request_id: "R-1", status: "WAIT" } }
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

describe("Va", () => {
  it.effect("applies and asks for the result, signed", () =>
    Effect.gen(function* () {
      const { platform, va } = yield* start({}, enabled)
      const made = yield* va.apply({ currencies: ["EUR"], country_code: "DE", type: "LOCAL" })
      const requestId: string = made.request_id
      const account: Messages.Account = yield* va.inquiry({ request_id: requestId })
      assert.deepStrictEqual(platform.refused, [])
      // Paths of contract/va.yaml.
      assert.deepStrictEqual(sent(platform), [
        [
          "/api/v2/merch/va/apply",
          merchId,
          `{"request_id":"${requestId}","currencies":["EUR"],"country_code":"DE","type":"LOCAL"}`
        ],
        ["/api/v2/merch/va/inquiry", merchId, `{"request_id":"${requestId}"}`]
      ])
      assert.deepStrictEqual(account, {
        status: "ENABLED",
        currencies: ["EUR"],
        type: "LOCAL",
        account_no: "example",
        bic_swift_code: "example"
      })
    })
  )

  it.effect("gives the facts of an answer, the unknown fields too", () =>
    Effect.gen(function* () {
      const { va } = yield* start(enabled)
      const reply = yield* va.inquiry.withResponse({ request_id: "R-1" }, { merchId: "M2" })
      assert.deepStrictEqual(reply.raw, enabled.body)
      assert.strictEqual(reply.value.status, "ENABLED")
      assert.strictEqual(reply.httpStatus, 200)
      assert.strictEqual(reply.attempts, 1)
    })
  )

  it.effect("after a lost answer names inquiry and the request id to ask with, which then tells", () =>
    Effect.gen(function* () {
      const { platform, va } = yield* start("reset", enabled)
      const account = yield* va.apply({ currencies: ["EUR"] }).pipe(
        Effect.as(undefined),
        Effect.catchReason("PaykkaError", "OutcomeUnknown", ({ resolvedBy, key }) => {
          assert.strictEqual(resolvedBy, "va.inquiry")
          return va.inquiry({ request_id: key?.value ?? "" })
        })
      )
      assert.strictEqual(account?.status, "ENABLED")
      const [apply, inquiry] = platform.received.map(
        ({ body }) => JSON.parse(body.toString()) as { request_id: string }
      )
      assert.strictEqual(inquiry?.request_id, apply?.request_id)
      assert.strictEqual(platform.received.length, 2)
    })
  )

  it.effect("refuses an unfit application before anything is sent", () =>
    Effect.gen(function* () {
      const { platform, va } = yield* start()
      const error = yield* Effect.flip(va.apply({ currencies: [""], country_code: "" }))
      assert.strictEqual(error.reason._tag, "InvalidRequest")
      assert.include(error.message, "currencies[0]")
      assert.include(error.message, "country_code")
      assert.strictEqual(platform.received.length, 0)
      // @ts-expect-error a misspelt field
      assert.strictEqual((yield* Effect.flip(va.apply({ curencies: ["EUR"] }))).reason._tag, "InvalidRequest")
    })
  )
})

describe("awaitOutcome", () => {
  it.effect("asks until the account is open", () =>
    Effect.gen(function* () {
      const early = { status: 404, body: { ret_code: "010002", ret_msg: "data not found" } }
      const { platform, va } = yield* start(early, waiting, { status: 503 }, waiting, enabled)
      const { run, slept } = JumpClock.make()
      const account = yield* run(va.awaitOutcome("R-1"))
      assert.strictEqual(account.status, "ENABLED")
      assert.strictEqual(account.account_no, "example")
      // The waits of Poll.standard, and between the third and the fourth that of the call's own retry.
      assert.deepStrictEqual([slept[0], slept[1], slept[3]], [1000, 1500, 2250])
      assert.deepStrictEqual(platform.refused, [])
      assert.deepStrictEqual(
        sent(platform),
        Array.from({ length: 5 }, () => ["/api/v2/merch/va/inquiry", merchId, '{"request_id":"R-1"}'])
      )
    })
  )

  it.effect("takes an outcome of one's own, and the options of each call", () =>
    Effect.gen(function* () {
      const refused = { body: { status: "REFUSED" } }
      const { platform, va } = yield* start(waiting, refused)
      const account = yield* JumpClock.make().run(
        va.awaitOutcome("R-1", {
          merchId: "M2",
          isOutcome: ({ status }) => status === "ENABLED" || status === "REFUSED"
        })
      )
      assert.strictEqual(account.status, "REFUSED")
      assert.deepStrictEqual(
        platform.received.map(({ headers }) => headers["x-merch-id"]),
        ["M2", "M2"]
      )
    })
  )

  it.effect("ends when the time is over, and goes on with the request id alone", () =>
    Effect.gen(function* () {
      const { platform, va } = yield* start(waiting)
      const poll = { interval: "1 second", factor: 1, timeout: "3 seconds" } as const
      const outcome: Effect.Effect<Messages.Account, PaykkaError | OutcomePending> = va.awaitOutcome("R-1", { poll })
      const error = yield* Effect.flip(JumpClock.make().run(outcome))
      if (error._tag !== "OutcomePending") return assert.fail(error.message)
      assert.strictEqual(error.operation, "va.inquiry")
      assert.strictEqual(error.key, "R-1")
      assert.strictEqual(error.status, "WAIT")
      assert.strictEqual(error.asked, 4)
      assert.strictEqual(platform.received.length, 4)
      assert.strictEqual(error.waitedMillis, 3000)
      platform.answer(enabled)
      assert.strictEqual((yield* va.awaitOutcome(error.key)).status, "ENABLED")
    })
  )

  it.effect("ends at once with a failure that will not pass", () =>
    Effect.gen(function* () {
      const { platform, va } = yield* start(waiting, { status: 401 })
      const error = yield* Effect.flip(JumpClock.make().run(va.awaitOutcome("R-1")))
      assert.strictEqual(error._tag, "PaykkaError")
      assert.strictEqual(platform.received.length, 2)
    })
  )
})
