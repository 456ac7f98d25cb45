import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { awaitAfter } from "../../core/test/support/amendment.ts"
import * as Domain from "../../core/test/support/domain.ts"
import * as Tradesettle from "../src/Tradesettle.ts"

const start = Domain.starter(Tradesettle.Tradesettle, Tradesettle.layer)

const relate_list = [{ amount: "9007199254740993", contract_order_no: "C-1" }]

describe("Tradesettle", () => {
  it.effect("applies and asks by the number of the receipt, signed, with every digit", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* start({ body: { status: "PENDING_RELATE" } })
      const applied = yield* service.apply({ recv_order_no: "V-1", relate_list })
      assert.deepStrictEqual(applied, { status: "PENDING_RELATE", recv_order_no: "V-1" })
      yield* service.inquiry({ recv_order_no: "V-1" })
      // Paths of contract/tradesettle.yaml.
      assert.deepStrictEqual(Domain.sent(platform), [
        [
          "/api/v2/trade-settle/apply",
          Domain.merchId,
          '{"relate_list":[{"amount":9007199254740993,"contract_order_no":"C-1"}],"recv_order_no":"V-1"}'
        ],
        ["/api/v2/trade-settle/inquiry", Domain.merchId, '{"recv_order_no":"V-1"}']
      ])
    })
  )

  it.effect("relates an amount with cents as it is, however it is given", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* start()
      const list = ["1200.50", "0.10", 3, 4n].map((amount) => ({ amount, contract_order_no: "C-1" }))
      yield* service.apply({ recv_order_no: "V-1", relate_list: list })
      const [[, , body] = []] = Domain.sent(platform)
      const amounts = [...String(body).matchAll(/"amount":([^,]*)/g)].map(([, digits]) => digits)
      assert.deepStrictEqual(amounts, ["1200.50", "0.10", "3", "4"])
    })
  )

  it.effect("names the question that tells the outcome of a lost answer", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* start("reset")
      const error = yield* Effect.flip(service.apply({ recv_order_no: "V-1", relate_list }))
      assert.deepStrictEqual(Domain.doubt(error), {
        resolvedBy: "tradesettle.inquiry",
        key: { field: "recv_order_no", value: "V-1" }
      })
      assert.strictEqual(platform.received.length, 1)
    })
  )

  it.effect("refuses what does not fit before anything is sent", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* start()
      const unfit = service.apply({ recv_order_no: "V-1", relate_list: [{ amount: 0.5, contract_order_no: "C-1" }] })
      assert.match(Domain.faults(yield* Effect.flip(unfit)).join(), /^relate_list\[0\]\.amount: /)
      const part = { amount: 1, contract_order_no: "C-1" }
      const lost = service.apply({ recv_order_no: "V-1", relate_list: [part, { ...part, contract_order_no: "" }] })
      assert.deepStrictEqual(Domain.faults(yield* Effect.flip(lost)), [
        "relate_list[1].contract_order_no: must not be empty"
      ])
      for (const nameless of [
        service.apply({ recv_order_no: "", relate_list: [part] }),
        service.inquiry({ recv_order_no: "" })
      ]) {
        assert.deepStrictEqual(Domain.faults(yield* Effect.flip(nameless)), ["recv_order_no: must not be empty"])
      }
      const waiting = yield* Effect.flip(service.awaitOutcome(""))
      assert.strictEqual(waiting._tag === "PaykkaError" && waiting.reason._tag, "InvalidRequest")
      // @ts-expect-error a receipt has a number, and no other name
      assert.include(Domain.faults(yield* Effect.flip(service.inquiry({}))).join(), "recv_order_no: is missing")
      assert.strictEqual(platform.received.length, 0)
    })
  )
})

// The statuses of contract/tradesettle.yaml; that of success is not known.
Domain.awaitOutcome({
  start,
  wait: (service, key, options) => service.awaitOutcome(key, options),
  operation: "tradesettle.inquiry",
  key: "V-1",
  asked: ["/api/v2/trade-settle/inquiry", Domain.merchId, '{"recv_order_no":"V-1"}'],
  pending: ["PENDING_RELATE"],
  succeeded: [],
  failed: ["CHECK_REJECTED"],
  unlisted: "decided"
})

awaitAfter({
  start,
  wait: (service, options) => service.awaitOutcome("V-1", options),
  old: "CHECK_REJECTED",
  taken: "Failed"
})
