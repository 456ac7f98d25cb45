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
import * as Domain from "./Domain.ts"

/** Onboarding of merchants. */
export const onboarding = /*#__PURE__*/ Domain.make(Onboarding.Onboarding, Onboarding.layer, {
  apply: true,
  update: true,
  inquiry: true,
  awaitOutcome: true
})

/** Risk assessment of merchants. */
export const assessment = /*#__PURE__*/ Domain.make(Assessment.Assessment, Assessment.layer, {
  apply: true,
  update: true,
  inquiry: true,
  awaitOutcome: true
})

/** Collection accounts. */
export const va = /*#__PURE__*/ Domain.make(Va.Va, Va.layer, { apply: true, inquiry: true, awaitOutcome: true })

/** Contract orders. */
export const order = /*#__PURE__*/ Domain.make(Order.Order, Order.layer, {
  create: true,
  update: true,
  inquiry: true,
  supplement: true
})

/** Settlement of receipts. */
export const tradesettle = /*#__PURE__*/ Domain.make(Tradesettle.Tradesettle, Tradesettle.layer, {
  apply: true,
  inquiry: true,
  awaitOutcome: true
})

/** Balances. */
export const balance = /*#__PURE__*/ Domain.make(Balance.Balance, Balance.layer, { inquiry: true })

/** Payees. */
export const payee = /*#__PURE__*/ Domain.make(Payee.Payee, Payee.layer, {
  create: true,
  update: true,
  inquiry: true,
  awaitOutcome: true
})

/** Currency conversion. */
export const forex = /*#__PURE__*/ Domain.make(Forex.Forex, Forex.layer, {
  preorder: true,
  confirm: true,
  inquiry: true,
  awaitOutcome: true,
  convert: true
})

/** Payouts. */
export const payment = /*#__PURE__*/ Domain.make(Payment.Payment, Payment.layer, {
  apply: true,
  pay: true,
  inquiry: true,
  awaitOutcome: true
})

/** Uploads. */
export const file = /*#__PURE__*/ Domain.make(File.File, File.layer, { upload: true })
