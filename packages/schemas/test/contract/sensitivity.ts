/** Of each field of each message whether it is sensitive: by hand, from the contract and the rule in `Field.ts`. */
import { calls, received } from "./facts.ts"
import { requestSample, sampleOf } from "./values.ts"

/** A message's fields on two sides: a new field must be put on one of them. */
interface Decision {
  /** What must never show; `*` is all that is no field. Of an object its own path stands for all within. */
  readonly sensitive?: ReadonlyArray<string>
  /** What may show. */
  readonly harmless?: ReadonlyArray<string>
}

const words = (text: string): ReadonlyArray<string> => text.split(" ")

const under = (path: string, names: string): ReadonlyArray<string> => words(names).map((name) => `${path}.${name}`)

/** A message of which nothing is known. */
const unknown: Decision = { sensitive: ["*"] }

const harmless = (names: string): Decision => ({ harmless: words(names) })

const application = {
  sensitive: [
    ...under("contact_person", "phone email"),
    ...under("license", "ent_name ent_name_en address legal_rep_name uni_social_credit br_no cr_no"),
    ...under("business", "address website"),
    ...under("stakeholder_list[]", "name birth_date id_number doc_address eff_date_start eff_date_end resident_address")
  ],
  harmless: [
    "request_id",
    "contact_person.phone_prefix",
    ...under("license", "region found_date registered_currency registered_capital license_file_id ent_type busi_from"),
    ...under(
      "license",
      "busi_end long_term br_file_id annual_return_file_id incorporation_form_file_id br_expiry_date"
    ),
    ...under("license", "cr_issue_date company_article_file_id cr_file_id share_structure_file_id cr_expiry_date"),
    ...under("license", "other_file_ids"),
    ...under("business", "industry main_industry sub_industry employee_number export_country export_type trade_volume"),
    ...under("business", "business_models"),
    ...under("stakeholder_list[]", "identity_type nationality address_proof_file_id doc_type"),
    ...under("stakeholder_list[]", "doc_portrait_side_file_id long_term share")
  ]
}

const order: Decision = {
  sensitive: [
    ...words("buyer_name contract_no remark"),
    ...under("goods_info", "url custom_dec_info.dec_no"),
    ...under("logistics_info", "destination outbound_no")
  ],
  harmless: [
    ...words("request_id buyer_country amount currency contract_file_ids invoice_file_ids is_exchange_settle"),
    ...words("order_date other_file_ids"),
    ...under("goods_info", "category name quantity custom_dec_info.dec_method"),
    ...under("logistics_info", "buyer_type expected_ship_date freight_arrange_file_ids latest_order_file_ids"),
    ...under("logistics_info", "logistics_company_name inquiry_records_file_ids ship_date ship_status"),
    ...under("logistics_info", "shipped_file_ids transaction_type transport_type")
  ]
}

const payee: Decision = {
  // Among further members of a beneficiary a bank account is to be expected.
  sensitive: under("beneficiary", "purpose_desc nick_name first_name last_name id_number uni_social_credit *"),
  harmless: [
    ...words("request_id type"),
    ...under("beneficiary", "purpose country industry main_industry sub_industry doc_type")
  ]
}

const requests: Readonly<Record<string, Decision>> = {
  "onboarding.apply": application,
  "onboarding.update": application,
  "onboarding.inquiry": harmless("merch_id request_id"),
  "assessment.apply": application,
  "assessment.update": { ...application, harmless: ["merch_id", ...application.harmless] },
  "assessment.inquiry": harmless("merch_id"),
  "va.apply": harmless("request_id currencies country_code type"),
  "va.inquiry": harmless("request_id"),
  "order.create": order,
  "order.update": order,
  "order.inquiry": harmless("request_id contract_order_no"),
  "order.supplement": { ...harmless("request_id contract_order_no"), sensitive: ["logistics_info"] },
  "tradesettle.apply": harmless("recv_order_no relate_list[].amount relate_list[].contract_order_no"),
  "tradesettle.inquiry": harmless("recv_order_no"),
  "balance.inquiry": harmless("currency"),
  "payee.create": payee,
  "payee.update": payee,
  "payee.inquiry": harmless("request_id beneficiary_id"),
  "forex.preorder": harmless("sell_currency buy_currency sell_amount buy_amount"),
  "forex.confirm": harmless("order_no"),
  "forex.inquiry": harmless("order_no"),
  "payment.apply": { ...harmless("amount currency beneficiary_id request_id"), sensitive: ["postscript"] },
  "payment.inquiry": harmless("request_id"),
  "file.upload": { sensitive: ["meta", "file"] }
}

const account: Decision = {
  sensitive: ["account_no"],
  harmless: [
    ...words("request_id merch_id status currencies country_code type"),
    ...words("bic_swift_code bank_name bank_address routing_number")
  ]
}
const assessed: Decision = { ...harmless("request_id merch_id status risk_level"), sensitive: ["msg"] }
const settlement: Decision = { ...harmless("merch_id recv_order_no status"), sensitive: ["reason"] }

/** A result of which only the likely is known. */
const result = (numbers: string): Decision => ({
  sensitive: ["reason", "*"],
  harmless: [...words("merch_id status"), ...words(numbers)]
})

const answers: Readonly<Record<string, Decision>> = {
  "onboarding.apply": { ...harmless("merch_id"), sensitive: ["authorize_link"] },
  "onboarding.update": unknown,
  "onboarding.inquiry": harmless("merch_id status"),
  "onboarding.notification": { ...harmless("request_id merch_id status biz_type"), sensitive: ["message"] },
  "assessment.apply": harmless("merch_id"),
  "assessment.update": unknown,
  "assessment.inquiry": assessed,
  "assessment.notification": assessed,
  "va.apply": unknown,
  "va.inquiry": account,
  "va.notification": account,
  "remittance.notification": result("recv_order_no"),
  "order.create": harmless("contract_order_no status"),
  "order.update": harmless("contract_order_no status"),
  "order.inquiry": { ...harmless("request_id merch_id contract_order_no status"), sensitive: ["reason"] },
  "order.supplement": unknown,
  "tradesettle.apply": harmless("status"),
  "tradesettle.inquiry": settlement,
  "tradesettle.notification": settlement,
  "balance.inquiry": unknown,
  "payee.create": unknown,
  "payee.update": unknown,
  "payee.inquiry": result("request_id beneficiary_id"),
  "payee.notification": result("request_id beneficiary_id"),
  "forex.preorder": harmless("order_no sell_currency buy_currency sell_amount buy_amount fx_rate expire_at"),
  "forex.confirm": unknown,
  "forex.inquiry": result("order_no"),
  "forex.notification": result("request_id order_no"),
  "payment.apply": harmless("fee_amount beneficiary_type status"),
  "payment.inquiry": result("request_id"),
  "payment.notification": result("request_id"),
  "file.upload": harmless("file_id")
}

/** All messages, each with all of its fields and what is decided about them. */
export const messages = [
  ...calls.map(({ operation: { id, request }, contract }) => ({
    id,
    name: `request: ${id}`,
    schema: request,
    aliases: {},
    fields: contract.request,
    sample: requestSample(contract),
    decision: requests[id]
  })),
  ...received.map(({ id, response, aliases, fields }) => ({
    id,
    name: `received: ${id}`,
    schema: response,
    aliases,
    fields,
    sample: sampleOf({ name: id, type: "object", required: true, fields }),
    decision: answers[id]
  }))
].map(({ decision, ...message }) => ({
  ...message,
  sensitive: decision?.sensitive ?? [],
  harmless: decision?.harmless ?? []
}))
