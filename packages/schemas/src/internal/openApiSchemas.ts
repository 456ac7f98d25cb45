/** Shapes as JSON Schema (2020-12), with each object that has fields as a component that is written once. */
import type { Named, Shape } from "../Shape.ts"

/** A JSON value. */
export type Json = string | number | boolean | null | ReadonlyArray<Json> | JsonObject

/** A JSON object. */
export interface JsonObject {
  readonly [member: string]: Json
}

/** An object of the members that have a value. */
export const object = (members: Readonly<Record<string, Json | undefined>>): JsonObject =>
  Object.fromEntries(Object.entries(members).filter((entry): entry is [string, Json] => entry[1] !== undefined))

/** A list, or nothing where it is empty. */
const list = (values: ReadonlyArray<string> = []): ReadonlyArray<string> | undefined =>
  values.length === 0 ? undefined : values

/** `goods_info` as `GoodsInfo`, `va.apply` as `VaApply`. */
export const pascal = (name: string): string =>
  name
    .split(/[^a-zA-Z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("")

/** A reference to a schema of the document. */
export const reference = (name: string): JsonObject => ({ $ref: `#/components/schemas/${name}` })

/** The part of an operation or notification that a field is in. */
export type Part = "request" | "response" | "data"

/** What a field means. */
export type Describe = (id: string, part: Part, path: string) => string | undefined

/** A field or an item, such as `stakeholder_list[]`; the path of the message itself is empty. */
interface Place {
  readonly id: string
  readonly part: Part
  readonly path: string
}

const exact = "An exact decimal: read and write its digits, never through a float."

// With a full stop, and with a capital unless it begins with a name of the wire.
const sentence = (text: string): string => {
  const capital = /^\w+[._]\w/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(capital) ? capital : `${capital}.`
}

const scalar = ({ type, format }: Shape): JsonObject => {
  switch (type) {
    case "any":
      return {}
    case "binary":
      return { type: "string", format: "binary", contentMediaType: "application/octet-stream" }
    default:
      return format === "json" ? { type, contentMediaType: "application/json" } : object({ type, format })
  }
}

const limits = ({ minLength = 0, maxLength, minItems = 0, maxItems }: Shape): JsonObject =>
  object({
    minLength: minLength === 0 ? undefined : minLength,
    maxLength,
    minItems: minItems === 0 ? undefined : minItems,
    maxItems
  })

const marks = ({ values = [], valuesComplete, table, form, rules }: Shape): JsonObject =>
  object({
    examples: list(values.slice(0, 1)),
    "x-known-values": list(values),
    "x-known-values-complete": valuesComplete,
    "x-code-table": table,
    "x-sdk-form": form,
    "x-sdk-rules": list(rules)
  })

/** The names that an object within a message may get, the shortest first. */
const names = ({ id, part, path }: Place): ReadonlyArray<string> => {
  const steps = path.split(".").map((step) => pascal(step.replace("[]", "_item")))
  const field = steps.at(-1)!
  const operation = pascal(id)
  return [
    pascal(id.split(".")[0]!) + field,
    operation + field,
    operation + pascal(part) + field,
    operation + pascal(part) + steps.join("")
  ]
}

/** The schemas of a document while it is made. */
export interface Schemas {
  /** Adds a component; where there is one of the same content, the name stands for that. */
  readonly add: (name: string, schema: JsonObject) => JsonObject
  /** Adds a message, unless none of its fields is known. */
  readonly message: (shape: Shape, id: string, part: Part) => JsonObject
  /** All components, in the order in which they were added. */
  readonly components: () => JsonObject
}

/** Starts a document. */
export const make = (describe: Describe): Schemas => {
  const components = new Map<string, JsonObject>()
  const nameOf = new Map<string, string>()

  const add = (name: string, schema: JsonObject): JsonObject => {
    if (components.has(name)) throw new Error(`two schemas are named ${name}: is an operation given twice?`)
    const content = JSON.stringify(schema)
    const same = nameOf.get(content)
    if (same === undefined) nameOf.set(content, name)
    components.set(name, same === undefined ? schema : reference(same))
    return reference(name)
  }

  const within = (schema: JsonObject, place: Place): JsonObject => {
    if (schema["properties"] === undefined) return schema
    const same = nameOf.get(JSON.stringify(schema))
    if (same !== undefined) return reference(same)
    const candidates = names(place)
    return add(candidates.find((name) => !components.has(name)) ?? candidates.at(-1)!, schema)
  }

  const schemaOf = (shape: Shape, place: Place): JsonObject => {
    if (shape.type === "object") return within(objectOf(shape, place), place)
    const items = shape.items && { items: schemaOf(shape.items, { ...place, path: `${place.path}[]` }) }
    return { ...scalar(shape), ...items, ...limits(shape), ...marks(shape) }
  }

  const fieldOf = ({ shape, provenance, sensitive }: Named, place: Place): JsonObject => {
    const meaning = describe(place.id, place.part, place.path)
    const texts = [...(meaning === undefined ? [] : [sentence(meaning)]), ...(shape.type === "number" ? [exact] : [])]
    return {
      ...schemaOf(shape, place),
      ...object({
        description: texts.length === 0 ? undefined : texts.join(" "),
        "x-provenance": provenance,
        "x-sensitive": sensitive ? true : undefined
      })
    }
  }

  const objectOf = (shape: Shape, place: Place): JsonObject => {
    const fields = shape.fields ?? []
    const at = (name: string): Place => ({ ...place, path: place.path === "" ? name : `${place.path}.${name}` })
    const properties = fields.map((field) => [field.name, fieldOf(field, at(field.name))] as const)
    return object({
      type: "object",
      properties: properties.length === 0 ? undefined : Object.fromEntries(properties),
      required: list(fields.filter(({ required }) => required).map(({ name }) => name)),
      // Whatever is received may have more fields (documented); of requests the documentation does not say.
      additionalProperties: shape.open === true || place.part !== "request" ? true : undefined,
      ...marks(shape)
    })
  }

  return {
    add,
    message: (shape, id, part) => {
      const schema = objectOf(shape, { id, part, path: "" })
      return schema["properties"] === undefined ? schema : add(pascal(id) + pascal(part), schema)
    },
    components: () => Object.fromEntries(components)
  }
}
