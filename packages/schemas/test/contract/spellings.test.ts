/** Where sources contradict each other, both spellings become one form. */
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Assessment from "../../src/Assessment.ts"
import * as Notification from "../../src/Notification.ts"
import * as Onboarding from "../../src/Onboarding.ts"
import * as Operation from "../../src/Operation.ts"
import * as Order from "../../src/Order.ts"
import * as Tradesettle from "../../src/Tradesettle.ts"
import * as Va from "../../src/Va.ts"
import { type Field, act, documentedNotification, entry, received } from "./facts.ts"
import { sampleOf } from "./values.ts"

const read = (of: Pick<Operation.Operation, "response" | "aliases">, json: unknown): unknown =>
  Result.getOrThrow(Operation.decodeResponse(of, json))

/** Two values of a field that differ. */
const two = (field: Field): readonly [unknown, unknown] =>
  field.type === "array" ? [["EUR"], ["USD"]] : [sampleOf(field), `other ${String(sampleOf(field))}`]

describe("aliases", () => {
  for (const of of received) {
    for (const [alias, name] of Object.entries(entry(of.id).aliases)) {
      const [one, other] = two(of.fields.find((field) => field.name === name)!)

      it(`${of.id}: ${alias} is ${name}`, () => {
        assert.deepStrictEqual(read(of, { [alias]: one }), { [name]: one })
        assert.deepStrictEqual(read(of, { [name]: one }), { [name]: one })
        // Both at once: that of the field list counts.
        assert.deepStrictEqual(read(of, { [alias]: other, [name]: one }), { [name]: one })
        assert.deepStrictEqual(read(of, { [name]: one, [alias]: other }), { [name]: one })
        // A null is none.
        assert.deepStrictEqual(read(of, { [name]: null, [alias]: other }), { [name]: other })
        assert.deepStrictEqual(read(of, { [name]: one, [alias]: null }), { [name]: one })
        assert.deepStrictEqual(read(of, { [name]: null, [alias]: null }), {})
      })
    }
  }

  it("are those of four messages, and no other message is renamed", () => {
    const renaming = received.filter(({ aliases }) => Object.keys(aliases).length > 0).map(({ id }) => id)
    assert.deepStrictEqual(renaming, ["va.inquiry", "order.inquiry", "onboarding.notification", "va.notification"])
  })
})

describe("contradictions", () => {
  it(`va_spellings: ${act("va_spellings")}`, () => {
    const listed = {
      merch_id: "example",
      status: "ENABLED",
      currencies: ["EUR"],
      country_code: "example",
      type: "LOCAL",
      account_no: "example",
      bic_swift_code: "example",
      bank_name: "example",
      bank_address: "example"
    }
    const { data } = documentedNotification
    for (const account of [data, listed, { ...data, ...listed }, { ...listed, ...data }]) {
      assert.deepStrictEqual(Result.getOrThrow(Notification.decodeData(Va.notification, account)), listed)
      assert.deepStrictEqual(read(Va.inquiry, account), listed)
    }
    assert.deepStrictEqual(Result.getOrThrow(Notification.decodeData(Va.notification, {})), {})
  })

  it(`reason_spelling: ${act("reason_spelling")}`, () => {
    const reason = "a document is missing"
    for (const name of ["message", "msg", "reason"]) {
      const data = { status: "SUPPLEMENT", [name]: reason }
      assert.deepStrictEqual(Result.getOrThrow(Notification.decodeData(Onboarding.notification, data)), {
        status: "SUPPLEMENT",
        message: reason
      })
    }
    // The others have one name each.
    assert.deepStrictEqual(Result.getOrThrow(Notification.decodeData(Assessment.notification, { msg: reason })), {
      msg: reason
    })
    assert.deepStrictEqual(Result.getOrThrow(Notification.decodeData(Tradesettle.notification, { reason })), {
      reason
    })
    assert.deepStrictEqual(read(Order.inquiry, { reason }), { reason })
  })

  it(`order_id_spelling: ${act("order_id_spelling")}`, () => {
    for (const name of ["contract_order_no", "contract_order_id"]) {
      for (const status of ["RELATABLE", "PENDING", "SETTLED"]) {
        const expected: Order.InquiryResponse = { contract_order_no: "C1", status }
        assert.deepStrictEqual(read(Order.inquiry, { [name]: "C1", status }), expected)
      }
    }
  })

  it(`onboarding_status_values: ${act("onboarding_status_values")}`, () => {
    const values = ["APPROVED", "REJECTED", "SUPPLEMENT", "INIT", "WAIT", "PASS", "REFUSED", "AUTH_FAIL", "LATER"]
    for (const status of values) {
      assert.deepStrictEqual(read(Onboarding.inquiry, { status }), { status })
      assert.deepStrictEqual(Result.getOrThrow(Notification.decodeData(Onboarding.notification, { status })), {
        status
      })
    }
  })

  it(`settle_or_remittance: ${act("settle_or_remittance")}`, () => {
    const { body } = entry("tradesettle.notification").examples.find(({ of }) => of === "request")!
    const { data } = Notification.readEnvelope(body)
    for (const id of ["tradesettle.notification", "remittance.notification"]) {
      assert.deepStrictEqual(
        read(
          received.find((of) => of.id === id)!,
          data
        ),
        data
      )
    }
  })
})
