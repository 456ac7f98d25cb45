/** The document's form, on descriptors made for it. That the real one is valid and whole is tested by tooling/contract. */
import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Amount from "../src/Amount.ts"
import * as Catalogue from "../src/Catalogue.ts"
import { CountryCode } from "../src/CountryCode.ts"
import * as ErrorCode from "../src/ErrorCode.ts"
import * as Field from "../src/Field.ts"
import { Instant } from "../src/Instant.ts"
import * as Integer from "../src/Integer.ts"
import { LocalDate } from "../src/LocalDate.ts"
import * as Multipart from "../src/Multipart.ts"
import * as Notification from "../src/Notification.ts"
import * as OpenApi from "../src/OpenApi.ts"
import * as OpenEnum from "../src/OpenEnum.ts"
import * as Operation from "../src/Operation.ts"
import * as Rule from "../src/Rule.ts"

const { documented, inferred, thirdParty } = Field

/** A part of a document. */
const at = (root: unknown, ...path: ReadonlyArray<string>): unknown =>
  path.reduce((node, name) => (node as Readonly<Record<string, unknown>> | undefined)?.[name], root)

/** A text of a document. */
const text = (root: unknown, ...path: ReadonlyArray<string>): string => {
  const found = at(root, ...path)
  return typeof found === "string" ? found : assert.fail(`${path.join(" ")} is no text`)
}

const members = (root: unknown, ...path: ReadonlyArray<string>): Readonly<Record<string, unknown>> =>
  at(root, ...path) as Readonly<Record<string, unknown>>

const address = (mark: typeof documented) =>
  Schema.Struct({ city: mark(Schema.String), zip: Schema.optional(mark(Schema.String)) })

const openRecord = Schema.Record(Schema.String, Schema.Unknown)

const inquiry: Operation.Operation = Operation.make({
  id: "thing.inquiry",
  title: "Ask for a thing",
  path: "/api/thing/inquiry",
  merchantHeader: "optional",
  effect: "read",
  idempotencyKey: null,
  resolvedBy: null,
  body: "json",
  request: Schema.Struct({ thing_no: inferred(Schema.String) }),
  response: openRecord,
  aliases: {},
  provenance: { path: "documented", merchantHeader: "inferred", request: "inferred", response: "unknown" },
  sources: ["https://docs.example/inquiry"]
})

const apply: Operation.Operation = Operation.make({
  id: "thing.apply",
  title: "Apply for a thing",
  path: "/api/thing/apply",
  pathAlternatives: ["/api/thing/create"],
  merchantHeader: "required",
  effect: "create",
  idempotencyKey: "request_id",
  resolvedBy: inquiry,
  body: "json",
  request: Schema.Struct({
    request_id: documented(Schema.String.check(Schema.isBetweenLength(1, 32))),
    amount: documented(Amount.Outbound),
    file_id: thirdParty(Integer.Outbound),
    big: inferred(Integer.Int64),
    day: Schema.optional(documented(LocalDate)),
    country: Schema.optional(documented(Field.ofTable("country_code")(CountryCode))),
    state: Schema.optional(documented(OpenEnum.make(["NEW", "OLD"]))),
    sort: Schema.optional(documented(OpenEnum.listed(["A", "B"]))),
    holder: Schema.optional(Field.sensitive(documented(Schema.String))),
    codes: Schema.optional(
      documented(Schema.Array(Field.ofTable("lands")(Schema.String)).check(Schema.isBetweenLength(1, 3)))
    ),
    home: Schema.optional(documented(address(inferred))),
    homes: Schema.optional(documented(Schema.Array(address(inferred)))),
    rest: Schema.optional(inferred(openRecord))
  }).check(Rule.atLeastOneOf("state", "sort")),
  response: Schema.Struct({
    thing_no: Schema.optionalKey(thirdParty(Schema.String)),
    at: Schema.optionalKey(thirdParty(Instant)),
    fee: Schema.optionalKey(thirdParty(Amount.Inbound))
  }),
  aliases: { no: "thing_no" },
  provenance: { path: "inferred", merchantHeader: "documented", request: "documented", response: "third-party" },
  sources: ["https://docs.example/apply", "https://docs.example/models"]
})

const update: Operation.Operation = Operation.make({
  ...apply,
  id: "thing.update",
  path: "/api/thing/update",
  merchantHeader: "forbidden",
  effect: "update",
  provenance: { ...apply.provenance, path: "documented" }
})

const upload: Operation.Operation = Operation.make({
  ...inquiry,
  id: "file.upload",
  path: "/api/file/upload",
  effect: "create",
  body: Multipart.form,
  request: Schema.Struct({
    meta: documented(Field.wire({ type: "string", format: "json" })(openRecord)),
    file: inferred(Field.wire({ type: "binary" })(Multipart.Content))
  })
})

const notification: Notification.Notification = Notification.make({
  id: "thing.notification",
  title: "A thing is there",
  path: "/api/thing/notify",
  data: Schema.StructWithRest(Schema.Struct({ thing_no: Schema.optionalKey(inferred(Schema.String)) }), [openRecord]),
  aliases: { no: "thing_no" },
  recognisedBy: ["thing_no"],
  provenance: {
    path: "documented",
    merchantHeader: "inferred",
    envelope: "third-party",
    data: "inferred",
    acknowledgement: "unknown"
  },
  sources: []
})

const all = { operations: [inquiry, apply, update, upload], notifications: [notification] }
const document = OpenApi.make(all)
const schemas = at(document, "components", "schemas")
const post = (path: string): unknown => at(document, "paths", path, "post")

describe("a document", () => {
  it("is plain JSON, and the same each time", () => {
    const make = () => OpenApi.make({ ...Catalogue, describe: (id, part, path) => `${id} ${part} ${path}` })
    assert.deepStrictEqual(JSON.parse(JSON.stringify(make())), make())
    assert.strictEqual(JSON.stringify(make()), JSON.stringify(make()))
  })

  it("says which version of OpenAPI it is, and which of the API", () => {
    assert.match(text(document, "openapi"), /^3\.1\.\d$/)
    assert.strictEqual(at(document, "info", "version"), OpenApi.asOf)
  })

  it("explains each word of its own", () => {
    const description = text(document, "info", "description")
    const words = new Set(JSON.stringify(OpenApi.make(Catalogue)).match(/(?<=")x-[a-z-]+(?=":)/g))
    // What they hold says what they are.
    for (const plain of ["x-effect", "x-path", "x-path-alternatives", "x-sources"]) words.delete(plain)
    assert.isAbove(words.size, 0)
    for (const word of words) assert.include(description, `\`${word}\``)
  })

  it("has PayKKa's sandbox, and for production a host that reaches nobody", () => {
    assert.strictEqual(at(document, "servers", "0", "url"), "https://open-fat.cb.paykka.com")
    assert.match(text(document, "servers", "1", "variables", "host", "default"), /\.invalid$/)
  })

  it("has other servers where they are given", () => {
    const servers = [{ url: "http://localhost:4010", description: "Here." }]
    assert.deepStrictEqual(at(OpenApi.make({ ...all, servers }), "servers"), servers)
  })

  it("has the operations and notifications that are given, and their domains as tags", () => {
    assert.deepStrictEqual(
      Object.keys(members(document, "paths")),
      all.operations.map(({ path }) => path)
    )
    assert.deepStrictEqual(Object.keys(members(document, "webhooks")), ["thing.notification"])
    assert.deepStrictEqual(at(document, "tags"), [{ name: "thing" }, { name: "file" }])
    const none = OpenApi.make({ operations: [], notifications: [] })
    assert.deepStrictEqual([none.paths, none.webhooks], [{}, {}])
  })

  it("describes how everything is signed", () => {
    assert.deepStrictEqual(at(document, "security"), [{ signature: [] }])
    const { type, in: place, name, description } = members(document, "components", "securitySchemes", "signature")
    assert.deepStrictEqual([type, place, name], ["apiKey", "header", "Authorization"])
    for (const word of ["SHA256_WITH_RSA", "timestamp", "nonce", "key_id", "X-Merch-Id", "meta"]) {
      assert.include(String(description), word)
    }
  })

  it("cannot have an operation twice", () => {
    assert.throws(() => OpenApi.make({ ...all, operations: [apply, apply] }), /ThingApplyRequest/)
  })
})

describe("an operation", () => {
  it("is a post with its id, title, first source, and what is known of it", () => {
    const operation = post("/api/thing/apply")
    assert.deepInclude(operation, {
      operationId: "thing.apply",
      tags: ["thing"],
      summary: "Apply for a thing",
      externalDocs: { url: "https://docs.example/apply" },
      "x-provenance": { path: "inferred", header: "documented", request: "documented", response: "third-party" },
      "x-effect": "create",
      "x-idempotency-key": "request_id",
      "x-resolved-by": "thing.inquiry",
      "x-path-alternatives": ["/api/thing/create"],
      "x-aliases": { no: "thing_no" },
      "x-sources": ["https://docs.example/apply", "https://docs.example/models"]
    })
    const description = text(operation, "description")
    for (const word of ["inferred", "/api/thing/create", "request_id", "thing.inquiry"])
      assert.include(description, word)
  })

  it("has no member for what it does not have", () => {
    const operation = post("/api/thing/inquiry")
    for (const name of ["description", "x-idempotency-key", "x-resolved-by", "x-path-alternatives", "x-aliases"]) {
      assert.notProperty(operation, name)
    }
  })

  it("takes the merchant's number as its header rule says", () => {
    const rules = ["/api/thing/apply", "/api/thing/inquiry", "/api/thing/update"].map((path) =>
      at(post(path), "parameters")
    )
    assert.deepStrictEqual(rules, [
      [{ $ref: "#/components/parameters/MerchantNumber" }],
      [{ $ref: "#/components/parameters/OptionalMerchantNumber" }],
      undefined
    ])
    assert.include(text(post("/api/thing/update"), "description"), "`X-Merch-Id` must not be sent.")
    const { paths } = OpenApi.make({ operations: [{ ...apply, merchantField: "merch_id" }], notifications: [] })
    assert.include(text(paths, apply.path, "post", "description"), "`X-Merch-Id` is the `merch_id` of the request.")
    const { MerchantNumber, OptionalMerchantNumber } = members(document, "components", "parameters")
    const common = { name: "X-Merch-Id", in: "header" }
    assert.deepInclude(MerchantNumber, { ...common, required: true })
    assert.deepInclude(OptionalMerchantNumber, { ...common, required: false })
  })

  it("has a body of JSON, or of two parts of which one is JSON text", () => {
    assert.deepStrictEqual(at(post("/api/thing/apply"), "requestBody"), {
      required: true,
      content: { "application/json": { schema: { $ref: "#/components/schemas/ThingApplyRequest" } } }
    })
    assert.deepStrictEqual(at(post("/api/file/upload"), "requestBody"), {
      required: true,
      content: { "multipart/form-data": { schema: { $ref: "#/components/schemas/FileUploadRequest" } } }
    })
    // What content type the part meta has is an open question of contract/file.yaml.
    const uploads = Object.entries(
      members(OpenApi.make(Catalogue), "paths", "/api/file/upload", "post", "requestBody", "content")
    )
    assert.deepStrictEqual(
      uploads.map(([type, content]) => [type, Object.keys(content as object)]),
      [["multipart/form-data", ["schema"]]]
    )
    assert.deepStrictEqual(at(schemas, "FileUploadRequest", "properties"), {
      meta: { type: "string", contentMediaType: "application/json", "x-provenance": "documented" },
      file: {
        type: "string",
        format: "binary",
        contentMediaType: "application/octet-stream",
        "x-provenance": "inferred"
      }
    })
  })

  it("answers with its response, or with the platform's errors", () => {
    const responses = members(post("/api/thing/apply"), "responses")
    assert.deepStrictEqual(Object.keys(responses), ["200", "400", "401", "404", "429", "500"])
    assert.deepStrictEqual(at(responses, "200", "content"), {
      "application/json": { schema: { $ref: "#/components/schemas/ThingApplyResponse" } }
    })
    // Nothing is known of this one.
    assert.deepStrictEqual(at(post("/api/thing/inquiry"), "responses", "200", "content"), {
      "application/json": { schema: { type: "object", additionalProperties: true } }
    })
  })

  it("has an error body, and with each status the codes that probably come with it", () => {
    const error = at(schemas, "Error")
    assert.deepStrictEqual(at(error, "required"), ["ret_code", "ret_msg"])
    const codes = ErrorCode.table.map(({ code }) => code)
    assert.deepStrictEqual(at(error, "properties", "ret_code", "x-known-values"), codes)
    const responses = Object.values(members(document, "components", "responses"))
    const described = responses.map((response) => text(response, "description")).join("\n")
    for (const { code, meaning } of ErrorCode.table) {
      assert.include(text(error, "properties", "ret_code", "description"), code)
      assert.strictEqual(described.split(`\`${code}\`: ${meaning}`).length, 2, code)
    }
    assert.include(text(document, "components", "responses", "TooManyRequests", "description"), "010001")
  })
})

describe("a notification", () => {
  const webhook = at(document, "webhooks", "thing.notification", "post")

  it("is a webhook with what is known of it", () => {
    assert.deepInclude(webhook, {
      operationId: "thing.notification",
      summary: "A thing is there",
      parameters: [{ $ref: "#/components/parameters/OptionalMerchantNumber" }],
      "x-provenance": {
        path: "documented",
        header: "inferred",
        envelope: "third-party",
        data: "inferred",
        acknowledgement: "unknown"
      },
      "x-path": "/api/thing/notify",
      "x-aliases": { no: "thing_no" }
    })
    assert.notProperty(webhook, "externalDocs")
    assert.include(text(webhook, "description"), "/api/thing/notify")
  })

  it("has an envelope of which no member is demanded, and whose known values are no closed list", () => {
    const envelope = at(schemas, "ThingNotification")
    assert.notProperty(envelope, "required")
    assert.deepStrictEqual(Object.keys(members(envelope, "properties")), ["type", "version", "data"])
    for (const member of Object.values(members(envelope, "properties"))) {
      assert.strictEqual(at(member, "x-provenance"), "third-party")
    }
    assert.strictEqual(at(envelope, "properties", "data", "$ref"), "#/components/schemas/ThingNotificationData")
    assert.deepStrictEqual(at(schemas, "NotificationType", "x-known-values"), Notification.types)
    assert.deepStrictEqual(at(schemas, "NotificationVersion", "x-known-values"), Notification.versions)
  })

  it("is acknowledged with 200 and an empty object", () => {
    assert.deepStrictEqual(at(webhook, "responses"), {
      "200": { $ref: "#/components/responses/Acknowledgement" }
    })
    assert.deepStrictEqual(
      at(document, "components", "responses", "Acknowledgement", "content", "application/json", "example"),
      {}
    )
  })
})

describe("a schema", () => {
  const request = at(schemas, "ThingApplyRequest")
  const sure = (provenance: string) => ({ "x-provenance": provenance })

  it("says of each field its type, form, limits, marks, and how sure it is", () => {
    assert.deepStrictEqual(at(request, "properties"), {
      request_id: { type: "string", minLength: 1, maxLength: 32, ...sure("documented") },
      amount: {
        type: "number",
        description: "An exact decimal: read and write its digits, never through a float.",
        ...sure("documented")
      },
      file_id: { type: "integer", ...sure("third-party") },
      big: { type: "integer", format: "int64", ...sure("inferred") },
      day: { type: "string", format: "date", ...sure("documented") },
      country: {
        type: "string",
        minLength: 2,
        maxLength: 2,
        "x-code-table": "country_code",
        "x-sdk-form": "country-code",
        ...sure("documented")
      },
      state: { type: "string", examples: ["NEW"], "x-known-values": ["NEW", "OLD"], ...sure("documented") },
      sort: {
        type: "string",
        examples: ["A"],
        "x-known-values": ["A", "B"],
        "x-known-values-complete": true,
        ...sure("documented")
      },
      holder: { type: "string", "x-sensitive": true, ...sure("documented") },
      codes: {
        type: "array",
        items: { type: "string", "x-code-table": "lands" },
        minItems: 1,
        maxItems: 3,
        ...sure("documented")
      },
      home: { $ref: "#/components/schemas/ThingHome", ...sure("documented") },
      homes: { type: "array", items: { $ref: "#/components/schemas/ThingHome" }, ...sure("documented") },
      rest: { type: "object", additionalProperties: true, ...sure("inferred") }
    })
  })

  it("of a request demands what the schema demands, with rules that JSON Schema does not have beside it", () => {
    assert.deepStrictEqual(at(request, "required"), ["request_id", "amount", "file_id", "big"])
    assert.deepStrictEqual(at(request, "x-sdk-rules"), ["give state or sort"])
    assert.notProperty(request, "additionalProperties")
  })

  it("of what is received demands nothing and allows more", () => {
    const response = at(schemas, "ThingApplyResponse")
    assert.notProperty(response, "required")
    assert.strictEqual(at(response, "additionalProperties"), true)
    assert.strictEqual(at(response, "properties", "at", "format"), "date-time")
    assert.strictEqual(at(schemas, "ThingNotificationData", "additionalProperties"), true)
  })

  it("that is there already is referred to", () => {
    assert.deepStrictEqual(at(schemas, "ThingUpdateRequest"), { $ref: "#/components/schemas/ThingApplyRequest" })
    assert.deepStrictEqual(Object.keys(members(schemas, "ThingHome", "properties")), ["city", "zip"])
  })

  it("of another content has a name of its own, and the other one keeps its", () => {
    const called = (id: string, path: string, mark: typeof documented): Operation.Operation => ({
      ...inquiry,
      id,
      path,
      request: Schema.Struct({ home: documented(address(mark)) })
    })
    const made = OpenApi.make({
      operations: [
        called("thing.one", "/1", documented),
        called("thing.two", "/2", inferred),
        called("other.three", "/3", inferred)
      ],
      notifications: []
    })
    const found = members(made, "components", "schemas")
    assert.deepStrictEqual(
      Object.keys(found).filter((name) => name.endsWith("Home")),
      ["ThingHome", "ThingTwoHome"]
    )
    const homeOf = (message: string) => at(found, message, "properties", "home", "$ref")
    assert.strictEqual(homeOf("ThingTwoRequest"), "#/components/schemas/ThingTwoHome")
    // The message of another domain is the same; what it holds, too.
    assert.deepStrictEqual(at(found, "OtherThreeRequest"), { $ref: "#/components/schemas/ThingTwoRequest" })
  })

  it("has the words that are given, as sentences, and none otherwise", () => {
    const asked: Array<string> = []
    const made = OpenApi.make({
      ...all,
      describe: (id, part, path) => {
        asked.push(`${id} ${part} ${path}`)
        return { amount: "amount to pay", "homes[].city": "city, of Europe.", state: "request_id of a thing" }[path]
      }
    })
    const described = at(made, "components", "schemas")
    const fields = at(described, "ThingApplyRequest", "properties")
    assert.strictEqual(
      at(fields, "amount", "description"),
      "Amount to pay. An exact decimal: read and write its digits, never through a float."
    )
    // A name of the wire keeps its letters.
    assert.strictEqual(at(fields, "state", "description"), "request_id of a thing.")
    assert.strictEqual(at(described, "ThingHomesItem", "properties", "city", "description"), "City, of Europe.")
    assert.include(asked, "thing.notification data thing_no")
    assert.include(asked, "thing.apply response fee")
    assert.notInclude(JSON.stringify(at(document, "paths")), "Amount to pay")
  })
})
