/**
 * Where the code differs from the contract on purpose, and why. An entry that explains nothing any more is an error,
 * and so is one whose pattern does.
 *
 * No difference, and therefore not here: lists that the contract calls complete are closed in the types and open at run
 * time (`OpenEnum.listed`), since no list is ever to be taken for whole.
 */
import type { Deliberate } from "./compare.ts"

const anywhere = ["**"]

export const differences: ReadonlyArray<Deliberate> = [
  {
    operations: anywhere,
    places: ["request.**_file_id", "request.**_file_ids[]"],
    aspects: ["format"],
    contract: "int32",
    code: null,
    reason:
      "A file's id is any integer: that of an upload has no documented width, and an id that was handed out must be usable (contradiction file_id_width)."
  },
  {
    operations: anywhere,
    places: ["request.**"],
    aspects: ["form"],
    contract: null,
    code: "country-code",
    reason:
      "Two capital letters: a third-party reading of the documented limit of two characters, inferred where no limit is shown; which codes there are is not checked."
  },
  {
    operations: anywhere,
    places: ["request.**"],
    aspects: ["form"],
    contract: null,
    code: "currency-code",
    reason:
      "Three capital letters: a third-party reading of the documented limit of three characters, inferred where no limit is shown; CNH and codes to come pass."
  },
  {
    operations: ["forex.preorder"],
    places: ["request"],
    aspects: ["rules"],
    contract: null,
    code: "give exactly one of sell_amount and buy_amount",
    reason:
      "The contract's text of both fields says so: not both is documented, at least one is inferred (contradiction forex_both_amounts)."
  },
  {
    operations: ["onboarding.inquiry", "order.inquiry", "order.supplement", "payee.inquiry"],
    places: ["request"],
    aspects: ["rules"],
    contract: null,
    reason: "The contract's text of both fields says to give one or the other; without any the call names no object."
  },
  {
    operations: ["va.inquiry", "payment.inquiry", "forex.inquiry", "tradesettle.inquiry"],
    places: ["request.request_id", "request.order_no", "request.recv_order_no"],
    aspects: ["required"],
    contract: "no",
    code: "yes",
    reason: "The only field of the query: without it there is no question, whatever mark its page may have."
  },
  {
    operations: ["payee.create", "payee.update", "payment.apply"],
    places: ["request.request_id"],
    aspects: ["required"],
    contract: "no",
    code: "yes",
    reason:
      "It names the submission: without it a lost answer could not be resolved, and for an amendment nobody could tell which payee is meant."
  },
  {
    operations: ["assessment.update", "assessment.inquiry"],
    places: [""],
    aspects: ["merchant_field"],
    contract: null,
    code: "merch_id",
    reason:
      "The contract's text of the header says so: third-party clients send the assessed merchant's number (core, merchant_header_policy)."
  },
  {
    operations: ["assessment.update"],
    places: ["request.merch_id"],
    aspects: ["required"],
    contract: "no",
    code: "yes",
    reason: "It is the idempotency key: the only field that tells which merchant's submission is amended."
  },
  {
    operations: ["payment.apply"],
    places: ["request.amount", "request.currency", "request.beneficiary_id"],
    aspects: ["required"],
    contract: "no",
    code: "yes",
    reason: "The substance of a payment: one without amount, currency or payee means nothing."
  },
  {
    operations: ["forex.preorder"],
    places: ["request.sell_currency", "request.buy_currency"],
    aspects: ["required"],
    contract: "no",
    code: "yes",
    reason: "The substance of a request for a quote: one without both currencies means nothing."
  },
  {
    operations: ["tradesettle.apply"],
    places: ["request.recv_order_no", "request.relate_list**"],
    aspects: ["required"],
    contract: "no",
    code: "yes",
    reason:
      "The substance of a settlement: the receipt, which is also the idempotency key, and which order gets how much of it."
  },
  {
    operations: ["tradesettle.apply"],
    places: ["request.relate_list[].amount"],
    aspects: ["type"],
    contract: "integer",
    code: "number",
    reason:
      "The contract infers integer from the sample value 0 and from order.amount: the code takes any exact amount, or a receipt with cents could never be settled."
  },
  {
    operations: ["tradesettle.apply"],
    places: ["request.relate_list[].contract_order_no"],
    aspects: ["rules"],
    contract: null,
    code: "must not be empty",
    reason: "An empty number names no order; it is one that an answer did not have."
  },
  {
    operations: ["payee.update", "payment.apply"],
    places: ["request.request_id"],
    aspects: ["min_length", "max_length"],
    contract: null,
    reason:
      "1 to 32 characters, as on the siblings: the contract assumes the documented limits for all operations (core, idempotency)."
  },
  {
    operations: ["forex.preorder", "payment.apply"],
    places: ["request.*currency"],
    aspects: ["enum"],
    contract: "EUR",
    code: null,
    reason: "EUR is the sample's value, the first of a list that is not shown: a list of one would mislead."
  },
  {
    operations: ["onboarding.inquiry"],
    places: ["response.status"],
    aspects: ["enum"],
    contract: null,
    reason: "The contract's text refers to the notification's values, so they are suggested here too."
  },
  {
    operations: ["va.apply"],
    places: ["request.type"],
    aspects: ["enum"],
    contract: null,
    code: "LOCAL",
    reason: "The type of an account that the notification returns; its one known value is suggested here too."
  },
  {
    operations: ["onboarding.apply", "onboarding.update", "assessment.*"],
    places: ["request.stakeholder_list[].resident_address.*"],
    aspects: ["table"],
    contract: null,
    code: "province_city",
    reason:
      "A field candidate of the table: the address has the members of the company's addresses, for which the link is inferred."
  },
  {
    operations: ["va.apply"],
    places: ["request.country_code"],
    aspects: ["table"],
    contract: "collection_account_codes, country_code",
    code: "country_code",
    reason:
      "A field is checked against one table, that of its own name; which combinations can be opened is for the platform to say."
  },
  {
    operations: ["va.notification"],
    places: ["data.country_code", "data.type"],
    aspects: ["table"],
    code: null,
    reason:
      "Tables check what is sent; a received code is kept whatever it is, and looked up by whoever wants its name."
  },
  {
    operations: ["*.notification"],
    places: ["type", "version", "data"],
    aspects: ["required"],
    contract: "yes",
    code: "no",
    reason:
      "The envelope is read where it comes and never demanded: version is missing from the page's own example, an old client reads a bare object (contradictions missing_version, envelope)."
  },
  {
    operations: ["va.notification"],
    places: ["data.request_id"],
    aspects: ["required"],
    contract: "yes",
    code: "no",
    reason: "No received field is demanded: the page's own example lacks this one (contradiction va_spellings)."
  },
  {
    operations: anywhere,
    places: ["response.*", "data.*"],
    aspects: ["min_length", "max_length"],
    code: null,
    reason:
      "A received value is kept whatever its length: to refuse a notification or an answer for that would lose what has happened."
  }
]
