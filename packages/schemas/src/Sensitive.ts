/**
 * Masks what must not show in a message: what is marked as sensitive (the rule is in `Field`), and what no schema
 * knows, its name included, since a name may be data too. A copy keeps the structure of the message.
 */
import type * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as Field from "./Field.ts"
import type { Aliases } from "./Inbound.ts"
import * as Json from "./Json.ts"
import type { Operation } from "./Operation.ts"

/** What stands in the place of a masked text. */
export const masked = "***"

/** In the place of a masked day, so that the message can still be read. */
const maskedDay = "0001-01-01"

const hasMembers = (ast: SchemaAST.AST): ast is SchemaAST.Arrays | SchemaAST.Objects =>
  SchemaAST.isArrays(ast) || SchemaAST.isObjects(ast)

/** The kinds of value that a part of a schema allows: no unions and nothing suspended; arrays and objects as written, too. */
const kindsOf = (ast: SchemaAST.AST, seen: Set<SchemaAST.AST> = new Set()): ReadonlyArray<SchemaAST.AST> => {
  if (seen.has(ast)) return []
  seen.add(ast)
  const all = (asts: ReadonlyArray<SchemaAST.AST>) => asts.flatMap((each) => kindsOf(each, seen))
  const written = all((ast.encoding ?? []).map(({ to }) => to)).filter(hasMembers)
  if (SchemaAST.isUnion(ast)) return [...all(ast.types), ...written]
  return SchemaAST.isSuspend(ast) ? all([ast.thunk()]) : [ast, ...written]
}

/** Whether anything may stand there. */
const isAnything = (ast: SchemaAST.AST): boolean =>
  SchemaAST.isUnknown(ast) || SchemaAST.isAny(ast) || SchemaAST.isObjectKeyword(ast)

/** Whether it allows a value without members. */
const allowsScalar = (ast: SchemaAST.AST): boolean => {
  switch (ast._tag) {
    case "Arrays":
    case "Objects":
    case "Undefined":
    case "Null":
    case "Void":
    case "Never":
      return false
    default:
      return true
  }
}

/** What is known of a value. */
interface Known {
  readonly kinds: ReadonlyArray<SchemaAST.AST>
  /** Whether all of it must be masked. */
  readonly secret: boolean
  readonly day: boolean
}

/** What the schemas say together that a value may have: of several that differ, the most careful. */
const know = (asts: ReadonlyArray<SchemaAST.AST>): Known => {
  const kinds = asts.flatMap((ast) => kindsOf(ast))
  const marks = asts.map((ast) => Field.marks(ast))
  return {
    kinds,
    secret: marks.some(({ sensitive }) => sensitive) || kinds.some(isAnything),
    day: marks.some(({ wire }) => wire?.format === "date")
  }
}

const item = (kinds: ReadonlyArray<SchemaAST.AST>, index: number): ReadonlyArray<SchemaAST.AST> =>
  kinds.filter(SchemaAST.isArrays).flatMap(({ elements, rest }) => elements[index] ?? rest[0] ?? [])

const field = (kinds: ReadonlyArray<SchemaAST.AST>, name: string | undefined): ReadonlyArray<SchemaAST.AST> =>
  kinds
    .filter(SchemaAST.isObjects)
    .flatMap(({ propertySignatures }) => propertySignatures.filter((property) => property.name === name))
    .map(({ type }) => type)

const others = (kinds: ReadonlyArray<SchemaAST.AST>): ReadonlyArray<SchemaAST.AST> =>
  kinds.filter(SchemaAST.isObjects).flatMap(({ indexSignatures }) => indexSignatures.map(({ type }) => type))

/** Nothing of the value but its type. */
const blank = (value: unknown, day: boolean): unknown => {
  if (Json.isRawNumber(value)) return 0
  switch (typeof value) {
    case "string":
      return day ? maskedDay : masked
    case "number":
      return 0
    case "bigint":
      return 0n
    case "boolean":
      return false
    default:
      return value instanceof Uint8Array ? new Uint8Array() : masked
  }
}

/** Whether it is an object with members, as opposed to an instance of a class, unless a schema gives it fields, or bytes. */
const isWithFields = (value: unknown, { kinds }: Known): value is Readonly<Record<string, unknown>> => {
  if (!Json.isObject(value) || ArrayBuffer.isView(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null || kinds.some(SchemaAST.isObjects)
}

/** Whether a value without members may stay. */
const mayStay = (value: unknown, { kinds, secret }: Known): boolean => {
  if (secret) return false
  if (!Json.isObject(value)) return kinds.some(allowsScalar)
  // An instance of a class, such as a time. Of what a container holds nothing is known.
  return kinds.some((ast) => SchemaAST.isDeclaration(ast) && ast.typeParameters.length === 0)
}

const walk = (known: Known, value: unknown, aliases: Aliases, depth: number): unknown => {
  if (value === undefined || value === null) return value
  const below = (asts: ReadonlyArray<SchemaAST.AST>, member: unknown): unknown => {
    const next = know(asts)
    return walk({ ...next, secret: known.secret || next.secret }, member, {}, depth + 1)
  }
  if (Array.isArray(value)) {
    return depth === Json.maxDepth ? masked : value.map((member, index) => below(item(known.kinds, index), member))
  }
  if (isWithFields(value, known)) {
    if (depth === Json.maxDepth) return masked
    let unknowns = 0
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => {
        const own = field(known.kinds, name)
        const types = own.length === 0 ? field(known.kinds, aliases[name]) : own
        return types.length === 0
          ? [`${masked}${++unknowns}`, below(others(known.kinds), member)]
          : [name, below(types, member)]
      })
    )
  }
  return mayStay(value, known) ? value : blank(value, known.day)
}

/**
 * A copy of a value without what is sensitive. The value is one of the schema, decoded or as JSON (`Json.parse`), or
 * anything else: what the schema does not describe is masked.
 *
 * A text becomes `***`, a day `0001-01-01`, a number 0, a flag false, bytes none; null stays. Objects and arrays keep
 * their members, each masked. Members that are no fields of the schema, as those of a record, are named `***1`, `***2`
 * and so on. What is nested deeper than {@link Json.maxDepth} becomes one `***`.
 *
 * @param aliases other spellings of top-level fields, as a descriptor has them; each keeps the one in which it came
 */
export const mask = (schema: Pick<Schema.Top, "ast">, value: unknown, aliases: Aliases = {}): unknown =>
  walk(know([schema.ast]), value, aliases, 0)

/** {@link mask} for the JSON body of a request; of an upload, for both parts: `{ meta, file }`. */
export const maskRequest = ({ request }: Pick<Operation, "request">, body: unknown): unknown => mask(request, body)

/**
 * {@link mask} for the JSON body of an answer, in either form of a success (see `SuccessBody`) or a failure. A
 * `ret_code` of up to six characters stays; `ret_msg` is masked, since it may repeat what was sent.
 */
export const maskResponse = (
  { response, aliases }: Pick<Operation, "response" | "aliases">,
  body: unknown
): unknown => {
  if (!Json.isObject(body) || body["ret_code"] === undefined || body["ret_code"] === null) {
    return mask(response, body, aliases)
  }
  const { ret_code: code, ret_msg: message, data, ...rest } = body
  const isCode = (typeof code === "string" || typeof code === "number") && /^\w{0,6}$/.test(String(code))
  return {
    ret_code: isCode ? code : masked,
    ...("ret_msg" in body && { ret_msg: message === null ? null : masked }),
    ...("data" in body && { data: mask(response, data, aliases) }),
    ...(mask(response, rest, aliases) as object)
  }
}

const unique = (texts: ReadonlyArray<string>): ReadonlyArray<string> => [...new Set(texts)]

const pathsOf = (
  asts: ReadonlyArray<SchemaAST.AST>,
  path: string,
  outer: ReadonlyArray<SchemaAST.AST>
): ReadonlyArray<string> => {
  const known = know(asts)
  if (known.secret) return [path]
  // What leads to itself has no further paths.
  const kinds = known.kinds.filter((kind) => !outer.includes(kind))
  const inside = (types: ReadonlyArray<SchemaAST.AST>, at: string) =>
    types.length === 0 ? [] : pathsOf(types, at, [...outer, ...kinds])
  const at = (name: string) => (path === "" ? name : `${path}.${name}`)
  const names = kinds
    .filter(SchemaAST.isObjects)
    .flatMap(({ propertySignatures }) => propertySignatures.map(({ name }) => String(name)))
  const items = kinds.filter(SchemaAST.isArrays).flatMap(({ elements, rest }) => [...elements, ...rest])
  return [
    ...unique(names).flatMap((name) => inside(field(kinds, name), at(name))),
    ...inside(others(kinds), at("*")),
    ...inside(items, `${path}[]`)
  ]
}

/**
 * Where a schema has what is sensitive: `stakeholder_list[].name`, `beneficiary.*` for all members that are no fields.
 * Of an object or array that is sensitive as a whole only its own path, which is empty for the message itself.
 */
export const paths = (schema: Pick<Schema.Top, "ast">): ReadonlyArray<string> => pathsOf([schema.ast], "", [])
