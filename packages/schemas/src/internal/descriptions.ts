// Written by tooling/contract from contract/*.yaml. Not to be edited.

/** The texts of a message's fields; those that are not here are those of the message `like`. */
export interface Message {
  readonly like?: string
  readonly fields: Readonly<Record<string, string>>
}

export const messages: Readonly<Record<string, Message>> = {
  "onboarding.apply request": {
    fields: {
      request_id: "id of this request, unique in the caller's system",
      contact_person: "contact person (required mark is third-party)",
      "contact_person.phone_prefix": "telephone country prefix; with or without a plus sign is not shown",
      "contact_person.phone": "telephone number",
      "contact_person.email": "e-mail address",
      license: "company registration data (required mark is third-party)",
      "license.region":
        "country or region of registration; ISO 3166-1 alpha-2 is a third-party reading of the two-character limit",
      "license.ent_name": "company name",
      "license.ent_name_en": "company name in English",
      "license.found_date": "date of foundation, e.g. 2019-08-24 (required mark is third-party)",
      "license.registered_currency":
        "currency of the registered capital; ISO 4217 is a third-party reading of the three-character limit",
      "license.registered_capital": "registered capital; no unit is documented, one third-party text says minor units",
      "license.address": "registered address of the company (required mark is third-party)",
      "license.address.province": "province or state; whether the province and city table applies is not shown",
      "license.address.city": "city; whether the province and city table applies is not shown",
      "license.address.zipcode": "postal code",
      "license.address.address1": "first address line",
      "license.address.address2": "second address line",
      "license.legal_rep_name": "name of the legal representative",
      "license.license_file_id": "uploaded file: business licence",
      "license.ent_type": "company type; values not shown",
      "license.uni_social_credit": "unified social credit code",
      "license.busi_from": "start of the licence's business term",
      "license.busi_end": "end of the licence's business term",
      "license.long_term": "the licence has no end date",
      "license.br_no": "BR number (business registration, by inference)",
      "license.br_file_id": "uploaded file: BR certificate",
      "license.annual_return_file_id": "uploaded file: annual return",
      "license.incorporation_form_file_id": "uploaded file: incorporation form",
      "license.br_expiry_date": "expiry of the BR certificate",
      "license.cr_issue_date": "issue date of the CR certificate",
      "license.company_article_file_id": "uploaded file: articles of association",
      "license.cr_file_id": "uploaded file: CR certificate",
      "license.cr_no": "CR number",
      "license.share_structure_file_id": "uploaded file: share structure",
      "license.cr_expiry_date": "expiry of the CR certificate",
      "license.other_file_ids": "uploaded files: other attachments; treat as optional",
      business: "the company's business data (required mark is third-party)",
      "business.industry": "industry code, table industry (2025 page; newer third-party code still has it)",
      "business.main_industry": "main industry, table new industry; not on the 2025 page",
      "business.sub_industry": "sub-industries, table new industry; not on the 2025 page",
      "business.employee_number": "number of employees; third-party notes call it a tier, values not shown",
      "business.address": "business address of the company (required mark is third-party)",
      "business.address.province": "province or state; whether the province and city table applies is not shown",
      "business.address.city": "city; whether the province and city table applies is not shown",
      "business.address.zipcode": "postal code",
      "business.address.address1": "first address line",
      "business.address.address2": "second address line",
      "business.export_country": "countries exported to; ISO 3166-1 alpha-2 is a third-party reading",
      "business.export_type": "kinds of export; values not shown",
      "business.trade_volume": "trade volume; third-party notes call it a tier, values not shown",
      "business.website": "web site",
      "business.business_models": "business models; values not shown; not on the 2025 page",
      stakeholder_list: "stakeholders of the company, the role in identity_type",
      "stakeholder_list[].identity_type": "role of the person; the values are third-party",
      "stakeholder_list[].name": "full name",
      "stakeholder_list[].nationality": "nationality, two characters; ISO 3166-1 alpha-2 is inferred",
      "stakeholder_list[].birth_date": "date of birth",
      "stakeholder_list[].address_proof_file_id": "uploaded file: proof of address; missing from the third-party types",
      "stakeholder_list[].doc_type":
        "kind of identity document; the values are third-party, their meanings inferred from the names",
      "stakeholder_list[].id_number": "number of the identity document",
      "stakeholder_list[].doc_portrait_side_file_id": "uploaded file: portrait side of the document; int32 by analogy",
      "stakeholder_list[].doc_address": "address printed on the document",
      "stakeholder_list[].eff_date_start": "start of the document's validity; date format by analogy",
      "stakeholder_list[].eff_date_end": "end of the document's validity; date format by analogy",
      "stakeholder_list[].long_term": "the document has no end date",
      "stakeholder_list[].share": "shareholding; percent or fraction is not shown",
      "stakeholder_list[].resident_address": "residential address of the person",
      "stakeholder_list[].resident_address.province":
        "province or state; whether the province and city table applies is not shown",
      "stakeholder_list[].resident_address.city": "city; whether the province and city table applies is not shown",
      "stakeholder_list[].resident_address.zipcode": "postal code",
      "stakeholder_list[].resident_address.address1": "first address line",
      "stakeholder_list[].resident_address.address2": "second address line"
    }
  },
  "onboarding.apply response": {
    fields: {
      authorize_link: "link at which the company's legal representative completes the authorization",
      merch_id: "merchant number given by PayKKa; limits as on va.notification's page"
    }
  },
  "onboarding.update request": {
    like: "onboarding.apply request",
    fields: {}
  },
  "onboarding.inquiry request": {
    fields: {
      merch_id:
        "merchant number given by apply; the only body field of the third-party client, which always sends it; limits as on va.notification's page. Give merch_id or request_id.",
      request_id: "request_id of apply, as in va.inquiry. Give merch_id or request_id."
    }
  },
  "onboarding.inquiry response": {
    fields: {
      merch_id: "merchant number; limits as on va.notification's page",
      status: "status of the application; two value sets conflict, see onboarding.notification"
    }
  },
  "onboarding.notification data": {
    fields: {
      request_id: "request_id of the application, as in the assessment notification",
      merch_id: "merchant number; limits as on va.notification's page",
      status: "status; older third-party value set, see notes",
      message: "reason",
      biz_type:
        "kind of business event; only named in third-party design notes, where its value list is an open question"
    }
  },
  "assessment.apply request": {
    like: "onboarding.apply request",
    fields: {}
  },
  "assessment.apply response": {
    fields: {
      merch_id: "merchant number of the assessed merchant; limits as on va.notification's page. No authorize_link here."
    }
  },
  "assessment.update request": {
    like: "onboarding.apply request",
    fields: {
      contact_person: "contact person",
      license: "company registration data",
      business: "the company's business data",
      merch_id: "merchant number given by apply, in the TypeScript client's body beside a partial apply body"
    }
  },
  "assessment.inquiry request": {
    fields: {
      merch_id: "merchant number given by apply"
    }
  },
  "assessment.inquiry response": {
    fields: {
      request_id: "request_id of the application, echoed",
      merch_id: "merchant number",
      status: "status of the assessment",
      msg: "reason or remark",
      risk_level: "risk level, given with a passed review"
    }
  },
  "assessment.notification data": {
    like: "assessment.inquiry response",
    fields: {}
  },
  "va.apply request": {
    fields: {
      request_id:
        "the caller's unique request number; va.inquiry is keyed by it and va.notification returns it with the limits 1..32",
      currencies: "collection currencies; the notification returns them as submitted",
      country_code: "collection country; the notification returns it as submitted",
      type: "account type; the notification has it, whether the request carries it is not shown"
    }
  },
  "va.inquiry request": {
    fields: {
      request_id: "request_id given at va.apply; the only body field; its limits are those of the notification"
    }
  },
  "va.inquiry response": {
    fields: {
      request_id: "request number of the application",
      merch_id: "merchant number",
      status: "application or account status",
      currencies: "collection currencies",
      country_code: "collection country",
      type: "account type",
      account_no: "collection account number",
      bic_swift_code: "BIC or SWIFT code",
      bank_name: "bank name",
      bank_address: "bank address",
      routing_number: "routing number"
    }
  },
  "va.notification data": {
    like: "va.inquiry response",
    fields: {
      request_id: "request number of the application; absent from the example body",
      currencies: "collection currencies as submitted; currency in the example, e.g. EUR",
      country_code: "collection country as submitted",
      type: "account type (meaning inferred); account_type in the example",
      bic_swift_code: "BIC or SWIFT code; bic in the example"
    }
  },
  "remittance.notification data": {
    fields: {
      recv_order_no:
        "platform number of the receipt; tradesettle is keyed by it and no other known call hands one out, so it must come from here",
      merch_id: "merchant number",
      status: "status of the receipt",
      reason: "reason, presumably of a rejection"
    }
  },
  "order.create request": {
    fields: {
      request_id: "request number, unique within the caller's system",
      buyer_name: "buyer's name",
      buyer_country: "buyer's country code; probably the country code table",
      amount: "order amount; no unit is given",
      currency: "order currency; list of the 2025 page",
      contract_file_ids: "uploaded files: contract",
      contract_no: "contract number",
      goods_info: "goods",
      "goods_info.category": "goods category code, table product category",
      "goods_info.name": "name of the goods",
      "goods_info.quantity": "quantity of the goods",
      "goods_info.url": "web address of the goods",
      "goods_info.custom_dec_info":
        "customs declaration (schema CustomDecInfo); its members are known from the sample of create only",
      "goods_info.custom_dec_info.dec_method": "declaration method; values not shown",
      "goods_info.custom_dec_info.dec_no": "declaration number",
      invoice_file_ids: "uploaded files: invoice",
      is_exchange_settle: "whether the money is to be exchanged and settled (结汇)",
      logistics_info: "logistics",
      "logistics_info.buyer_type": "buyer type; meanings inferred from the names",
      "logistics_info.destination": "destination",
      "logistics_info.expected_ship_date": "expected shipping date, YYYY-MM-DD",
      "logistics_info.freight_arrange_file_ids": "uploaded files: freight arrangement",
      "logistics_info.latest_order_file_ids": "uploaded files: latest order",
      "logistics_info.logistics_company_name": "logistics company",
      "logistics_info.outbound_no": "outbound or waybill number (meaning inferred)",
      "logistics_info.inquiry_records_file_ids": "uploaded files: inquiry records",
      "logistics_info.ship_date": "shipping date, YYYY-MM-DD",
      "logistics_info.ship_status": "shipping status",
      "logistics_info.shipped_file_ids": "uploaded files: proof of shipment",
      "logistics_info.transaction_type": "trade term (Incoterms); list of the 2025 page, without CIP, DAP, DPU and DAT",
      "logistics_info.transport_type": "means of transport; meanings inferred from the names",
      order_date: "order date, YYYY-MM-DD",
      remark: "remark",
      other_file_ids: "uploaded files: other material; no limit of items shown"
    }
  },
  "order.create response": {
    fields: {
      contract_order_no: "platform number of the order; used in relate_list of tradesettle.apply",
      status: "order status; RELATABLE is the sample value, probably the first of the list"
    }
  },
  "order.update request": {
    like: "order.create request",
    fields: {}
  },
  "order.update response": {
    fields: {
      contract_order_no: "platform number of the order, as on create",
      status: "order status, as on create"
    }
  },
  "order.inquiry request": {
    fields: {
      request_id: "request_id of order.create; give request_id or contract_order_no",
      contract_order_no: "platform number of the order; give request_id or contract_order_no"
    }
  },
  "order.inquiry response": {
    fields: {
      request_id: "request number",
      merch_id: "merchant number",
      contract_order_no: "platform number of the order",
      status: "order status",
      reason: "reason, presumably of a rejection"
    }
  },
  "order.supplement request": {
    fields: {
      request_id: "request_id of order.create, as on update; give request_id or contract_order_no",
      contract_order_no: "platform number of the order; give request_id or contract_order_no",
      logistics_info:
        "some of the members of logistics_info of order.create, for an order created as UNSHIPPED; which ones is not known"
    }
  },
  "tradesettle.apply request": {
    fields: {
      relate_list: "contract orders to relate to the receipt, each with the amount taken from it",
      "relate_list[].amount":
        "amount related to this order; no unit is given; integer is inferred from the sample value 0 and from order.amount",
      "relate_list[].contract_order_no": "number returned by order.create",
      recv_order_no: "number of the receipt (inbound remittance)"
    }
  },
  "tradesettle.apply response": {
    fields: {
      status: "status of the receipt or settlement"
    }
  },
  "tradesettle.inquiry request": {
    fields: {
      recv_order_no: "number of the receipt; the only body field"
    }
  },
  "tradesettle.inquiry response": {
    fields: {
      merch_id: "merchant number",
      recv_order_no: "number of the receipt",
      status: "status of the receipt or settlement; the likeliest member",
      reason: "reason, presumably of a rejection"
    }
  },
  "tradesettle.notification data": {
    like: "tradesettle.inquiry response",
    fields: {
      status: "status of the receipt or settlement"
    }
  },
  "balance.inquiry request": {
    fields: {
      currency: "possible filter by currency; the body may be an empty object"
    }
  },
  "payee.create request": {
    fields: {
      request_id: "the caller's request id; limits as on sibling operations",
      type: "payee type; values not shown",
      beneficiary: "the payee's own data, as on payee.update; further members must be possible",
      "beneficiary.purpose": "payment purpose code",
      "beneficiary.purpose_desc": "free text of the purpose",
      "beneficiary.country": "country of the payee, table country code",
      "beneficiary.industry": "industry code, table industry",
      "beneficiary.main_industry": "main industry code, table new industry",
      "beneficiary.sub_industry": "sub-industry codes, table new industry",
      "beneficiary.nick_name": "short name of the payee",
      "beneficiary.first_name": "given name",
      "beneficiary.last_name": "family name",
      "beneficiary.doc_type": "kind of identity document; values not shown",
      "beneficiary.id_number": "number of the identity document",
      "beneficiary.uni_social_credit": "unified social credit code"
    }
  },
  "payee.update request": {
    like: "payee.create request",
    fields: {
      request_id: "the caller's request id; 1..32 characters on sibling operations, limits not shown here",
      type: "payee type, a plain string; values not shown",
      beneficiary: "the payee's own data; only its leading members are known, so further ones must be possible",
      "beneficiary.country": "country of the payee; table country code (inferred)",
      "beneficiary.industry": "industry code; table industry (inferred)",
      "beneficiary.main_industry": "main industry code; table new industry (inferred)",
      "beneficiary.sub_industry": "sub-industry codes; table new industry (inferred)",
      "beneficiary.first_name": "given name (individuals, by inference)",
      "beneficiary.last_name": "family name (individuals, by inference)",
      "beneficiary.uni_social_credit":
        "unified social credit code; only the beginning uni_social_cr of the name is confirmed, the rest follows onboarding's license field (18 characters at most there)"
    }
  },
  "payee.inquiry request": {
    fields: {
      request_id: "request_id of payee.create, as in va.inquiry; give request_id or beneficiary_id",
      beneficiary_id: "id of the payee; give request_id or beneficiary_id"
    }
  },
  "payee.inquiry response": {
    fields: {
      request_id: "request_id of payee.create",
      merch_id: "merchant number",
      beneficiary_id: "id of the payee, used by payment.apply",
      status: "status of the payee; values not known",
      reason: "reason, presumably of a rejection"
    }
  },
  "payee.notification data": {
    like: "payee.inquiry response",
    fields: {}
  },
  "forex.preorder request": {
    fields: {
      sell_currency: "currency to sell",
      buy_currency: "currency to buy",
      sell_amount:
        "amount to sell; give exactly one of sell_amount and buy_amount (not both is documented, at least one is inferred)",
      buy_amount:
        "amount to buy; give exactly one of sell_amount and buy_amount (not both is documented, at least one is inferred)"
    }
  },
  "forex.preorder response": {
    fields: {
      order_no: "the platform's number of the conversion; what confirm and inquiry refer to (inferred)",
      sell_currency: "currency to sell",
      buy_currency: "currency to buy",
      sell_amount: "amount to sell",
      buy_amount: "amount to buy",
      fx_rate: "quoted rate; direction of quotation not shown",
      expire_at: "when the quote lapses, ISO 8601 in UTC"
    }
  },
  "forex.confirm request": {
    fields: {
      order_no: "number returned by forex.preorder"
    }
  },
  "forex.inquiry request": {
    fields: {
      order_no: "number returned by forex.preorder"
    }
  },
  "forex.inquiry response": {
    fields: {
      order_no: "number of the conversion",
      merch_id: "merchant number",
      status: "status of the conversion; values not known",
      reason: "reason, presumably of a failure"
    }
  },
  "forex.notification data": {
    like: "forex.inquiry response",
    fields: {
      request_id: "request id, should confirm turn out to carry one; the pre-order has none"
    }
  },
  "payment.apply request": {
    fields: {
      amount:
        "amount to pay; no unit is given. The sample value is 1 where free numbers show 0, so a minimum of 1 is likely (inferred).",
      currency: "currency of the payment; must be the payee's currency",
      beneficiary_id: "id of the payee",
      postscript: "remittance message (meaning inferred from the name)",
      request_id: "the caller's request id; 1..32 characters on sibling operations, limits not shown here"
    }
  },
  "payment.apply response": {
    fields: {
      fee_amount: "fee of the payment; its currency is not shown",
      beneficiary_type: "kind of payee",
      status: "payment status; final values not shown"
    }
  },
  "payment.inquiry request": {
    fields: {
      request_id: "request_id of payment.apply, as in va.inquiry"
    }
  },
  "payment.inquiry response": {
    fields: {
      request_id: "request_id of payment.apply",
      merch_id: "merchant number",
      status: "payment status; final values not known",
      reason: "reason, presumably of a failure"
    }
  },
  "payment.notification data": {
    like: "payment.inquiry response",
    fields: {}
  },
  "file.upload request": {
    fields: {
      meta: "multipart part with the file's metadata as JSON text, which is signed; its keys are not shown",
      file: "multipart part with the file itself; the part's name is not shown"
    }
  },
  "file.upload response": {
    fields: {
      file_id:
        "id for fields such as doc_portrait_side_file_id and contract_file_ids; width not shown, those fields are int32"
    }
  }
}
