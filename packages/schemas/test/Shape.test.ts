import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Amount from "../src/Amount.ts"
import { CountryCode } from "../src/CountryCode.ts"
import { CurrencyCode } from "../src/CurrencyCode.ts"
import * as Field from "../src/Field.ts"
import { Instant } from "../src/Instant.ts"
import * as Integer from "../src/Integer.ts"
import { LocalDate } from "../src/LocalDate.ts"
import * as Multipart from "../src/Multipart.ts"
import * as OpenEnum from "../src/OpenEnum.ts"
import type { Provenance } from "../src/Provenance.ts"
import * as Rule from "../src/Rule.ts"
import * as Shape from "../src/Shape.ts"
import { text } from "../src/Text.ts"

const scalars: ReadonlyArray<readonly [name: string, schema: Schema.Top, shape: Shape.Shape]> = [
  ["a text", Schema.String, { type: "string" }],
  ["a text with limits", text(1, 32), { type: "string", minLength: 1, maxLength: 32 }],
  ["a text with an upper limit", text(0, 128), { type: "string", maxLength: 128 }],
  ["a text that is not empty", Schema.NonEmptyString, { type: "string", minLength: 1 }],
  ["a text of a length at most", Schema.String.check(Schema.isMaxLength(5)), { type: "string", maxLength: 5 }],
  ["a flag", Schema.Boolean, { type: "boolean" }],
  ["a number", Schema.Number, { type: "number" }],
  ["a whole number", Schema.Int, { type: "integer" }],
  ["a number of 32 bits", Schema.Finite.check(Schema.isInt32()), { type: "integer", format: "int32" }],
  ["an amount to send", Amount.Outbound, { type: "number" }],
  ["an amount received", Amount.Inbound, { type: "number" }],
  ["an integer to send", Integer.Outbound, { type: "integer" }],
  ["an integer received", Integer.Inbound, { type: "integer" }],
  ["an integer of 64 bits", Integer.Int64, { type: "integer", format: "int64" }],
  ["a day", LocalDate, { type: "string", format: "date" }],
  ["a time", Instant, { type: "string", format: "date-time" }],
  ["a country", CountryCode, { type: "string", form: "country-code", minLength: 2, maxLength: 2 }],
  ["a currency", CurrencyCode, { type: "string", form: "currency-code", minLength: 3, maxLength: 3 }],
  ["an open enum", OpenEnum.make(["A", "B"]), { type: "string", values: ["A", "B"] }],
  ["a list", OpenEnum.listed(["A", "B"]), { type: "string", values: ["A", "B"], valuesComplete: true }],
  ["anything", Schema.Unknown, { type: "any" }],
  ["a file", Field.wire({ type: "binary" })(Multipart.Content), { type: "binary" }],
  ["a code of a table", Field.ofTable("industry")(Schema.String), { type: "string", table: "industry" }],
  ["an array", Schema.Array(Schema.Int), { type: "array", items: { type: "integer" } }],
  [
    "an array with limits",
    Schema.Array(Integer.Outbound).check(Schema.isBetweenLength(1, 10)),
    { type: "array", minItems: 1, maxItems: 10, items: { type: "integer" } }
  ],
  [
    "an array of codes of a table",
    Schema.Array(Field.ofTable("country_code")(CountryCode)),
    {
      type: "array",
      items: { type: "string", table: "country_code", form: "country-code", minLength: 2, maxLength: 2 }
    }
  ],
  ["an open record", Schema.Record(Schema.String, Schema.Unknown), { type: "object", fields: [], open: true }]
]

const named = (name: string, required: boolean, shape: Shape.Shape): Shape.Named => ({
  name,
  required,
  provenance: "unknown",
  sensitive: false,
  shape
})

describe("Shape.of", () => {
  for (const [name, schema, shape] of scalars) {
    it(name, () => assert.deepStrictEqual(Shape.of(schema), shape))

    it(`${name}, in an object, however optional it is`, () => {
      const optional = Schema.Struct({
        must: schema,
        key: Schema.optionalKey(schema),
        any: Schema.optional(schema)
      })
      assert.deepStrictEqual(Shape.of(optional), {
        type: "object",
        fields: [named("must", true, shape), named("key", false, shape), named("any", false, shape)]
      })
    })
  }

  it("has the marks of fields, whatever is made of them later", () => {
    const marked = Field.sensitive(Field.documented(text(1, 5)))
    const { fields = [] } = Shape.of(
      Schema.Struct({
        plain: Schema.String,
        documented: marked,
        optional: Schema.optional(marked),
        table: Schema.optionalKey(Field.ofTable("industry")(Field.thirdParty(Schema.Finite.check(Schema.isInt32())))),
        inferred: Schema.optional(Field.inferred(Schema.Array(marked)))
      })
    )
    assert.deepStrictEqual(
      fields.map(({ name, provenance, sensitive, shape }) => [name, provenance, sensitive, shape.table]),
      [
        ["plain", "unknown", false, undefined],
        ["documented", "documented", true, undefined],
        ["optional", "documented", true, undefined],
        ["table", "third-party", false, "industry"],
        ["inferred", "inferred", false, undefined]
      ]
    )
    assert.deepStrictEqual(fields[4]?.shape, {
      type: "array",
      items: { type: "string", minLength: 1, maxLength: 5 }
    })
  })

  it("makes no field surer than its message, at any depth", () => {
    const inner = Schema.Struct({
      a: Field.documented(Schema.String),
      b: Field.inferred(Schema.String),
      c: Schema.String
    })
    const message = Schema.Struct({
      one: Field.documented(inner),
      many: Schema.optional(Field.thirdParty(Schema.Array(inner)))
    })
    const provenances = (schema: Schema.Top) =>
      Object.fromEntries(Shape.fields(Shape.of(schema)).map(([path, { provenance }]) => [path, provenance]))
    const asTheyAre: Readonly<Record<string, Provenance>> = {
      one: "documented",
      "one.a": "documented",
      "one.b": "inferred",
      "one.c": "unknown",
      many: "third-party",
      "many[].a": "documented",
      "many[].b": "inferred",
      "many[].c": "unknown"
    }
    assert.deepStrictEqual(provenances(message), asTheyAre)
    assert.deepStrictEqual(provenances(Field.atMost("documented")(message)), asTheyAre)
    assert.deepStrictEqual(provenances(Field.atMost("third-party")(message)), {
      ...asTheyAre,
      one: "third-party",
      "one.a": "third-party",
      "many[].a": "third-party"
    })
    assert.deepStrictEqual(provenances(Field.atMost("inferred")(message)), {
      ...asTheyAre,
      one: "inferred",
      "one.a": "inferred",
      many: "inferred",
      "many[].a": "inferred"
    })
    // The same message elsewhere keeps its own.
    assert.deepStrictEqual(provenances(message), asTheyAre)
  })

  it("tells what an open object is known to have", () => {
    const open = Schema.StructWithRest(Schema.Struct({ a: Schema.String }), [
      Schema.Record(Schema.String, Schema.Unknown)
    ])
    assert.deepStrictEqual(Shape.of(open), {
      type: "object",
      fields: [named("a", true, { type: "string" })],
      open: true
    })
  })

  it("has the rules of our own, and no others", () => {
    const fields = Schema.Struct({ a: Schema.optional(Schema.String), b: Schema.optional(Schema.String) })
    assert.isUndefined(Shape.of(fields).rules)
    assert.deepStrictEqual(Shape.of(fields.check(Rule.exactlyOneOf("a", "b"))).rules, ["give exactly one of a and b"])
    assert.deepStrictEqual(Shape.of(fields.check(Rule.atLeastOneOf("a", "b"), Rule.atLeastOneOf("b"))).rules, [
      "give a or b",
      "give b"
    ])
  })
})

describe("Shape.fields", () => {
  it("walks objects and the objects of arrays", () => {
    const shape = Shape.of(
      Schema.Struct({
        a: Schema.String,
        b: Schema.Struct({ c: Schema.Struct({ d: Schema.String }) }),
        e: Schema.optional(Schema.Array(Schema.Struct({ f: Schema.Array(Schema.Struct({ g: Schema.Int })) }))),
        h: Schema.Array(Schema.String)
      })
    )
    assert.deepStrictEqual(
      Shape.fields(shape).map(
        ([
          path,
          {
            name,
            shape: { type }
          }
        ]) => [path, name, type]
      ),
      [
        ["a", "a", "string"],
        ["b", "b", "object"],
        ["b.c", "c", "object"],
        ["b.c.d", "d", "string"],
        ["e", "e", "array"],
        ["e[].f", "f", "array"],
        ["e[].f[].g", "g", "integer"],
        ["h", "h", "array"]
      ]
    )
    assert.deepStrictEqual(Shape.fields({ type: "string" }), [])
  })
})
