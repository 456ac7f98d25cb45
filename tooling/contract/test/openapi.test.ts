/** The document, by judges from outside: a validator of OpenAPI, a compiler of JSON Schema, the contract's own examples. */
import { Validator } from "@seriousme/openapi-schema-validator"
import { Ajv2020 } from "ajv/dist/2020.js"
import * as Yaml from "effect/encoding/Yaml"
import { assert, describe, it } from "vitest"
import { code } from "../code-facts.ts"
import { type Field, parse, texts } from "../contract.ts"
import { openApi } from "../files.ts"

type Node = Readonly<Record<string, unknown>>

const contract = parse(texts())
const document = openApi(contract, code)
const schemas = (document.components as unknown as { readonly schemas: Readonly<Record<string, Node>> }).schemas

const validate = (value: unknown) => new Validator().validate(structuredClone(value) as Record<string, unknown>)

describe("the validator", () => {
  it("accepts the document", async () => {
    assert.deepStrictEqual(await validate(document), { valid: true })
  })

  it("would refuse a faulty one", async () => {
    const { valid } = await validate({ ...document, info: { title: "without a version" } })
    assert.isFalse(valid)
    const [path] = Object.keys(document.paths)
    const faulty = { ...document, paths: { [path!]: { post: { responses: { "200": {} } } } } }
    assert.isFalse((await validate(faulty)).valid)
  })

  it("finds every reference", () => {
    const references = JSON.stringify(document).match(/"#\/[^"]+"/g) ?? []
    assert.isAbove(references.length, 0)
    for (const reference of references) {
      const steps = (JSON.parse(reference) as string).slice(2).split("/")
      const target = steps.reduce<unknown>((node, step) => (node as Node | undefined)?.[step], document)
      assert.isDefined(target, reference)
    }
  })
})

const ajv = new Ajv2020({
  strict: true,
  allErrors: true,
  verbose: true,
  formats: { date: true, "date-time": true, int32: true, int64: true, binary: true }
})
ajv.addVocabulary([
  "x-provenance",
  "x-sensitive",
  "x-known-values",
  "x-known-values-complete",
  "x-code-table",
  "x-sdk-form",
  "x-sdk-rules"
])
// Where the document's references lead.
ajv.addKeyword("components")
ajv.addSchema({ $id: "https://docs.example/openapi.json", components: document.components })

const validator = (name: string) =>
  ajv.compile({ $ref: `https://docs.example/openapi.json#/components/schemas/${name}` })

describe("the schemas", () => {
  it.each(Object.keys(schemas))("%s is JSON Schema without a keyword that nobody knows", (name) => {
    assert.isFunction(validator(name))
  })

  it("are each used", () => {
    const text = JSON.stringify(document)
    for (const name of Object.keys(schemas)) assert.include(text, `"#/components/schemas/${name}"`)
  })

  it("are not copies: an object with fields is written once", () => {
    const objects: Array<string> = []
    const collect = (node: unknown): void => {
      if (typeof node !== "object" || node === null) return
      if ((node as Node)["properties"] !== undefined) objects.push(JSON.stringify(node))
      Object.values(node).forEach(collect)
    }
    collect(schemas)
    assert.strictEqual(new Set(objects).size, objects.length)
  })

  it("close no list", () => {
    assert.notInclude(JSON.stringify(document), '"enum"')
    assert.notInclude(JSON.stringify(document), '"const"')
    assert.notInclude(JSON.stringify(document), '"additionalProperties":false')
  })
})

const pascal = (text: string): string => text.replace(/(?:^|[._ ])(\w)/g, (_, letter: string) => letter.toUpperCase())

const resolve = (schema: Node): Node => {
  const { $ref, ...rest } = schema
  return typeof $ref === "string" ? { ...resolve(schemas[$ref.split("/").at(-1)!]!), ...rest } : schema
}

/** Each field of the contract beside its schema, with the path. */
const beside = (fields: ReadonlyArray<Field>, schema: Node, prefix: string): ReadonlyArray<[string, Field, Node]> =>
  fields.flatMap((field): ReadonlyArray<[string, Field, Node]> => {
    const path = `${prefix}.${field.name}`
    const found = (resolve(schema)["properties"] as Readonly<Record<string, Node>> | undefined)?.[field.name]
    if (found === undefined) throw new Error(`${path} is not in the document`)
    const whole = resolve(found)
    return [
      [path, field, whole],
      ...beside(field.fields ?? [], whole, path),
      ...beside(field.items?.fields ?? [], (whole["items"] ?? {}) as Node, `${path}[]`)
    ]
  })

const messages = contract.operations
  .flatMap(({ id, direction, request, response }) =>
    direction === "inbound"
      ? [{ name: `${id} data`, fields: request.find(({ name }) => name === "data")?.fields ?? [] }]
      : [
          { name: `${id} request`, fields: request },
          { name: `${id} response`, fields: response }
        ]
  )
  .filter(({ fields }) => fields.length > 0)

/** Where the contract infers a type from a sample and the code does not: see `differences.ts`. */
const differentTypes: Readonly<Record<string, string>> = { "tradesettle.apply request.relate_list[].amount": "number" }

describe("the document has what the contract has", () => {
  it("each operation as a path, each notification as a webhook, with how sure their parts are", () => {
    for (const operation of contract.operations) {
      const inbound = operation.direction === "inbound"
      const item = (inbound ? document.webhooks[operation.id] : document.paths[operation.path]) as
        | { readonly post: Node }
        | undefined
      const provenance = item?.post["x-provenance"] as Node | undefined
      assert.deepInclude(provenance, {
        path: operation.path_provenance,
        header: operation.merchant_header_provenance,
        [inbound ? "data" : "request"]: operation.body_provenance,
        [inbound ? "acknowledgement" : "response"]: operation.response_provenance
      })
      const parameters = JSON.stringify(item?.post["parameters"] ?? [])
      const wanted = { required: "/MerchantNumber", optional: "/OptionalMerchantNumber", forbidden: "[]" }
      assert.include(parameters, wanted[operation.merchant_header as keyof typeof wanted], operation.id)
      assert.strictEqual(item?.post["x-idempotency-key"], operation.idempotency_key ?? undefined)
      assert.strictEqual(item?.post["x-resolved-by"], operation.resolved_by ?? undefined)
    }
    assert.strictEqual(
      Object.keys(document.paths).length + Object.keys(document.webhooks).length,
      contract.operations.length
    )
  })

  it.each(messages)("$name: each field, with type, values, meaning and how sure it is", ({ name, fields }) => {
    for (const [path, field, schema] of beside(fields, schemas[pascal(name)]!, name)) {
      const type = differentTypes[path] ?? (field.type === "binary" ? "string" : field.type)
      assert.strictEqual(schema["type"], type, path)
      assert.strictEqual(schema["x-provenance"], field.provenance, path)
      assert.include(String(schema["description"]).toLowerCase(), String(field.desc).toLowerCase(), path)
      if (type === "number") assert.include(schema["description"], "exact decimal", path)
      for (const { value } of name.endsWith("response") || name.endsWith("data") ? (field.enum ?? []) : []) {
        assert.include(schema["x-known-values"] as ReadonlyArray<string>, value, path)
      }
    }
  })

  it("the host of the sandbox, and the month", () => {
    const [sandbox] = document["servers"] as unknown as ReadonlyArray<{ readonly url: string }>
    assert.strictEqual(sandbox?.url, contract.core.environments.find(({ name }) => name === "sandbox")?.base_url)
    const { as_of } = Yaml.parse(texts()["core"]!) as { readonly as_of: string }
    assert.strictEqual(document.info["version"], as_of)
  })
})

interface Example {
  readonly of: "request" | "response"
  readonly complete: boolean
  readonly body: Node
}

const examples = Object.entries(texts())
  .filter(([name]) => name !== "core" && name !== "appendix")
  .flatMap(
    ([, text]) =>
      (
        Yaml.parse(text) as {
          readonly operations: ReadonlyArray<{ readonly id: string; readonly examples: ReadonlyArray<Example> }>
        }
      ).operations
  )
  .flatMap(({ id, examples: all }) => all.map((example) => ({ id, ...example })))
  // An acknowledgement has no fields, and an example that breaks off lacks some.
  .filter(({ id, of, complete }) => complete && !(id.endsWith(".notification") && of === "response"))

describe("the contract's examples fit the schemas", () => {
  it.each(examples)("$id, $of", ({ id, of, body }) => {
    const check = validator(pascal(id.endsWith(".notification") ? id : `${id} ${of}`))
    check(body)
    // Placeholders such as "string" are no countries or currencies.
    const errors = (check.errors ?? []).filter(({ parentSchema }) => parentSchema?.["x-sdk-form"] === undefined)
    assert.deepStrictEqual(errors, [])
  })

  it("and would not, with another type", () => {
    const { body } = examples.find(({ id, of }) => id === "payment.apply" && of === "request")!
    assert.isFalse(validator("PaymentApplyRequest")({ ...body, amount: "1" }))
  })
})
