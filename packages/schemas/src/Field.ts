/**
 * What is known of a field beyond its form, kept as schema annotations: how sure it is, whether its value must never
 * show (for whoever prints or stores messages: a plugin, a recorder, a tool), and which code table it follows.
 *
 * These are sensitive, and in doubt a field is:
 *
 * - names of persons, and of companies that hold an account or pay or are paid, since such a name may be a person's;
 *   not those of banks and carriers;
 * - numbers of accounts and cards, and of documents: of persons, of companies (registration, tax, credit), of goods
 *   (contract, customs declaration, waybill); the dates of a person's document as well;
 * - telephone numbers, e-mail and postal addresses of such persons and companies, dates of birth;
 * - web addresses: one may carry a token, or the name of its owner;
 * - free text about a person, a payment or an order, whoever wrote it: a postscript, a remark, the reason of a refusal;
 * - files and their names;
 * - as a whole, what is not known: records whose members no source shows, and fields that a schema does not have.
 *
 * Harmless are the numbers by which a call is traced (of requests, merchants, orders, receipts, conversions, payees and
 * files), codes and statuses, amounts and rates, dates of business, the names of goods, and what tells a bank: name,
 * address, BIC, routing number.
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

/** Marks a value that must not show in an error, a log, a span, a metric or a recording; all of it, where it has members. */
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

/** What else stands for the same value: the members of a union, what is suspended, what a value is made of or written as. */
const inner = (ast: SchemaAST.AST): ReadonlyArray<SchemaAST.AST> => {
  const written = (ast.encoding ?? []).map(({ to }) => to)
  if (SchemaAST.isUnion(ast)) return [...ast.types, ...written]
  if (SchemaAST.isSuspend(ast)) return [ast.thunk(), ...written]
  return SchemaAST.isDeclaration(ast) ? [...ast.typeParameters, ...written] : written
}

// A mark stays with what was marked, whatever is made of it later: a check has annotations of its own, Schema.optional
// makes a union with undefined, a transformation keeps what it begins with as the encoding. A schema may lead to itself.
const find = (ast: SchemaAST.AST, key: string, seen: Set<SchemaAST.AST> = new Set()): unknown => {
  if (seen.has(ast)) return undefined
  seen.add(ast)
  const own = [ast, ...(ast.checks ?? [])].map(({ annotations }) => annotations?.[key])
  const others = inner(ast).map((each) => find(each, key, seen))
  return [...own.toReversed(), ...others].find((value) => value !== undefined)
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
