/** What the compiler must accept and refuse; a directive that is not needed is an error of its own. */
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Amount from "../src/Amount.ts"
import * as Assessment from "../src/Assessment.ts"
import * as Catalogue from "../src/Catalogue.ts"
import * as Forex from "../src/Forex.ts"
import * as Notification from "../src/Notification.ts"
import * as Onboarding from "../src/Onboarding.ts"
import * as OpenEnum from "../src/OpenEnum.ts"
import * as Operation from "../src/Operation.ts"
import * as Order from "../src/Order.ts"
import * as Payee from "../src/Payee.ts"
import * as Rule from "../src/Rule.ts"
import * as Tradesettle from "../src/Tradesettle.ts"
import * as Va from "../src/Va.ts"
import { same } from "./types.ts"

type ApplyInput = Operation.Input<typeof Va.apply>
type ApplyOutput = Operation.Output<typeof Va.apply>
type InquiryInput = Operation.Input<typeof Va.inquiry>
type InquiryOutput = Operation.Output<typeof Va.inquiry>

type Open<Known extends string> = Known | (string & {})

/** The platform names its submission, and its answer has further fields. */
const settle = Operation.make({
  ...Va.inquiry,
  id: "test.settle",
  effect: "create",
  idempotencyKey: "order_no",
  resolvedBy: Va.inquiry,
  request: Schema.Struct({ order_no: Schema.String, amount: Amount.Outbound }),
  response: Schema.Struct({ order_no: Schema.optionalKey(Schema.String), fee: Schema.optionalKey(Amount.Inbound) })
})

describe("types", () => {
  it("the input of va.apply does without a request_id", () => {
    assert.isTrue(
      same<
        ApplyInput,
        {
          readonly request_id?: string | undefined
          readonly currencies?: ReadonlyArray<string> | undefined
          readonly country_code?: string | undefined
          readonly type?: Open<"LOCAL"> | undefined
        }
      >(true)
    )
    const inputs: ReadonlyArray<ApplyInput> = [{}, { request_id: "R-1" }, { request_id: undefined, type: "SWIFT" }]
    assert.lengthOf(inputs, 3)
    // @ts-expect-error -- no such field
    const misspelt: ApplyInput = { currency: ["EUR"] }
    // @ts-expect-error -- a list
    const single: ApplyInput = { currencies: "EUR" }
    // @ts-expect-error -- a text
    const number: ApplyInput = { request_id: 1 }
    assert.isDefined([misspelt, single, number])
  })

  it("the output of va.apply always has its request_id, and all that came", () => {
    assert.isTrue(same<ApplyOutput["request_id"], string>(true))
    assert.isTrue(same<ApplyOutput["anything"], unknown>(true))
    // @ts-expect-error -- always there
    const output: ApplyOutput = { anything: 1 }
    assert.isDefined(output)
  })

  it("the input of va.inquiry wants a request_id", () => {
    assert.isTrue(same<InquiryInput, { readonly request_id: string }>(true))
    // @ts-expect-error -- missing
    const none: InquiryInput = {}
    // @ts-expect-error -- no such field
    const more: InquiryInput = { request_id: "R-1", merch_id: "M1" }
    assert.isDefined([none, more])
  })

  it("the output of va.inquiry is an account of which any field may be missing", () => {
    assert.isTrue(same<InquiryOutput, Va.Account>(true))
    assert.isTrue(same<InquiryOutput["request_id"], string | undefined>(true))
    assert.isTrue(same<InquiryOutput["currencies"], ReadonlyArray<string> | undefined>(true))
    assert.isTrue(same<InquiryOutput["status"], Open<"ENABLED"> | undefined>(true))
    assert.isTrue(same<InquiryOutput["type"], Open<"LOCAL"> | undefined>(true))
    // @ts-expect-error -- the documentation's other spelling is renamed
    type _Bic = InquiryOutput["bic"]
  })

  it("another key than request_id is the platform's number, which the caller must give", () => {
    type Input = Operation.Input<typeof settle>
    type Output = Operation.Output<typeof settle>
    assert.isTrue(same<Input, { readonly amount: Amount.Input; readonly order_no: string }>(true))
    assert.isTrue(same<Output, { readonly fee?: Amount.Amount; readonly order_no: string }>(true))
    // @ts-expect-error -- missing
    const none: Input = { amount: 1 }
    assert.isDefined(none)
    for (const operation of [settle, Tradesettle.apply, Assessment.update, Forex.confirm]) {
      assert.isFalse(Operation.isMinted(operation))
    }
  })

  it("the request_id of an update names what exists, so the caller must give it", () => {
    assert.isTrue(same<Operation.Input<typeof Order.update>, Order.UpdateRequest>(true))
    assert.isTrue(same<Operation.Input<typeof Onboarding.update>["request_id"], string>(true))
    assert.isTrue(same<Operation.Input<typeof Payee.update>["request_id"], string>(true))
    assert.isTrue(same<Operation.Input<typeof Payee.create>["request_id"], string | undefined>(true))
    for (const operation of [Order.update, Onboarding.update, Payee.update, Order.supplement]) {
      assert.isFalse(Operation.isMinted(operation))
    }
  })

  it("only new submissions by request_id are minted", () => {
    assert.deepStrictEqual(
      Catalogue.operations.filter(Operation.isMinted).map(({ id }) => id),
      ["onboarding.apply", "assessment.apply", "va.apply", "order.create", "payee.create", "payment.apply"]
    )
  })

  it("descriptors keep their literals", () => {
    assert.isTrue(same<typeof Va.apply.id, "va.apply">(true))
    assert.isTrue(same<typeof Va.apply.idempotencyKey, "request_id">(true))
    assert.isTrue(same<typeof Va.inquiry.idempotencyKey, null>(true))
    assert.isTrue(same<typeof Va.notification.id, "va.notification">(true))
    const all: ReadonlyArray<Operation.Operation> = [Va.apply, Va.inquiry, settle]
    assert.lengthOf(all, 3)
    const general: Notification.Notification = Va.notification
    assert.strictEqual(general.id, "va.notification")
  })

  it("results are typed by the descriptor", () => {
    const decoded = Operation.decodeResponse(Va.inquiry, {})
    assert.isTrue(same<typeof decoded, Result.Result<Va.Account, Operation.InvalidValue>>(true))
    const data = Notification.decodeData(Va.notification, {})
    assert.isTrue(same<typeof data, Result.Result<Va.Account, Operation.InvalidValue>>(true))
  })

  it("an amount is made, not just any text", () => {
    // @ts-expect-error -- not checked
    const unchecked: Amount.Amount = "1200.50"
    assert.strictEqual<string>(Amount.make("1200.50"), unchecked)
    // @ts-expect-error -- neither text nor number
    assert.throws(() => Amount.make(true))
  })

  it("exactly one of two fields", () => {
    type One = Rule.ExactlyOneOf<
      { readonly a?: string | undefined; readonly b?: number | undefined; readonly c: 1 },
      "a" | "b"
    >
    const ones: ReadonlyArray<One> = [
      { a: "", c: 1 },
      { b: 0, c: 1 },
      { a: "", b: undefined, c: 1 }
    ]
    assert.lengthOf(ones, 3)
    // @ts-expect-error -- neither
    const neither: One = { c: 1 }
    // @ts-expect-error -- both
    const both: One = { a: "", b: 0, c: 1 }
    // @ts-expect-error -- undefined is none
    const none: One = { a: undefined, c: 1 }
    // @ts-expect-error -- the others are as they were
    const other: One = { a: "" }
    assert.isDefined([neither, both, none, other])
  })

  it("at least one of two fields", () => {
    type Some = Rule.AtLeastOneOf<
      { readonly a?: string | undefined; readonly b?: number | undefined; readonly c: 1 },
      "a" | "b"
    >
    const some: ReadonlyArray<Some> = [
      { a: "", c: 1 },
      { b: 0, c: 1 },
      { a: "", b: 0, c: 1 },
      { a: undefined, b: 0, c: 1 }
    ]
    assert.lengthOf(some, 4)
    // @ts-expect-error -- neither
    const neither: Some = { c: 1 }
    // @ts-expect-error -- undefined is none
    const none: Some = { a: undefined, b: undefined, c: 1 }
    // @ts-expect-error -- the others are as they were
    const other: Some = { a: "" }
    assert.isDefined([neither, none, other])
  })

  it("a pre-order has one amount", () => {
    type Preorder = Operation.Input<typeof Forex.preorder>
    const pair = { sell_currency: "EUR", buy_currency: "USD" }
    const orders: ReadonlyArray<Preorder> = [
      { ...pair, sell_amount: "12.50" },
      { ...pair, buy_amount: 12n, sell_amount: undefined }
    ]
    assert.lengthOf(orders, 2)
    // @ts-expect-error -- two amounts
    const both: Preorder = { ...pair, sell_amount: 1, buy_amount: 1 }
    // @ts-expect-error -- no amount
    const none: Preorder = pair
    // @ts-expect-error -- no text of a boolean
    const odd: Preorder = { ...pair, sell_amount: true }
    assert.isDefined([both, none, odd])
  })

  it("an inquiry names what it asks for", () => {
    type Inquiries = readonly [
      Operation.Input<typeof Onboarding.inquiry>,
      Operation.Input<typeof Order.inquiry>,
      Operation.Input<typeof Order.supplement>,
      Operation.Input<typeof Payee.inquiry>
    ]
    const first: Inquiries = [{ merch_id: "M" }, { request_id: "R" }, { request_id: "R" }, { request_id: "R" }]
    const second: Inquiries = [
      { request_id: "R" },
      { contract_order_no: "C" },
      { contract_order_no: "C", logistics_info: { ship_status: "SHIPPED" } },
      { beneficiary_id: "B" }
    ]
    assert.lengthOf([first, second], 2)
    // @ts-expect-error -- nothing is named
    const onboarding: Inquiries[0] = {}
    // @ts-expect-error -- nothing is named
    const order: Inquiries[1] = {}
    // @ts-expect-error -- nothing is named
    const supplement: Inquiries[2] = { logistics_info: {} }
    // @ts-expect-error -- nothing is named
    const payee: Inquiries[3] = { request_id: undefined }
    assert.isDefined([onboarding, order, supplement, payee])
  })

  it("lists that are complete hold a program to them, unless it knows better", () => {
    const currencies: ReadonlyArray<Order.Currency> = ["EUR", "CNH", OpenEnum.unlisted("NZD")]
    assert.lengthOf(currencies, 3)
    // @ts-expect-error -- misspelt
    const currency: Order.Currency = "EURO"
    // @ts-expect-error -- misspelt
    const ship: Order.ShipStatus = "UNSHIPED"
    // @ts-expect-error -- an Incoterm that the list has not
    const term: Order.TransactionType = "DAP"
    // What comes from the platform, and what the documentation does not call complete, is open.
    const open: readonly [Va.Status | undefined, Order.Status, Onboarding.IdentityType] = ["FROZEN", "NEW", "AGENT"]
    assert.isDefined([currency, ship, term, open])
  })

  describe("licenses", () => {
    const company = {
      ent_name: "测试有限公司",
      ent_name_en: "Test Ltd",
      found_date: "2019-08-24",
      registered_currency: "CNY",
      registered_capital: "1000000.00",
      address: { address1: "1 Test Road" }
    }

    it("of mainland China and Hong Kong have the fields of their region", () => {
      const mainland = Onboarding.mainlandLicense({ ...company, uni_social_credit: "9".repeat(18), long_term: true })
      const hongKong = Onboarding.hongKongLicense({ ...company, br_no: "1", cr_expiry_date: "2030-01-01" })
      assert.deepStrictEqual<unknown>(mainland, {
        region: "CN",
        ...company,
        uni_social_credit: "9".repeat(18),
        long_term: true
      })
      assert.deepStrictEqual<unknown>(hongKong, { region: "HK", ...company, br_no: "1", cr_expiry_date: "2030-01-01" })
      for (const license of [mainland, hongKong]) assert.isTrue(Schema.is(Onboarding.License)(license))
      // @ts-expect-error -- a field of Hong Kong
      assert.isDefined(Onboarding.mainlandLicense({ ...company, br_no: "1" }))
      // @ts-expect-error -- a field of mainland China
      assert.isDefined(Onboarding.hongKongLicense({ ...company, uni_social_credit: "1" }))
      // @ts-expect-error -- the region is what the function says
      assert.strictEqual(Onboarding.hongKongLicense({ ...company, region: "CN" }).region, "HK")
      // @ts-expect-error -- what every license has
      assert.isDefined(Onboarding.mainlandLicense({ uni_social_credit: "1" }))
    })

    it("refuse nothing that is known, whatever the region", () => {
      const license: Onboarding.License = {
        region: "SG",
        ...company,
        br_no: "1",
        uni_social_credit: "1",
        long_term: true
      }
      assert.isTrue(Schema.is(Onboarding.License)(license))
      type OfRegions = keyof Onboarding.MainlandLicense | keyof Onboarding.HongKongLicense | "region"
      assert.isTrue(same<keyof Onboarding.License, OfRegions>(true))
    })
  })
})
