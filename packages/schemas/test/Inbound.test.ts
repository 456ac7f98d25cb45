import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Inbound from "../src/Inbound.ts"
import * as Json from "../src/Json.ts"
import * as Operation from "../src/Operation.ts"
import * as Va from "../src/Va.ts"
import { entry } from "./contract/facts.ts"

const { aliases } = entry("va.notification")

const frozen = <A>(value: A): A => {
  if (typeof value === "object" && value !== null) {
    for (const member of Object.values(value)) frozen(member)
    Object.freeze(value)
  }
  return value
}

/** As `Inbound.tidy`; fails the test when it writes into its input. */
const tidy = (value: unknown, names: Inbound.Aliases = aliases): unknown => {
  const before = structuredClone(value)
  const result = Inbound.tidy(frozen(value), names)
  assert.deepStrictEqual(value, before)
  return result
}

describe("Inbound.tidy", () => {
  it("drops nulls at any depth, among the items of arrays too", () => {
    assert.deepStrictEqual(tidy({ a: null, b: { c: null, d: [null, { e: null, f: 0 }, [null]] }, g: "", h: false }), {
      b: { d: [{ f: 0 }, []] },
      g: "",
      h: false
    })
    assert.deepStrictEqual(tidy({ a: null }), {})
  })

  it("leaves what is no object as it is", () => {
    for (const value of [null, undefined, "currency", 1, true, [], [{ a: 1 }]]) {
      assert.deepStrictEqual(tidy(value), value)
    }
    const raw = Json.rawNumber("0.10")
    assert.strictEqual(Inbound.tidy(raw, aliases), raw)
    assert.strictEqual((Inbound.tidy({ a: { b: raw } }, {}) as { a: { b: unknown } }).a.b, raw)
  })

  const renamed: ReadonlyArray<readonly [name: string, value: unknown, result: unknown]> = [
    ["one spelling", { bic: "X" }, { bic_swift_code: "X" }],
    ["the other", { bic_swift_code: "X" }, { bic_swift_code: "X" }],
    ["both: the schema's own wins", { bic: "A", bic_swift_code: "B" }, { bic_swift_code: "B" }],
    ["both in the other order", { bic_swift_code: "B", bic: "A" }, { bic_swift_code: "B" }],
    ["the alias null", { bic: null, bic_swift_code: "B" }, { bic_swift_code: "B" }],
    ["the schema's own null", { bic: "A", bic_swift_code: null }, { bic_swift_code: "A" }],
    ["both null", { bic: null, bic_swift_code: null }, {}],
    ["an empty text is no null", { bic: "A", bic_swift_code: "" }, { bic_swift_code: "" }],
    [
      "all aliases",
      { currency: ["EUR"], account_type: "LOCAL", bic: "X", c_rsc_id: "1" },
      { currencies: ["EUR"], type: "LOCAL", bic_swift_code: "X", c_rsc_id: "1" }
    ],
    ["not below the top", { a: { bic: "X" }, b: [{ bic: "X" }] }, { a: { bic: "X" }, b: [{ bic: "X" }] }]
  ]
  for (const [name, value, result] of renamed) {
    it(`renames: ${name}`, () => assert.deepStrictEqual(tidy(value), result))
  }

  it("renames nothing without aliases", () => {
    assert.deepStrictEqual(tidy({ bic: "X", currency: null }, {}), { bic: "X" })
  })

  it("takes the names of Object's own members for fields like others", () => {
    assert.deepStrictEqual(tidy({ toString: 1, constructor: 2, bic: "X" }), {
      toString: 1,
      constructor: 2,
      bic_swift_code: "X"
    })
    // No alias is there just because Object has a member of that name.
    assert.deepStrictEqual(tidy({ a: 1 }, { toString: "b", __proto__: null } as never), { a: 1 })
  })

  it("drops a key __proto__ at any depth and pollutes nothing", () => {
    const text =
      '{"__proto__":{"admin":true},"a":{"__proto__":{"admin":true},"b":[{"__proto__":{"admin":true}}]},"account_no":"1"}'
    const value = Result.getOrThrow(Json.parse(text))
    const tidied = tidy(value) as { a: { b: Array<object> } }
    assert.strictEqual(JSON.stringify(tidied), '{"a":{"b":[{}]},"account_no":"1"}')
    for (const object of [tidied, tidied.a, tidied.a.b[0], {}]) {
      assert.isUndefined((object as { admin?: unknown }).admin)
      assert.strictEqual(Object.getPrototypeOf(object), Object.prototype)
    }
    const decoded = Result.getOrThrow(Operation.decodeResponse(Va.inquiry, value))
    assert.deepStrictEqual(decoded, { account_no: "1" })
  })

  const names = Object.keys(Va.Account.fields)
  const reserved = new Set([...names, ...Object.keys(aliases)])
  const unknownFields = Arbitrary.map(
    Arbitrary.array(Arbitrary.schema(Schema.Tuple([Schema.String, Schema.Json])), { maxLength: 5 }),
    (entries) => entries.filter(([name]) => !reserved.has(name))
  )

  /** The account as an object, with other members before and behind its own. */
  const between = (front: ReadonlyArray<readonly [string, unknown]>, account: object, back: typeof front): unknown => {
    const result = {}
    for (const [name, value] of [...front, ...Object.entries(account), ...back]) {
      Object.defineProperty(result, name, { value, enumerable: true, configurable: true, writable: true })
    }
    return result
  }

  it.prop(
    "nulls and unknown fields never change an account, nor do the other spellings",
    {
      account: Va.Account,
      front: unknownFields,
      back: unknownFields,
      nulls: Schema.Array(Schema.Literals([...reserved])),
      other: Schema.Boolean
    },
    ({ account, front, back, nulls, other }) => {
      const spelt = Object.entries(account).map(([name, value]): [string, unknown] => {
        const alias = Object.entries(aliases).find((pair) => pair[1] === name)?.[0]
        return [other ? (alias ?? name) : name, value]
      })
      const taken = new Set(spelt.map(([name]) => name))
      const absent = nulls.filter((name) => !taken.has(name)).map((name): [string, unknown] => [name, null])
      const received = between([...front, ...absent], Object.fromEntries(spelt), back)
      const decode = (json: unknown) => Result.getOrThrow(Operation.decodeResponse(Va.inquiry, json))
      assert.deepStrictEqual(decode(received), account)
      // The same through the text.
      assert.deepStrictEqual(decode(Result.getOrThrow(Json.parse(JSON.stringify(received)))), account)
      assert.deepStrictEqual(decode(tidy(received)), account)
    },
    { arbitrary: { runs: 300 } }
  )
})
