/**
 * Settlement of receipts: an inbound remittance is related to contract orders and credited.
 *
 * Facts: `contract/tradesettle.yaml`.
 */
import * as Schema from "effect/Schema"
import * as Amount from "./Amount.ts"
import { atMost, documented, inferred, sensitive } from "./Field.ts"
import type { LifeCycle } from "./LifeCycle.ts"
import * as Notification from "./Notification.ts"
import * as OpenEnum from "./OpenEnum.ts"
import * as Operation from "./Operation.ts"

/**
 * Status of a receipt or settlement. Documented: in both of these an application is allowed, `PENDING_RELATE` (waits to
 * be related) and `CHECK_REJECTED` (the check was rejected). That of success is not known.
 */
export const Status = /*#__PURE__*/ OpenEnum.make(["PENDING_RELATE", "CHECK_REJECTED"])
export type Status = typeof Status.Type

// Our own rule, none of `tradesettle.yaml`: an empty number names no order, it is one that was lost on the way.
const notEmpty = () =>
  Schema.makeFilter((text: string) => (text === "" ? "must not be empty" : undefined), {
    description: "must not be empty"
  })

const relation = () =>
  Schema.Struct({
    /**
     * Amount of the receipt that is related to this order, exact. No unit is given. Documented. Whether it may have
     * decimals is not known: the only sample is 0. It may here, or a receipt with cents could never be settled.
     */
    amount: documented(Amount.Outbound),
    /** Number of the order, from the answer of `order.create`. Documented. Not empty, a rule of our own. */
    contract_order_no: documented(Schema.String.check(notEmpty()))
  })

/** An order, and how much of a receipt belongs to it. */
export const Relation = /*#__PURE__*/ relation()
export type Relation = typeof Relation.Type

const applyRequest = () =>
  Schema.Struct({
    /** Orders that the receipt is for, each with the amount that belongs to it. Documented. */
    relate_list: documented(Schema.Array(Relation)),
    /** Number of the receipt, from the notification of the remittance. Documented. */
    recv_order_no: documented(Schema.String)
  })

/** An application for settlement. Documented. It has no `request_id`: the receipt's number names it. */
export const ApplyRequest = /*#__PURE__*/ applyRequest()
export type ApplyRequest = typeof ApplyRequest.Type

const applyResponse = () =>
  Schema.Struct({
    /** Status of the receipt or settlement. Documented. */
    status: Schema.optionalKey(documented(Status))
  })

/** The answer to an application. Documented; any field may be missing. */
export const ApplyResponse = /*#__PURE__*/ applyResponse()
export type ApplyResponse = typeof ApplyResponse.Type

const inquiryRequest = () =>
  Schema.Struct({
    /** Number of the receipt. Documented; the only field. */
    recv_order_no: documented(Schema.String)
  })

/** A question for the settlement of a receipt. */
export const InquiryRequest = /*#__PURE__*/ inquiryRequest()
export type InquiryRequest = typeof InquiryRequest.Type

// The inquiry presumably answers with the data of the notification.
const settlement = (mark: typeof documented) =>
  Schema.Struct({
    /** Merchant number. Inferred (documented for a data model that presumably is the notification's). */
    merch_id: Schema.optionalKey(mark(Schema.String)),
    /** Reason, presumably of a rejection. Sensitive. Inferred (documented for that data model). */
    reason: Schema.optionalKey(sensitive(mark(Schema.String))),
    /** Number of the receipt. Inferred (documented for that data model). */
    recv_order_no: Schema.optionalKey(mark(Schema.String)),
    /** Status of the receipt or settlement. Inferred (documented for that data model). */
    status: Schema.optionalKey(mark(Status))
  })

/** A settlement, as the inquiry presumably answers. Inferred; any field may be missing. */
export const InquiryResponse = /*#__PURE__*/ settlement(inferred)

/** A settlement. Inferred: that the documented data model belongs to the notification is; any field may be missing. */
export const Settlement = /*#__PURE__*/ atMost("inferred")(/*#__PURE__*/ settlement(documented))
export type Settlement = typeof Settlement.Type

/**
 * What the statuses mean to one who has applied for settlement of all of a receipt. The status of success is not known,
 * so any other is taken for a decision. The status after the settlement of a part is not known either; where it is
 * `PENDING_RELATE` again, it cannot be told from an undecided one.
 */
export const lifeCycle: LifeCycle = {
  pending: ["PENDING_RELATE"],
  succeeded: [],
  failed: ["CHECK_REJECTED"],
  unlisted: "decided"
}

const applyPage = "https://open-cb-paykka.apifox.cn/main-en/444711987e0"

/** `tradesettle.inquiry`: query the settlement of a receipt. Path and request documented, response inferred. */
export const inquiry = /*#__PURE__*/ Operation.make({
  id: "tradesettle.inquiry",
  title: "Query the settlement status of a receipt",
  path: "/api/v2/trade-settle/inquiry",
  merchantHeader: "required",
  effect: "read",
  idempotencyKey: null,
  resolvedBy: null,
  body: "json",
  request: InquiryRequest,
  response: InquiryResponse,
  aliases: {},
  provenance: { path: "documented", merchantHeader: "inferred", request: "documented", response: "inferred" },
  sources: ["https://open-cb-paykka.apifox.cn/main-en/444711988e0"]
})

/** What {@link inquiry} takes. */
export interface InquiryInput extends Operation.Input<typeof inquiry> {}
/** What {@link inquiry} gives. */
export interface InquiryOutput extends Operation.Output<typeof inquiry> {}

/** `tradesettle.apply`: settle a receipt by relating it to orders. Documented. */
export const apply = /*#__PURE__*/ Operation.make({
  id: "tradesettle.apply",
  title: "Start the settlement of a receipt by relating it to contract orders",
  path: "/api/v2/trade-settle/apply",
  merchantHeader: "required",
  effect: "create",
  idempotencyKey: "recv_order_no",
  resolvedBy: inquiry,
  body: "json",
  request: ApplyRequest,
  response: ApplyResponse,
  aliases: {},
  provenance: { path: "documented", merchantHeader: "inferred", request: "documented", response: "documented" },
  sources: [applyPage]
})

/** What {@link apply} takes. */
export interface ApplyInput extends Operation.Input<typeof apply> {}
/** What {@link apply} gives: the answer, with the `recv_order_no` that was sent. */
export interface ApplyOutput extends Operation.Output<typeof apply> {}

/** `tradesettle.notification`: the result of a settlement. Inferred. */
export const notification = /*#__PURE__*/ Notification.make({
  id: "tradesettle.notification",
  title: "Settlement result of a receipt",
  path: "/api/v2/trade-settle/notify",
  data: Settlement,
  aliases: {},
  recognisedBy: ["recv_order_no"],
  provenance: {
    path: "inferred",
    merchantHeader: "inferred",
    envelope: "inferred",
    data: "inferred",
    acknowledgement: "inferred"
  },
  sources: ["https://open-cb-paykka.apifox.cn/v2/133763298d0", applyPage]
})

/** What {@link notification} tells. */
export interface NotificationData extends Notification.DataOf<typeof notification> {}
