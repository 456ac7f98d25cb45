/** How a receipt is divided among contract orders, checked before it is told to the platform. */
import * as Amount from "@paykka/schemas/Amount"
import * as Operation from "@paykka/schemas/Operation"
import type { ApplyRequest } from "@paykka/schemas/Tradesettle"
import * as BigDecimal from "effect/BigDecimal"
import * as Result from "effect/Result"

/** An order's part of a receipt. */
export interface Share {
  /** Number of the order, from the answer of `order.create`; not empty. */
  readonly contract_order_no: string
  /** The part: an exact decimal such as `"1200.50"`, more than zero. */
  readonly amount: string | number | bigint
  /** What of the order is not yet related to a receipt, by your own books; the part must not be more. */
  readonly available?: string | number | bigint | undefined
}

/** A receipt and its division. All amounts are in one unit, that of the platform. */
export interface Division {
  /** Number of the receipt, from the notification of the remittance; not empty. */
  readonly recv_order_no: string
  /** The received amount: an exact decimal such as `"1200.50"`, more than zero. */
  readonly amount: string | number | bigint
  /** The orders, each once. */
  readonly orders: ReadonlyArray<Share>
  /** Whether the parts must add up to the received amount exactly (the default) or may be less. */
  readonly sum?: "equal" | "at-most" | undefined
}

/** An exact decimal of at least zero, or of more than that; else a fault. */
const read = (
  faults: Array<Operation.Fault>,
  path: string,
  input: Amount.Input,
  least: "zero" | "more than zero"
): BigDecimal.BigDecimal | undefined => {
  const parsed = Amount.parse(input)
  if (Result.isFailure(parsed)) {
    faults.push({ path, rule: parsed.failure.rule })
    return undefined
  }
  const value = Amount.toBigDecimal(parsed.success)
  const sign = BigDecimal.sign(value)
  if (least === "zero" ? sign >= 0 : sign > 0) return value
  faults.push({ path, rule: least === "zero" ? "must not be negative" : "must be more than zero" })
  return undefined
}

/**
 * The request of `tradesettle.apply` for a receipt that belongs to these orders, or all that is wrong with the division,
 * each fault with its path, such as `orders[1].amount`. Nothing is sent.
 *
 * Amounts are added and compared exactly, whatever their decimals: `1.5` and `1.50` are the same. An empty number of the
 * receipt or of an order is a fault. Currencies are not compared.
 *
 * Whether the platform demands that the parts add up to the received amount is not known: `equal` is the careful reading,
 * `at-most` settles a part (whose end `awaitOutcome` of tradesettle cannot see). Neither are units documented, nor whether
 * a part may have decimals (the only sample is 0; it may here, or a receipt with cents could never be settled), nor what of
 * a receipt's notification is its amount.
 */
export const relate = ({
  recv_order_no,
  amount,
  orders,
  sum = "equal"
}: Division): Result.Result<ApplyRequest, Operation.InvalidValue> => {
  const faults: Array<Operation.Fault> = []
  if (recv_order_no === "") faults.push({ path: "recv_order_no", rule: "must not be empty" })
  const received = read(faults, "amount", amount, "more than zero")
  if (orders.length === 0) faults.push({ path: "orders", rule: "must not be empty" })

  const firstAt = new Map<string, number>()
  const parts = orders.map((order, index) => {
    const path = `orders[${index}]`
    const { contract_order_no, available } = order
    const earlier = firstAt.get(contract_order_no)
    if (contract_order_no === "") faults.push({ path: `${path}.contract_order_no`, rule: "must not be empty" })
    else if (earlier === undefined) firstAt.set(contract_order_no, index)
    else faults.push({ path: `${path}.contract_order_no`, rule: `is that of orders[${earlier}]; name each order once` })

    const part = read(faults, `${path}.amount`, order.amount, "more than zero")
    const most = available === undefined ? undefined : read(faults, `${path}.available`, available, "zero")
    if (part !== undefined && most !== undefined && BigDecimal.isGreaterThan(part, most)) {
      faults.push({ path: `${path}.amount`, rule: "must not be more than what is available of the order" })
    }
    return part
  })

  const known = parts.filter((part) => part !== undefined)
  // A sum that lacks a part says nothing.
  if (received !== undefined && known.length === orders.length && known.length > 0) {
    const comparison = BigDecimal.Order(BigDecimal.sumAll(known), received)
    if (comparison > 0) faults.push({ path: "orders", rule: "must not add up to more than the received amount" })
    else if (comparison < 0 && sum !== "at-most") {
      faults.push({ path: "orders", rule: 'must add up to the received amount, unless sum is "at-most"' })
    }
  }
  if (faults.length > 0) return Result.fail(new Operation.InvalidValue({ faults }))
  return Result.succeed({
    relate_list: orders.map((order) => ({
      amount: Amount.make(order.amount),
      contract_order_no: order.contract_order_no
    })),
    recv_order_no
  })
}
