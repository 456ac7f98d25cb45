/** Receipts: money that arrives on an open account, and waits to be settled. */
import * as Amount from "@paykka/schemas/Amount"
import * as Json from "@paykka/schemas/Json"
import * as Remittance from "@paykka/schemas/Remittance"
import { pocket } from "./ledger.ts"
import type { Accounts } from "./va.ts"
import type { World } from "./world.ts"

/** Money that has arrived. */
export interface Receipt {
  readonly recvOrderNo: string
  readonly merchId: string
  readonly currency: string
  readonly amount: Amount.Amount
  /** What is not settled yet. */
  open: Amount.Amount
  status: string
  reason?: string
  /** Whether a settlement of it is under way. */
  checking: boolean
}

/** The domain. */
export interface Receipts {
  /** Lets money arrive; undefined where the merchant has no open account of the currency. */
  readonly arrive: (merchId: string, currency: string, amount: Amount.Amount) => Receipt | undefined
  readonly find: (merchId: string, recvOrderNo: string) => Receipt | undefined
}

/** The domain, over a state of its own. */
export const make = (world: World, accounts: Accounts): Receipts => {
  const receipts = new Map<string, Receipt>()
  return {
    arrive: (merchId, currency, amount) => {
      if (!accounts.isOpen(merchId, currency)) return undefined
      const recvOrderNo = world.number("RECV")
      const receipt: Receipt = {
        recvOrderNo,
        merchId,
        currency,
        amount,
        open: amount,
        status: "PENDING_RELATE",
        checking: false
      }
      receipts.set(recvOrderNo, receipt)
      world.ledger.book("remittance", { from: "outside", to: pocket(merchId, "unsettled"), currency, amount })
      world.notify(Remittance.notification, merchId, {
        recv_order_no: recvOrderNo,
        merch_id: merchId,
        status: receipt.status,
        // What PayKKa calls these two, and whether it tells them, is not known.
        sandbox_amount: Json.rawNumber(amount),
        sandbox_currency: currency
      })
      return receipt
    },
    find: (merchId, recvOrderNo) => {
      const receipt = receipts.get(recvOrderNo)
      return receipt?.merchId === merchId ? receipt : undefined
    }
  }
}
