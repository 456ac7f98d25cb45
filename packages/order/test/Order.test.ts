import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Domain from "../../core/test/support/domain.ts"
import * as Order from "../src/Order.ts"

const start = Domain.starter(Order.Order, Order.layer)

const contract = {
  request_id: "R-1",
  buyer_name: "Example",
  buyer_country: "DE",
  amount: "9007199254740993",
  currency: "EUR",
  contract_file_ids: [1],
  contract_no: "N-1",
  invoice_file_ids: [2],
  order_date: "2019-08-24"
} as const
const body =
  '{"request_id":"R-1","buyer_name":"Example","buyer_country":"DE","amount":9007199254740993,"currency":"EUR","contract_file_ids":[1],"contract_no":"N-1","invoice_file_ids":[2],"order_date":"2019-08-24"}'

describe("Order", () => {
  it.effect("creates, updates, asks and supplements, signed, with every digit", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* start({ body: { contract_order_no: "C-1", status: "RELATABLE" } })
      const { request_id, contract_order_no, status } = yield* service.create(contract)
      assert.deepStrictEqual([request_id, contract_order_no, status], ["R-1", "C-1", "RELATABLE"])
      yield* service.update(contract)
      yield* service.inquiry({ contract_order_no: "C-1" })
      const logistics_info = { ship_status: "SHIPPED", ship_date: "2019-08-24" }
      yield* service.supplement({ request_id, logistics_info })
      // Paths of contract/order.yaml.
      assert.deepStrictEqual(Domain.sent(platform), [
        ["/api/v2/merch/contract/create", Domain.merchId, body],
        ["/api/v2/merch/contract/update", Domain.merchId, body],
        ["/api/v2/merch/contract/inquiry", Domain.merchId, '{"contract_order_no":"C-1"}'],
        [
          "/api/v2/merch/contract/supplement",
          Domain.merchId,
          '{"request_id":"R-1","logistics_info":{"ship_status":"SHIPPED","ship_date":"2019-08-24"}}'
        ]
      ])
    })
  )

  it.effect("makes a request id for a new order, and for nothing else", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* start()
      const { request_id: _, ...withoutId } = contract
      const { request_id } = yield* service.create(withoutId)
      assert.match(request_id, /^[0-9a-f]{32}$/)
      // @ts-expect-error an update names the order
      assert.include(Domain.faults(yield* Effect.flip(service.update(withoutId))).join(), "request_id: is missing")
      assert.strictEqual(platform.received.length, 1)
    })
  )

  it.effect("names the question that tells the outcome of a lost answer", () =>
    Effect.gen(function* () {
      const { service } = yield* start("reset")
      const writes = [service.create(contract), service.update(contract), service.supplement({ request_id: "R-1" })]
      for (const write of writes) {
        assert.deepStrictEqual(Domain.doubt(yield* Effect.flip(write)), {
          resolvedBy: "order.inquiry",
          key: { field: "request_id", value: "R-1" }
        })
      }
    })
  )

  it.effect("refuses what does not fit before anything is sent", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* start()
      const unfit = { ...contract, amount: 12.5, invoice_file_ids: [] }
      for (const write of [service.create(unfit), service.update(unfit)]) {
        assert.match(Domain.faults(yield* Effect.flip(write)).join("\n"), /^amount: .*\ninvoice_file_ids: /)
      }
      // @ts-expect-error one of the numbers must be given
      for (const call of [service.inquiry({}), service.supplement({})]) {
        assert.deepStrictEqual(Domain.faults(yield* Effect.flip(call)), [
          "request_id: give request_id or contract_order_no"
        ])
      }
      assert.strictEqual(platform.received.length, 0)
    })
  )
})
