/** A small contract, and code that says the same: what a test changes on either side is the only difference. */
import * as Field from "@paykka/schemas/Field"
import * as Multipart from "@paykka/schemas/Multipart"
import * as Notification from "@paykka/schemas/Notification"
import * as OpenEnum from "@paykka/schemas/OpenEnum"
import * as Operation from "@paykka/schemas/Operation"
import * as Shape from "@paykka/schemas/Shape"
import * as Schema from "effect/Schema"
import { type Code, codeFacts } from "../code-facts.ts"
import { type Difference, compare } from "../compare.ts"
import { contractFacts } from "../contract-facts.ts"
import { parse } from "../contract.ts"

const thing = `
domain: thing
title: Things
operations:
  - id: thing.inquiry
    title: Ask for a thing
    direction: outbound
    method: POST
    path: /api/thing/inquiry
    path_provenance: documented
    path_alternatives: []
    merchant_header: optional
    merchant_header_provenance: inferred
    content_type: application/json
    effect: read
    idempotency_key: null
    resolved_by: null
    body_provenance: inferred
    request: &question
      - {name: thing_no, type: string, required: true, provenance: inferred}
    response: []
    response_provenance: unknown
    aliases: {}
    errors: [400, 500]
    sources: ["https://docs.example/inquiry"]

  - id: thing.apply
    title: Apply for a thing
    direction: outbound
    method: POST
    path: /api/thing/apply
    path_provenance: third-party
    path_alternatives: [/api/thing/create]
    merchant_header: required
    merchant_header_provenance: third-party
    content_type: application/json
    effect: create
    idempotency_key: request_id
    resolved_by: thing.inquiry
    body_provenance: documented
    request:
      - {name: request_id, type: string, required: true, min_length: 1, max_length: 32, provenance: documented}
      - {name: kind, type: string, required: unknown, min_length: 0, max_length: 8, provenance: third-party}
      - {name: state, type: string, required: false, provenance: documented, enum: [{value: NEW, desc: new}, {value: OLD, desc: old}], enum_complete: true}
      - {name: count, type: integer, format: int32, required: true, provenance: documented}
      - {name: country, type: string, required: true, max_length: 2, provenance: documented}
      - name: parts
        type: array
        required: true
        min_items: 1
        max_items: 3
        provenance: documented
        items:
          type: object
          fields:
            - {name: label, type: string, required: true, max_length: 16, provenance: inferred}
            - {name: codes, type: array, items: {type: string}, required: false, provenance: documented}
      - {name: box, type: object, required: false, provenance: documented, fields: [{name: lid, type: boolean, required: false, provenance: documented}]}
      - {name: rest, type: object, required: false, provenance: inferred}
    response:
      - {name: thing_no, type: string, required: unknown, provenance: third-party}
    response_provenance: third-party
    aliases: {no: thing_no}
    errors: [400, 500]
    sources: ["https://docs.example/apply", "https://docs.example/models"]

  - id: thing.notification
    title: A thing is there (notification)
    direction: inbound
    method: POST
    path: /api/thing/notify
    path_provenance: inferred
    path_alternatives: []
    merchant_header: optional
    merchant_header_provenance: inferred
    content_type: application/json
    effect: read
    idempotency_key: null
    resolved_by: null
    body_provenance: documented
    request:
      - {name: type, type: string, required: unknown, provenance: third-party, enum: [{value: MERCH, desc: some}], enum_complete: false}
      - {name: version, type: string, required: unknown, provenance: third-party}
      - {name: data, type: object, required: unknown, provenance: third-party, fields: [{name: thing_no, type: string, required: unknown, provenance: documented}]}
    response: []
    response_provenance: inferred
    aliases: {}
    errors: [400, 500]
    sources: ["https://docs.example/notify"]
`

// The contract's name of a body that is capped: all of its marks are third-party at most.
const assessment = `
domain: assessment
title: Assessments
operations:
  - id: assessment.update
    title: Change a thing
    direction: outbound
    method: POST
    path: /api/thing/update
    path_provenance: documented
    path_alternatives: []
    merchant_header: forbidden
    merchant_header_provenance: documented
    content_type: multipart/form-data
    effect: update
    idempotency_key: null
    resolved_by: null
    body_provenance: third-party
    request_same_as: thing.apply
    request_overrides:
      - {name: kind, required: true}
      - {name: note, type: string, required: false, provenance: documented}
    response: []
    response_provenance: unknown
    aliases: {}
    errors: [400, 500]
    sources: ["https://docs.example/update"]
`

const core = `
domain: core
title: Common
idempotency:
  field: {name: request_id, type: string, required: true, min_length: 1, max_length: 32, provenance: documented}
notifications:
  envelope:
    - {name: type, type: string, required: true, provenance: documented, enum: [{value: OTHER, desc: other}], enum_complete: false}
    - {name: version, type: string, required: true, provenance: documented, enum: [{value: V1, desc: one}], enum_complete: false}
responses:
  error_codes:
    - {code: "010000", desc: "invalid; correct it", provenance: documented, likely_http: 400, retry_hint: never}
`

const appendix = `
domain: appendix
title: Tables
tables:
  - id: land
    title_en: Lands
    title_zh: 国家
    rows: 0
    used_by:
      - {operations: [thing.apply, assessment.update], field: country, type: string}
      - {operations: [thing.apply, assessment.update], field: "parts[].codes", type: array of string}
    field_candidates: []
    key_format: {type: string, provenance: inferred}
`

/** The texts of the contract, each with what a test puts in the place of something that is there once. */
export const contractWith = (change: readonly [was: string, is: string] = ["", ""]): ReturnType<typeof parse> => {
  const [was, is] = change
  const texts = { thing, assessment, core, appendix }
  const found = Object.values(texts).reduce((sum, text) => sum + text.split(was).length - 1, 0)
  if (was !== "" && found !== 1) throw new Error(`"${was}" is in the contract ${found} times`)
  return parse(
    Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, was === "" ? text : text.replace(was, is)]))
  )
}

/** Fields of `thing.apply`, by name: a test takes them, changes some, and puts them back. */
export const applyFields = {
  request_id: Field.documented(Schema.String.check(Schema.isBetweenLength(1, 32))),
  kind: Schema.optional(Field.thirdParty(Schema.String.check(Schema.isBetweenLength(0, 8)))),
  state: Schema.optional(Field.documented(OpenEnum.listed(["OLD", "NEW"]))),
  count: Field.documented(Schema.Int.check(Schema.isInt32())),
  country: Field.documented(Field.ofTable("land")(Schema.String.check(Schema.isBetweenLength(0, 2)))),
  parts: Field.documented(
    Schema.Array(
      Schema.Struct({
        label: Field.inferred(Schema.String.check(Schema.isBetweenLength(0, 16))),
        codes: Schema.optional(Field.documented(Schema.Array(Field.ofTable("land")(Schema.String))))
      })
    ).check(Schema.isBetweenLength(1, 3))
  ),
  box: Schema.optional(Field.documented(Schema.Struct({ lid: Schema.optional(Field.documented(Schema.Boolean)) }))),
  rest: Schema.optional(Field.inferred(Schema.Record(Schema.String, Schema.Unknown)))
}

const open = Schema.Record(Schema.String, Schema.Unknown)

export const inquiry: Operation.Operation = Operation.make({
  id: "thing.inquiry",
  title: "Ask for a thing",
  path: "/api/thing/inquiry",
  merchantHeader: "optional",
  effect: "read",
  idempotencyKey: null,
  resolvedBy: null,
  body: "json",
  request: Schema.Struct({ thing_no: Field.inferred(Schema.String) }),
  response: open,
  aliases: {},
  provenance: { path: "documented", merchantHeader: "inferred", request: "inferred", response: "unknown" },
  sources: ["https://docs.example/inquiry"]
})

export const apply: Operation.Operation = Operation.make({
  id: "thing.apply",
  title: "Apply for a thing",
  path: "/api/thing/apply",
  pathAlternatives: ["/api/thing/create"],
  merchantHeader: "required",
  effect: "create",
  idempotencyKey: "request_id",
  resolvedBy: inquiry,
  body: "json",
  request: Schema.Struct(applyFields),
  response: Schema.Struct({ thing_no: Schema.optionalKey(Field.thirdParty(Schema.String)) }),
  aliases: { no: "thing_no" },
  provenance: { path: "third-party", merchantHeader: "third-party", request: "documented", response: "third-party" },
  sources: ["https://docs.example/apply", "https://docs.example/models"]
})

export const update: Operation.Operation = Operation.make({
  id: "assessment.update",
  title: "Change a thing",
  path: "/api/thing/update",
  merchantHeader: "forbidden",
  effect: "update",
  idempotencyKey: null,
  resolvedBy: null,
  body: Multipart.form,
  request: Field.atMost("third-party")(
    Schema.Struct({
      ...applyFields,
      kind: Field.thirdParty(Schema.String.check(Schema.isBetweenLength(0, 8))),
      note: Schema.optional(Field.documented(Schema.String))
    })
  ),
  response: open,
  aliases: {},
  provenance: { path: "documented", merchantHeader: "documented", request: "third-party", response: "unknown" },
  sources: ["https://docs.example/update"]
})

export const notification: Notification.Notification = Notification.make({
  id: "thing.notification",
  title: "A thing is there",
  path: "/api/thing/notify",
  data: Schema.Struct({ thing_no: Schema.optionalKey(Field.documented(Schema.String)) }),
  aliases: {},
  recognisedBy: ["thing_no"],
  provenance: {
    path: "inferred",
    merchantHeader: "inferred",
    envelope: "third-party",
    data: "documented",
    acknowledgement: "inferred"
  },
  sources: ["https://docs.example/notify"]
})

/** The code, with what a test puts in its place. */
export const codeWith = (change: Partial<Code> = {}): Code => ({
  operations: [inquiry, apply, update],
  notifications: [notification],
  errorCodes: [
    {
      code: "010000",
      class: "InvalidRequest",
      meaning: "invalid",
      likelyHttpStatus: 400,
      retryHint: "never",
      advice: "Correct it."
    }
  ],
  errorStatuses: [400, 500],
  envelopeTypes: ["MERCH", "OTHER"],
  envelopeVersions: ["V1"],
  requestId: Shape.of(Schema.String.check(Schema.isBetweenLength(1, 32))),
  tables: [
    { id: "land", title: { en: "Lands", zh: "国家" }, key: { type: "string", provenance: "inferred" }, rows: [] }
  ],
  ...change
})

/** What the comparison finds, as text: `thing.apply request.kind max_length: 8 / 9`. */
export const differences = (
  contract: ReturnType<typeof parse> = contractWith(),
  code: Code = codeWith()
): Array<string> =>
  compare(contractFacts(contract), codeFacts(code)).map(
    ({ operation, place, aspect, contract: theirs = "-", code: ours = "-" }: Difference) =>
      `${[operation, place, aspect].filter((part) => part !== "").join(" ")}: ${theirs} / ${ours}`
  )
