/** Keys that are empty. All else that is checked before sending is tested through the client. */
import { assert, describe, it } from "@effect/vitest"
import * as Catalogue from "@paykka/schemas/Catalogue"
import * as Forex from "@paykka/schemas/Forex"
import * as Operation from "@paykka/schemas/Operation"
import * as Order from "@paykka/schemas/Order"
import * as Payment from "@paykka/schemas/Payment"
import * as Shape from "@paykka/schemas/Shape"
import * as Tradesettle from "@paykka/schemas/Tradesettle"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { PaykkaError } from "../../src/PaykkaError.ts"
import { reasonOf, start } from "../support/client.ts"

const faultsOf = (error: PaykkaError): ReadonlyArray<string> => {
  const reason = reasonOf(error, "InvalidRequest")
  assert.strictEqual(reason.by, "client")
  return reason.faults.map(({ path, rule }) => `${path}: ${rule}`)
}

const open = Schema.Record(Schema.String, Schema.Unknown)

describe("the key of a write whose answer was lost", () => {
  it.effect("is the number that the call was made with", () =>
    Effect.gen(function* () {
      const { client } = yield* start(Array.from({ length: 3 }, () => ({ status: 500, body: "{}" })))
      for (const [input, key] of [
        [
          { request_id: "R-1", contract_order_no: "CO-1" },
          { field: "request_id", value: "R-1" }
        ],
        [{ contract_order_no: "CO-1" }, { field: "contract_order_no", value: "CO-1" }]
      ] as const) {
        const error = yield* Effect.flip(client.execute(Order.supplement, input))
        assert.deepStrictEqual(reasonOf(error, "OutcomeUnknown").key, key)
      }
      const error = yield* Effect.flip(
        client.execute(Forex.preorder, { sell_currency: "EUR", buy_currency: "USD", sell_amount: 1 })
      )
      assert.isNull(reasonOf(error, "OutcomeUnknown").key)
    })
  )
})

describe("an empty key", () => {
  // What the schemas let pass, since the contract states no limits.
  const cases: ReadonlyArray<readonly [operation: Operation.Operation, input: object, key: string]> = [
    [Tradesettle.inquiry, { recv_order_no: "" }, "recv_order_no"],
    [Tradesettle.apply, { recv_order_no: "", relate_list: [] }, "recv_order_no"],
    [Forex.inquiry, { order_no: "" }, "order_no"],
    [Forex.confirm, { order_no: "" }, "order_no"],
    [Order.inquiry, { contract_order_no: "" }, "contract_order_no"],
    [Order.supplement, { request_id: "R-1", contract_order_no: "" }, "contract_order_no"],
    [Payment.apply, { request_id: "R-1", amount: 1, currency: "EUR", beneficiary_id: "" }, "beneficiary_id"]
  ]

  it.effect.each(cases)("is refused before anything is sent (%#)", ([operation, input, key]) =>
    Effect.gen(function* () {
      const { platform, client } = yield* start()
      const error = yield* Effect.flip(client.execute(operation, input))
      assert.deepStrictEqual(faultsOf(error), [`${key}: must not be empty`])
      assert.strictEqual(platform.received.length, 0)
      yield* client.execute(operation, { ...input, [key]: "N-1" })
      assert.strictEqual(platform.received.length, 1)
    })
  )

  it.effect("is refused whatever an inquiry asks by", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start()
      const asked: Array<string> = []
      for (const operation of Catalogue.operations.filter(({ effect }) => effect === "read")) {
        for (const { name } of Shape.of(operation.request).fields ?? []) {
          const error = yield* Effect.flip(client.execute<Operation.Operation>(operation, { [name]: "" }))
          assert.include(
            reasonOf(error, "InvalidRequest").faults.map(({ path }) => path),
            name,
            operation.id
          )
          asked.push(operation.id)
        }
      }
      assert.include(asked, "payee.inquiry")
      assert.strictEqual(platform.received.length, 0)
    })
  )

  it.effect("is told together with all other faults", () =>
    Effect.gen(function* () {
      const { client } = yield* start([{}], { check: () => [{ path: "order_no", rule: "is not ours" }] })
      const error = yield* Effect.flip(client.execute(Forex.inquiry, { order_no: "" }, { timeout: 0 }))
      assert.deepStrictEqual(faultsOf(error), [
        "options.timeout: must be a duration longer than zero, such as 30 seconds",
        "order_no: must not be empty",
        "order_no: is not ours"
      ])
    })
  )

  it.effect("is refused whatever name an operation gives its key", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start()
      const named = Operation.make({ ...Forex.confirm, idempotencyKey: "thing_no", request: open })
      const error = yield* Effect.flip(client.execute(named, { thing_no: "", note: "" }))
      assert.deepStrictEqual(faultsOf(error), ["thing_no: must not be empty"])
      assert.strictEqual(platform.received.length, 0)
    })
  )

  it.effect("is the caller's business where there is no descriptor", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start()
      yield* client.request({ path: "/api/v2/new", body: { order_no: "" }, schema: open, effect: "read" })
      assert.strictEqual(platform.received[0]?.body.toString(), '{"order_no":""}')
    })
  )
})
