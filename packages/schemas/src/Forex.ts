/**
 * Currency conversion: a quote, its confirmation, the inquiry, and the notification of the result.
 *
 * Facts: `contract/forex.yaml`.
 */
import * as Schema from "effect/Schema"
import * as Amount from "./Amount.ts"
import { CurrencyCode } from "./CurrencyCode.ts"
import { documented, inferred, sensitive } from "./Field.ts"
import { Instant } from "./Instant.ts"
import type { LifeCycle } from "./LifeCycle.ts"
import * as Notification from "./Notification.ts"
import * as Operation from "./Operation.ts"
import * as Rule from "./Rule.ts"

const preorderRequest = () =>
  Schema.Struct({
    /** Currency to sell, three capital letters; EUR is a sample value. Documented. */
    sell_currency: documented(CurrencyCode),
    /** Currency to buy, three capital letters; EUR is a sample value. Documented. */
    buy_currency: documented(CurrencyCode),
    /** Amount to sell; give exactly one of `sell_amount` and `buy_amount`. No unit is given. Documented. */
    sell_amount: Schema.optional(documented(Amount.Outbound)),
    /** Amount to buy; give exactly one of `sell_amount` and `buy_amount`. No unit is given. Documented. */
    buy_amount: Schema.optional(documented(Amount.Outbound))
  })

const preorderFields = /*#__PURE__*/ preorderRequest()

/** A request for a quote. Documented; that one of the amounts must be given is inferred. */
export type PreorderRequest = Rule.ExactlyOneOf<typeof preorderFields.Type, "sell_amount" | "buy_amount">
export const PreorderRequest = /*#__PURE__*/ preorderFields.check(
  /*#__PURE__*/ Rule.exactlyOneOf("sell_amount", "buy_amount")
) as Schema.Codec<PreorderRequest, unknown>

const quote = () =>
  Schema.Struct({
    /** The platform's number of the conversion, for confirmation and inquiry. Documented; its use is inferred. */
    order_no: Schema.optionalKey(documented(Schema.String)),
    /** Currency to sell. Documented. */
    sell_currency: Schema.optionalKey(documented(Schema.String)),
    /** Currency to buy. Documented. */
    buy_currency: Schema.optionalKey(documented(Schema.String)),
    /** Amount to sell. Documented. */
    sell_amount: Schema.optionalKey(documented(Amount.Inbound)),
    /** Amount to buy. Documented. */
    buy_amount: Schema.optionalKey(documented(Amount.Inbound)),
    /** Quoted rate; the direction of quotation is not shown. Documented. */
    fx_rate: Schema.optionalKey(documented(Amount.Inbound)),
    /** When the quote lapses, in UTC. Documented. */
    expire_at: Schema.optionalKey(documented(Instant))
  })

/** A quote. Documented; any field may be missing. */
export const Quote = /*#__PURE__*/ quote()
export type Quote = typeof Quote.Type

const confirmRequest = () =>
  Schema.Struct({
    /** Number of the conversion, from the quote. Inferred. */
    order_no: inferred(Schema.String)
  })

/** The confirmation of a quote. Inferred. */
export const ConfirmRequest = /*#__PURE__*/ confirmRequest()
export type ConfirmRequest = typeof ConfirmRequest.Type

/** What the confirmation is answered with is not known: an open record. */
export const ConfirmResponse = /*#__PURE__*/ Schema.Record(Schema.String, Schema.Unknown)
export type ConfirmResponse = typeof ConfirmResponse.Type

const inquiryRequest = () =>
  Schema.Struct({
    /** Number of the conversion, from the quote. Inferred. */
    order_no: inferred(Schema.String)
  })

/** A question for a conversion. Inferred. */
export const InquiryRequest = /*#__PURE__*/ inquiryRequest()
export type InquiryRequest = typeof InquiryRequest.Type

const conversion = () =>
  Schema.StructWithRest(
    Schema.Struct({
      /** Number of the conversion. Inferred. */
      order_no: Schema.optionalKey(inferred(Schema.String)),
      /** Merchant number. Inferred. */
      merch_id: Schema.optionalKey(inferred(Schema.String)),
      /** Status of the conversion; values not known. Inferred. */
      status: Schema.optionalKey(inferred(Schema.String)),
      /** Reason, presumably of a failure. Inferred. Sensitive. */
      reason: Schema.optionalKey(sensitive(inferred(Schema.String)))
    }),
    [Schema.Record(Schema.String, Schema.Unknown)]
  )

/** A conversion, as the inquiry answers. Inferred; any field may be missing, and all others that come are kept. */
export const InquiryResponse = /*#__PURE__*/ conversion()
export type InquiryResponse = typeof InquiryResponse.Type

const notified = () =>
  Schema.StructWithRest(
    Schema.Struct({
      /** A request id, should confirmation turn out to carry one. Inferred. */
      request_id: Schema.optionalKey(inferred(Schema.String)),
      /** Merchant number. Inferred. */
      merch_id: Schema.optionalKey(inferred(Schema.String)),
      /** Number of the conversion. Inferred. */
      order_no: Schema.optionalKey(inferred(Schema.String)),
      /** Status of the conversion; values not known. Inferred. */
      status: Schema.optionalKey(inferred(Schema.String)),
      /** Reason, presumably of a failure. Inferred. Sensitive. */
      reason: Schema.optionalKey(sensitive(inferred(Schema.String)))
    }),
    [Schema.Record(Schema.String, Schema.Unknown)]
  )

/** A conversion, as the notification has it. Inferred; any field may be missing, and all others that come are kept. */
export const Conversion = /*#__PURE__*/ notified()
export type Conversion = typeof Conversion.Type

/** What the statuses mean: none is known, so any is taken for a decision. */
export const lifeCycle: LifeCycle = { pending: [], succeeded: [], failed: [], unlisted: "decided" }

const models = "https://open-cb-paykka.apifox.cn/v2/133781897d0"
const group = "https://open-cb-paykka.apifox.cn/main-en/444711972e0"

/** `forex.inquiry`: query a conversion. Inferred. */
export const inquiry = /*#__PURE__*/ Operation.make({
  id: "forex.inquiry",
  title: "Query the result of a conversion",
  path: "/api/v2/fx/conversion/inquiry",
  merchantHeader: "required",
  effect: "read",
  idempotencyKey: null,
  resolvedBy: null,
  body: "json",
  request: InquiryRequest,
  response: InquiryResponse,
  aliases: {},
  provenance: { path: "inferred", merchantHeader: "inferred", request: "inferred", response: "inferred" },
  sources: [group, models]
})

/** What {@link inquiry} takes. */
export interface InquiryInput extends Operation.Input<typeof inquiry> {}
/** What {@link inquiry} gives. */
export interface InquiryOutput extends Operation.Output<typeof inquiry> {}

/**
 * `forex.preorder`: ask for a quote. Documented.
 *
 * It has no `request_id`: when the answer was lost there is nothing to ask by. Ask for another quote and let the first
 * one lapse (inferred).
 */
export const preorder = /*#__PURE__*/ Operation.make({
  id: "forex.preorder",
  title: "Place a conversion pre-order (ask for a quote)",
  path: "/api/v2/fx/conversion/preorder",
  merchantHeader: "required",
  effect: "create",
  idempotencyKey: null,
  resolvedBy: null,
  body: "json",
  request: PreorderRequest,
  response: Quote,
  aliases: {},
  provenance: { path: "documented", merchantHeader: "inferred", request: "documented", response: "documented" },
  sources: ["https://open-cb-paykka.apifox.cn/main-en/444711975e0", models]
})

/** What {@link preorder} takes. */
export type PreorderInput = Operation.Input<typeof preorder>
/** What {@link preorder} gives. */
export interface PreorderOutput extends Operation.Output<typeof preorder> {}

/** `forex.confirm`: confirm a quote. Path and request inferred, response unknown. */
export const confirm = /*#__PURE__*/ Operation.make({
  id: "forex.confirm",
  title: "Confirm a conversion pre-order",
  path: "/api/v2/fx/conversion/confirm",
  merchantHeader: "required",
  effect: "update",
  idempotencyKey: "order_no",
  resolvedBy: inquiry,
  body: "json",
  request: ConfirmRequest,
  response: ConfirmResponse,
  aliases: {},
  provenance: { path: "inferred", merchantHeader: "inferred", request: "inferred", response: "unknown" },
  sources: [group, models]
})

/** What {@link confirm} takes. */
export interface ConfirmInput extends Operation.Input<typeof confirm> {}
/** What {@link confirm} gives: the answer, with the `order_no` that was sent. */
export interface ConfirmOutput extends Operation.Output<typeof confirm> {}

/** `forex.notification`: the result of a conversion. Inferred. */
export const notification = /*#__PURE__*/ Notification.make({
  id: "forex.notification",
  title: "Result of a conversion",
  path: "/api/v2/fx/conversion/notify",
  data: Conversion,
  aliases: {},
  recognisedBy: ["order_no"],
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
