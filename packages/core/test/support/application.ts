/** An application for onboarding with every kind of field, the body of a submission for assessment too. */
import type { ApplyRequest } from "@paykka/schemas/Onboarding"

const address = { province: "Hessen", city: "Frankfurt", zipcode: "60311", address1: "Example Street 1" }

/** The application: written as JSON it is what must arrive. The values are made up, the fields those of the contract. */
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
  stakeholder_list: [
    {
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
  ]
} satisfies ApplyRequest
