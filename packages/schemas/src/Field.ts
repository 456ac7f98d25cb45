/**
 * What is known of a field beyond its form, kept as schema annotations: how sure it is, whether its value must never
 * show in an error, a log or a span (for whoever prints messages: a plugin, a tool), and which code table it follows.
 */
import type * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import type { Provenance } from "./Provenance.ts"

const provenanceKey = "paykka/provenance"
const ceilingKey = "paykka/ceiling"
const sensitiveKey = "paykka/sensitive"
const tableKey = "paykka/table"
const wireKey = "paykka/wire"
const formKey = "paykka/form"

const mark =
  (annotations: Record<string, unknown>) =>
  <S extends Schema.Top>(schema: S): S["Rebuild"] =>
    schema.annotate(annotations)

/** Marks a field as {@link Provenance documented}. */
export const documented = /*#__PURE__*/ mark({ [provenanceKey]: "documented" satisfies Provenance })

/** Marks a field as known from third parties only. */
export const thirdParty = /*#__PURE__*/ mark({ [provenanceKey]: "third-party" satisfies Provenance })

/** Marks a field as inferred. */
export const inferred = /*#__PURE__*/ mark({ [provenanceKey]: "inferred" satisfies Provenance })

/**
 * Marks a message that another operation is documented to have: that it belongs here too is less sure, and so is each
 * of its fields.
 */
export const atMost = (provenance: Provenance) => mark({ [ceilingKey]: provenance })

/** Marks a value that must not show: account and document numbers, names of persons, phone, e-mail. */
export const sensitive = /*#__PURE__*/ mark({ [sensitiveKey]: true })

/** Marks a value as a code of one of the appendix's tables, by the table's id: see `CodeTable`. */
export const ofTable = (id: string) => mark({ [tableKey]: id })

/** A value's form on the wire, where the schema's own type does not tell it. */
export interface Wire {
  readonly type: "string" | "integer" | "number" | "binary"
  readonly format?: string
}

/** Tells how a value stands on the wire. */
export const wire = (form: Wire) => mark({ [wireKey]: form })

/** Names a form of our own that a value is held to, and the number of characters that it has. */
export const form = (name: string, length: number) => mark({ [formKey]: { name, length } })

// A mark stays with what was marked, whatever is added later: a check has annotations of its own, and Schema.optional
// makes a union with undefined.
const find = (ast: SchemaAST.AST, key: string): unknown => {
  const own = [ast, ...(ast.checks ?? [])].map(({ annotations }) => annotations?.[key])
  const inner = SchemaAST.isUnion(ast) ? ast.types.map((member) => find(member, key)) : []
  return [...own.toReversed(), ...inner].find((value) => value !== undefined)
}

/** How sure the field is. */
export const provenance = (schema: Schema.Top): Provenance =>
  (find(schema.ast, provenanceKey) as Provenance | undefined) ?? "unknown"

/** Whether the field's value must never show. */
export const isSensitive = (schema: Schema.Top): boolean => find(schema.ast, sensitiveKey) === true

/** All that is known of a part of a schema; for `Shape`. */
export const marks = (ast: SchemaAST.AST) => ({
  provenance: (find(ast, provenanceKey) as Provenance | undefined) ?? "unknown",
  ceiling: find(ast, ceilingKey) as Provenance | undefined,
  sensitive: find(ast, sensitiveKey) === true,
  table: find(ast, tableKey) as string | undefined,
  wire: find(ast, wireKey) as Wire | undefined,
  form: find(ast, formKey) as { readonly name: string; readonly length: number } | undefined
})
