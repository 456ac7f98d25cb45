/** All operations and notifications of the API, for tools: who imports it bundles all of them. */
import * as Assessment from "./Assessment.ts"
import * as Balance from "./Balance.ts"
import * as File from "./File.ts"
import * as Forex from "./Forex.ts"
import type { Notification } from "./Notification.ts"
import * as Onboarding from "./Onboarding.ts"
import type { Operation } from "./Operation.ts"
import * as Order from "./Order.ts"
import * as Payee from "./Payee.ts"
import * as Payment from "./Payment.ts"
import * as Remittance from "./Remittance.ts"
import * as Tradesettle from "./Tradesettle.ts"
import * as Va from "./Va.ts"

/** The 24 operations. */
export const operations: ReadonlyArray<Operation> = [
  Onboarding.apply,
  Onboarding.update,
  Onboarding.inquiry,
  Assessment.apply,
  Assessment.update,
  Assessment.inquiry,
  Va.apply,
  Va.inquiry,
  Order.create,
  Order.update,
  Order.inquiry,
  Order.supplement,
  Tradesettle.apply,
  Tradesettle.inquiry,
  Balance.inquiry,
  Payee.create,
  Payee.update,
  Payee.inquiry,
  Forex.preorder,
  Forex.confirm,
  Forex.inquiry,
  Payment.apply,
  Payment.inquiry,
  File.upload
]

/** The 8 notifications. */
export const notifications = [
  Onboarding.notification,
  Assessment.notification,
  Va.notification,
  Remittance.notification,
  Tradesettle.notification,
  Payee.notification,
  Forex.notification,
  Payment.notification
] as const satisfies ReadonlyArray<Notification>
