/** What is asked and answered, and a large message that is only encoded and decoded. All values are made up. */
import type * as Onboarding from "@paykka/schemas/Onboarding"

export const merchId = "M24061911365700670"

/** The question: the bytes are `{"request_id":"VA20240501000002"}`. */
export const question = { request_id: "VA20240501000002" }

/** The answer: a collection account of about 600 bytes, with every field that the schema has. */
export const account = {
  request_id: question.request_id,
  merch_id: merchId,
  status: "ENABLED",
  currencies: ["USD", "EUR", "GBP", "HKD"],
  country_code: "US",
  type: "LOCAL",
  account_no: "8331000000012345678",
  bic_swift_code: "CMFGUS33XXX",
  bank_name: "Example Savings Bank, National Association, Correspondent and Collection Account Services",
  bank_address:
    "Example Savings Bank, Global Payments Operations, 1200 Example Avenue, Suite 400, Springfield, Example County, United States of America (correspondent of Example Bank AG, Frankfurt)",
  routing_number: "026073150"
}

const address = { province: "Hessen", city: "Frankfurt", zipcode: "60311", address1: "Example Street 1" }

const stakeholder = {
  identity_type: "LEGAL_PERSON",
  name: "Example",
  nationality: "CN",
  birth_date: "2000-02-29",
  doc_type: "PASSPORT",
  id_number: "example",
  doc_portrait_side_file_id: 43,
  eff_date_start: "2019-08-24",
  resident_address: address
}

/** An application for onboarding with ten stakeholders, about 3 kB: the largest schema that there is. */
export const application = {
  request_id: "R-1",
  contact_person: { phone_prefix: "49", phone: "0000000", email: "contact@example.com" },
  license: {
    region: "CN",
    ent_name: "Example",
    ent_name_en: "Example",
    found_date: "2019-08-24",
    registered_currency: "CNY",
    registered_capital: 1_000_000,
    address,
    license_file_id: 42,
    long_term: true
  },
  business: {
    industry: 1,
    main_industry: "A",
    sub_industry: ["A1"],
    employee_number: "few",
    address,
    export_country: ["DE"],
    export_type: ["goods"],
    trade_volume: "little"
  },
  stakeholder_list: Array.from({ length: 10 }, () => stakeholder)
} satisfies Onboarding.ApplyRequest
