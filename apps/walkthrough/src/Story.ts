/**
 * The merchant's story, part by part: upload, onboarding, assessment, account, money arrives, order, settlement, balance,
 * conversion, payee, payout. Read it to see how the packages fit together.
 */
import * as Assessment from "@paykka/assessment/Assessment"
import * as Balance from "@paykka/balance/Balance"
import * as RequestId from "@paykka/core/RequestId"
import * as File from "@paykka/file/File"
import * as Forex from "@paykka/forex/Forex"
import * as Onboarding from "@paykka/onboarding/Onboarding"
import * as Order from "@paykka/order/Order"
import { relate } from "@paykka/order/Relate"
import * as Payee from "@paykka/payee/Payee"
import * as Payment from "@paykka/payment/Payment"
import type { Sandbox } from "@paykka/sandbox"
import * as Amount from "@paykka/schemas/Amount"
import * as Json from "@paykka/schemas/Json"
import { type ApplyRequest, hongKongLicense } from "@paykka/schemas/Onboarding"
import * as Tradesettle from "@paykka/tradesettle/Tradesettle"
import * as Va from "@paykka/va/Va"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Part } from "./Part.ts"
import { Unexpected } from "./Stage.ts"

/** How a part tells what happened. */
export interface Teller {
  /** Tells the calls since the last time, with what is to be said of each. */
  readonly calls: (...whats: ReadonlyArray<string>) => void
  /** Waits for the next notification of a kind and tells it. */
  readonly notified: (
    kind: string,
    what: (data: Readonly<Record<string, unknown>>) => string
  ) => Effect.Effect<Readonly<Record<string, unknown>>, Unexpected>
  /** Tells what neither side has called. */
  readonly money: (what: string) => void
}

/** What later parts need of earlier ones. */
interface Facts {
  readonly files: Record<string, string>
  merchId: string
  recvOrderNo: string
  contractOrderNo: string
  beneficiaryId: string
  /** The `request_id` of the payout. */
  payoutId: string
}

type Services =
  | Assessment.Assessment
  | Balance.Balance
  | File.File
  | Forex.Forex
  | Onboarding.Onboarding
  | Order.Order
  | Payee.Payee
  | Payment.Payment
  | Tradesettle.Tradesettle
  | Va.Va

type Chapter = (
  teller: Teller,
  sandbox: Sandbox.Service,
  facts: Facts
) => Effect.Effect<void, { readonly message: string }, Services>

const received = "12000"

const statusOf = ({ status }: Readonly<Record<string, unknown>>): string => `status ${String(status)}`

/** A company that does not exist. */
const application = ({ files }: Facts): Omit<ApplyRequest, "request_id"> => {
  const address = { city: "Hong Kong", address1: "1 Sample Road" }
  return {
    contact_person: { phone_prefix: "852", phone: "00000000", email: "ops@merchant.example" },
    license: hongKongLicense({
      ent_name: "Sample Trading Limited",
      ent_name_en: "Sample Trading Limited",
      found_date: "2019-08-24",
      registered_currency: "HKD",
      registered_capital: 10_000,
      address,
      br_file_id: files["br.pdf"]!
    }),
    business: {
      industry: 0,
      main_industry: "sample",
      sub_industry: ["sample"],
      employee_number: "sample",
      address,
      export_country: ["DE", "FR"],
      export_type: ["sample"],
      trade_volume: "sample"
    },
    stakeholder_list: [
      {
        identity_type: "DIRECTOR",
        name: "Sample Person",
        nationality: "CN",
        birth_date: "1985-01-31",
        doc_type: "PASSPORT",
        id_number: "SAMPLE0000",
        doc_portrait_side_file_id: files["passport.png"]!,
        eff_date_start: "2020-01-01",
        resident_address: address
      }
    ]
  }
}

/** What the sandbox says of balances, in words. PayKKa's own answer is not known. */
const balancesOf = (answer: Readonly<Record<string, unknown>>): string => {
  const balances = answer["sandbox_balances"]
  if (!Array.isArray(balances)) return "no balances"
  return balances
    .filter(Json.isObject)
    .map(({ currency, available }) => `${String(currency)} ${Result.getOrElse(Amount.fromJson(available), () => "?")}`)
    .join(", ")
}

const chapters: Readonly<Record<Part, Chapter>> = {
  file: ({ calls }, _, facts) =>
    Effect.gen(function* () {
      const file = yield* File.File
      const texts = {
        "br.pdf": "%PDF-1.7\n",
        "passport.png": "\u0089PNG\r\n\u001a\n",
        "contract.pdf": "%PDF-1.7\n% contract\n",
        "invoice.pdf": "%PDF-1.7\n% invoice\n"
      }
      for (const [name, text] of Object.entries(texts)) {
        const uploaded = yield* file.upload(Buffer.from(text, "latin1"), { name })
        facts.files[name] = uploaded.file_id
        calls(`${name} (${uploaded.type}) is file ${uploaded.file_id}`)
      }
    }),

  onboarding: ({ calls, notified }, _, facts) =>
    Effect.gen(function* () {
      const onboarding = yield* Onboarding.Onboarding
      const { merch_id = "" } = yield* onboarding.apply(application(facts))
      facts.merchId = merch_id
      calls(`the company becomes merchant ${merch_id}`)
      yield* notified("onboarding.notification", statusOf)
    }),

  assessment: ({ calls, notified }, _, facts) =>
    Effect.gen(function* () {
      const assessment = yield* Assessment.Assessment
      const { merch_id = "" } = yield* assessment.apply(application(facts))
      calls(`merchant ${merch_id} is to be assessed`)
      yield* notified("assessment.notification", statusOf)
      yield* notified("assessment.notification", (data) => `${statusOf(data)}, risk ${String(data["risk_level"])}`)
    }),

  va: ({ calls, notified }, _, { merchId }) =>
    Effect.gen(function* () {
      const va = yield* Va.Va
      const { request_id } = yield* va.apply({ currencies: ["EUR"], country_code: "DE" }, { merchId })
      calls("a collection account for EUR")
      yield* notified("va.notification", statusOf)
      const { status } = yield* va.inquiry({ request_id }, { merchId })
      calls(`the account is ${String(status)}`)
    }),

  remittance: ({ money, notified }, sandbox, facts) =>
    Effect.gen(function* () {
      money(`a buyer abroad sends ${received} EUR to the account`)
      yield* sandbox.remit({ merchId: facts.merchId, currency: "EUR", amount: received })
      const receipt = yield* notified(
        "remittance.notification",
        (data) => `receipt ${String(data["recv_order_no"])}, ${statusOf(data)}`
      )
      facts.recvOrderNo = String(receipt["recv_order_no"])
    }),

  order: ({ calls }, _, facts) =>
    Effect.gen(function* () {
      const order = yield* Order.Order
      const { contract_order_no, status } = yield* order.create(
        {
          buyer_name: "Sample Buyer GmbH",
          buyer_country: "DE",
          amount: received,
          currency: "EUR",
          contract_no: "C-2026-001",
          contract_file_ids: [facts.files["contract.pdf"]!],
          invoice_file_ids: [facts.files["invoice.pdf"]!],
          order_date: "2026-11-02"
        },
        { merchId: facts.merchId }
      )
      if (contract_order_no === undefined) return yield* new Unexpected({ detail: "the new order has no number" })
      facts.contractOrderNo = contract_order_no
      calls(`order ${contract_order_no} over ${received} EUR, status ${String(status)}`)
    }),

  tradesettle: ({ calls, notified }, _, { merchId, recvOrderNo, contractOrderNo }) =>
    Effect.gen(function* () {
      const tradesettle = yield* Tradesettle.Tradesettle
      const related = yield* Effect.fromResult(
        relate({
          recv_order_no: recvOrderNo,
          amount: received,
          orders: [{ contract_order_no: contractOrderNo, amount: received }]
        })
      )
      yield* tradesettle.apply(related, { merchId })
      calls("the receipt is related to the order, to the last cent")
      yield* notified("tradesettle.notification", statusOf)
    }),

  balance: ({ calls }, _, { merchId }) =>
    Effect.gen(function* () {
      const balance = yield* Balance.Balance
      calls(`available: ${balancesOf(yield* balance.inquiry({}, { merchId }))}`)
    }),

  forex: ({ calls, notified }, _, { merchId }) =>
    Effect.gen(function* () {
      const forex = yield* Forex.Forex
      const { quote } = yield* forex.convert(
        { sell_currency: "EUR", buy_currency: "USD", sell_amount: "5000.00" },
        { min_buy_amount: "5400.00" },
        { merchId }
      )
      calls(
        `5000.00 EUR for ${quote.buy_amount ?? "?"} USD, within the limit of 5400.00`,
        `quote ${quote.order_no} is confirmed before it lapses`
      )
      yield* notified("forex.notification", statusOf)
    }),

  payee: ({ calls, notified }, _, facts) =>
    Effect.gen(function* () {
      const payee = yield* Payee.Payee
      yield* payee.create(
        // Where the currency of a payee stands is not known.
        { beneficiary: { purpose: "PFG", country: "US", nick_name: "supplier", currency: "USD" } },
        { merchId: facts.merchId }
      )
      calls("a supplier who is paid in USD")
      const result = yield* notified(
        "payee.notification",
        (data) => `${statusOf(data)}, ${String(data["beneficiary_id"])}`
      )
      facts.beneficiaryId = String(result["beneficiary_id"])
    }),

  payment: ({ calls, notified }, _, facts) =>
    Effect.gen(function* () {
      const { merchId, beneficiaryId } = facts
      const [payment, balance] = [yield* Payment.Payment, yield* Balance.Balance]
      // Made and kept before anything is sent: with it the outcome can be asked for, whatever happens. Yours belongs in a store.
      const request_id = yield* RequestId.make
      facts.payoutId = request_id
      const { fee_amount } = yield* payment.pay(
        { beneficiary_id: beneficiaryId, currency: "USD" },
        { request_id, amount: "4200.50", currency: "USD", postscript: "invoice 17" },
        { merchId }
      )
      calls(`4200.50 USD to the supplier, fee ${fee_amount ?? "?"}`)
      yield* notified("payment.notification", statusOf)
      const outcome = yield* payment.awaitOutcome(facts.payoutId, {
        merchId,
        statuses: { succeeded: ["SANDBOX_PAID"] }
      })
      calls(`${outcome._tag}: ${outcome.status}`)
      const left = balancesOf(yield* balance.inquiry({}, { merchId }))
      calls(`available: ${left}`)
      // 12000 - 5000, and 5000 * 1.1 - 4200.50 - 1.50.
      if (left !== "EUR 7000.00, USD 1298.00") return yield* new Unexpected({ detail: `the balances are ${left}` })
    })
}

/** Tells parts, in their order. */
export const tell = (
  parts: ReadonlyArray<Part>,
  tellerOf: (part: Part) => Teller,
  sandbox: Sandbox.Service
): Effect.Effect<void, { readonly message: string }, Services> => {
  const facts: Facts = { files: {}, merchId: "", recvOrderNo: "", contractOrderNo: "", beneficiaryId: "", payoutId: "" }
  return Effect.forEach(parts, (part) => chapters[part](tellerOf(part), sandbox, facts), { discard: true })
}
