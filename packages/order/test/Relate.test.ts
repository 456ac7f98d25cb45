import * as Operation from "@paykka/schemas/Operation"
import * as Tradesettle from "@paykka/schemas/Tradesettle"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Relate from "../src/Relate.ts"

const faultsOf = (division: Relate.Division): ReadonlyArray<string> => {
  const result = Relate.relate(division)
  return Result.isSuccess(result) ? [] : result.failure.faults.map(({ path, rule }) => `${path}: ${rule}`)
}

const orders = (...amounts: ReadonlyArray<Relate.Share["amount"]>): ReadonlyArray<Relate.Share> =>
  amounts.map((amount, index) => ({ contract_order_no: `C-${index}`, amount }))

const notAll = 'orders: must add up to the received amount, unless sum is "at-most"'
const tooMuch = "orders: must not add up to more than the received amount"

describe("relate", () => {
  it("makes the request of tradesettle.apply, with every digit", () => {
    const result = Relate.relate({
      recv_order_no: "V-1",
      amount: "9007199254740995",
      orders: [
        { contract_order_no: "C-1", amount: "9007199254740993" },
        { contract_order_no: "C-2", amount: 1, available: 1 },
        { contract_order_no: "C-3", amount: 1n, available: "5" }
      ]
    })
    assert.strictEqual(
      Result.getOrThrow(Operation.encodeRequest(Tradesettle.apply, Result.getOrThrow(result))),
      '{"relate_list":[{"amount":9007199254740993,"contract_order_no":"C-1"},{"amount":1,"contract_order_no":"C-2"},{"amount":1,"contract_order_no":"C-3"}],"recv_order_no":"V-1"}'
    )
  })

  it("names all faults at once, and no value", () => {
    assert.deepStrictEqual(
      faultsOf({
        recv_order_no: "V-1",
        amount: "1200.50",
        orders: [
          { contract_order_no: "C-1", amount: 0 },
          { contract_order_no: "C-2", amount: 7, available: 6n },
          { contract_order_no: "C-1", amount: 0.5, available: -1 },
          { contract_order_no: "C-3", amount: -3n, available: "1e3" }
        ]
      }),
      [
        'amount: must be a whole number, such as 42, 42n or "42"',
        "orders[0].amount: must be more than zero",
        "orders[1].amount: must not be more than what is available of the order",
        "orders[2].contract_order_no: is that of orders[0]; name each order once",
        "orders[2].amount: must not be a fraction or a number above 2^53 - 1, which is not exact; write it as text or bigint",
        "orders[2].available: must not be negative",
        "orders[3].amount: must be more than zero",
        'orders[3].available: must be a whole number, such as 42, 42n or "42"'
      ]
    )
  })

  it("wants orders, and a received amount above zero", () => {
    assert.deepStrictEqual(faultsOf({ recv_order_no: "V-1", amount: 0, orders: [] }), [
      "amount: must be more than zero",
      "orders: must not be empty"
    ])
    assert.deepStrictEqual(faultsOf({ recv_order_no: "V-1", amount: 1, orders: [], sum: "at-most" }), [
      "orders: must not be empty"
    ])
  })

  it("does not judge a sum with a part that cannot be read", () => {
    assert.deepStrictEqual(faultsOf({ recv_order_no: "V-1", amount: 3, orders: orders(9, 0) }), [
      "orders[1].amount: must be more than zero"
    ])
  })

  // Large numbers too, where doubles would no longer tell one from the next.
  const part = Schema.BigInt.check(Schema.isBetweenBigInt({ minimum: 1n, maximum: 1n << 70n }))
  const parts = Schema.NonEmptyArray(part).check(Schema.isMaxLength(8))
  const difference = Schema.Literals([-1n, 0n, 1n])

  it.prop("holds the sum to the received amount, to the last unit", [parts, difference], ([amounts, more]) => {
    const total = amounts.reduce((left, right) => left + right)
    const received = total + more
    const division = { recv_order_no: "V-1", amount: received, orders: orders(...amounts.map(String)) }
    const positive = received > 0n
    assert.deepStrictEqual(
      faultsOf(division),
      !positive ? ["amount: must be more than zero"] : more === 0n ? [] : [more > 0n ? notAll : tooMuch]
    )
    assert.deepStrictEqual(
      faultsOf({ ...division, sum: "at-most" }),
      !positive ? ["amount: must be more than zero"] : more >= 0n ? [] : [tooMuch]
    )
  })

  it.prop("holds each part to what is available of its order", [part, difference], ([amount, more]) => {
    const available = amount + more
    assert.deepStrictEqual(
      faultsOf({ recv_order_no: "V-1", amount, orders: [{ contract_order_no: "C-1", amount, available }] }),
      more >= 0n ? [] : ["orders[0].amount: must not be more than what is available of the order"]
    )
  })
})
