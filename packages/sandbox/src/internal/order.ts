/** Contract orders: created, amended, supplemented, and related to receipts until their amount is used up. */
import * as Amount from "@paykka/schemas/Amount"
import * as Order from "@paykka/schemas/Order"
import type { Files } from "./file.ts"
import { minus, positive, zero } from "./money.ts"
import { refuse } from "./refusal.ts"
import { type Route, type World, route } from "./world.ts"

/** An order. */
export interface ContractOrder {
  readonly merchId: string
  readonly requestId: string
  readonly contractOrderNo: string
  currency: string
  amount: Amount.Amount
  /** What receipts have been related to it for. */
  related: Amount.Amount
  logistics: Readonly<Record<string, unknown>>
}

/** The domain. */
export interface Orders {
  readonly routes: ReadonlyArray<Route>
  readonly find: (merchId: string, contractOrderNo: string) => ContractOrder | undefined
}

/** What may still be related. */
export const openAmount = ({ amount, related }: ContractOrder): Amount.Amount => minus(amount, related)

/** The domain, over a state of its own. */
export const make = (world: World, files: Files): Orders => {
  const orders = new Map<string, ContractOrder>()

  const find = (merchId: string, contractOrderNo: string): ContractOrder | undefined => {
    const order = orders.get(contractOrderNo)
    return order?.merchId === merchId ? order : undefined
  }

  const demand = (
    merchId: string,
    {
      request_id,
      contract_order_no
    }: { readonly request_id?: string | undefined; readonly contract_order_no?: string | undefined }
  ): ContractOrder => {
    const order = [...orders.values()].findLast(
      ({ requestId, contractOrderNo, ...rest }) =>
        rest.merchId === merchId &&
        (request_id ?? requestId) === requestId &&
        (contract_order_no ?? contractOrderNo) === contractOrderNo
    )
    return order ?? refuse("010002", "the merchant has no order with these numbers")
  }

  const statusOf = (order: ContractOrder): string =>
    Amount.compare(openAmount(order), zero) > 0 ? "RELATABLE" : world.settings.statuses.orderRelated

  const answer = (order: ContractOrder) => ({ contract_order_no: order.contractOrderNo, status: statusOf(order) })

  return {
    routes: [
      route(Order.create, (call) =>
        world.once(Order.create, call, () => {
          const { merchId, owner, input } = call
          const amount = positive(input.amount, "amount")
          files.demand(owner, input)
          const order: ContractOrder = {
            merchId,
            requestId: input.request_id,
            contractOrderNo: world.number("CO"),
            currency: input.currency,
            amount,
            related: zero,
            logistics: { ...input.logistics_info }
          }
          orders.set(order.contractOrderNo, order)
          return answer(order)
        })
      ),
      route(Order.update, ({ merchId, owner, input }) => {
        const amount = positive(input.amount, "amount")
        const order = demand(merchId, { request_id: input.request_id })
        const isRelated = Amount.compare(order.related, zero) > 0
        if (Amount.compare(amount, order.related) < 0) refuse("010003", "more than the new amount is related already")
        if (isRelated && input.currency !== order.currency) {
          refuse("010003", "the currency of an order that is related cannot change")
        }
        files.demand(owner, input)
        Object.assign(order, { amount, currency: input.currency, logistics: { ...input.logistics_info } })
        return answer(order)
      }),
      route(Order.inquiry, ({ merchId, input }) => {
        const order = demand(merchId, input)
        return { request_id: order.requestId, merch_id: merchId, ...answer(order) }
      }),
      route(Order.supplement, ({ merchId, owner, input }) => {
        const order = demand(merchId, input)
        if (order.logistics["ship_status"] === "SHIPPED") refuse("010003", "the order is shipped already")
        files.demand(owner, input)
        order.logistics = { ...order.logistics, ...input.logistics_info }
        return { contract_order_no: order.contractOrderNo }
      })
    ],
    find
  }
}
