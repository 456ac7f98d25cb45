/**
 * Payees (beneficiaries on the wire): creation, amendment, inquiry, and the notification of the result.
 *
 * Facts: `contract/payee.yaml`. Only the beginning of a payee's members is known: all others may be sent as well.
 */
import * as Schema from "effect/Schema"
import { CountryCode } from "./CountryCode.ts"
import { atMost, documented, inferred, ofTable, sensitive } from "./Field.ts"
import type { LifeCycle } from "./LifeCycle.ts"
import * as Notification from "./Notification.ts"
import * as OpenEnum from "./OpenEnum.ts"
import * as Operation from "./Operation.ts"
import { RequestId } from "./RequestId.ts"
import * as Rule from "./Rule.ts"

/** Payment purpose code; `PFG` is a sample value, its meaning not shown. Documented. */
export const Purpose = /*#__PURE__*/ OpenEnum.make(["PFG"])
export type Purpose = typeof Purpose.Type

const optional = Schema.optional

const beneficiary = () =>
  Schema.StructWithRest(
    Schema.Struct({
      /** Payment purpose code. Documented on update, inferred on creation. */
      purpose: optional(documented(Purpose)),
      /** Free text of the purpose. Documented on update, inferred on creation. Sensitive. */
      purpose_desc: optional(sensitive(documented(Schema.String))),
      /** Country of the payee, two capital letters; table `country_code` by inference. Documented on update, inferred on creation. */
      country: optional(documented(ofTable("country_code")(CountryCode))),
      /** Industry code; table `industry` by inference. Documented on update, inferred on creation. */
      industry: optional(documented(ofTable("industry")(Schema.Int))),
      /** Main industry code; table `new_industry` by inference. Documented on update, inferred on creation. */
      main_industry: optional(documented(ofTable("new_industry")(Schema.String))),
      /** Sub-industry codes; table `new_industry` by inference. Documented on update, inferred on creation. */
      sub_industry: optional(documented(Schema.Array(ofTable("new_industry")(Schema.String)))),
      /** Short name of the payee. Documented on update, inferred on creation. Sensitive. */
      nick_name: optional(sensitive(documented(Schema.String))),
      /** Given name (individuals, by inference). Documented on update, inferred on creation. Sensitive. */
      first_name: optional(sensitive(documented(Schema.String))),
      /** Family name (individuals, by inference). Documented on update, inferred on creation. Sensitive. */
      last_name: optional(sensitive(documented(Schema.String))),
      /** Kind of identity document; values not shown. Documented on update, inferred on creation. */
      doc_type: optional(documented(Schema.String)),
      /** Number of the identity document. Documented on update, inferred on creation. Sensitive. */
      id_number: optional(sensitive(documented(Schema.String))),
      /** Unified social credit code; only the beginning of the field's name is confirmed. Inferred. Sensitive. */
      uni_social_credit: optional(sensitive(inferred(Schema.String)))
    }),
    [Schema.Record(Schema.String, Schema.Unknown)]
  )

/** The payee's own data. Further members are sent as they are: bank account, address and the like are to be expected. */
export const Beneficiary = /*#__PURE__*/ beneficiary()
export type Beneficiary = typeof Beneficiary.Type

const payee = () =>
  Schema.Struct({
    /** The caller's number of the payee, 1 to 32 characters; made by the client when left out on creation. Documented on update, inferred on creation. */
    request_id: documented(RequestId),
    /** Payee type; values not shown. Documented on update, inferred on creation. */
    type: optional(documented(Schema.String)),
    /** The payee's own data. Documented on update, inferred on creation. */
    beneficiary: optional(documented(Beneficiary))
  })

/** The amended data of a payee that was rejected, under the `request_id` of its creation. Documented, as far as it is known. */
export const UpdateRequest = /*#__PURE__*/ payee()
export type UpdateRequest = typeof UpdateRequest.Type

/** A new payee. Inferred from the amendment. */
export const CreateRequest = /*#__PURE__*/ atMost("inferred")(UpdateRequest)
export type CreateRequest = typeof CreateRequest.Type

/** What creation and amendment are answered with is not known: an open record. */
export const Acceptance = /*#__PURE__*/ Schema.Record(Schema.String, Schema.Unknown)
export type Acceptance = typeof Acceptance.Type

const inquiryRequest = () =>
  Schema.Struct({
    /** The `request_id` of the creation, 1 to 32 characters. Inferred. */
    request_id: optional(inferred(RequestId)),
    /** Id of the payee. Inferred. */
    beneficiary_id: optional(inferred(Schema.String))
  })

const inquiryFields = /*#__PURE__*/ inquiryRequest()

/** A question for a payee, by either number. Inferred. */
export type InquiryRequest = Rule.AtLeastOneOf<typeof inquiryFields.Type, "request_id" | "beneficiary_id">
export const InquiryRequest = /*#__PURE__*/ inquiryFields.check(
  /*#__PURE__*/ Rule.atLeastOneOf("request_id", "beneficiary_id")
) as Schema.Codec<InquiryRequest, unknown>

const result = () =>
  Schema.StructWithRest(
    Schema.Struct({
      /** The `request_id` of the creation. Inferred. */
      request_id: Schema.optionalKey(inferred(Schema.String)),
      /** Merchant number. Inferred. */
      merch_id: Schema.optionalKey(inferred(Schema.String)),
      /** Id of the payee, for `payment.apply`. Inferred. */
      beneficiary_id: Schema.optionalKey(inferred(Schema.String)),
      /** Status of the payee; values not known. Inferred. */
      status: Schema.optionalKey(inferred(Schema.String)),
      /** Reason, presumably of a rejection. Inferred. Sensitive. */
      reason: Schema.optionalKey(sensitive(inferred(Schema.String)))
    }),
    [Schema.Record(Schema.String, Schema.Unknown)]
  )

/** A payee, as inquiry and notification have it. Inferred; any field may be missing, and all others that come are kept. */
export const PayeeResult = /*#__PURE__*/ result()
export type PayeeResult = typeof PayeeResult.Type

/** What the statuses mean: none is known, so any is taken for a decision. */
export const lifeCycle: LifeCycle = { pending: [], succeeded: [], failed: [], unlisted: "decided" }

const page = "https://open-cb-paykka.apifox.cn/main-en/444711972e0"
const chinesePage = "https://open-cb-paykka.apifox.cn/238918202e0"
const models = "https://open-cb-paykka.apifox.cn/v2/133781897d0"

/** `payee.inquiry`: query the result of creating a payee. Inferred. */
export const inquiry = /*#__PURE__*/ Operation.make({
  id: "payee.inquiry",
  title: "Query the result of creating a payee",
  path: "/api/v2/merch/beneficiary/inquiry",
  merchantHeader: "required",
  effect: "read",
  idempotencyKey: null,
  resolvedBy: null,
  body: "json",
  request: InquiryRequest,
  response: PayeeResult,
  aliases: {},
  provenance: { path: "inferred", merchantHeader: "inferred", request: "inferred", response: "inferred" },
  sources: [page]
})

/** What {@link inquiry} takes. */
export type InquiryInput = Operation.Input<typeof inquiry>
/** What {@link inquiry} gives. */
export interface InquiryOutput extends Operation.Output<typeof inquiry> {}

/** `payee.create`: create a payee. Path and request inferred, response unknown. */
export const create = /*#__PURE__*/ Operation.make({
  id: "payee.create",
  title: "Create a payee",
  path: "/api/v2/merch/beneficiary/create",
  pathAlternatives: ["/api/v2/merch/beneficiary/apply"],
  merchantHeader: "required",
  effect: "create",
  idempotencyKey: "request_id",
  resolvedBy: inquiry,
  body: "json",
  request: CreateRequest,
  response: Acceptance,
  aliases: {},
  provenance: { path: "inferred", merchantHeader: "inferred", request: "inferred", response: "unknown" },
  sources: [page, chinesePage, models]
})

/** What {@link create} takes; without a `request_id` the client makes one. */
export interface CreateInput extends Operation.Input<typeof create> {}
/** What {@link create} gives: the answer, with the `request_id` that was sent. */
export interface CreateOutput extends Operation.Output<typeof create> {}

/** `payee.update`: amend a payee that was rejected. Path and request documented, response unknown. */
export const update = /*#__PURE__*/ Operation.make({
  id: "payee.update",
  title: "Amend a payee that was rejected",
  path: "/api/v2/merch/beneficiary/update",
  merchantHeader: "required",
  effect: "update",
  idempotencyKey: "request_id",
  resolvedBy: inquiry,
  body: "json",
  request: UpdateRequest,
  response: Acceptance,
  aliases: {},
  provenance: { path: "documented", merchantHeader: "inferred", request: "documented", response: "unknown" },
  sources: [page, chinesePage, "https://open-cb-paykka.apifox.cn/238918199e0", models]
})

/** What {@link update} takes. */
export interface UpdateInput extends Operation.Input<typeof update> {}
/** What {@link update} gives: the answer, with the `request_id` that was sent. */
export interface UpdateOutput extends Operation.Output<typeof update> {}

/** `payee.notification`: the result of creating a payee. Inferred. */
export const notification = /*#__PURE__*/ Notification.make({
  id: "payee.notification",
  title: "Result of creating a payee",
  path: "/api/v2/merch/beneficiary/notify",
  data: PayeeResult,
  aliases: {},
  recognisedBy: ["beneficiary_id"],
  provenance: {
    path: "inferred",
    merchantHeader: "inferred",
    envelope: "inferred",
    data: "inferred",
    acknowledgement: "inferred"
  },
  sources: [
    page,
    "https://open-cb-paykka.apifox.cn/238937500e0",
    "https://open-cb-paykka.apifox.cn/v2/133913618d0",
    "https://open-cb-paykka.apifox.cn/v2/133913617d0",
    "https://open-cb-paykka.apifox.cn/v2/133763298d0"
  ]
})

/** What {@link notification} tells. */
export interface NotificationData extends Notification.DataOf<typeof notification> {}
