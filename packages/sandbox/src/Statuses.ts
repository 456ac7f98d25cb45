/**
 * Statuses that no source knows. PayKKa certainly calls them otherwise: the words begin with `SANDBOX_`, so that nobody
 * takes them for PayKKa's. Who knows the real ones gives them in `Sandbox.Options.statuses`.
 */

/** The words for what has no known one. */
export interface Statuses {
  /** An order whose whole amount is related. */
  readonly orderRelated: string
  /** A receipt that is settled to the last cent. */
  readonly receiptSettled: string
  readonly payeeAccepted: string
  readonly payeeRejected: string
  readonly conversionDone: string
  readonly conversionFailed: string
  readonly paymentPaid: string
  readonly paymentFailed: string
  /** Paid, and come back. */
  readonly paymentReturned: string
}

/** The sandbox's own words. */
export const invented: Statuses = {
  orderRelated: "SANDBOX_RELATED",
  receiptSettled: "SANDBOX_SETTLED",
  payeeAccepted: "SANDBOX_ACCEPTED",
  payeeRejected: "SANDBOX_REJECTED",
  conversionDone: "SANDBOX_CONVERTED",
  conversionFailed: "SANDBOX_FAILED",
  paymentPaid: "SANDBOX_PAID",
  paymentFailed: "SANDBOX_FAILED",
  paymentReturned: "SANDBOX_RETURNED"
}
