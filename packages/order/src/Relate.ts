/** How a receipt is divided among contract orders, checked before it is told to the platform. */
import * as Integer from "@paykka/schemas/Integer"
import * as Operation from "@paykka/schemas/Operation"
import type { ApplyRequest } from "@paykka/schemas/Tradesettle"
import * as Result from "effect/Result"

/** An order's part of a receipt. */
export interface Share {
  /** Number of the order, from the answer of `order.create`. */
  readonly contract_order_no: string
  /** The part: a whole number, more than zero. */
  readonly amount: Integer.Input
  /** What of the order is not yet related to a receipt, by your own books; the part must not be more. */
  readonly available?: Integer.Input | undefined
}

/** A receipt and its division. All amounts are in one unit, that of the platform. */
export interface Division {
  /** Number of the receipt, from the notification of the remittance. */
  readonly recv_order_no: string
  /** The received amount: a whole number, more than zero. */
  readonly amount: Integer.Input
  /** The orders, each once. */
  readonly orders: ReadonlyArray<Share>
  /** Whether the parts must add up to the received amount exactly (the default) or may be less. */
  readonly sum?: "equal" | "at-most" | undefined
}

/** A whole number of at least so much; else a fault. */
const read = (
  faults: Array<Operation.Fault>,
  path: string,
  input: Integer.Input,
  least: 0n | 1n
): bigint | undefined => {
  const parsed = Integer.parse(input)
  if (Result.isFailure(parsed)) {
    faults.push({ path, rule: parsed.failure.rule })
    return undefined
  }
  const value = BigInt(parsed.success)
  if (value >= least) return value
  faults.push({ path, rule: least === 1n ? "must be more than zero" : "must not be negative" })
  return undefined
}

/**
 * The request of `tradesettle.apply` for a receipt that belongs to these orders, or all that is wrong with the division,
 * each fault with its path, such as `orders[1].amount`. Nothing is sent.
 *
 * Whether the platform demands that the parts add up to the received amount is not known: `equal` is the careful
 * reading, `at-most` settles a part. Neither are units documented, nor what of a receipt's notification is its amount;
 * that the parts are whole numbers is inferred. Currencies are not compared.
 */
export const relate = ({
  recv_order_no,
  amount,
  orders,
  sum = "equal"
}: Division): Result.Result<ApplyRequest, Operation.InvalidValue> => {
  const faults: Array<Operation.Fault> = []
  const received = read(faults, "amount", amount, 1n)
  if (orders.length === 0) faults.push({ path: "orders", rule: "must not be empty" })

  const firstAt = new Map<string, number>()
  const parts = orders.map((order, index) => {
    const path = `orders[${index}]`
    const earlier = firstAt.get(order.contract_order_no)
    if (earlier === undefined) firstAt.set(order.contract_order_no, index)
    else faults.push({ path: `${path}.contract_order_no`, rule: `is that of orders[${earlier}]; name each order once` })

    const part = read(faults, `${path}.amount`, order.amount, 1n)
    const { available } = order
    const most = available === undefined ? undefined : read(faults, `${path}.available`, available, 0n)
    if (part !== undefined && most !== undefined && part > most) {
      faults.push({ path: `${path}.amount`, rule: "must not be more than what is available of the order" })
    }
    return part
  })

  const known = parts.filter((part) => part !== undefined)
  // A sum that lacks a part says nothing.
  if (received !== undefined && known.length === orders.length && known.length > 0) {
    const total = known.reduce((left, right) => left + right)
    if (total > received) faults.push({ path: "orders", rule: "must not add up to more than the received amount" })
    else if (total < received && sum !== "at-most") {
      faults.push({ path: "orders", rule: 'must add up to the received amount, unless sum is "at-most"' })
    }
  }
  if (faults.length > 0) return Result.fail(new Operation.InvalidValue({ faults }))
  return Result.succeed({
    relate_list: orders.map((order) => ({
      amount: Integer.make(order.amount),
      contract_order_no: order.contract_order_no
    })),
    recv_order_no
  })
}
