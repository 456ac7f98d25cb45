import * as Field from "@paykka/schemas/Field"
import * as Multipart from "@paykka/schemas/Multipart"
import * as OpenEnum from "@paykka/schemas/OpenEnum"
import type { Operation } from "@paykka/schemas/Operation"
import * as Rule from "@paykka/schemas/Rule"
import * as Schema from "effect/Schema"
import { assert, describe, it } from "vitest"
import { type Code, code, codeFacts } from "../code-facts.ts"
import { compare, explain } from "../compare.ts"
import { contractFacts } from "../contract-facts.ts"
import { parse, texts } from "../contract.ts"
import { differences as deliberate } from "../differences.ts"
import { aspects } from "../facts.ts"
import { apply, applyFields, codeWith, contractWith, differences, inquiry, notification, update } from "./example.ts"

it("finds nothing between sides that say the same", () => {
  assert.deepStrictEqual(differences(), [])
})

/** The code with another `thing.apply`. */
const withApply = (change: Partial<Operation>): Code =>
  codeWith({ operations: [inquiry, { ...apply, ...change }, update] })

/** The code whose `thing.apply` has other fields. */
const withFields = (
  change: Partial<Record<keyof typeof applyFields, Schema.ConstraintCodec<unknown, unknown>>>
): Code => withApply({ request: Schema.Struct({ ...applyFields, ...change }) })

const withNotification = (change: Partial<typeof notification>): Code =>
  codeWith({ notifications: [{ ...notification, ...change }] })

// Each is one change of the contract, and what is found; the code stays as it is.
const ofContract: ReadonlyArray<readonly [was: string, is: string, ...found: ReadonlyArray<string>]> = [
  ["title: Apply for a thing", "title: Get it", "thing.apply title: Get it / Apply for a thing"],
  ["path: /api/thing/apply\n", "path: /api/apply\n", "thing.apply path: /api/apply / /api/thing/apply"],
  ["[/api/thing/create]", "[/api/a, /api/b]", "thing.apply path_alternatives: /api/a, /api/b / /api/thing/create"],
  ["path_provenance: third-party", "path_provenance: inferred", "thing.apply path_provenance: inferred / third-party"],
  [
    "content_type: multipart/form-data",
    "content_type: application/json",
    "assessment.update content_type: application/json / multipart/form-data"
  ],
  ["merchant_header: required", "merchant_header: optional", "thing.apply merchant_header: optional / required"],
  [
    "merchant_header_provenance: third-party",
    "merchant_header_provenance: documented",
    "thing.apply merchant_header_provenance: documented / third-party"
  ],
  ["effect: create", "effect: update", "thing.apply effect: update / create"],
  ["idempotency_key: request_id", "idempotency_key: kind", "thing.apply idempotency_key: kind / request_id"],
  ["resolved_by: thing.inquiry", "resolved_by: null", "thing.apply resolved_by: - / thing.inquiry"],
  [
    "response_provenance: third-party",
    "response_provenance: inferred",
    "thing.apply response_provenance: inferred / third-party"
  ],
  ["aliases: {no: thing_no}", "aliases: {}", "thing.apply aliases: - / no is thing_no"],
  [
    `sources: ["https://docs.example/notify"]`,
    `sources: ["https://docs.example/other"]`,
    "thing.notification sources: https://docs.example/other / https://docs.example/notify"
  ],
  [
    `errors: [400, 500]\n    sources: ["https://docs.example/notify"]`,
    `errors: [400]\n    sources: ["https://docs.example/notify"]`,
    "thing.notification errors: 400 / 400, 500"
  ],
  // The body of thing.apply is that of assessment.update, too.
  [
    "name: count, type: integer, format: int32",
    "name: count, type: number",
    "thing.apply request.count type: number / integer",
    "thing.apply request.count format: - / int32",
    "assessment.update request.count type: number / integer",
    "assessment.update request.count format: - / int32"
  ],
  [
    "min_length: 0, max_length: 8",
    "min_length: 2, max_length: 9",
    "thing.apply request.kind min_length: 2 / -",
    "thing.apply request.kind max_length: 9 / 8",
    "assessment.update request.kind min_length: 2 / -",
    "assessment.update request.kind max_length: 9 / 8"
  ],
  [
    "min_items: 1\n        max_items: 3",
    "min_items: 2",
    "thing.apply request.parts min_items: 2 / 1",
    "thing.apply request.parts max_items: - / 3",
    "assessment.update request.parts min_items: 2 / 1",
    "assessment.update request.parts max_items: - / 3"
  ],
  [
    "{value: OLD, desc: old}], enum_complete: true",
    "{value: USED, desc: used}], enum_complete: false",
    "thing.apply request.state enum: NEW, USED / NEW, OLD",
    "thing.apply request.state enum_complete: - / yes",
    "assessment.update request.state enum: NEW, USED / NEW, OLD",
    "assessment.update request.state enum_complete: - / yes"
  ],
  [
    "{name: label, type: string, required: true, max_length: 16, provenance: inferred}",
    "{name: label, type: string, required: unknown, max_length: 16, provenance: documented}",
    "thing.apply request.parts[].label required: no / yes",
    "thing.apply request.parts[].label provenance: documented / inferred",
    "assessment.update request.parts[].label required: no / yes",
    // Under the ceiling of the body.
    "assessment.update request.parts[].label provenance: third-party / inferred"
  ],
  [
    "{name: codes, type: array, items: {type: string}",
    "{name: codes, type: array, items: {type: integer, format: int64}",
    "thing.apply request.parts[].codes[] type: integer / string",
    "thing.apply request.parts[].codes[] format: int64 / -",
    "assessment.update request.parts[].codes[] type: integer / string",
    "assessment.update request.parts[].codes[] format: int64 / -"
  ],
  [
    "{name: rest, type: object, required: false, provenance: inferred}",
    "{name: rest, type: object, required: false, provenance: inferred, fields: [{name: a, type: string, required: true, provenance: inferred}]}",
    "thing.apply request.rest open: - / yes",
    "thing.apply request.rest.a presence: yes / -",
    "assessment.update request.rest open: - / yes",
    "assessment.update request.rest.a presence: yes / -"
  ],
  [
    "- {name: kind, required: true}",
    "- {name: kind, required: false}",
    "assessment.update request.kind required: no / yes"
  ],
  [
    "      - {name: note, type: string, required: false, provenance: documented}\n",
    "",
    "assessment.update request.note presence: - / yes"
  ],
  // A whole object that only one side has is one difference.
  [
    "name: box, type: object",
    "name: chest, type: object",
    "thing.apply request.chest presence: yes / -",
    "thing.apply request.box presence: - / yes",
    "assessment.update request.chest presence: yes / -",
    "assessment.update request.box presence: - / yes"
  ],
  [
    "body_provenance: documented\n    request:\n      - {name: type, type: string, required: unknown, provenance: third-party",
    "body_provenance: inferred\n    request:\n      - {name: type, type: string, required: true, provenance: documented",
    "thing.notification body_provenance: inferred / documented",
    "thing.notification type required: yes / no",
    "thing.notification type provenance: documented / third-party"
  ],
  [
    "{name: data, type: object, required: unknown, provenance: third-party",
    "{name: data, type: object, required: true, provenance: inferred",
    "thing.notification data required: yes / no",
    "thing.notification data provenance: inferred / third-party"
  ],
  [
    "      - {name: version, type: string, required: unknown, provenance: third-party}\n",
    "",
    "thing.notification version presence: - / yes"
  ],
  [
    "fields: [{name: thing_no, type: string, required: unknown, provenance: documented}]",
    "fields: [{name: thing_id, type: string, required: unknown, provenance: documented}]",
    "thing.notification data.thing_id presence: yes / -",
    "thing.notification data.thing_no presence: - / yes"
  ],
  [
    "[{value: MERCH, desc: some}]",
    "[{value: MERCHANT, desc: some}]",
    "core envelope.type enum: MERCHANT, OTHER / MERCH, OTHER"
  ],
  [
    "enum: [{value: V1, desc: one}]",
    "enum: [{value: V1, desc: one}, {value: V2, desc: two}]",
    "core envelope.version enum: V1, V2 / V1"
  ],
  [
    "type: string, required: true, min_length: 1, max_length: 32, provenance: documented}\nnotifications",
    "type: string, required: true, min_length: 1, max_length: 64, provenance: documented}\nnotifications",
    "core request_id max_length: 64 / 32"
  ],
  ['desc: "invalid; correct it"', "desc: broken", "core error_codes.010000 desc: broken / invalid"],
  ["likely_http: 400", "likely_http: 422", "core error_codes.010000 likely_http: 422 / 400"],
  ["retry_hint: never", "retry_hint: backoff", "core error_codes.010000 retry_hint: backoff / never"],
  [
    'code: "010000"',
    'code: "010001"',
    "core error_codes.010001 presence: yes / -",
    "core error_codes.010000 presence: - / yes"
  ],
  ["title_zh: 国家", "title_zh: 地区", "core tables.land title: Lands / 地区 / Lands / 国家"],
  [
    "key_format: {type: string, provenance: inferred}",
    "key_format: {type: integer, provenance: documented}",
    "core tables.land type: integer / string",
    "core tables.land provenance: documented / inferred"
  ],
  [
    "{operations: [thing.apply, assessment.update], field: country, type: string}",
    "{operations: [thing.apply], field: kind, type: string}",
    "thing.apply request.kind table: land / -",
    "thing.apply request.country table: - / land",
    "assessment.update request.country table: - / land"
  ]
]

// The same of the code: what is found when the contract stays as it is.
const ofCode: ReadonlyArray<readonly [change: Code, ...found: ReadonlyArray<string>]> = [
  [codeWith({ operations: [inquiry, apply] }), "assessment.update presence: yes / -"],
  [codeWith({ notifications: [] }), "thing.notification presence: yes / -"],
  [
    codeWith({ operations: [inquiry, apply, update, { ...inquiry, id: "thing.list" }] }),
    "thing.list presence: - / yes"
  ],
  [withApply({ title: "Get it" }), "thing.apply title: Apply for a thing / Get it"],
  [withApply({ path: "/api/apply" }), "thing.apply path: /api/thing/apply / /api/apply"],
  [withApply({ pathAlternatives: [] }), "thing.apply path_alternatives: /api/thing/create / -"],
  [withApply({ body: Multipart.form }), "thing.apply content_type: application/json / multipart/form-data"],
  [withApply({ merchantHeader: "forbidden" }), "thing.apply merchant_header: required / forbidden"],
  [withApply({ merchantField: "kind" }), "thing.apply merchant_field: - / kind"],
  [withApply({ effect: "read" }), "thing.apply effect: create / read"],
  [withApply({ idempotencyKey: null }), "thing.apply idempotency_key: request_id / -"],
  [withApply({ resolvedBy: null }), "thing.apply resolved_by: thing.inquiry / -"],
  [withApply({ aliases: {} }), "thing.apply aliases: no is thing_no / -"],
  [
    withApply({ sources: ["https://docs.example/apply"] }),
    "thing.apply sources: https://docs.example/apply, https://docs.example/models / https://docs.example/apply"
  ],
  [
    withApply({
      provenance: { path: "inferred", merchantHeader: "inferred", request: "inferred", response: "inferred" }
    }),
    "thing.apply path_provenance: third-party / inferred",
    "thing.apply merchant_header_provenance: third-party / inferred",
    "thing.apply body_provenance: documented / inferred",
    "thing.apply response_provenance: third-party / inferred"
  ],
  [
    withApply({ response: Schema.Record(Schema.String, Schema.Unknown) }),
    "thing.apply response open: - / yes",
    "thing.apply response.thing_no presence: yes / -"
  ],
  [
    withApply({ request: Schema.Struct(applyFields).check(Rule.atLeastOneOf("kind", "state")) }),
    "thing.apply request rules: - / give kind or state"
  ],
  [withFields({ count: Field.documented(Schema.Int) }), "thing.apply request.count format: int32 / -"],
  [
    withFields({ kind: Schema.optional(Field.thirdParty(Schema.String)) }),
    "thing.apply request.kind max_length: 8 / -"
  ],
  [
    withFields({ kind: Field.inferred(Schema.String.check(Schema.isBetweenLength(1, 8))) }),
    "thing.apply request.kind required: no / yes",
    "thing.apply request.kind min_length: - / 1",
    "thing.apply request.kind provenance: third-party / inferred"
  ],
  [
    withFields({ state: Schema.optional(Field.documented(OpenEnum.make(["OLD", "NEW", "LENT"]))) }),
    "thing.apply request.state enum: NEW, OLD / LENT, NEW, OLD",
    "thing.apply request.state enum_complete: yes / -"
  ],
  [
    withFields({ country: Field.documented(Schema.String.check(Schema.isBetweenLength(0, 2))) }),
    "thing.apply request.country table: land / -"
  ],
  [
    withFields({ rest: Schema.optional(Field.inferred(Schema.Struct({ a: Field.inferred(Schema.String) }))) }),
    "thing.apply request.rest open: yes / -",
    "thing.apply request.rest.a presence: - / yes"
  ],
  [
    withFields({ parts: Field.documented(Schema.String) }),
    "thing.apply request.parts type: array / string",
    "thing.apply request.parts min_items: 1 / -",
    "thing.apply request.parts max_items: 3 / -",
    "thing.apply request.parts[] presence: yes / -"
  ],
  [withNotification({ path: "/api/other" }), "thing.notification path: /api/thing/notify / /api/other"],
  [
    withNotification({
      provenance: {
        path: "documented",
        merchantHeader: "documented",
        envelope: "documented",
        data: "third-party",
        acknowledgement: "documented"
      }
    }),
    "thing.notification path_provenance: inferred / documented",
    "thing.notification merchant_header_provenance: inferred / documented",
    "thing.notification body_provenance: documented / third-party",
    "thing.notification response_provenance: inferred / documented",
    "thing.notification type provenance: third-party / documented",
    "thing.notification version provenance: third-party / documented",
    "thing.notification data provenance: third-party / documented"
  ],
  [codeWith({ envelopeTypes: ["MERCH"] }), "core envelope.type enum: MERCH, OTHER / MERCH"],
  [codeWith({ errorCodes: [] }), "core error_codes.010000 presence: yes / -"],
  [codeWith({ tables: [] }), "core tables.land presence: yes / -"],
  [
    codeWith({ errorStatuses: [400] }),
    ...["thing.inquiry", "thing.apply", "thing.notification", "assessment.update"].map(
      (id) => `${id} errors: 400, 500 / 400`
    )
  ]
]

describe("a planted difference is found, and nothing else", () => {
  it.each(ofContract)("of the contract: %s", (was, is, ...found) => {
    assert.sameMembers(differences(contractWith([was, is])), found)
  })

  it.each(ofCode.map(([change, ...found]) => ({ change, found })))("of the code: $found", ({ change, found }) => {
    assert.sameMembers(differences(contractWith(), change), found)
  })

  it("an operation that only the contract has, or only the code", () => {
    assert.deepStrictEqual(differences(contractWith(["id: thing.notification", "id: thing.notice"])), [
      "thing.notice presence: yes / -",
      "thing.notification presence: - / yes"
    ])
  })

  it("for every aspect that there is", () => {
    const found = [...ofContract.flatMap(([, , ...all]) => all), ...ofCode.flatMap(([, ...all]) => all)]
    // Neither side can say anything else than POST.
    const told = aspects.filter((aspect) => aspect !== "method" && aspect !== "form")
    for (const aspect of [...told, "presence"])
      assert.isTrue(
        found.some((text) => text.includes(` ${aspect}: `)),
        aspect
      )
  })
})

describe("a form of ours", () => {
  const withForm = (length: number): Code =>
    withFields({ country: Field.documented(Field.ofTable("land")(Field.form("letters", length)(Schema.String))) })
  const limited = (limits: string) => contractWith(["required: true, max_length: 2", `required: true${limits}`])
  const ofCountry = (found: ReadonlyArray<string>) =>
    found.filter((text) => text.startsWith("thing.apply request.country"))

  it("is an addition that must be explained", () => {
    assert.deepStrictEqual(differences(contractWith(), withForm(2)), ["thing.apply request.country form: - / letters"])
  })

  it.each([", max_length: 2", ", min_length: 2", ", min_length: 1, max_length: 3", ""])(
    "keeps to limits that allow its length: %s",
    (limits) => {
      assert.deepStrictEqual(ofCountry(differences(limited(limits), withForm(2))), [
        "thing.apply request.country form: - / letters"
      ])
    }
  )

  it("does not excuse a length that the limits refuse", () => {
    assert.deepStrictEqual(ofCountry(differences(contractWith(), withForm(3))), [
      "thing.apply request.country min_length: - / 3",
      "thing.apply request.country max_length: 2 / 3",
      "thing.apply request.country form: - / letters"
    ])
    assert.deepStrictEqual(ofCountry(differences(limited(", min_length: 3"), withForm(2))), [
      "thing.apply request.country min_length: 3 / 2",
      "thing.apply request.country max_length: - / 2",
      "thing.apply request.country form: - / letters"
    ])
  })
})

describe("explanations", () => {
  const found = compare(contractFacts(contractWith(["max_length: 8", "max_length: 9"])), codeFacts(codeWith()))
  const entry = { operations: ["thing.*"], places: ["request.**"], aspects: ["max_length"], reason: "why" } as const

  it("explain what they speak of, and nothing else", () => {
    const { explained, unexplained, unused } = explain(found, [entry])
    assert.deepStrictEqual(
      explained.map(({ difference, by }) => [difference.operation, by.reason]),
      [["thing.apply", "why"]]
    )
    assert.deepStrictEqual(
      unexplained.map(({ operation }) => operation),
      ["assessment.update"]
    )
    assert.deepStrictEqual(unused, [])
  })

  it.each([
    { ...entry, operations: ["*.apply"] },
    { ...entry, operations: ["**"], contract: "9", code: "8" },
    { ...entry, places: ["request.*"] },
    { ...entry, places: ["**kind"] }
  ])("are patterns: %o", (pattern) => {
    assert.include(
      explain(found, [pattern]).explained.map(({ difference }) => difference.operation),
      "thing.apply"
    )
  })

  it.each([
    { ...entry, operations: ["thing"] },
    // One name, so no point within.
    { ...entry, operations: ["*"] },
    { ...entry, places: ["request"] },
    { ...entry, places: ["request.kin"] },
    { ...entry, places: ["request.k.nd"] },
    { ...entry, aspects: ["min_length" as const] },
    { ...entry, contract: "8" },
    { ...entry, contract: null },
    { ...entry, code: null }
  ])("that do not fit explain nothing, and are reported: %o", (pattern) => {
    const { explained, unused } = explain(found, [pattern])
    assert.deepStrictEqual(explained, [])
    assert.deepStrictEqual(
      unused.map((each) => each.entry),
      [pattern]
    )
  })

  it("are reported by the part that explains nothing", () => {
    const wide = {
      ...entry,
      operations: ["thing.apply", "thing.gone"],
      places: ["request.kind", "request.gone"],
      aspects: ["max_length" as const, "format" as const]
    }
    assert.deepStrictEqual(
      explain(found, [wide]).unused.map(({ parts }) => parts),
      [["thing.gone", "request.gone", "format"]]
    )
  })

  it("are used once: what the first one explains leaves the second one unused", () => {
    const second = { ...entry, reason: "again" }
    assert.deepStrictEqual(
      explain(found, [entry, second]).unused.map(({ entry: each }) => each.reason),
      ["again"]
    )
  })
})

describe("the real contract and the real code", () => {
  const verdict = explain(compare(contractFacts(parse(texts())), codeFacts(code)), deliberate)

  it("differ in nothing that is not explained", () => {
    assert.deepStrictEqual(verdict.unexplained, [])
  })

  it("need every explanation", () => {
    assert.deepStrictEqual(verdict.unused, [])
  })

  it("have 32 operations", () => {
    // And the common rules.
    assert.strictEqual(contractFacts(parse(texts())).size, 33)
    assert.strictEqual(codeFacts(code).size, 33)
  })
})

it("a body of another operation must exist", () => {
  assert.throws(() => contractWith(["request_same_as: thing.apply", "request_same_as: thing.gone"]), /thing\.gone/)
})
