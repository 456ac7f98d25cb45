/**
 * Payments to payees: payout, inquiry, and the notification of the result.
 *
 * Facts: `contract/payment.yaml`.
 */
import * as Schema from "effect/Schema"
import * as Amount from "./Amount.ts"
import { CurrencyCode } from "./CurrencyCode.ts"
import { documented, inferred, sensitive } from "./Field.ts"
import type { LifeCycle } from "./LifeCycle.ts"
import * as Notification from "./Notification.ts"
import * as OpenEnum from "./OpenEnum.ts"
import * as Operation from "./Operation.ts"
import { RequestId } from "./RequestId.ts"

/** Status of a payment. `PROCESSING` (in progress) is the only value known, final ones are not. Documented. */
export const Status = /*#__PURE__*/ OpenEnum.make(["PROCESSING"])
export type Status = typeof Status.Type

/** Kind of payee; `PAY` is a sample value, its meaning not shown. Documented. */
export const BeneficiaryType = /*#__PURE__*/ OpenEnum.make(["PAY"])
export type BeneficiaryType = typeof BeneficiaryType.Type

const applyRequest = () =>
  Schema.Struct({
    /** Amount to pay. No unit is given. Documented; that a minimum of 1 is likely is inferred, from the sample value. */
    amount: documented(Amount.Outbound),
    /** Currency of the payment, three capital letters; must be the payee's. EUR is a sample value. Documented. */
    currency: documented(CurrencyCode),
    /** Id of the payee. Documented. */
    beneficiary_id: documented(Schema.String),
    /** Remittance message (meaning inferred from the name). Documented. Sensitive. */
    postscript: Schema.optional(sensitive(documented(Schema.String))),
    /** The caller's unique number of the payment, 1 to 32 characters; made by the client when left out. Documented. */
    request_id: documented(RequestId)
  })

/** A payment. Documented. */
export const ApplyRequest = /*#__PURE__*/ applyRequest()
export type ApplyRequest = typeof ApplyRequest.Type

const applyResponse = () =>
  Schema.Struct({
    /** Fee of the payment; its currency is not shown. Documented. */
    fee_amount: Schema.optionalKey(documented(Amount.Inbound)),
    /** Kind of payee. Documented. */
    beneficiary_type: Schema.optionalKey(documented(BeneficiaryType)),
    /** Status of the payment. Documented. */
    status: Schema.optionalKey(documented(Status))
  })

/** The answer to a payment. Documented; any field may be missing. The outcome comes later. */
export const ApplyResponse = /*#__PURE__*/ applyResponse()
export type ApplyResponse = typeof ApplyResponse.Type

const inquiryRequest = () =>
  Schema.Struct({
    /** The `request_id` of the payment, 1 to 32 characters. Inferred; the only field. */
    request_id: inferred(RequestId)
  })

/** A question for a payment. Inferred. */
export const InquiryRequest = /*#__PURE__*/ inquiryRequest()
export type InquiryRequest = typeof InquiryRequest.Type

const result = () =>
  Schema.StructWithRest(
    Schema.Struct({
      /** The `request_id` of the payment. Inferred. */
      request_id: Schema.optionalKey(inferred(Schema.String)),
      /** Merchant number. Inferred. */
      merch_id: Schema.optionalKey(inferred(Schema.String)),
      /** Status of the payment. Inferred. */
      status: Schema.optionalKey(inferred(Status)),
      /** Reason, presumably of a failure. Inferred. Sensitive. */
      reason: Schema.optionalKey(sensitive(inferred(Schema.String)))
    }),
    [Schema.Record(Schema.String, Schema.Unknown)]
  )

/** A payment, as inquiry and notification have it. Inferred; any field may be missing, and all others that come are kept. */
export const PaymentResult = /*#__PURE__*/ result()
export type PaymentResult = typeof PaymentResult.Type

/** What the statuses mean. Final ones are not known, so any but `PROCESSING` is taken for a decision. */
export const lifeCycle: LifeCycle = { pending: ["PROCESSING"], succeeded: [], failed: [], unlisted: "decided" }

const group = "https://open-cb-paykka.apifox.cn/main-en/444711972e0"
const models = "https://open-cb-paykka.apifox.cn/v2/133781897d0"

/** `payment.inquiry`: query a payment. Inferred. */
export const inquiry = /*#__PURE__*/ Operation.make({
  id: "payment.inquiry",
  title: "Query the status of a payment",
  path: "/api/v2/merch/pay/inquiry",
  merchantHeader: "required",
  effect: "read",
  idempotencyKey: null,
  resolvedBy: null,
  body: "json",
  request: InquiryRequest,
  response: PaymentResult,
  aliases: {},
  provenance: { path: "inferred", merchantHeader: "inferred", request: "inferred", response: "inferred" },
  sources: [group, models]
})

/** What {@link inquiry} takes. */
export interface InquiryInput extends Operation.Input<typeof inquiry> {}
/** What {@link inquiry} gives. */
export interface InquiryOutput extends Operation.Output<typeof inquiry> {}

/** `payment.apply`: pay a payee. Documented. */
export const apply = /*#__PURE__*/ Operation.make({
  id: "payment.apply",
  title: "Pay a payee",
  path: "/api/v2/merch/pay/apply",
  merchantHeader: "required",
  effect: "create",
  idempotencyKey: "request_id",
  resolvedBy: inquiry,
  body: "json",
  request: ApplyRequest,
  response: ApplyResponse,
  aliases: {},
  provenance: { path: "documented", merchantHeader: "inferred", request: "documented", response: "documented" },
  sources: ["https://open-cb-paykka.apifox.cn/main-en/444711979e0"]
})

/** What {@link apply} takes; without a `request_id` the client makes one. */
export interface ApplyInput extends Operation.Input<typeof apply> {}
/** What {@link apply} gives: the answer, with the `request_id` that was sent. */
export interface ApplyOutput extends Operation.Output<typeof apply> {}

/** `payment.notification`: the result of a payment. Inferred. */
export const notification = /*#__PURE__*/ Notification.make({
  id: "payment.notification",
  title: "Result of a payment",
  path: "/api/v2/merch/pay/notify",
  data: PaymentResult,
  aliases: {},
  recognisedBy: [],
  provenance: {
    path: "inferred",
    merchantHeader: "inferred",
    envelope: "inferred",
    data: "inferred",
    acknowledgement: "inferred"
  },
  sources: [group, "https://open-cb-paykka.apifox.cn/238937500e0"]
})

/** What {@link notification} tells. */
export interface NotificationData extends Notification.DataOf<typeof notification> {}
