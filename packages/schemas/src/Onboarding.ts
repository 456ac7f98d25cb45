/**
 * Onboarding of merchants: application, amendment, inquiry, and the notification of the result.
 *
 * Facts: `contract/onboarding.yaml`. The application's body is shared with the risk assessment (`Assessment.ts`).
 */
import * as Schema from "effect/Schema"
import * as Amount from "./Amount.ts"
import { CountryCode } from "./CountryCode.ts"
import { CurrencyCode } from "./CurrencyCode.ts"
import { atMost, documented, inferred, ofTable, sensitive, thirdParty } from "./Field.ts"
import * as Integer from "./Integer.ts"
import type { LifeCycle } from "./LifeCycle.ts"
import { LocalDate } from "./LocalDate.ts"
import * as Notification from "./Notification.ts"
import * as OpenEnum from "./OpenEnum.ts"
import * as Operation from "./Operation.ts"
import { RequestId } from "./RequestId.ts"
import * as Rule from "./Rule.ts"
import { text } from "./Text.ts"

/** Role of a stakeholder. The values are third-party. */
export const IdentityType = /*#__PURE__*/ OpenEnum.make(["LEGAL_PERSON", "BENEFICIARY", "SHAREHOLDER", "DIRECTOR"])
export type IdentityType = typeof IdentityType.Type

/** Kind of an identity document. The values are third-party, their meanings inferred from the names. */
export const DocumentType = /*#__PURE__*/ OpenEnum.make([
  "ID_CARD",
  "HK_CARD",
  "PASSPORT",
  "MO_CARD",
  "HK_MO_PASS",
  "TW_CARD"
])
export type DocumentType = typeof DocumentType.Type

/** Status of an application. Third-party, and two sets of values contradict each other: these, and those of `Assessment.Status`. */
export const Status = /*#__PURE__*/ OpenEnum.make(["APPROVED", "REJECTED", "SUPPLEMENT"])
export type Status = typeof Status.Type

const optional = Schema.optional
const country = () => ofTable("country_code")(CountryCode)
const date = LocalDate
/** The documented format int32 is not held to: the width of a file's id is not known. */
const fileId = Integer.Outbound
const int32 = () => Schema.Finite.check(Schema.isInt32())

const address = () =>
  Schema.Struct({
    /** Province or state; whether the province and city table applies is not shown. Third-party. */
    province: optional(thirdParty(ofTable("province_city")(Schema.String))),
    /** City; whether the province and city table applies is not shown. Third-party. */
    city: optional(thirdParty(ofTable("province_city")(Schema.String))),
    /** Postal code. Third-party. */
    zipcode: optional(thirdParty(Schema.String)),
    /** First address line. Third-party. */
    address1: thirdParty(Schema.String),
    /** Second address line. Third-party. */
    address2: optional(thirdParty(Schema.String))
  })

/** An address. Its members are third-party; the documented schema AddressDto has the same five. */
export const Address = /*#__PURE__*/ address()
export type Address = typeof Address.Type

const contactPerson = () =>
  Schema.Struct({
    /** Telephone country prefix, at most 5 characters; with or without a plus sign is not shown. Documented. */
    phone_prefix: documented(text(0, 5)),
    /** Telephone number, at most 64 characters. Documented. Sensitive. */
    phone: sensitive(documented(text(0, 64))),
    /** E-mail address, at most 64 characters. Documented. Sensitive. */
    email: sensitive(documented(text(0, 64)))
  })

/** The one to talk to. */
export const ContactPerson = /*#__PURE__*/ contactPerson()
export type ContactPerson = typeof ContactPerson.Type

const license = () =>
  Schema.Struct({
    /** Country or region of registration, two capital letters (ISO 3166 is a third-party reading). Documented. */
    region: documented(country()),
    /** Company name, at most 128 characters. Documented. Sensitive. */
    ent_name: sensitive(documented(text(0, 128))),
    /** Company name in English, at most 128 characters. Documented. Sensitive. */
    ent_name_en: sensitive(documented(text(0, 128))),
    /** Date of foundation, `YYYY-MM-DD`. Documented. */
    found_date: documented(date),
    /** Currency of the registered capital, three capital letters (ISO 4217 is a third-party reading). Documented. */
    registered_currency: documented(CurrencyCode),
    /** Registered capital. No unit is documented; one third-party text says minor units. Documented. */
    registered_capital: documented(Amount.Outbound),
    /** Registered address of the company. Documented; its members are third-party. Sensitive. */
    address: sensitive(documented(Address)),
    /** Name of the legal representative, at most 128 characters. Documented. Sensitive. */
    legal_rep_name: optional(sensitive(documented(text(0, 128)))),
    /** Uploaded file: business licence. Documented. */
    license_file_id: optional(documented(fileId)),
    /** Company type; values not shown. Documented. */
    ent_type: optional(documented(Schema.String)),
    /** Unified social credit code, at most 18 characters. Documented. Sensitive. */
    uni_social_credit: optional(sensitive(documented(text(0, 18)))),
    /** Start of the licence's business term, `YYYY-MM-DD`. Documented. */
    busi_from: optional(documented(date)),
    /** End of the licence's business term, `YYYY-MM-DD`. Documented. */
    busi_end: optional(documented(date)),
    /** The licence has no end date. Documented. */
    long_term: optional(documented(Schema.Boolean)),
    /** BR number (business registration, by inference). Documented. Sensitive. */
    br_no: optional(sensitive(documented(Schema.String))),
    /** Uploaded file: BR certificate. Documented. */
    br_file_id: optional(documented(fileId)),
    /** Uploaded file: annual return. Documented. */
    annual_return_file_id: optional(documented(fileId)),
    /** Uploaded file: incorporation form. Documented. */
    incorporation_form_file_id: optional(documented(fileId)),
    /** Expiry of the BR certificate, `YYYY-MM-DD`. Documented. */
    br_expiry_date: optional(documented(date)),
    /** Issue date of the CR certificate, `YYYY-MM-DD`. Documented. */
    cr_issue_date: optional(documented(date)),
    /** Uploaded file: articles of association. Documented. */
    company_article_file_id: optional(documented(fileId)),
    /** Uploaded file: CR certificate. Documented. */
    cr_file_id: optional(documented(fileId)),
    /** CR number. Documented. Sensitive. */
    cr_no: optional(sensitive(documented(Schema.String))),
    /** Uploaded file: share structure. Documented. */
    share_structure_file_id: optional(documented(fileId)),
    /** Expiry of the CR certificate, `YYYY-MM-DD`. Documented. */
    cr_expiry_date: optional(documented(date)),
    /** Uploaded files: other attachments. Documented. */
    other_file_ids: optional(documented(Schema.Array(fileId)))
  })

/**
 * Company registration data. Which fields a region needs is not stated, so none is refused: see {@link mainlandLicense}
 * and {@link hongKongLicense} for the ones that belong to a region by their names.
 */
export const License = /*#__PURE__*/ license()
export type License = typeof License.Type

/** What every license has. */
type Registration = Pick<
  License,
  | "ent_name"
  | "ent_name_en"
  | "found_date"
  | "registered_currency"
  | "registered_capital"
  | "address"
  | "legal_rep_name"
  | "ent_type"
  | "other_file_ids"
>

/** The fields that by their names belong to a company of mainland China. Inferred; the documentation makes each optional. */
export type MainlandLicense = Registration &
  Pick<License, "license_file_id" | "uni_social_credit" | "busi_from" | "busi_end" | "long_term">

/** The fields that by their names belong to a company of Hong Kong. Inferred; the documentation makes each optional. */
export type HongKongLicense = Registration &
  Pick<
    License,
    | "br_no"
    | "br_file_id"
    | "br_expiry_date"
    | "cr_no"
    | "cr_file_id"
    | "cr_issue_date"
    | "cr_expiry_date"
    | "annual_return_file_id"
    | "incorporation_form_file_id"
    | "company_article_file_id"
    | "share_structure_file_id"
  >

/** The license of a company of mainland China: region CN. */
export const mainlandLicense = (fields: MainlandLicense): License => ({ ...fields, region: "CN" })

/** The license of a company of Hong Kong: region HK. */
export const hongKongLicense = (fields: HongKongLicense): License => ({ ...fields, region: "HK" })

const business = () =>
  Schema.Struct({
    /** Industry code, table `industry`. Documented (2025 page; newer third-party code still has it). */
    industry: documented(ofTable("industry")(int32())),
    /** Main industry, table `new_industry`. Third-party. */
    main_industry: thirdParty(ofTable("new_industry")(Schema.String)),
    /** Sub-industries, table `new_industry`. Third-party. */
    sub_industry: thirdParty(Schema.Array(ofTable("new_industry")(Schema.String))),
    /** Number of employees; third-party notes call it a tier, values not shown. Documented. */
    employee_number: documented(Schema.String),
    /** Business address of the company. Documented; its members are third-party. Sensitive. */
    address: sensitive(documented(Address)),
    /** Countries exported to, two capital letters each (ISO 3166 is a third-party reading). Documented. */
    export_country: documented(Schema.Array(country())),
    /** Kinds of export; values not shown. Documented. */
    export_type: documented(Schema.Array(Schema.String)),
    /** Trade volume; third-party notes call it a tier, values not shown. Documented. */
    trade_volume: documented(Schema.String),
    /** Web site, at most 200 characters. Documented. Sensitive. */
    website: optional(sensitive(documented(text(0, 200)))),
    /** Business models; values not shown. Third-party. */
    business_models: optional(thirdParty(Schema.Array(Schema.String)))
  })

/** The company's business. */
export const Business = /*#__PURE__*/ business()
export type Business = typeof Business.Type

const stakeholder = () =>
  Schema.Struct({
    /** Role of the person. Documented; the values are third-party. */
    identity_type: documented(IdentityType),
    /** Full name, at most 128 characters. Documented. Sensitive. */
    name: sensitive(documented(text(0, 128))),
    /** Nationality, two capital letters (ISO 3166 is inferred). Documented. */
    nationality: documented(country()),
    /** Date of birth, `YYYY-MM-DD`. Documented. Sensitive. */
    birth_date: sensitive(documented(date)),
    /** Uploaded file: proof of address. Documented. */
    address_proof_file_id: optional(documented(fileId)),
    /** Kind of identity document. Documented; the values are third-party. */
    doc_type: documented(DocumentType),
    /** Number of the identity document. Third-party. Sensitive. */
    id_number: sensitive(thirdParty(Schema.String)),
    /** Uploaded file: portrait side of the document. Third-party. */
    doc_portrait_side_file_id: thirdParty(fileId),
    /** Address printed on the document. Third-party. Sensitive. */
    doc_address: optional(sensitive(thirdParty(Schema.String))),
    /** Start of the document's validity, `YYYY-MM-DD`. Third-party. Sensitive. */
    eff_date_start: sensitive(thirdParty(date)),
    /** End of the document's validity, `YYYY-MM-DD`. Third-party. Sensitive. */
    eff_date_end: optional(sensitive(thirdParty(date))),
    /** The document has no end date. Third-party. */
    long_term: optional(thirdParty(Schema.Boolean)),
    /** Shareholding; percent or fraction is not shown. Third-party. */
    share: optional(thirdParty(Amount.Outbound)),
    /** Residential address of the person. Third-party. Sensitive. */
    resident_address: sensitive(thirdParty(Address))
  })

/** A stakeholder of the company. */
export const Stakeholder = /*#__PURE__*/ stakeholder()
export type Stakeholder = typeof Stakeholder.Type

const application = () =>
  Schema.Struct({
    /** The caller's unique number of the application, 1 to 32 characters; made by the client when left out. Documented. */
    request_id: documented(RequestId),
    /** Contact person. Documented. */
    contact_person: documented(ContactPerson),
    /** Company registration data. Documented. */
    license: documented(License),
    /** The company's business. Documented; some members are third-party. */
    business: documented(Business),
    /** Stakeholders of the company, the role in `identity_type`. Documented; some members are third-party. */
    stakeholder_list: documented(Schema.Array(Stakeholder))
  })

/** An application for onboarding. Documented. */
export const ApplyRequest = /*#__PURE__*/ application()
export type ApplyRequest = typeof ApplyRequest.Type

const applyResponse = () =>
  Schema.Struct({
    /** Link at which the company's legal representative completes the authorization. Third-party. Sensitive. */
    authorize_link: Schema.optionalKey(sensitive(thirdParty(Schema.String))),
    /** Merchant number given by PayKKa. Third-party. */
    merch_id: Schema.optionalKey(thirdParty(Schema.String))
  })

/** The answer to an application. Third-party; any field may be missing. */
export const ApplyResponse = /*#__PURE__*/ applyResponse()
export type ApplyResponse = typeof ApplyResponse.Type

/**
 * An amended application, under the `request_id` of the first one. That its body equals that of the application is
 * third-party knowledge, and whether it may be partial is not known.
 */
export const UpdateRequest = /*#__PURE__*/ atMost("third-party")(ApplyRequest)
export type UpdateRequest = typeof UpdateRequest.Type

/** What the amendment is answered with is not known: an open record. */
export const UpdateResponse = /*#__PURE__*/ Schema.Record(Schema.String, Schema.Unknown)
export type UpdateResponse = typeof UpdateResponse.Type

const inquiryRequest = () =>
  Schema.Struct({
    /** Merchant number given by the application's answer, 1 to 20 characters. Third-party. */
    merch_id: optional(thirdParty(text(1, 20))),
    /** The `request_id` of the application, 1 to 32 characters. Inferred. */
    request_id: optional(inferred(RequestId))
  })

const inquiryFields = /*#__PURE__*/ inquiryRequest()

/** A question for the status of an application: by the merchant number (third-party) or the `request_id` (inferred). */
export type InquiryRequest = Rule.AtLeastOneOf<typeof inquiryFields.Type, "merch_id" | "request_id">
export const InquiryRequest = /*#__PURE__*/ inquiryFields.check(
  /*#__PURE__*/ Rule.atLeastOneOf("merch_id", "request_id")
) as Schema.Codec<InquiryRequest, unknown>

const inquiryResponse = () =>
  Schema.Struct({
    /** Merchant number. Third-party. */
    merch_id: Schema.optionalKey(thirdParty(Schema.String)),
    /** Status of the application; two sets of values contradict each other. Third-party. */
    status: Schema.optionalKey(thirdParty(Status))
  })

/** The status of an application. Third-party; any field may be missing. */
export const InquiryResponse = /*#__PURE__*/ inquiryResponse()
export type InquiryResponse = typeof InquiryResponse.Type

const result = () =>
  Schema.Struct({
    /** The `request_id` of the application. Inferred. */
    request_id: Schema.optionalKey(inferred(Schema.String)),
    /** Merchant number. Third-party. */
    merch_id: Schema.optionalKey(thirdParty(Schema.String)),
    /** Status of the application. Third-party. */
    status: Schema.optionalKey(thirdParty(Status)),
    /** Reason; `msg` and `reason` in other notifications. Third-party. Sensitive. */
    message: Schema.optionalKey(sensitive(thirdParty(Schema.String))),
    /** Kind of business event; values not known. Third-party. */
    biz_type: Schema.optionalKey(thirdParty(Schema.String))
  })

/** The result of an application, as the notification has it. Third-party; any field may be missing. */
export const OnboardingResult = /*#__PURE__*/ result()
export type OnboardingResult = typeof OnboardingResult.Type

/** What the statuses mean, by both third-party sets of values. */
export const lifeCycle: LifeCycle = {
  pending: ["INIT", "WAIT"],
  succeeded: ["APPROVED", "PASS"],
  failed: ["REJECTED", "SUPPLEMENT", "REFUSED", "AUTH_FAIL"],
  unlisted: "pending"
}

const page = "https://open-cb-paykka.apifox.cn/main-en/444711991e0"
const chinesePage = "https://open-cb-paykka.apifox.cn/238918199e0"
const updatePage = "https://open-cb-paykka.apifox.cn/238918202e0"

/** `onboarding.inquiry`: query the status of an application. Path and body third-party. */
export const inquiry = /*#__PURE__*/ Operation.make({
  id: "onboarding.inquiry",
  title: "Query the onboarding status",
  path: "/api/v2/merch/onboard/status",
  pathAlternatives: ["/api/v2/merch/onboard/inquiry"],
  merchantHeader: "forbidden",
  effect: "read",
  idempotencyKey: null,
  resolvedBy: null,
  body: "json",
  request: InquiryRequest,
  response: InquiryResponse,
  aliases: {},
  provenance: {
    path: "third-party",
    merchantHeader: "third-party",
    request: "third-party",
    response: "third-party"
  },
  sources: [page, updatePage]
})

/** What {@link inquiry} takes. */
export type InquiryInput = Operation.Input<typeof inquiry>
/** What {@link inquiry} gives. */
export interface InquiryOutput extends Operation.Output<typeof inquiry> {}

/** `onboarding.apply`: apply for onboarding of a merchant. Path and request documented, response third-party. */
export const apply = /*#__PURE__*/ Operation.make({
  id: "onboarding.apply",
  title: "Apply for onboarding of a merchant",
  path: "/api/v2/merch/onboard/apply",
  merchantHeader: "forbidden",
  effect: "create",
  idempotencyKey: "request_id",
  resolvedBy: inquiry,
  body: "json",
  request: ApplyRequest,
  response: ApplyResponse,
  aliases: {},
  provenance: { path: "documented", merchantHeader: "documented", request: "documented", response: "third-party" },
  sources: [
    page,
    chinesePage,
    "https://open-cb-paykka.apifox.cn/133763254d0",
    "https://open-cb-paykka.apifox.cn/v2/133781897d0"
  ]
})

/** What {@link apply} takes; without a `request_id` the client makes one. */
export interface ApplyInput extends Operation.Input<typeof apply> {}
/** What {@link apply} gives: the answer, with the `request_id` that was sent. */
export interface ApplyOutput extends Operation.Output<typeof apply> {}

/** `onboarding.update`: amend an application. Path documented, request third-party, response unknown. */
export const update = /*#__PURE__*/ Operation.make({
  id: "onboarding.update",
  title: "Update onboarding information",
  path: "/api/v2/merch/onboard/update",
  merchantHeader: "forbidden",
  effect: "update",
  idempotencyKey: "request_id",
  resolvedBy: inquiry,
  body: "json",
  request: UpdateRequest,
  response: UpdateResponse,
  aliases: {},
  provenance: { path: "documented", merchantHeader: "documented", request: "third-party", response: "unknown" },
  sources: [updatePage, page]
})

/** What {@link update} takes. */
export interface UpdateInput extends Operation.Input<typeof update> {}
/** What {@link update} gives: the answer, with the `request_id` that was sent. */
export interface UpdateOutput extends Operation.Output<typeof update> {}

/** `onboarding.notification`: the result of an application. Path inferred, the rest third-party. */
export const notification = /*#__PURE__*/ Notification.make({
  id: "onboarding.notification",
  title: "Onboarding result",
  path: "/api/v2/merch/onboard/notify",
  data: OnboardingResult,
  aliases: { msg: "message", reason: "message" },
  recognisedBy: [],
  provenance: {
    path: "inferred",
    merchantHeader: "inferred",
    envelope: "third-party",
    data: "third-party",
    acknowledgement: "inferred"
  },
  sources: [
    page,
    updatePage,
    "https://open-cb-paykka.apifox.cn/238937500e0",
    "https://open-cb-paykka.apifox.cn/v2/133913618d0"
  ]
})

/** What {@link notification} tells. */
export interface NotificationData extends Notification.DataOf<typeof notification> {}
