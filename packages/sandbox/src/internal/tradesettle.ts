/** Settlement: a receipt is related to orders, checked after a while, and credited as far as it was related. */
import * as Amount from "@paykka/schemas/Amount"
import * as Tradesettle from "@paykka/schemas/Tradesettle"
import { pocket } from "./ledger.ts"
import { minus, positive, zero } from "./money.ts"
import { type ContractOrder, type Orders, openAmount } from "./order.ts"
import { refuse } from "./refusal.ts"
import type { Receipt, Receipts } from "./remittance.ts"
import { type Route, type World, route } from "./world.ts"

interface Relation {
  readonly order: ContractOrder
  readonly amount: Amount.Amount
}

/** The routes of the domain. */
export const make = (world: World, receipts: Receipts, orders: Orders): ReadonlyArray<Route> => {
  const answer = ({ merchId, recvOrderNo, status, reason }: Receipt) => ({
    merch_id: merchId,
    recv_order_no: recvOrderNo,
    status,
    reason
  })

  const demand = (merchId: string, recvOrderNo: string): Receipt =>
    receipts.find(merchId, recvOrderNo) ?? refuse("010002", "the merchant has no receipt with this recv_order_no")

  /** Checks the list and takes what it relates from its orders. */
  const relate = (receipt: Receipt, list: Tradesettle.ApplyRequest["relate_list"]): ReadonlyArray<Relation> => {
    if (list.length === 0) refuse("010000", "relate_list is empty")
    // An order may stand in the list more than once.
    const left = new Map<ContractOrder, Amount.Amount>()
    const relations = list.map(({ contract_order_no, amount: given }, index) => {
      const at = `relate_list[${index}]`
      const amount = positive(given, `${at}.amount`)
      const order = orders.find(receipt.merchId, contract_order_no) ?? refuse("010002", `${at} names no order`)
      if (order.currency !== receipt.currency)
        refuse("010003", `${at}: the order has another currency than the receipt`)
      const rest = minus(left.get(order) ?? openAmount(order), amount)
      if (Amount.compare(rest, zero) < 0) refuse("010003", `${at}: more than is left of the order`)
      left.set(order, rest)
      return { order, amount }
    })
    const sum = Amount.sum(relations.map(({ amount }) => amount))
    if (Amount.compare(sum, receipt.open) > 0) refuse("010003", "relate_list: more than is left of the receipt")
    for (const { order, amount } of relations) order.related = Amount.sum([order.related, amount])
    return relations
  }

  const settle = (receipt: Receipt, relations: ReadonlyArray<Relation>): void => {
    const { merchId, currency } = receipt
    const amount = Amount.sum(relations.map((relation) => relation.amount))
    const transfer = { from: pocket(merchId, "unsettled"), to: pocket(merchId, "available"), currency, amount }
    world.ledger.book("settlement", transfer)
    receipt.open = minus(receipt.open, amount)
    // While something is left of it the receipt waits to be related again.
    receipt.status = Amount.compare(receipt.open, zero) > 0 ? "PENDING_RELATE" : world.settings.statuses.receiptSettled
  }

  const reject = (receipt: Receipt, relations: ReadonlyArray<Relation>, reason: string): void => {
    for (const { order, amount } of relations) order.related = minus(order.related, amount)
    receipt.status = "CHECK_REJECTED"
    receipt.reason = reason
  }

  return [
    route(Tradesettle.apply, ({ merchId, input }) => {
      const receipt = demand(merchId, input.recv_order_no)
      if (receipt.checking) refuse("010003", "a settlement of the receipt is under way")
      if (receipt.status !== "PENDING_RELATE" && receipt.status !== "CHECK_REJECTED") {
        refuse("010003", "the receipt is settled")
      }
      const relations = relate(receipt, input.relate_list)
      receipt.checking = true
      // The documented example answers with the status of a receipt that waits to be related.
      receipt.status = "PENDING_RELATE"
      delete receipt.reason
      world.later(() => {
        const { as, reason } = world.decide("tradesettle")
        receipt.checking = false
        if (as === "settle") settle(receipt, relations)
        else reject(receipt, relations, reason)
        world.notify(Tradesettle.notification, merchId, answer(receipt))
      })
      return { status: receipt.status }
    }),
    route(Tradesettle.inquiry, ({ merchId, input }) => answer(demand(merchId, input.recv_order_no)))
  ]
}
