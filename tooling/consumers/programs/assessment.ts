import * as PaykkaConfig from "@paykka/core/PaykkaConfig"
import * as Assessment from "@paykka/assessment/Assessment"
import * as KeyStoreConfig from "@paykka/signing/KeyStoreConfig"
import * as Signer from "@paykka/signing/Signer"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"

declare const process: { readonly env: Readonly<Record<string, string>> }

const paykka = Assessment.layer.pipe(
  Layer.provide(PaykkaConfig.layer),
  Layer.provide([Layer.provide(Signer.layer, KeyStoreConfig.layer), FetchHttpClient.layer])
)

const address = { address1: "1 Sample Road" }
const program = Effect.gen(function* () {
  const assessment = yield* Assessment.Assessment
  const { merch_id = "" } = yield* assessment.apply({
    contact_person: { phone_prefix: "852", phone: "00000000", email: "ops@merchant.example" },
    license: {
      region: "HK",
      ent_name: "Assessed Trading Limited",
      ent_name_en: "Assessed Trading Limited",
      found_date: "2019-08-24",
      registered_currency: "HKD",
      registered_capital: "10000.00",
      address,
      br_file_id: process.env["FILE_ID"]!
    },
    business: {
      industry: 0,
      main_industry: "sample",
      sub_industry: [],
      employee_number: "sample",
      address,
      export_country: [],
      export_type: [],
      trade_volume: "sample"
    },
    stakeholder_list: []
  })
  const { _tag, answer } = yield* assessment.awaitOutcome(merch_id, { poll: { interval: "50 millis" } })
  return { _tag, risk_level: answer.risk_level }
})

console.log(JSON.stringify(await Effect.runPromise(Effect.provide(program, paykka))))
