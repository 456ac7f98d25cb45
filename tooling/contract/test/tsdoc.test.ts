import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import * as Assessment from "@paykka/schemas/Assessment"
import * as Field from "@paykka/schemas/Field"
import * as Onboarding from "@paykka/schemas/Onboarding"
import * as Va from "@paykka/schemas/Va"
import * as Schema from "effect/Schema"
import { assert, describe, it } from "vitest"
import { declared, faults } from "../tsdoc.ts"

const real = (module: string): string =>
  readFileSync(fileURLToPath(import.meta.resolve(`@paykka/schemas/${module}`)).replace(/\.js$/, ".d.ts"), "utf8")

const docsOf = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries([...declared({ M: text }).get("M.Message")!].map(([path, doc]) => [path, doc.trim()]))

describe("declarations", () => {
  it("give the documentation of fields at any depth", () => {
    const text = `/** A message {@link Other}. */
export declare const Message: Schema.Struct<{
    /** Outer. */
    readonly outer: Schema.optional<Schema.Struct<{
        /** Inner. */
        readonly inner: Schema.String;
        readonly bare: Schema.Union<readonly [Schema.StringForLiteralAutocomplete, Schema.Literals<readonly ["A"]>]>;
    }>>;
    /**
     * Many
     * lines.
     */
    readonly list: Schema.$Array<Schema.Struct<{
        /** In a list. */
        readonly item: Schema.String;
    }>>;
    /** Last. */
    readonly last: Schema.optionalKey<Schema.$Array<Schema.String>>;
}>;
/** Not its own. */
export declare const other: Schema.String;
`
    assert.deepStrictEqual(docsOf(text), {
      outer: "Outer.",
      "outer.inner": "Inner.",
      "outer.bare": "",
      list: "* Many\n     * lines.",
      "list[].item": "In a list.",
      last: "Last."
    })
  })

  it("give that of another module, where fields are declared by its name", () => {
    const own = `type Fields = typeof Other.Base.fields;
interface Named extends Fields {
}
export declare const Message: Schema.Struct<Named>;
type Parts = {
    /** Own. */
    readonly part: Schema.optional<typeof Other.Base>;
    /** Several. */
    readonly parts: Schema.optional<Schema.$Array<typeof Other.Base>>;
};
declare const whole: Schema.Struct<Parts>;
`
    const other = `export declare const Base: Schema.StructWithRest<Schema.Struct<{
    /** Theirs. */
    readonly a: Schema.String;
}>, readonly [Schema.$Record<Schema.String, Schema.Unknown>]>;
`
    const all = declared({ M: own, Other: other })
    assert.deepStrictEqual([...all.get("M.Message")!], [["a", " Theirs. "]])
    assert.deepStrictEqual(
      [...all.get("M.whole")!],
      [
        ["part", " Own. "],
        ["parts", " Several. "],
        ["part.a", " Theirs. "],
        ["parts[].a", " Theirs. "]
      ]
    )
  })

  it("must be whole", () => {
    assert.throws(
      () => declared({ M: "declare const Message: Schema.Struct<{\n    readonly a: Schema.String;" }),
      /closed/
    )
  })
})

describe("the documentation of a message's fields", () => {
  const schema = Schema.Struct({
    a: Field.documented(Schema.String),
    b: Schema.optional(Field.thirdParty(Schema.String))
  })
  const check = (a: string, b: string, name = "Message"): ReadonlyArray<string> =>
    faults(
      declared({
        M: `export declare const ${name}: Schema.Struct<{\n    ${a}\n    readonly a: Schema.String;\n    ${b}\n    readonly b: Schema.optional<Schema.String>;\n}>;\n`
      }),
      { "M.Message": schema }
    )

  it("says how sure each is, in capitals or not", () => {
    assert.deepStrictEqual(check("/** A. Documented. */", "/** Said to be third-party. */"), [])
    assert.deepStrictEqual(check("/** A. Documented; elsewhere inferred. */", "/** THIRD-PARTY */"), [])
  })

  it("has a fault where it is missing, has no word, or another one", () => {
    assert.deepStrictEqual(check("", "/** */"), [
      "M.Message a has no TSDoc; say what it is, and that it is documented",
      "M.Message b has no TSDoc; say what it is, and that it is third-party"
    ])
    assert.deepStrictEqual(check("/** A. */", "/** B. Inferred. */"), [
      "the TSDoc of M.Message a does not say how sure it is: documented",
      "M.Message b is third-party, and its TSDoc does not say so"
    ])
  })

  it("is found by the names of the fields, where the declaration has another name", () => {
    assert.deepStrictEqual(check("/** A. */", "/** Third-party. */", "messageFields"), [
      "the TSDoc of M.Message a does not say how sure it is: documented"
    ])
  })

  it("must be there", () => {
    assert.deepStrictEqual(faults(declared({ M: "", Other: "" }), { "M.Message": schema }), [
      "M.Message is not declared with its fields"
    ])
  })

  it("may have the word of the field itself, under a ceiling of the message", () => {
    const text = `export declare const Message: Schema.Struct<{\n    /** A. Documented. */\n    readonly a: Schema.String;\n}>;`
    const capped = Field.atMost("inferred")(Schema.Struct({ a: Field.documented(Schema.String) }))
    assert.deepStrictEqual(faults(declared({ M: text }), { "M.Message": capped }), [])
  })
})

describe("the built declarations", () => {
  const onboarding = real("Onboarding")

  it("lose nothing of what the sources say", () => {
    const all = { Va: real("Va"), Onboarding: onboarding, Assessment: real("Assessment") }
    assert.deepStrictEqual(
      faults(declared(all), {
        "Va.ApplyRequest": Va.ApplyRequest,
        "Onboarding.ApplyRequest": Onboarding.ApplyRequest,
        // By an interface, by fields of another module, by another name, by its own mark.
        "Assessment.ApplyRequest": Assessment.ApplyRequest,
        "Assessment.UpdateRequest": Assessment.UpdateRequest,
        "Onboarding.InquiryRequest": Onboarding.InquiryRequest
      }),
      []
    )
  })

  it("show a word that is missing, deep inside", () => {
    const doc = "/** Telephone number, at most 64 characters. Documented. Sensitive. */"
    assert.include(onboarding, doc)
    const without = onboarding.replaceAll(doc, doc.replace(" Documented.", ""))
    assert.deepStrictEqual(
      faults(declared({ Onboarding: without }), {
        "Onboarding.ApplyRequest": Onboarding.ApplyRequest,
        "Onboarding.ContactPerson": Onboarding.ContactPerson
      }),
      [
        "the TSDoc of Onboarding.ApplyRequest contact_person.phone does not say how sure it is: documented",
        "the TSDoc of Onboarding.ContactPerson phone does not say how sure it is: documented"
      ]
    )
  })
})
