import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import * as Amount from "../src/Amount.ts"
import { sensitive } from "../src/Field.ts"
import { Instant } from "../src/Instant.ts"
import * as Json from "../src/Json.ts"
import { LocalDate } from "../src/LocalDate.ts"
import * as OpenEnum from "../src/OpenEnum.ts"
import * as Payment from "../src/Payment.ts"
import * as Sensitive from "../src/Sensitive.ts"
import * as SuccessBody from "../src/SuccessBody.ts"
import { text } from "../src/Text.ts"
import * as Va from "../src/Va.ts"

const { mask, paths } = Sensitive

const secret = sensitive(Schema.String)
const account = Schema.Struct({ no: secret, bank: Schema.String })
const anAccount = { no: "DE89 3704", bank: "A bank" }
const aMaskedAccount = { no: "***", bank: "A bank" }
const anyRecord = Schema.Record(Schema.String, Schema.Unknown)

interface Tree {
  readonly name: string
  readonly kind: string
  readonly parts: ReadonlyArray<Tree>
}
const Tree = Schema.Struct({
  name: secret,
  kind: Schema.String,
  parts: Schema.Array(Schema.suspend((): Schema.Codec<Tree> => Tree))
})

/** A type that leads to nothing but itself or a text. */
const Loop: Schema.Codec<string> = Schema.Union([Schema.suspend((): Schema.Codec<string> => Loop), Schema.String])

class Person extends Schema.Class<Person>("Person")({ name: secret, role: Schema.String }) {}

const shouted = Schema.String.pipe(
  Schema.decodeTo(Schema.String, {
    decode: SchemaGetter.transform((value: string) => value.toUpperCase()),
    encode: SchemaGetter.transform((value: string) => value.toLowerCase())
  })
)

interface Case {
  readonly schema: Schema.Top
  readonly value: unknown
  readonly masked: unknown
  readonly paths: ReadonlyArray<string>
}

const cases: Readonly<Record<string, Case>> = {
  "a text": { schema: secret, value: "Zhang", masked: "***", paths: [""] },
  "a harmless text": { schema: Schema.String, value: "EUR", masked: "EUR", paths: [] },
  "a field": { schema: account, value: anAccount, masked: aMaskedAccount, paths: ["no"] },
  "what is optional": {
    schema: Schema.Struct({ a: Schema.optionalKey(secret), b: Schema.optional(secret), c: Schema.optional(account) }),
    value: { a: "Zhang", b: "San", c: anAccount },
    masked: { a: "***", b: "***", c: aMaskedAccount },
    paths: ["a", "b", "c.no"]
  },
  "what may be null": {
    schema: Schema.Struct({ a: Schema.NullOr(secret), b: Schema.optional(Schema.NullOr(account)) }),
    value: { a: "Zhang", b: anAccount },
    masked: { a: "***", b: aMaskedAccount },
    paths: ["a", "b.no"]
  },
  "what is checked or branded later": {
    schema: Schema.Struct({
      a: secret.check(Schema.isMaxLength(9)),
      b: Schema.optional(secret.check(Schema.isMinLength(1), Schema.isMaxLength(9))),
      c: secret.pipe(Schema.brand("Name")),
      d: account.check(Schema.makeFilter(() => true))
    }),
    value: { a: "Zhang", b: "San", c: "Li", d: anAccount },
    masked: { a: "***", b: "***", c: "***", d: aMaskedAccount },
    paths: ["a", "b", "c", "d.no"]
  },
  "what was checked before": { schema: sensitive(text(1, 9)), value: "Zhang", masked: "***", paths: [""] },
  "an array of it": { schema: Schema.Array(secret), value: ["Zhang", "San"], masked: ["***", "***"], paths: ["[]"] },
  "an array as a whole": {
    schema: Schema.Struct({ all: sensitive(Schema.Array(Schema.String)) }),
    value: { all: ["Zhang", "San"] },
    masked: { all: ["***", "***"] },
    paths: ["all"]
  },
  "a tuple": {
    schema: Schema.Tuple([Schema.String, secret]),
    value: ["EUR", "Zhang", "more"],
    masked: ["EUR", "***", "***"],
    paths: ["[]"]
  },
  "an array with elements of its own": {
    schema: Schema.TupleWithRest(Schema.Tuple([secret]), [Schema.String]),
    value: ["Zhang", "EUR", "USD"],
    masked: ["***", "EUR", "USD"],
    paths: ["[]"]
  },
  "objects in arrays in objects": {
    schema: Schema.Struct({ deep: Schema.Struct({ list: Schema.Array(Schema.Array(account)) }) }),
    value: { deep: { list: [[anAccount], [anAccount, anAccount]] } },
    masked: { deep: { list: [[aMaskedAccount], [aMaskedAccount, aMaskedAccount]] } },
    paths: ["deep.list[][].no"]
  },
  "an object as a whole": {
    schema: Schema.Struct({
      address: sensitive(Schema.Struct({ city: Schema.String, lines: Schema.Array(Schema.String) }))
    }),
    value: { address: { city: "Bonn", lines: ["Am Hof 1", "2nd floor"], more: "yes" } },
    masked: { address: { city: "***", lines: ["***", "***"], "***1": "***" } },
    paths: ["address"]
  },
  "a record": {
    schema: Schema.Struct({ by_no: Schema.Record(Schema.String, account) }),
    value: { by_no: { "DE89 3704": anAccount, "DE89 3705": anAccount } },
    masked: { by_no: { "***1": aMaskedAccount, "***2": aMaskedAccount } },
    paths: ["by_no.*.no"]
  },
  "a record of what is not known": {
    schema: anyRecord,
    value: { account_no: "DE89", list: [{ a: "b" }, 1, true, null] },
    masked: { "***1": "***", "***2": [{ "***1": "***" }, 0, false, null] },
    paths: ["*"]
  },
  "further members": {
    schema: Schema.StructWithRest(account, [anyRecord]),
    value: { iban: "DE89", ...anAccount, bic: { deep: "COBA" } },
    masked: { "***1": "***", ...aMaskedAccount, "***2": { "***1": "***" } },
    paths: ["no", "*"]
  },
  "fields that are not the schema's": {
    schema: Schema.Struct({ account }),
    value: { iban: "DE89", account: { ...anAccount, holder: "Zhang" } },
    masked: { "***1": "***", account: { ...aMaskedAccount, "***1": "***" } },
    paths: ["account.no"]
  },
  "one member of a union": { schema: Schema.Union([Schema.Int, secret]), value: 12, masked: 0, paths: [""] },
  "an open enum": {
    schema: Schema.Struct({ a: OpenEnum.make(["A"]), b: sensitive(OpenEnum.make(["B"])) }),
    value: { a: "A", b: "B" },
    masked: { a: "A", b: "***" },
    paths: ["b"]
  },
  "objects of a union: what one of them hides is hidden": {
    schema: Schema.Union([
      Schema.Struct({ kind: Schema.Literal("a"), of: Schema.String, only: Schema.String }),
      Schema.Struct({ kind: Schema.Literal("b"), of: secret })
    ]),
    value: { kind: "a", of: "Zhang", only: "EUR", other: "Li" },
    masked: { kind: "a", of: "***", only: "EUR", "***1": "***" },
    paths: ["of"]
  },
  "an object or a text": {
    schema: Schema.Struct({ a: Schema.Union([account, Schema.String]), b: Schema.Union([account, Schema.String]) }),
    value: { a: anAccount, b: "EUR" },
    masked: { a: aMaskedAccount, b: "EUR" },
    paths: ["a.no", "b.no"]
  },
  "what leads to itself": {
    schema: Tree,
    value: {
      name: "Zhang",
      kind: "A",
      parts: [{ name: "San", kind: "B", parts: [{ name: "Li", kind: "C", parts: [] }] }]
    },
    masked: {
      name: "***",
      kind: "A",
      parts: [{ name: "***", kind: "B", parts: [{ name: "***", kind: "C", parts: [] }] }]
    },
    paths: ["name"]
  },
  "what is nothing but itself or a text": { schema: Loop, value: "EUR", masked: "EUR", paths: [] },
  "what is suspended": {
    schema: Schema.Struct({ a: Schema.suspend(() => secret), b: sensitive(Schema.suspend(() => Schema.String)) }),
    value: { a: "Zhang", b: "San" },
    masked: { a: "***", b: "***" },
    paths: ["a", "b"]
  },
  "what is transformed, marked before or after": {
    schema: Schema.Struct({
      before: secret.pipe(Schema.decodeTo(shouted)),
      after: sensitive(shouted),
      harmless: shouted
    }),
    value: { before: "Zhang", after: "San", harmless: "eur" },
    masked: { before: "***", after: "***", harmless: "eur" },
    paths: ["before", "after"]
  },
  "a default": {
    schema: Schema.Struct({ a: secret.pipe(Schema.withDecodingDefaultTypeKey(Effect.succeed("nobody"))) }),
    value: { a: "Zhang" },
    masked: { a: "***" },
    paths: ["a"]
  },
  "renamed fields, decoded": {
    schema: account.pipe(Schema.encodeKeys({ no: "account_no" })),
    value: anAccount,
    masked: aMaskedAccount,
    paths: ["no", "account_no"]
  },
  "renamed fields, encoded": {
    schema: account.pipe(Schema.encodeKeys({ no: "account_no", bank: "bank_name" })),
    value: { account_no: "DE89", bank_name: "A bank" },
    masked: { account_no: "***", bank_name: "A bank" },
    paths: ["no", "account_no"]
  },
  "an instance": {
    schema: Person,
    value: new Person({ name: "Zhang", role: "DIRECTOR" }),
    masked: { name: "***", role: "DIRECTOR" },
    paths: ["name"]
  },
  "an instance, encoded": {
    schema: Schema.Array(Person),
    value: [{ name: "Zhang", role: "DIRECTOR" }],
    masked: [{ name: "***", role: "DIRECTOR" }],
    paths: ["[].name"]
  },
  "a container": {
    schema: Schema.Struct({ a: Schema.Option(secret), b: Schema.Option(Schema.String), c: Schema.Date }),
    value: { a: Option.some("Zhang"), b: Option.some("San"), c: new Date(0) },
    masked: { a: "***", b: "***", c: new Date(0) },
    paths: ["a"]
  },
  "JSON in a text": {
    schema: Schema.Struct({ meta: Schema.fromJsonString(account) }),
    value: { meta: JSON.stringify(anAccount) },
    masked: { meta: "***" },
    paths: ["meta.no"]
  },
  "a day": {
    schema: Schema.Struct({
      birth: sensitive(LocalDate),
      expiry: Schema.optional(sensitive(LocalDate)),
      order: LocalDate
    }),
    value: { birth: "1980-01-31", expiry: "2030-01-31", order: "2026-01-31" },
    masked: { birth: "0001-01-01", expiry: "0001-01-01", order: "2026-01-31" },
    paths: ["birth", "expiry"]
  },
  "exact numbers": {
    schema: Schema.Struct({
      a: Amount.Inbound,
      b: sensitive(Amount.Inbound),
      c: Amount.Outbound,
      d: sensitive(Amount.Outbound)
    }),
    value: { a: Json.rawNumber("0.10"), b: Json.rawNumber("1234.50"), c: "12.50", d: "12.50" },
    masked: { a: Json.rawNumber("0.10"), b: 0, c: "12.50", d: "***" },
    paths: ["b", "d"]
  },
  "a time": {
    schema: Schema.Struct({ wire: Instant, decoded: Instant, secret: sensitive(Instant) }),
    value: { wire: "2026-01-31T00:00:00Z", decoded: new Date(0), secret: new Date(0) },
    masked: { wire: "2026-01-31T00:00:00Z", decoded: new Date(0), secret: "***" },
    paths: ["secret"]
  },
  "what is written as an object": {
    schema: account.pipe(
      Schema.decodeTo(Schema.Union([Schema.Int, Schema.String]), {
        decode: SchemaGetter.transform(({ bank }) => bank),
        encode: SchemaGetter.transform((bank) => ({ no: "", bank: String(bank) }))
      })
    ),
    value: anAccount,
    masked: aMaskedAccount,
    paths: ["no"]
  },
  "what a harmless field should not hold": {
    schema: Schema.Struct({
      a: Schema.String,
      b: Schema.Array(Schema.String),
      c: Schema.NullOr(account),
      d: Schema.optional(account),
      e: Schema.String
    }),
    value: { a: { name: "Zhang" }, b: "Zhang", c: "Zhang", d: "Zhang", e: ["Zhang"] },
    masked: { a: { "***1": "***" }, b: "***", c: "***", d: "***", e: ["***"] },
    paths: ["c.no", "d.no"]
  },
  "a harmless field of another type": {
    schema: Schema.Struct({ merch_id: Schema.String, status: Schema.Int, flag: Schema.Boolean }),
    value: { merch_id: 24061911, status: "ENABLED", flag: Json.rawNumber("1.0") },
    masked: { merch_id: 24061911, status: "ENABLED", flag: Json.rawNumber("1.0") },
    paths: []
  },
  "an object of no fields": { schema: Schema.Struct({}), value: { a: "b" }, masked: { "***1": "***" }, paths: [] },
  anything: { schema: Schema.Unknown, value: "Zhang", masked: "***", paths: [""] },
  "anything, optional": {
    schema: Schema.Struct({ a: Schema.optional(Schema.Unknown), b: Schema.Any, c: Schema.ObjectKeyword }),
    value: { a: "Zhang", b: "San", c: "Li" },
    masked: { a: "***", b: "***", c: "***" },
    paths: ["a", "b", "c"]
  }
}

describe("Sensitive.mask", () => {
  for (const [name, { schema, value, masked }] of Object.entries(cases)) {
    it(name, () => assert.deepStrictEqual(mask(schema, value), masked))
  }

  const values: ReadonlyArray<readonly [name: string, value: unknown, masked: unknown]> = [
    ["an empty text", "", "***"],
    ["a number", -12.5, 0],
    ["a raw number", Json.rawNumber("6222021234567890123"), 0],
    ["a bigint", 12n, 0n],
    ["a flag", true, false],
    ["null", null, null],
    ["undefined", undefined, undefined],
    ["bytes", new Uint8Array([1, 2]), new Uint8Array()],
    ["a date", new Date(0), "***"],
    ["a map", new Map([["a", "b"]]), "***"],
    ["a function", () => "a", "***"],
    ["a symbol", Symbol("a"), "***"],
    ["an object without a prototype", Object.assign(Object.create(null), { a: "b" }), { "***1": "***" }],
    ["an array with null", [null, "a", undefined], [null, "***", undefined]]
  ]
  for (const [name, value, masked] of values) {
    it(`of ${name} keeps the type`, () => {
      assert.deepStrictEqual(mask(Schema.Unknown, value), masked)
      assert.deepStrictEqual(mask(sensitive(Schema.String), value), masked)
    })
  }

  it("keeps bytes as bytes, whatever should be there", () => {
    assert.deepStrictEqual(mask(account, new Uint8Array([1, 2])), new Uint8Array())
    assert.deepStrictEqual(mask(Schema.Uint8Array, new Uint8Array([1, 2])), new Uint8Array([1, 2]))
  })

  it("leaves the value as it is", () => {
    const value = Object.freeze({ ...anAccount, list: Object.freeze([Object.freeze({ a: "b" })]) })
    const before = JSON.stringify(value)
    assert.notStrictEqual(mask(account, value), value)
    assert.strictEqual(JSON.stringify(value), before)
  })

  it("treats a member named __proto__, or as a member of every object, as any other", () => {
    const value = JSON.parse('{"__proto__": {"no": "Zhang"}, "constructor": "San", "no": "Li"}') as unknown
    assert.strictEqual(JSON.stringify(mask(account, value, {})), '{"***1":{"***1":"***"},"***2":"***","no":"***"}')
  })

  it("takes an alias for its field, at the top only, and keeps the spelling", () => {
    const schema = Schema.Struct({ account: Schema.optional(account), bank: Schema.optional(Schema.String) })
    assert.deepStrictEqual(
      mask(
        schema,
        { konto: { ...anAccount, institute: "B" }, institute: "C", other: "D" },
        { konto: "account", institute: "bank" }
      ),
      { konto: { ...aMaskedAccount, "***1": "***" }, institute: "C", "***1": "***" }
    )
    assert.deepStrictEqual(mask(account, { bank: "A", no: "B" }, { bank: "no" }), { bank: "A", no: "***" })
  })

  it("cuts what is nested deeper than JSON may be, and what holds itself", () => {
    const nested = (levels: number, inmost: unknown): unknown =>
      levels === 0 ? inmost : { parts: [nested(levels - 1, inmost)] }
    const kept = (levels: number, inmost: unknown): unknown =>
      levels === 0 ? inmost : { parts: [kept(levels - 1, inmost)] }
    const half = Json.maxDepth / 2
    assert.deepStrictEqual(mask(Tree, nested(half, "Zhang")), kept(half, "***"))
    assert.deepStrictEqual(
      mask(Tree, nested(half - 1, { kind: "A", parts: [] })),
      kept(half - 1, { kind: "A", parts: [] })
    )
    assert.deepStrictEqual(mask(Tree, nested(half, { kind: "A" })), kept(half, "***"))
    assert.deepStrictEqual(mask(Tree, nested(half, ["A"])), kept(half, "***"))
    const circle: Record<string, unknown> = { kind: "A", name: "Zhang" }
    circle["parts"] = [circle]
    assert.notInclude(JSON.stringify(mask(Tree, circle)), "Zhang")
  })
})

describe("Sensitive.paths", () => {
  for (const [name, { schema, paths: expected }] of Object.entries(cases)) {
    it(name, () => assert.deepStrictEqual(paths(schema), expected))
  }
})

describe("Sensitive.maskRequest", () => {
  it("masks what goes beyond the schema", () => {
    const body = { request_id: "R-1", amount: Json.rawNumber("12.50"), postscript: "for Zhang", iban: "DE89" }
    assert.strictEqual(
      Json.stringify(Sensitive.maskRequest(Payment.apply, body)),
      '{"request_id":"R-1","amount":12.50,"postscript":"***","***1":"***"}'
    )
  })
})

describe("Sensitive.maskResponse", () => {
  const wire = { status: "ENABLED", account_no: "DE89", currency: ["EUR"], bic: null, c_rsc_id: "7" }
  const masked = { status: "ENABLED", account_no: "***", currency: ["EUR"], bic: null, "***1": "***" }
  const maskAnswer = (body: unknown) => Sensitive.maskResponse(Va.inquiry, body)

  it("masks both forms of a success", () => {
    assert.deepStrictEqual(maskAnswer(wire), masked)
    assert.deepStrictEqual(maskAnswer({ ret_code: "000000", ret_msg: "for Zhang", data: wire, trace: "Li" }), {
      ret_code: "000000",
      ret_msg: "***",
      data: masked,
      "***1": "***"
    })
    assert.deepStrictEqual(maskAnswer({ ret_code: 0, ...wire }), { ret_code: 0, ...masked })
    assert.deepStrictEqual(maskAnswer({ ret_code: "000000", ret_msg: null, data: null }), {
      ret_code: "000000",
      ret_msg: null,
      data: null
    })
  })

  it("masks a failure, and keeps its code", () => {
    assert.deepStrictEqual(maskAnswer({ ret_code: "010003", ret_msg: "DE89 is unknown" }), {
      ret_code: "010003",
      ret_msg: "***"
    })
  })

  it("masks what is no code, and leaves it a failure", () => {
    for (const code of [
      "6222021234567",
      6222021234567,
      Json.rawNumber("6222021234567890123"),
      { a: "Zhang" },
      true,
      ["a b"]
    ]) {
      const answer = maskAnswer({ ret_code: code, ret_msg: "Zhang" })
      assert.deepStrictEqual(answer, { ret_code: "***", ret_msg: "***" })
      assert.strictEqual(SuccessBody.read(answer)._tag, "Failure")
    }
  })

  it("masks what is no answer", () => {
    assert.deepStrictEqual(maskAnswer({ ret_code: null, ret_msg: "Zhang", data: wire }), {
      "***1": null,
      "***2": "***",
      "***3": { "***1": "***", "***2": "***", "***3": ["***"], "***4": null, "***5": "***" }
    })
    for (const [body, expected] of [
      ["Zhang", "***"],
      [[wire], [{ "***1": "***", "***2": "***", "***3": ["***"], "***4": null, "***5": "***" }]],
      [null, null],
      [12, 0]
    ] as const) {
      assert.deepStrictEqual(maskAnswer(body), expected)
    }
  })
})
