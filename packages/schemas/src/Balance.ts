/**
 * Balances of accounts.
 *
 * Facts: `contract/balance.yaml`. Path and request are inferred; of the answer nothing is known.
 */
import * as Schema from "effect/Schema"
import { CurrencyCode } from "./CurrencyCode.ts"
import { inferred } from "./Field.ts"
import * as Operation from "./Operation.ts"

const inquiryRequest = () =>
  Schema.Struct({
    /** A possible filter, three capital letters. Inferred. */
    currency: Schema.optional(inferred(CurrencyCode))
  })

/** A question for balances. Inferred; it may be an empty object. */
export const InquiryRequest = /*#__PURE__*/ inquiryRequest()
export type InquiryRequest = typeof InquiryRequest.Type

/** What a question is answered with is not known: an open record. Amounts in it are read with `Amount.fromJson`. */
export const InquiryResponse = /*#__PURE__*/ Schema.Record(Schema.String, Schema.Unknown)
export type InquiryResponse = typeof InquiryResponse.Type

/** `balance.inquiry`: query balances. Path and request inferred, response unknown. */
export const inquiry = /*#__PURE__*/ Operation.make({
  id: "balance.inquiry",
  title: "Query the account balance",
  path: "/api/v2/merch/balance/inquiry",
  merchantHeader: "required",
  effect: "read",
  idempotencyKey: null,
  resolvedBy: null,
  body: "json",
  request: InquiryRequest,
  response: InquiryResponse,
  aliases: {},
  provenance: { path: "inferred", merchantHeader: "inferred", request: "inferred", response: "unknown" },
  sources: [
    "https://open-cb-paykka.apifox.cn/main-en/444711972e0",
    "https://open-cb-paykka.apifox.cn/v2/133781897d0",
    "https://docs.paykka.com/collection/apis/intro/signature",
    "https://docs.paykka.com/collection/apis/intro/api-rules.md"
  ]
})

/** What {@link inquiry} takes. */
export interface InquiryInput extends Operation.Input<typeof inquiry> {}
/** What {@link inquiry} gives. */
export interface InquiryOutput extends Operation.Output<typeof inquiry> {}
