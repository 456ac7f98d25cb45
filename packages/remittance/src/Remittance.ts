/**
 * Remittances that arrive on collection accounts. There is no call: a receipt is told by a notification, and its state is
 * asked with `tradesettle.inquiry`.
 */
import type { Receipt } from "@paykka/schemas/Remittance"

export { notification, type Receipt } from "@paykka/schemas/Remittance"

/**
 * Whether `tradesettle.apply` may be called for a receipt: its status is `PENDING_RELATE` or `CHECK_REJECTED`. The rule is
 * documented; that the notification of a receipt tells the status is inferred. Of all other statuses nothing is known.
 */
export const isRelatable = ({ status }: Pick<Receipt, "status">): boolean =>
  status === "PENDING_RELATE" || status === "CHECK_REJECTED"
