/** The domains of the API, one value each: `createClient({ ..., domains: { va, payment } })`. */
import * as Assessment from "@paykka/assessment/Assessment"
import * as Balance from "@paykka/balance/Balance"
import * as File from "@paykka/file/File"
import * as Forex from "@paykka/forex/Forex"
import * as Onboarding from "@paykka/onboarding/Onboarding"
import * as Order from "@paykka/order/Order"
import * as Payee from "@paykka/payee/Payee"
import * as Payment from "@paykka/payment/Payment"
import * as Tradesettle from "@paykka/tradesettle/Tradesettle"
import * as Va from "@paykka/va/Va"
import type * as Calls from "./Calls.ts"
import * as Domain from "./Domain.ts"

/** Onboarding of merchants. */
export const onboarding: Domain.Domain<Calls.OnboardingCalls> = /*#__PURE__*/ Domain.make(
  Onboarding.Onboarding,
  Onboarding.layer,
  { apply: "call", update: "call", inquiry: "call", awaitOutcome: 1 }
)

/** Risk assessment of merchants. */
export const assessment: Domain.Domain<Calls.AssessmentCalls> = /*#__PURE__*/ Domain.make(
  Assessment.Assessment,
  Assessment.layer,
  { apply: "call", update: "call", inquiry: "call", awaitOutcome: 1 }
)

/** Collection accounts. */
export const va: Domain.Domain<Calls.VaCalls> = /*#__PURE__*/ Domain.make(Va.Va, Va.layer, {
  apply: "call",
  inquiry: "call",
  awaitOutcome: 1
})

/** Contract orders. */
export const order: Domain.Domain<Calls.OrderCalls> = /*#__PURE__*/ Domain.make(Order.Order, Order.layer, {
  create: "call",
  update: "call",
  inquiry: "call",
  supplement: "call"
})

/** Settlement of receipts. */
export const tradesettle: Domain.Domain<Calls.TradesettleCalls> = /*#__PURE__*/ Domain.make(
  Tradesettle.Tradesettle,
  Tradesettle.layer,
  { apply: "call", inquiry: "call", awaitOutcome: 1 }
)

/** Balances. */
export const balance: Domain.Domain<Calls.BalanceCalls> = /*#__PURE__*/ Domain.make(Balance.Balance, Balance.layer, {
  inquiry: "call"
})

/** Payees. */
export const payee: Domain.Domain<Calls.PayeeCalls> = /*#__PURE__*/ Domain.make(Payee.Payee, Payee.layer, {
  create: "call",
  update: "call",
  inquiry: "call",
  awaitOutcome: 1
})

/** Currency conversion. */
export const forex: Domain.Domain<Calls.ForexCalls> = /*#__PURE__*/ Domain.make(Forex.Forex, Forex.layer, {
  preorder: "call",
  confirm: "call",
  inquiry: "call",
  awaitOutcome: 1,
  convert: 2
})

/** Payouts. */
export const payment: Domain.Domain<Calls.PaymentCalls> = /*#__PURE__*/ Domain.make(Payment.Payment, Payment.layer, {
  apply: "call",
  pay: 2,
  inquiry: "call",
  awaitOutcome: 1
})

/** Uploads. */
export const file: Domain.Domain<Calls.FileCalls> = /*#__PURE__*/ Domain.make(File.File, File.layer, { upload: 1 })
