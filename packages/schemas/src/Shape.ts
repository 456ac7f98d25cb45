/**
 * What a schema says of a message, as data: its fields with type, limits, known values and marks. The OpenAPI document,
 * the comparison with `contract/` and the help of tools are made of it.
 */
import * as SchemaAST from "effect/SchemaAST"
import * as Field from "./Field.ts"
import * as OpenEnum from "./OpenEnum.ts"
import type { Provenance } from "./Provenance.ts"

/** The form of a value on the wire. */
export interface Shape {
  /** `any` where nothing is known. */
  readonly type: "string" | "integer" | "number" | "boolean" | "object" | "array" | "binary" | "any"
  /** `date`, `date-time`, `int32`, `int64`, `json`. */
  readonly format?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  /** Values that are known; others pass. */
  readonly values?: ReadonlyArray<string>
  /** Whether the documentation calls the list of values complete. */
  readonly valuesComplete?: boolean
  /** What an array holds. */
  readonly items?: Shape
  /** What an object holds. */
  readonly fields?: ReadonlyArray<Named>
  /** Whether an object is known to hold more than its fields. */
  readonly open?: boolean
  /** A form of our own that the value is held to, such as `country-code`. */
  readonly form?: string
  /** Rules of our own about several fields. */
  readonly rules?: ReadonlyArray<string>
  /** The appendix's table that the value is a code of. */
  readonly table?: string
}

/** A field of an object. */
export interface Named {
  readonly name: string
  readonly required: boolean
  readonly provenance: Provenance
  /** Whether the value must never show. */
  readonly sensitive: boolean
  readonly shape: Shape
}

type Mutable<A> = { -readonly [K in keyof A]: A[K] }

const order: ReadonlyArray<Provenance> = ["documented", "third-party", "inferred", "unknown"]

/** The less sure of two. */
const weaker = (a: Provenance, b: Provenance): Provenance => (order.indexOf(a) > order.indexOf(b) ? a : b)

const filters = (checks: ReadonlyArray<SchemaAST.Check<never>> | undefined): ReadonlyArray<SchemaAST.Filter<never>> =>
  (checks ?? []).flatMap((check) => (check._tag === "FilterGroup" ? filters(check.checks) : [check]))

interface Limits {
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
}

/** What the checks of Effect say; the rest are rules of our own. */
const addChecks = (ast: SchemaAST.AST, shape: Mutable<Shape>): void => {
  const [min, max] = ast._tag === "Arrays" ? (["minItems", "maxItems"] as const) : (["minLength", "maxLength"] as const)
  const rules: Array<string> = []
  for (const { annotations } of filters(ast.checks)) {
    const { id, payload } = (annotations?.representation ?? {}) as { readonly id?: string; readonly payload?: Limits }
    const { minimum = 0, maximum } = payload ?? {}
    switch (id?.split("/").at(-1)) {
      case "isInt":
        shape.type = "integer"
        break
      case "isBetween":
        if (maximum === 2 ** 31 - 1) shape.format = "int32"
        break
      case "isMinLength":
        shape[min] = payload?.minLength ?? minimum
        break
      case "isMaxLength":
        shape[max] = payload?.maxLength ?? maximum!
        break
      case "isBetweenLength":
        if (minimum > 0) shape[min] = minimum
        shape[max] = maximum!
        break
      default:
        if (typeof annotations?.["description"] === "string") rules.push(annotations["description"])
    }
  }
  if (rules.length > 0) shape.rules = rules
}

const literals = (ast: SchemaAST.AST): ReadonlyArray<string> => {
  if (SchemaAST.isLiteral(ast)) return [String(ast.literal)]
  return SchemaAST.isUnion(ast) ? ast.types.flatMap(literals) : []
}

const scalar = (ast: SchemaAST.AST): Shape["type"] => {
  switch (ast._tag) {
    case "String":
    case "Literal":
      return "string"
    case "Number":
      return "number"
    case "Boolean":
      return "boolean"
    default:
      return "any"
  }
}

const read = (whole: SchemaAST.AST, ceiling: Provenance): Shape => {
  const { wire, form, table } = Field.marks(whole)
  // What is optional is a union with undefined.
  const [only, ...others] = SchemaAST.isUnion(whole) ? whole.types.filter((type) => type._tag !== "Undefined") : [whole]
  const ast = only !== undefined && others.length === 0 ? only : whole
  const shape: Mutable<Shape> = { type: scalar(ast) }
  if (table !== undefined) shape.table = table
  if (form !== undefined) {
    shape.form = form.name
    shape.minLength = form.length
    shape.maxLength = form.length
  }
  if (wire !== undefined) return { ...shape, ...wire }
  if (SchemaAST.isUnion(ast)) {
    const values = literals(ast)
    shape.type = "string"
    if (values.length > 0) shape.values = values
    if (ast.annotations?.[OpenEnum.listedKey] === true) shape.valuesComplete = true
  } else if (ast._tag === "Arrays") {
    shape.type = "array"
    shape.items = read(ast.rest[0]!, ceiling)
  } else if (ast._tag === "Objects") {
    shape.type = "object"
    shape.fields = ast.propertySignatures.map(({ name, type }) => {
      const marks = Field.marks(type)
      return {
        name: String(name),
        required: !SchemaAST.isOptional(type),
        provenance: weaker(marks.provenance, ceiling),
        sensitive: marks.sensitive,
        shape: read(type, ceiling)
      }
    })
    if (ast.indexSignatures.length > 0) shape.open = true
  }
  addChecks(ast, shape)
  return shape
}

/** The shape of a message. No field is surer than the message is marked to be (`Field.atMost`). */
export const of = (schema: { readonly ast: SchemaAST.AST }): Shape =>
  read(schema.ast, Field.marks(schema.ast).ceiling ?? "documented")

/** All fields of a shape with their paths, such as `goods_info.name` and `stakeholder_list[].name`. */
export const fields = (shape: Shape, prefix = ""): ReadonlyArray<readonly [path: string, field: Named]> =>
  (shape.fields ?? []).flatMap((field) => {
    const path = prefix === "" ? field.name : `${prefix}.${field.name}`
    const { items } = field.shape
    return [
      [path, field] as const,
      ...fields(field.shape, path),
      ...(items === undefined ? [] : fields(items, `${path}[]`))
    ]
  })
