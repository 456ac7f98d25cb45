/** Payouts: the money is held at once; after a while it is paid, given back, or paid and returned. */
import * as Amount from "@paykka/schemas/Amount"
import * as Json from "@paykka/schemas/Json"
import * as Payment from "@paykka/schemas/Payment"
import { hold, pocket } from "./ledger.ts"
import { positive } from "./money.ts"
import type { Payees } from "./payee.ts"
import { refuse } from "./refusal.ts"
import { type Route, type World, route } from "./world.ts"

interface StoredPayment {
  readonly merchId: string
  readonly requestId: string
  readonly currency: string
  readonly amount: Amount.Amount
  readonly fee: Amount.Amount
  status: string
  reason?: string
}

/** The routes of the domain, over a state of its own. */
export const make = (world: World, payees: Payees): ReadonlyArray<Route> => {
  const { ledger, settings } = world
  const { statuses, paymentFee } = settings
  const payments: Array<StoredPayment> = []

  const answer = ({ requestId, merchId, status, reason }: StoredPayment) => ({
    request_id: requestId,
    merch_id: merchId,
    status,
    reason
  })

  const end = (payment: StoredPayment, status: string, reason: string | undefined): void => {
    payment.status = status
    if (reason !== undefined) payment.reason = reason
    world.notify(Payment.notification, payment.merchId, answer(payment))
  }

  const decide = (payment: StoredPayment): void => {
    const { merchId, currency, amount, fee } = payment
    const { as, reason } = world.decide("payment")
    const [held, available] = [pocket(merchId, "held"), pocket(merchId, "available")]
    if (as === "fail") {
      ledger.book("payment failed", { from: held, to: available, currency, amount: Amount.sum([amount, fee]) })
      return end(payment, statuses.paymentFailed, reason)
    }
    ledger.book(
      "payment",
      { from: held, to: "outside", currency, amount },
      { from: held, to: "fees", currency, amount: fee }
    )
    end(payment, statuses.paymentPaid, undefined)
    if (as === "return") {
      world.later(() => {
        ledger.book("payment returned", { from: "outside", to: available, currency, amount })
        end(payment, statuses.paymentReturned, reason)
      })
    }
  }

  return [
    route(Payment.apply, (call) =>
      world.once(Payment.apply, call, () => {
        const { merchId, input } = call
        const { currency } = input
        const amount = positive(input.amount, "amount")
        const payee = payees.find(merchId, input.beneficiary_id) ?? refuse("010002", "beneficiary_id names no payee")
        if (payee.currency !== undefined && payee.currency !== currency) {
          refuse("010000", "currency must be that of the payee")
        }
        hold(ledger, "payment begun", merchId, { currency, amount: Amount.sum([amount, paymentFee]) })
        const payment: StoredPayment = {
          merchId,
          requestId: input.request_id,
          currency,
          amount,
          fee: paymentFee,
          status: "PROCESSING"
        }
        payments.push(payment)
        world.later(() => decide(payment))
        return { fee_amount: Json.rawNumber(paymentFee), beneficiary_type: "PAY", status: "PROCESSING" }
      })
    ),
    route(Payment.inquiry, ({ merchId, input }) =>
      answer(
        payments.findLast((payment) => payment.merchId === merchId && payment.requestId === input.request_id) ??
          refuse("010002", "the merchant has no payment with this request_id")
      )
    )
  ]
}
