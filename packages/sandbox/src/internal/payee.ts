/** Payees: created, accepted or rejected after a while, amended when they were rejected. */
import * as Json from "@paykka/schemas/Json"
import * as Payee from "@paykka/schemas/Payee"
import { refuse } from "./refusal.ts"
import { type Route, type World, route } from "./world.ts"

/** A payee. */
export interface StoredPayee {
  readonly merchId: string
  readonly requestId: string
  /** Handed out when the payee is accepted; whether PayKKa does so earlier is not known. */
  beneficiaryId?: string
  /** None while it is undecided: no status is known. */
  status?: string
  reason?: string
  /** Where its member stands is not known: `currency` of the payee or of the message, where either has one. */
  currency: string | undefined
}

/** The domain. */
export interface Payees {
  readonly routes: ReadonlyArray<Route>
  /** An accepted payee. */
  readonly find: (merchId: string, beneficiaryId: string) => StoredPayee | undefined
}

const currencyOf = (json: Readonly<Record<string, unknown>>): string | undefined => {
  const { beneficiary, currency } = json
  const found = Json.isObject(beneficiary) ? (beneficiary["currency"] ?? currency) : currency
  return typeof found === "string" ? found : undefined
}

/** The domain, over a state of its own. */
export const make = (world: World): Payees => {
  const payees: Array<StoredPayee> = []
  const { statuses } = world.settings

  const answer = ({ requestId, merchId, beneficiaryId, status, reason }: StoredPayee) => ({
    request_id: requestId,
    merch_id: merchId,
    beneficiary_id: beneficiaryId,
    status,
    reason
  })

  const decideLater = (payee: StoredPayee): void =>
    world.later(() => {
      const { as, reason } = world.decide("payee")
      if (as === "accept") {
        payee.beneficiaryId = world.number("BEN")
        payee.status = statuses.payeeAccepted
      } else {
        payee.status = statuses.payeeRejected
        payee.reason = reason
      }
      world.notify(Payee.notification, payee.merchId, answer(payee))
    })

  const demand = (
    merchId: string,
    {
      request_id,
      beneficiary_id
    }: { readonly request_id?: string | undefined; readonly beneficiary_id?: string | undefined }
  ): StoredPayee =>
    payees.findLast(
      (payee) =>
        payee.merchId === merchId &&
        (request_id ?? payee.requestId) === payee.requestId &&
        (beneficiary_id ?? payee.beneficiaryId) === payee.beneficiaryId
    ) ?? refuse("010002", "the merchant has no payee with these numbers")

  return {
    routes: [
      route(Payee.create, (call) =>
        world.once(Payee.create, call, () => {
          const { merchId, input, json } = call
          const payee: StoredPayee = { merchId, requestId: input.request_id, currency: currencyOf(json) }
          payees.push(payee)
          decideLater(payee)
          return { request_id: input.request_id }
        })
      ),
      route(Payee.update, ({ merchId, input, json }) => {
        const payee = demand(merchId, { request_id: input.request_id })
        if (payee.status !== statuses.payeeRejected) refuse("010003", "only a payee that was rejected can be amended")
        payee.currency = currencyOf(json) ?? payee.currency
        delete payee.status
        delete payee.reason
        decideLater(payee)
        return { request_id: input.request_id }
      }),
      route(Payee.inquiry, ({ merchId, input }) => answer(demand(merchId, input)))
    ],
    find: (merchId, beneficiaryId) =>
      payees.find((payee) => payee.merchId === merchId && payee.beneficiaryId === beneficiaryId)
  }
}
