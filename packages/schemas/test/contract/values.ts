/** Messages that fit the contract, and changes of them at any depth. */
import * as Arbitrary from "effect/Arbitrary"
import * as Schema from "effect/Schema"
import * as Json from "../../src/Json.ts"
import type * as Operation from "../../src/Operation.ts"
import { hasEscapedNames } from "../support.ts"
import { type Entry, type Field, type Fields, core } from "./facts.ts"

/** All fields with their paths, such as `stakeholder_list[0].name`. */
export const walk = (fields: Fields, prefix = ""): ReadonlyArray<readonly [path: string, field: Field]> =>
  fields.flatMap((field) => {
    const path = prefix === "" ? field.name : `${prefix}.${field.name}`
    return [[path, field] as const, ...walk(field.fields ?? [], path), ...walk(field.items?.fields ?? [], `${path}[0]`)]
  })

type Node = Record<string, unknown>

const at = (root: unknown, path: string): readonly [copy: unknown, parent: Node, key: string] => {
  const copy = structuredClone(root)
  const keys = path.match(/[^.[\]]+/g) ?? []
  const parent = keys.slice(0, -1).reduce((node, key) => node[key] as Node, copy as Node)
  return [copy, parent, keys.at(-1) ?? ""]
}

/** A copy with another value at the path. */
export const put = (root: unknown, path: string, value: unknown): unknown => {
  const [copy, parent, key] = at(root, path)
  parent[key] = value
  return copy
}

/** A copy without the member at the path. */
export const drop = (root: unknown, path: string): unknown => {
  const [copy, parent, key] = at(root, path)
  delete parent[key]
  return copy
}

/** Fields of requests that are held to a form of ours: the contract limits their length at most. */
export const forms: Readonly<Record<string, string>> = {
  region: "DE",
  nationality: "DE",
  export_country: "DE",
  buyer_country: "DE",
  country: "DE",
  country_code: "DE",
  registered_currency: "EUR",
  currencies: "EUR",
  sell_currency: "EUR",
  buy_currency: "EUR",
  currency: "EUR"
}

const file = { bytes: new Uint8Array([1]), name: "a.pdf", type: "application/pdf" }

/** A value that fits what the contract says of a field. */
export const sampleOf = (field: Field): unknown => {
  switch (field.type) {
    case "string":
      if (field.format === "json") return {}
      if (field.format === "date") return "2019-08-24"
      if (field.format === "date-time") return core.time_format.example.date
      return field.enum?.[0]?.value ?? forms[field.name] ?? "x".repeat(field.min_length || 1)
    case "integer":
    case "number":
      return 1
    case "boolean":
      return true
    case "array":
      return [sampleOf({ ...field, ...field.items! })]
    case "object":
      return samplesOf(field.fields ?? [])
    case "binary":
      return file
  }
}

/** A message with all fields of the contract. */
const samplesOf = (fields: Fields): Readonly<Record<string, unknown>> =>
  Object.fromEntries(fields.map((field) => [field.name, sampleOf(field)]))

/** A request with all fields of the contract that may be given together. */
export const requestSample = (contract: Entry): unknown => {
  const all = samplesOf(contract.request)
  // The contract: give exactly one of the two amounts.
  return contract.id === "forex.preorder" ? drop(all, "buy_amount") : all
}

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (!Json.isObject(value)) return value
  const keys = Object.keys(value).toSorted()
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key])]))
}

/** JSON text with sorted keys: values are the same when their texts are, numbers digit by digit. */
export const canonical = (value: unknown): string => Json.stringify(sorted(value))

/** Made at random, without names that a defect of V8 may have taken for others. */
export const arbitrary = (schema: Operation.Codec, minProperties = 0): Arbitrary.Arbitrary<unknown> => {
  const enough = Schema.makeFilter(() => true, { arbitraryConstraint: { minProperties } })
  const any = Arbitrary.schema((schema as Schema.Codec<unknown, unknown>).check(enough))
  return Arbitrary.filter(any, (value) => !hasEscapedNames(value))
}

/** How many members a request has at least by its rule; made at random it would lack them too often. */
export const fewest: Readonly<Record<string, number>> = {
  "onboarding.inquiry": 1,
  "order.inquiry": 1,
  "order.supplement": 1,
  "payee.inquiry": 1,
  "forex.preorder": 3
}
