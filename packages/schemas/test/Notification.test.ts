import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Catalogue from "../src/Catalogue.ts"
import * as Json from "../src/Json.ts"
import * as Notification from "../src/Notification.ts"
import { InvalidValue } from "../src/Operation.ts"
import * as Va from "../src/Va.ts"
import { core, dataFields, documentedNotification, entry, notices } from "./contract/facts.ts"
import { assertHidden, failureOf } from "./support.ts"

const va = Va.notification

/** A second kind, told by another field; both know `type`. */
const payee = Notification.make({
  id: "payee.notification",
  title: "A payee has changed",
  path: "/api/v2/merch/beneficiary/notify",
  data: Schema.Struct({ beneficiary_id: Schema.optionalKey(Schema.String) }),
  aliases: { payee_id: "beneficiary_id" },
  recognisedBy: ["beneficiary_id"],
  provenance: { ...va.provenance, path: "inferred", data: "inferred" },
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
    assert.deepStrictEqual(core.notifications.examples, entry("va.notification").examples)
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

  /** The ids of the kinds that a notification may be of. */
  const fits = (
    path: string,
    data: unknown,
    paths: Readonly<Record<string, ReadonlyArray<string>>> = {},
    all: ReadonlyArray<Notification.Notification> = kinds
  ): ReadonlyArray<string> => Notification.recognise(all, path, data, paths).map(({ id }) => id)

  it("gives the descriptors that it was given", () => {
    const found = Notification.recognise(kinds, elsewhere, account)
    assert.lengthOf(found, 1)
    assert.strictEqual(found[0], va)
  })

  it("goes by the path first", () => {
    assert.deepStrictEqual(fits(va.path, { beneficiary_id: "1" }), [va.id])
    assert.deepStrictEqual(fits(payee.path, account), [payee.id])
    for (const data of [{}, null, undefined, [], "account_no"]) {
      assert.deepStrictEqual(fits(payee.path, data), [payee.id])
    }
  })

  it("goes by the paths of the merchant's own", () => {
    const paths = { "va.notification": ["/hooks/a", "/hooks/va"], "payee.notification": [], other: ["/hooks/other"] }
    assert.deepStrictEqual(fits("/hooks/va", { beneficiary_id: "1" }, paths), [va.id])
    assert.deepStrictEqual(fits(va.path, {}, paths), [va.id])
    for (const path of ["/hooks/other", "/hooks/v", "/hooks/va/"]) assert.deepStrictEqual(fits(path, {}, paths), [])
  })

  it("goes by the shape second", () => {
    for (const data of [account, { currencies: [] }, { currency: ["EUR"] }, documentedNotification.data]) {
      assert.deepStrictEqual(fits(elsewhere, data), [va.id])
    }
    for (const data of [{ beneficiary_id: "1" }, { payee_id: "1" }]) {
      assert.deepStrictEqual(fits(elsewhere, data), [payee.id])
    }
  })

  it("finds all kinds that fit, in the order of the list", () => {
    const both = { account_no: "1", payee_id: "2" }
    assert.deepStrictEqual(fits(elsewhere, both), [va.id, payee.id])
    assert.deepStrictEqual(fits(elsewhere, both, {}, [payee, va]), [payee.id, va.id])
    // A path leaves no doubt.
    assert.deepStrictEqual(fits(payee.path, both), [payee.id])
    assert.deepStrictEqual(fits("/hooks/va", both, { "va.notification": ["/hooks/va"] }), [va.id])
  })

  it("takes a null for no shape, and the names of Object's own members neither", () => {
    assert.deepStrictEqual(fits(elsewhere, { account_no: null, beneficiary_id: "1" }), [payee.id])
    const odd = Notification.make({ ...payee, recognisedBy: ["toString", "__proto__"] })
    assert.deepStrictEqual(fits(elsewhere, { a: 1 }, {}, [odd]), [])
  })

  it("never goes by type", () => {
    for (const type of ["MERCH", "ASSESSMENT", "va.notification", "LOCAL"]) {
      assert.deepStrictEqual(fits(elsewhere, { type, version: "V1", status: "ENABLED" }), [])
      assert.deepStrictEqual(fits(elsewhere, { type, beneficiary_id: "1" }), [payee.id])
    }
  })

  it("finds nothing in what fits no kind", () => {
    for (const data of [{}, { contract_order_id: "1" }, null, undefined, [account], "account_no", 1]) {
      assert.deepStrictEqual(fits(elsewhere, data), [])
    }
    assert.deepStrictEqual(fits(va.path, account, {}, []), [])
  })

  describe("among all kinds", () => {
    const [rule = ""] = core.notifications.routing.filter((line) => line.includes("by the shape of data"))
    // account_no or currencies (va), recv_order_no (tradesettle or remittance), ...
    const shapes = [...rule.matchAll(/([a-z_]+(?: or [a-z_]+)*) \(([a-z]+(?: or [a-z]+)*)\)/g)].map(
      ([, fields = "", of = ""]) => [fields.split(" or "), of.split(" or ")] as const
    )
    const all = Catalogue.notifications

    it("each is told by its path", () => {
      for (const { id, path } of all) assert.deepStrictEqual(fits(path, {}, {}, all), [id])
    })

    it("the shapes of the contract tell what the contract says", () => {
      assert.lengthOf(shapes, 6)
      for (const [fields, of] of shapes) {
        // The contract has no notification of an order.
        const ids = of.filter((domain) => domain !== "order").map((domain) => `${domain}.notification`)
        for (const field of fields) assert.sameMembers([...fits(elsewhere, { [field]: "1" }, {}, all)], ids)
      }
    })

    it("nothing else tells one", () => {
      const telling = shapes.flatMap(([fields]) => fields)
      for (const { contract } of notices) {
        for (const { name } of dataFields(contract)) {
          if (!telling.includes(name)) assert.deepStrictEqual(fits(elsewhere, { [name]: "1" }, {}, all), [], name)
        }
      }
    })
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
