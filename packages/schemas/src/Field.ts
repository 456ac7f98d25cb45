/**
 * What is known of a field beyond its form, kept as schema annotations: how sure it is and whether its value
 * must never show in an error, a log or a span (for whoever prints messages: a plugin, a tool).
 */
import type * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import type { Provenance } from "./Provenance.ts"

const provenanceKey = "paykka/provenance"
const sensitiveKey = "paykka/sensitive"

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

/** Marks a value that must not show: account and document numbers, names of persons, phone, e-mail. */
export const sensitive = /*#__PURE__*/ mark({ [sensitiveKey]: true })

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
