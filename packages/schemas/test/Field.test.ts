import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Field from "../src/Field.ts"
import * as OpenEnum from "../src/OpenEnum.ts"

const marks = [
  ["documented", Field.documented],
  ["third-party", Field.thirdParty],
  ["inferred", Field.inferred]
] as const

const bases: ReadonlyArray<readonly [name: string, schema: Schema.Top]> = [
  ["a text", Schema.String],
  ["a text with a check", Schema.String.check(Schema.isMaxLength(5))],
  ["an array", Schema.Array(Schema.String)],
  ["an object", Schema.Struct({ a: Schema.String })],
  ["an open enum", OpenEnum.make(["ENABLED"])]
]

const wrappers: ReadonlyArray<readonly [name: string, wrap: (schema: Schema.Top) => Schema.Top]> = [
  ["as it is", (schema) => schema],
  ["optionalKey", (schema) => Schema.optionalKey(schema)],
  ["optional", (schema) => Schema.optional(schema)],
  ["NullOr", (schema) => Schema.NullOr(schema)],
  ["optional NullOr", (schema) => Schema.optional(Schema.NullOr(schema))],
  ["another annotation", (schema) => schema.annotate({ title: "a field" })],
  ["mutableKey", (schema) => Schema.mutableKey(schema)],
  ["one of a union", (schema) => Schema.Union([Schema.BigInt, schema])],
  ["suspended", (schema) => Schema.suspend(() => schema)],
  ["optional, suspended", (schema) => Schema.optional(Schema.suspend(() => schema))],
  ["transformed", (schema) => schema.pipe(Schema.decodeTo(Schema.Unknown))],
  ["in a container", (schema) => Schema.Option(schema)]
]

describe("Field", () => {
  for (const [base, schema] of bases) {
    for (const [wrapper, wrap] of wrappers) {
      it(`${base}, ${wrapper}: marks stay`, () => {
        assert.strictEqual(Field.provenance(wrap(schema)), "unknown")
        assert.isFalse(Field.isSensitive(wrap(schema)))
        for (const [provenance, mark] of marks) {
          assert.strictEqual(Field.provenance(wrap(mark(schema))), provenance)
          assert.isFalse(Field.isSensitive(wrap(mark(schema))))
          for (const both of [Field.sensitive(mark(schema)), mark(Field.sensitive(schema))]) {
            assert.strictEqual(Field.provenance(wrap(both)), provenance)
            assert.isTrue(Field.isSensitive(wrap(both)))
          }
        }
        assert.strictEqual(Field.provenance(wrap(Field.sensitive(schema))), "unknown")
      })
    }
  }

  it("a check that is added later does not take marks away", () => {
    const marked = Field.sensitive(Field.documented(Schema.String))
    for (const schema of [
      marked.check(Schema.isMaxLength(5)),
      marked.check(Schema.isMinLength(1), Schema.isMaxLength(5)),
      Schema.optional(marked.check(Schema.isMaxLength(5))),
      marked.check(Schema.isMaxLength(5)).pipe(Schema.brand("Short"))
    ]) {
      assert.strictEqual(Field.provenance(schema), "documented")
      assert.isTrue(Field.isSensitive(schema))
    }
  })

  it("a schema that leads to itself has the marks of the rest", () => {
    const loop = (rest: Schema.Codec<string>): Schema.Codec<string> => {
      const all: Schema.Codec<string> = Schema.Union([Schema.suspend(() => all), rest])
      return all
    }
    assert.isFalse(Field.isSensitive(loop(Schema.String)))
    assert.isTrue(Field.isSensitive(loop(Field.sensitive(Schema.String))))
  })

  it("the last mark counts", () => {
    assert.strictEqual(Field.provenance(Field.documented(Field.inferred(Schema.String))), "documented")
    assert.strictEqual(
      Field.provenance(Field.inferred(Field.documented(Schema.String).check(Schema.isMaxLength(5)))),
      "inferred"
    )
    assert.strictEqual(Field.provenance(Field.inferred(Schema.optional(Field.documented(Schema.String)))), "inferred")
  })

  it("a mark changes neither what a schema accepts nor what it makes", () => {
    const schema = Field.sensitive(Field.documented(Schema.String.check(Schema.isMaxLength(5))))
    assert.strictEqual(Schema.decodeSync(schema)("12345"), "12345")
    assert.throws(() => Schema.decodeSync(schema)("123456"))
  })
})
