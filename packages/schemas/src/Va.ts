/**
 * Collection accounts (virtual accounts): application, inquiry, and the notification of the result.
 *
 * Facts: `contract/va.yaml`.
 */
import * as Schema from "effect/Schema"
import { CountryCode } from "./CountryCode.ts"
import { CurrencyCode } from "./CurrencyCode.ts"
import { documented, inferred, ofTable, sensitive } from "./Field.ts"
import type { LifeCycle } from "./LifeCycle.ts"
import * as Notification from "./Notification.ts"
import * as OpenEnum from "./OpenEnum.ts"
import * as Operation from "./Operation.ts"
import { RequestId } from "./RequestId.ts"

/** Status of an application or account. `ENABLED` (account opened) is the only value known. */
export const Status = /*#__PURE__*/ OpenEnum.make(["ENABLED"])
export type Status = typeof Status.Type

/** Type of an account. `LOCAL` (local collection account) is the only value known. */
export const AccountType = /*#__PURE__*/ OpenEnum.make(["LOCAL"])
export type AccountType = typeof AccountType.Type

const aliases = { currency: "currencies", account_type: "type", bic: "bic_swift_code" } as const

const applyRequest = () =>
  Schema.Struct({
    /** The caller's unique request number, 1 to 32 characters; made by the client when left out. Inferred. */
    request_id: inferred(RequestId),
    /** Collection currencies, three capital letters each; the notification returns them as submitted. Inferred. */
    currencies: Schema.optional(inferred(Schema.Array(ofTable("collection_account_codes")(CurrencyCode)))),
    /** Collection country, two capital letters; the notification returns it as submitted. Inferred. */
    country_code: Schema.optional(inferred(ofTable("country_code")(CountryCode))),
    /** Account type; whether the request carries it is not shown. Inferred. */
    type: Schema.optional(inferred(AccountType))
  })

/** An application for a collection account. */
export const ApplyRequest = /*#__PURE__*/ applyRequest()
export type ApplyRequest = typeof ApplyRequest.Type

const inquiryRequest = () =>
  Schema.Struct({
    /** The `request_id` of the application, 1 to 32 characters. Documented; the only field. */
    request_id: documented(RequestId)
  })

/** A question for the result of an application. */
export const InquiryRequest = /*#__PURE__*/ inquiryRequest()
export type InquiryRequest = typeof InquiryRequest.Type

// The inquiry presumably answers with what the notification documents.
const account = (mark: typeof documented) =>
  Schema.Struct({
    /** Request number of the application. Documented; inferred in the inquiry's answer. */
    request_id: Schema.optionalKey(mark(Schema.String)),
    /** Merchant number, such as `M24061911365700670`. Documented; inferred in the inquiry's answer. */
    merch_id: Schema.optionalKey(mark(Schema.String)),
    /** Status of the application or account; `ENABLED` means that the account is open. Documented; inferred in the inquiry's answer. */
    status: Schema.optionalKey(mark(Status)),
    /** Collection currencies as submitted; `currency` in the documentation's example. Documented; inferred in the inquiry's answer. */
    currencies: Schema.optionalKey(mark(Schema.Array(Schema.String))),
    /** Collection country as submitted. Documented; inferred in the inquiry's answer. */
    country_code: Schema.optionalKey(mark(Schema.String)),
    /** Account type; `account_type` in the documentation's example. Documented; inferred in the inquiry's answer. */
    type: Schema.optionalKey(mark(AccountType)),
    /** Collection account number. Sensitive. Documented; inferred in the inquiry's answer. */
    account_no: Schema.optionalKey(sensitive(mark(Schema.String))),
    /** BIC or SWIFT code of the bank; `bic` in the documentation's example. Documented; inferred in the inquiry's answer. */
    bic_swift_code: Schema.optionalKey(mark(Schema.String)),
    /** Name of the bank. Documented; inferred in the inquiry's answer. */
    bank_name: Schema.optionalKey(mark(Schema.String)),
    /** Address of the bank. Documented; inferred in the inquiry's answer. */
    bank_address: Schema.optionalKey(mark(Schema.String)),
    /** Routing number of the bank. Documented; inferred in the inquiry's answer. */
    routing_number: Schema.optionalKey(mark(Schema.String))
  })

/** An account, as the notification has it. Documented; any field may be missing. */
export const Account = /*#__PURE__*/ account(documented)
export type Account = typeof Account.Type

/** An account, as the inquiry presumably answers. Inferred from the notification; any field may be missing. */
export const InquiryResponse = /*#__PURE__*/ account(inferred)

/** What the statuses mean: how a refusal is called is not known, so any status but `ENABLED` is taken for undecided. */
export const lifeCycle: LifeCycle = { pending: [], succeeded: ["ENABLED"], failed: [], unlisted: "pending" }

/** What the application is answered with is not known: an open record. */
export const ApplyResponse = /*#__PURE__*/ Schema.Record(Schema.String, Schema.Unknown)
export type ApplyResponse = typeof ApplyResponse.Type

/** `va.inquiry`: query the result of an application. Path and request documented, response inferred. */
export const inquiry = /*#__PURE__*/ Operation.make({
  id: "va.inquiry",
  title: "Query the result of a collection account application",
  path: "/api/v2/merch/va/inquiry",
  merchantHeader: "required",
  effect: "read",
  idempotencyKey: null,
  resolvedBy: null,
  body: "json",
  request: InquiryRequest,
  response: InquiryResponse,
  aliases,
  provenance: { path: "documented", merchantHeader: "inferred", request: "documented", response: "inferred" },
  sources: ["https://open-cb-paykka.apifox.cn/main-en/444711996e0"]
})

/** What {@link inquiry} takes. */
export interface InquiryInput extends Operation.Input<typeof inquiry> {}
/** What {@link inquiry} gives. */
export interface InquiryOutput extends Operation.Output<typeof inquiry> {}

/** `va.apply`: apply for a collection account. Path and request inferred, response unknown. */
export const apply = /*#__PURE__*/ Operation.make({
  id: "va.apply",
  title: "Apply for a collection account",
  path: "/api/v2/merch/va/apply",
  merchantHeader: "required",
  effect: "create",
  idempotencyKey: "request_id",
  resolvedBy: inquiry,
  body: "json",
  request: ApplyRequest,
  response: ApplyResponse,
  aliases: {},
  provenance: { path: "inferred", merchantHeader: "inferred", request: "inferred", response: "unknown" },
  sources: ["https://open-cb-paykka.apifox.cn/238937500e0", "https://open-cb-paykka.apifox.cn/main-en/444711996e0"]
})

/** What {@link apply} takes; without a `request_id` the client makes one. */
export interface ApplyInput extends Operation.Input<typeof apply> {}
/** What {@link apply} gives: the answer, with the `request_id` that was sent. */
export interface ApplyOutput extends Operation.Output<typeof apply> {}

/** `va.notification`: the result of an application. Documented in 2025-05. */
export const notification = /*#__PURE__*/ Notification.make({
  id: "va.notification",
  title: "Result of a collection account application",
  path: "/api/v2/merch/va/notify",
  data: Account,
  aliases,
  recognisedBy: ["account_no", "currencies"],
  provenance: {
    path: "documented",
    merchantHeader: "documented",
    envelope: "documented",
    data: "documented",
    acknowledgement: "documented"
  },
  sources: ["https://open-cb-paykka.apifox.cn/238937500e0"]
})

/** What {@link notification} tells. */
export interface NotificationData extends Notification.DataOf<typeof notification> {}
