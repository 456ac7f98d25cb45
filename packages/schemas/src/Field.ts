/**
 * What is known of a field beyond its form, kept as schema annotations: how sure it is and whether its value
 * must never show in an error, a log or a span.
 */
import * as Schema from "effect/Schema"
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

/** How sure the field is. */
export const provenance = (schema: Schema.Top): Provenance =>
  (Schema.resolveAnnotations(schema)?.[provenanceKey] as Provenance | undefined) ?? "unknown"

/** Whether the field's value must never show. */
export const isSensitive = (schema: Schema.Top): boolean => Schema.resolveAnnotations(schema)?.[sensitiveKey] === true
