/** What the compiler must accept and refuse; a directive that is not needed is an error of its own. */
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Amount from "../src/Amount.ts"
import * as Notification from "../src/Notification.ts"
import * as Operation from "../src/Operation.ts"
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

  it("another key than request_id is treated alike", () => {
    type Input = Operation.Input<typeof settle>
    type Output = Operation.Output<typeof settle>
    assert.isTrue(same<Input, { readonly amount: Amount.Input; readonly order_no?: string | undefined }>(true))
    assert.isTrue(same<Output, { readonly fee?: Amount.Amount; readonly order_no: string }>(true))
    // @ts-expect-error -- missing
    const none: Input = { order_no: "1" }
    assert.isDefined(none)
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
})
