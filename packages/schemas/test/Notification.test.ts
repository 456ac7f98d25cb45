import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Json from "../src/Json.ts"
import * as Notification from "../src/Notification.ts"
import { InvalidValue } from "../src/Operation.ts"
import * as Va from "../src/Va.ts"
import { assertHidden, core, documentedNotification, failureOf, vaOperation } from "./support.ts"

const va = Va.notification

/** A second kind, told by another field; both know `type`. */
const payee = Notification.make({
  id: "payee.notification",
  title: "A payee has changed",
  path: "/api/v2/merch/beneficiary/notify",
  data: Schema.Struct({ beneficiary_id: Schema.optionalKey(Schema.String) }),
  aliases: { payee_id: "beneficiary_id" },
  recognisedBy: ["beneficiary_id"],
  provenance: { path: "inferred", data: "inferred" },
  sources: []
})

const kinds = [va, payee]
const elsewhere = "/hooks"

describe("Notification.readEnvelope", () => {
  it("reads the documented example, which has no version", () => {
    const { data } = documentedNotification
    assert.deepStrictEqual(Notification.readEnvelope(documentedNotification), {
      type: "MERCH",
      version: undefined,
      data
    })
    assert.deepStrictEqual(core.notifications.examples, vaOperation("va.notification").examples)
  })

  const cases: ReadonlyArray<readonly [name: string, body: unknown, envelope: Notification.Envelope]> = [
    ["all members", { type: "A", version: "V2", data: { a: 1 } }, { type: "A", version: "V2", data: { a: 1 } }],
    ["further members", { type: "A", version: "V2", data: {}, id: 1 }, { type: "A", version: "V2", data: {} }],
    ["data alone", { data: { type: "LOCAL" } }, { type: undefined, version: undefined, data: { type: "LOCAL" } }],
    [
      "nulls",
      { type: null, version: null, data: { a: null } },
      { type: undefined, version: undefined, data: { a: null } }
    ],
    ["null data", { type: "MERCH", version: "V1", data: null }, { type: "MERCH", version: "V1", data: {} }],
    ["nothing but nulls", { type: null, version: null, data: null }, { type: undefined, version: undefined, data: {} }],
    [
      "type and version that are no texts",
      { type: 1, version: {}, data: {} },
      { type: undefined, version: undefined, data: {} }
    ],
    // Not a bare object: its type would become the type of an account.
    ["a list", { type: "MERCH", data: [{ a: 1 }] }, { type: "MERCH", version: undefined, data: [{ a: 1 }] }],
    ["a text", { type: "MERCH", data: "a" }, { type: "MERCH", version: undefined, data: "a" }]
  ]
  for (const [name, body, envelope] of cases) {
    it(`reads an envelope with ${name}`, () => assert.deepStrictEqual(Notification.readEnvelope(body), envelope))
  }

  for (const body of [
    { merch_id: "M1", type: "LOCAL", version: "V1" },
    {},
    [],
    [{ data: {} }],
    "data",
    1,
    null,
    undefined
  ]) {
    it(`takes ${JSON.stringify(body)} for the business object itself`, () => {
      assert.deepStrictEqual(Notification.readEnvelope(body), { type: undefined, version: undefined, data: body })
    })
  }

  it("takes a member that only Object has for none", () => {
    const body = Object.create({ data: { a: 1 } }) as object
    assert.strictEqual(Notification.readEnvelope(body).data, body)
  })
})

describe("Notification.recognise", () => {
  const account = { account_no: "1" }

  it("goes by the path first", () => {
    assert.strictEqual(Notification.recognise(kinds, va.path, { beneficiary_id: "1" }), va)
    assert.strictEqual(Notification.recognise(kinds, payee.path, account), payee)
    for (const data of [{}, null, undefined, [], "account_no"]) {
      assert.strictEqual(Notification.recognise(kinds, payee.path, data), payee)
    }
  })

  it("goes by the paths of the merchant's own", () => {
    const paths = { "va.notification": ["/hooks/a", "/hooks/va"], "payee.notification": [], other: ["/hooks/other"] }
    assert.strictEqual(Notification.recognise(kinds, "/hooks/va", { beneficiary_id: "1" }, paths), va)
    assert.strictEqual(Notification.recognise(kinds, va.path, {}, paths), va)
    assert.isUndefined(Notification.recognise(kinds, "/hooks/other", {}, paths))
    assert.isUndefined(Notification.recognise(kinds, "/hooks/v", {}, paths))
    assert.isUndefined(Notification.recognise(kinds, "/hooks/va/", {}, paths))
  })

  it("goes by the shape second", () => {
    for (const data of [account, { currencies: [] }, { currency: ["EUR"] }, documentedNotification.data]) {
      assert.strictEqual(Notification.recognise(kinds, elsewhere, data), va)
    }
    for (const data of [{ beneficiary_id: "1" }, { payee_id: "1" }]) {
      assert.strictEqual(Notification.recognise(kinds, elsewhere, data), payee)
    }
    // The fields that the contract names.
    assert.isTrue(core.notifications.routing.some((rule) => rule.includes(`${va.recognisedBy.join(" or ")} (va)`)))
  })

  it("takes a null for no shape, and the names of Object's own members neither", () => {
    assert.strictEqual(Notification.recognise(kinds, elsewhere, { account_no: null, beneficiary_id: "1" }), payee)
    const odd = Notification.make({ ...payee, recognisedBy: ["toString", "__proto__"] })
    assert.isUndefined(Notification.recognise([odd], elsewhere, { a: 1 }))
  })

  it("never goes by type", () => {
    for (const type of ["MERCH", "ASSESSMENT", "va.notification", "LOCAL"]) {
      assert.isUndefined(Notification.recognise(kinds, elsewhere, { type, version: "V1", status: "ENABLED" }))
      assert.strictEqual(Notification.recognise(kinds, elsewhere, { type, beneficiary_id: "1" }), payee)
    }
  })

  it("finds nothing in what fits no kind", () => {
    for (const data of [{}, { contract_order_id: "1" }, null, undefined, [account], "account_no", 1]) {
      assert.isUndefined(Notification.recognise(kinds, elsewhere, data))
    }
    assert.isUndefined(Notification.recognise([], va.path, account))
  })
})

describe("Notification.decodeData", () => {
  const { data } = documentedNotification
  const listed = {
    ...data,
    currencies: data["currency"],
    type: data["account_type"],
    bic_swift_code: data["bic"],
    request_id: "R-1",
    routing_number: "026009593"
  }
  const decode = (value: unknown) => Notification.decodeData(va, value)

  it("reads both spellings into one form", () => {
    const example = Result.getOrThrow(decode(data))
    assert.deepStrictEqual(example, {
      merch_id: "example",
      status: "ENABLED",
      currencies: ["EUR"],
      country_code: "example",
      type: "LOCAL",
      account_no: "example",
      bic_swift_code: "example",
      bank_name: "example",
      bank_address: "example"
    })
    const { currency: _, account_type: __, bic: ___, ...list } = listed as Record<string, unknown>
    const more = { ...example, request_id: "R-1", routing_number: "026009593" }
    assert.deepStrictEqual(Result.getOrThrow(decode(list)), more)
    // Both spellings at once.
    assert.deepStrictEqual(Result.getOrThrow(decode(listed)), more)
  })

  it("reads it from an envelope and bare", () => {
    const bare = Notification.readEnvelope(data)
    const wrapped = Notification.readEnvelope({ type: "MERCH", version: "V2", data })
    assert.deepStrictEqual(decode(bare.data), decode(wrapped.data))
    assert.isTrue(Result.isSuccess(decode(bare.data)))
    // Bare, type is the account's.
    assert.strictEqual(Result.getOrThrow(decode(Notification.readEnvelope({ type: "LOCAL" }).data)).type, "LOCAL")
  })

  it("does without every field", () => {
    const nulls = Object.fromEntries(Object.keys(listed).map((name) => [name, null]))
    for (const value of [{}, nulls, Notification.readEnvelope({ type: "MERCH", data: null }).data]) {
      assert.deepStrictEqual(Result.getOrThrow(decode(value)), {})
    }
  })

  it("keeps unknown values, leaves unknown fields out", () => {
    assert.deepStrictEqual(Result.getOrThrow(decode({ status: "FROZEN", account_type: "SWIFT", opened_at: 1 })), {
      status: "FROZEN",
      type: "SWIFT"
    })
  })

  it("names all fields of a wrong type in the schema's spelling, without values", () => {
    const error = failureOf(decode({ account_no: 6222021, bic: ["6222021"], currency: "6222021", account_type: {} }))
    assert.instanceOf(error, InvalidValue)
    assert.sameMembers(
      error.faults.map(({ path }) => path),
      ["account_no", "bic_swift_code", "currencies", "type"]
    )
    assertHidden(error, "6222021")
  })

  for (const value of [null, undefined, [], [{ account_no: "6222021" }], "6222021", 6222021, Json.rawNumber("1.0")]) {
    it(`refuses ${Json.stringify(value)}`, () => {
      const error = failureOf(decode(value))
      assert.deepStrictEqual(
        error.faults.map(({ path }) => path),
        [""]
      )
      assertHidden(error, "6222021")
    })
  }
})
