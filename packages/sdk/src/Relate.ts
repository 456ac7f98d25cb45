/** How a receipt is divided among contract orders, for programs without Effect. */
import { invalidRequest } from "@paykka/core/PaykkaError"
import * as Relations from "@paykka/order/Relate"
import { type ApplyInput, apply } from "@paykka/schemas/Tradesettle"
import * as Result from "effect/Result"
import { plain } from "./internal/rejection.ts"

export type { Division, Share } from "@paykka/order/Relate"

/**
 * The message of `tradesettle.apply` for a receipt that belongs to these orders. Amounts are added and compared exactly; nothing is sent.
 * Throws `PaykkaError` (`InvalidRequest`) with all that is wrong with the division, each fault with its path, such as `orders[1].amount`.
 */
export const relate = (division: Relations.Division): ApplyInput => {
  const related = Relations.relate(division)
  if (Result.isFailure(related)) throw plain(invalidRequest(apply.id, related.failure.faults))
  return related.success
}
