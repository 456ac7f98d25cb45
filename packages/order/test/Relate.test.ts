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

const notDecimal = 'must be a decimal text such as "1200.50", without exponent, blanks or separators'
const float = 'must not be a float or an unsafe integer, which are not exact; write it as text, such as "1200.50"'

describe("relate", () => {
  it("makes the request of tradesettle.apply, with every digit", () => {
    const result = Relate.relate({
      recv_order_no: "V-1",
      amount: "9007199254740995.50",
      orders: [
        { contract_order_no: "C-1", amount: "9007199254740993.005" },
        { contract_order_no: "C-2", amount: 1, available: "1.0" },
        { contract_order_no: "C-3", amount: 1n, available: "5" },
        { contract_order_no: "C-4", amount: "0.495" }
      ]
    })
    assert.strictEqual(
      Result.getOrThrow(Operation.encodeRequest(Tradesettle.apply, Result.getOrThrow(result))),
      '{"relate_list":[{"amount":9007199254740993.005,"contract_order_no":"C-1"},{"amount":1,"contract_order_no":"C-2"},{"amount":1,"contract_order_no":"C-3"},{"amount":0.495,"contract_order_no":"C-4"}],"recv_order_no":"V-1"}'
    )
  })

  it("relates a receipt with cents wholly, whatever the decimals of its parts", () => {
    const half = { contract_order_no: "C-1", amount: "600.5" }
    const rest = { contract_order_no: "C-2", amount: "600.000" }
    assert.deepStrictEqual(faultsOf({ recv_order_no: "V-1", amount: "1200.50", orders: [half, rest] }), [])
    // In doubles these three are more than the receipt.
    assert.deepStrictEqual(faultsOf({ recv_order_no: "V-1", amount: "0.6", orders: orders("0.1", "0.2", "0.3") }), [])
    assert.deepStrictEqual(faultsOf({ recv_order_no: "V-1", amount: "0.60001", orders: orders("0.1", "0.5") }), [
      notAll
    ])
    assert.deepStrictEqual(faultsOf({ recv_order_no: "V-1", amount: "0.6", orders: orders("0.1", "0.50001") }), [
      tooMuch
    ])
  })

  it("adds up the longest amounts that there are", () => {
    const most = "9".repeat(100)
    assert.deepStrictEqual(faultsOf({ recv_order_no: "V-1", amount: most, orders: orders(most, most) }), [tooMuch])
  })

  it("refuses an empty number, each by its name", () => {
    assert.deepStrictEqual(
      faultsOf({
        recv_order_no: "",
        amount: 3,
        orders: [
          { contract_order_no: "", amount: 2 },
          { contract_order_no: "C-1", amount: 0.5 },
          { contract_order_no: "", amount: 1 }
        ]
      }),
      [
        "recv_order_no: must not be empty",
        "orders[0].contract_order_no: must not be empty",
        `orders[1].amount: ${float}`,
        "orders[2].contract_order_no: must not be empty"
      ]
    )
    const only = [{ contract_order_no: "", amount: 3 }]
    assert.deepStrictEqual(faultsOf({ recv_order_no: "V-1", amount: 3, orders: only }), [
      "orders[0].contract_order_no: must not be empty"
    ])
    const named = [{ contract_order_no: "C-1", amount: 3 }]
    assert.deepStrictEqual(faultsOf({ recv_order_no: "", amount: 3, orders: named }), [
      "recv_order_no: must not be empty"
    ])
  })

  it("names all faults at once, and no value", () => {
    assert.deepStrictEqual(
      faultsOf({
        recv_order_no: "V-1",
        amount: "1.200,50",
        orders: [
          { contract_order_no: "C-1", amount: "0.00" },
          { contract_order_no: "C-2", amount: 7, available: 6n },
          { contract_order_no: "C-1", amount: 0.5, available: -1 },
          { contract_order_no: "C-3", amount: -3n, available: "1e3" }
        ]
      }),
      [
        `amount: ${notDecimal}`,
        "orders[0].amount: must be more than zero",
        "orders[1].amount: must not be more than what is available of the order",
        "orders[2].contract_order_no: is that of orders[0]; name each order once",
        `orders[2].amount: ${float}`,
        "orders[2].available: must not be negative",
        "orders[3].amount: must be more than zero",
        `orders[3].available: ${notDecimal}`
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

  // Large numbers too, where doubles would no longer tell one from the next; and as many decimals as there may be.
  const part = Schema.BigInt.check(Schema.isBetweenBigInt({ minimum: 1n, maximum: 1n << 70n }))
  const parts = Schema.NonEmptyArray(part).check(Schema.isMaxLength(8))
  const difference = Schema.Literals([-1n, 0n, 1n])
  const decimals = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 12 }))

  /** So many units of the last decimal, as text: by the digits, not by our own arithmetic. */
  const written = (units: bigint, places: number): string => {
    const digits = String(units < 0n ? -units : units).padStart(places + 1, "0")
    const point = digits.length - places
    return `${units < 0n ? "-" : ""}${digits.slice(0, point)}${places === 0 ? "" : `.${digits.slice(point)}`}`
  }

  it.prop(
    "holds the sum to the received amount, to the last digit",
    [parts, difference, decimals],
    ([amounts, more, places]) => {
      const received = amounts.reduce((left, right) => left + right) + more
      const division = {
        recv_order_no: "V-1",
        amount: written(received, places),
        orders: orders(...amounts.map((units) => written(units, places)))
      }
      const positive = received > 0n
      assert.deepStrictEqual(
        faultsOf(division),
        !positive ? ["amount: must be more than zero"] : more === 0n ? [] : [more > 0n ? notAll : tooMuch]
      )
      assert.deepStrictEqual(
        faultsOf({ ...division, sum: "at-most" }),
        !positive ? ["amount: must be more than zero"] : more >= 0n ? [] : [tooMuch]
      )
    }
  )

  it.prop(
    "holds each part to what is available of its order",
    [part, difference, decimals],
    ([units, more, places]) => {
      const [amount, available] = [written(units, places), written(units + more, places)]
      assert.deepStrictEqual(
        faultsOf({ recv_order_no: "V-1", amount, orders: [{ contract_order_no: "C-1", amount, available }] }),
        more >= 0n ? [] : ["orders[0].amount: must not be more than what is available of the order"]
      )
    }
  )
})
