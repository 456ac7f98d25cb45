/**
 * Risk assessment of merchants: submission, amendment, result, and the notification of it.
 *
 * Facts: `contract/assessment.yaml`. All of it is third-party knowledge but that the operations exist. The body of a
 * submission is said to be that of an application for onboarding (`Onboarding.ts`).
 */
import * as Schema from "effect/Schema"
import { atMost, sensitive, thirdParty } from "./Field.ts"
import type { LifeCycle } from "./LifeCycle.ts"
import * as Notification from "./Notification.ts"
import * as Onboarding from "./Onboarding.ts"
import * as OpenEnum from "./OpenEnum.ts"
import * as Operation from "./Operation.ts"
import { text } from "./Text.ts"

/** Status of an assessment. Third-party; how REJECTED differs from REFUSED is not said. */
export const Status = /*#__PURE__*/ OpenEnum.make(["INIT", "WAIT", "PASS", "REFUSED", "AUTH_FAIL", "REJECTED"])
export type Status = typeof Status.Type

/** Risk level, given with a passed review. Third-party. */
export const RiskLevel = /*#__PURE__*/ OpenEnum.make(["LOW", "MIDDLE", "HIGH"])
export type RiskLevel = typeof RiskLevel.Type

// Fields of another module have a type of a name here: where it is only inferred, the declarations of this module, and
// with them an editor, lose the documentation of the fields.
type ApplicationFields = typeof Onboarding.ApplyRequest.fields
/** The fields of a submission: those of an application for onboarding. */
export interface SubmissionFields extends ApplicationFields {}

/** A submission: the body of an application for onboarding. Third-party, with all of its fields. */
export const ApplyRequest: Schema.Struct<SubmissionFields> = /*#__PURE__*/ atMost("third-party")(
  Onboarding.ApplyRequest
)
export type ApplyRequest = typeof ApplyRequest.Type

const applyResponse = () =>
  Schema.Struct({
    /** Merchant number of the assessed merchant. Third-party. */
    merch_id: Schema.optionalKey(thirdParty(Schema.String))
  })

/** The answer to a submission. Third-party; any field may be missing. */
export const ApplyResponse = /*#__PURE__*/ applyResponse()
export type ApplyResponse = typeof ApplyResponse.Type

type AmendmentFields = {
  /** The caller's number of the submission, 1 to 32 characters. Third-party. */
  readonly request_id: Schema.optional<ApplicationFields["request_id"]>
  /** Contact person. Third-party. */
  readonly contact_person: Schema.optional<typeof Onboarding.ContactPerson>
  /** Company registration data. Third-party. */
  readonly license: Schema.optional<typeof Onboarding.License>
  /** The company's business. Third-party. */
  readonly business: Schema.optional<typeof Onboarding.Business>
  /** Stakeholders of the company. Third-party. */
  readonly stakeholder_list: Schema.optional<Schema.$Array<typeof Onboarding.Stakeholder>>
  /** Merchant number given by the submission's answer, 1 to 20 characters; names what is amended. Third-party. */
  readonly merch_id: Schema.String
}

const updateRequest = (): Schema.Struct<AmendmentFields> => {
  const { request_id, contact_person, license, business, stakeholder_list } = Onboarding.ApplyRequest.fields
  return Schema.Struct({
    request_id: Schema.optional(thirdParty(request_id)),
    contact_person: Schema.optional(thirdParty(contact_person)),
    license: Schema.optional(thirdParty(license)),
    business: Schema.optional(thirdParty(business)),
    stakeholder_list: Schema.optional(thirdParty(stakeholder_list)),
    merch_id: thirdParty(text(1, 20))
  })
}

/** An amendment: what changes of the submission. Third-party, with all of its fields. */
export const UpdateRequest = /*#__PURE__*/ atMost("third-party")(/*#__PURE__*/ updateRequest())
export type UpdateRequest = typeof UpdateRequest.Type

/** What the amendment is answered with is not known: an open record. */
export const UpdateResponse = /*#__PURE__*/ Schema.Record(Schema.String, Schema.Unknown)
export type UpdateResponse = typeof UpdateResponse.Type

const inquiryRequest = () =>
  Schema.Struct({
    /** Merchant number given by the submission's answer, 1 to 20 characters. Third-party. */
    merch_id: thirdParty(text(1, 20))
  })

/** A question for the result. Third-party; whether a `request_id` would do is not known. */
export const InquiryRequest = /*#__PURE__*/ inquiryRequest()
export type InquiryRequest = typeof InquiryRequest.Type

const result = () =>
  Schema.Struct({
    /** The `request_id` of the submission. Third-party. */
    request_id: Schema.optionalKey(thirdParty(Schema.String)),
    /** Merchant number. Third-party. */
    merch_id: Schema.optionalKey(thirdParty(Schema.String)),
    /** Status of the assessment. Third-party. */
    status: Schema.optionalKey(thirdParty(Status)),
    /** Reason or remark. Third-party. Sensitive. */
    msg: Schema.optionalKey(sensitive(thirdParty(Schema.String))),
    /** Risk level, given with a passed review. Third-party. */
    risk_level: Schema.optionalKey(thirdParty(RiskLevel))
  })

/** The result of an assessment, as inquiry and notification have it. Third-party; any field may be missing. */
export const AssessmentResult = /*#__PURE__*/ result()
export type AssessmentResult = typeof AssessmentResult.Type

/** What the statuses mean, by a third-party reading. */
export const lifeCycle: LifeCycle = {
  pending: ["INIT", "WAIT"],
  succeeded: ["PASS"],
  failed: ["REFUSED", "REJECTED", "AUTH_FAIL"],
  unlisted: "pending"
}

const page = "https://open-cb-paykka.apifox.cn/main-en/444711991e0"

/** `assessment.inquiry`: get the result. Third-party. */
export const inquiry = /*#__PURE__*/ Operation.make({
  id: "assessment.inquiry",
  title: "Get the assessment result",
  path: "/api/v2/merch/assessment/result",
  pathAlternatives: ["/api/v2/merch/assessment/inquiry"],
  merchantHeader: "required",
  merchantField: "merch_id",
  effect: "read",
  idempotencyKey: null,
  resolvedBy: null,
  body: "json",
  request: InquiryRequest,
  response: AssessmentResult,
  aliases: {},
  provenance: {
    path: "third-party",
    merchantHeader: "third-party",
    request: "third-party",
    response: "third-party"
  },
  sources: [page]
})

/** What {@link inquiry} takes. */
export interface InquiryInput extends Operation.Input<typeof inquiry> {}
/** What {@link inquiry} gives. */
export interface InquiryOutput extends Operation.Output<typeof inquiry> {}

/**
 * `assessment.apply`: submit a merchant for assessment. Third-party.
 *
 * The inquiry takes the merchant number that this call answers with: when the answer was lost, only the notification
 * tells it, by the `request_id`.
 */
export const apply = /*#__PURE__*/ Operation.make({
  id: "assessment.apply",
  title: "Submit a merchant for risk assessment",
  path: "/api/v2/merch/assessment/apply",
  merchantHeader: "forbidden",
  effect: "create",
  idempotencyKey: "request_id",
  resolvedBy: inquiry,
  body: "json",
  request: ApplyRequest,
  response: ApplyResponse,
  aliases: {},
  provenance: {
    path: "third-party",
    merchantHeader: "third-party",
    request: "third-party",
    response: "third-party"
  },
  sources: [page, "https://open-cb-paykka.apifox.cn/238918199e0"]
})

/** What {@link apply} takes; without a `request_id` the client makes one. */
export interface ApplyInput extends Operation.Input<typeof apply> {}
/** What {@link apply} gives: the answer, with the `request_id` that was sent. */
export interface ApplyOutput extends Operation.Output<typeof apply> {}

/** `assessment.update`: amend a submission. Third-party, response unknown. */
export const update = /*#__PURE__*/ Operation.make({
  id: "assessment.update",
  title: "Update assessment information",
  path: "/api/v2/merch/assessment/update",
  merchantHeader: "required",
  merchantField: "merch_id",
  effect: "update",
  idempotencyKey: "merch_id",
  resolvedBy: inquiry,
  body: "json",
  request: UpdateRequest,
  response: UpdateResponse,
  aliases: {},
  provenance: { path: "third-party", merchantHeader: "third-party", request: "third-party", response: "unknown" },
  sources: [page]
})

/** What {@link update} takes. */
export interface UpdateInput extends Operation.Input<typeof update> {}
/** What {@link update} gives: the answer, with the `merch_id` that was sent. */
export interface UpdateOutput extends Operation.Output<typeof update> {}

/** `assessment.notification`: the result of an assessment. Third-party. */
export const notification = /*#__PURE__*/ Notification.make({
  id: "assessment.notification",
  title: "Assessment result",
  path: "/api/v2/merch/assessment/notify",
  data: AssessmentResult,
  aliases: {},
  recognisedBy: ["risk_level"],
  provenance: {
    path: "third-party",
    merchantHeader: "third-party",
    envelope: "third-party",
    data: "third-party",
    acknowledgement: "inferred"
  },
  sources: [page, "https://open-cb-paykka.apifox.cn/238937500e0"]
})

/** What {@link notification} tells. */
export interface NotificationData extends Notification.DataOf<typeof notification> {}
