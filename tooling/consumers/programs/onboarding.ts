import * as PaykkaConfig from "@paykka/core/PaykkaConfig"
import * as Onboarding from "@paykka/onboarding/Onboarding"
import { hongKongLicense } from "@paykka/schemas/Onboarding"
import * as KeyStoreConfig from "@paykka/signing/KeyStoreConfig"
import * as Signer from "@paykka/signing/Signer"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"

declare const process: { readonly env: Readonly<Record<string, string>> }

const paykka = Onboarding.layer.pipe(
  Layer.provide(PaykkaConfig.layer),
  Layer.provide([Layer.provide(Signer.layer, KeyStoreConfig.layer), FetchHttpClient.layer])
)

const address = { address1: "1 Sample Road" }
const program = Effect.gen(function* () {
  const onboarding = yield* Onboarding.Onboarding
  const { request_id, merch_id } = yield* onboarding.apply({
    contact_person: { phone_prefix: "852", phone: "00000000", email: "ops@merchant.example" },
    license: hongKongLicense({
      ent_name: "Sample Trading Limited",
      ent_name_en: "Sample Trading Limited",
      found_date: "2019-08-24",
      registered_currency: "HKD",
      registered_capital: 10_000,
      address,
      br_file_id: process.env["FILE_ID"]!
    }),
    business: {
      industry: 0,
      main_industry: "sample",
      sub_industry: ["sample"],
      employee_number: "sample",
      address,
      export_country: ["DE"],
      export_type: ["sample"],
      trade_volume: "sample"
    },
    stakeholder_list: []
  })
  const outcome = yield* onboarding.awaitOutcome(request_id, { poll: { interval: "50 millis" } })
  return { _tag: outcome._tag, status: outcome.status, same: outcome.answer.merch_id === merch_id }
})

console.log(JSON.stringify(await Effect.runPromise(Effect.provide(program, paykka))))
