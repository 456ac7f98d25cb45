/** Makes received JSON ready for a schema: null is the same as missing, and a field has one name. */
import * as Json from "./Json.ts"

/** Other spellings of top-level fields, each with the name that the schema has. */
export type Aliases = Readonly<Record<string, string>>

const withoutNulls = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.filter((item) => item !== null).map(withoutNulls)
  if (!Json.isObject(value)) return value
  const result: Record<string, unknown> = {}
  for (const [key, member] of Object.entries(value)) {
    // A key named __proto__ would set the prototype; no field of the contract has that name.
    if (member !== null && key !== "__proto__") result[key] = withoutNulls(member)
  }
  return result
}

/**
 * A copy without null members and items, and with each alias renamed. Where both spellings come, the schema's own wins.
 *
 * Provenance: null and missing are alike by the documentation; the aliases are the contract's contradictions.
 */
export const tidy = (value: unknown, aliases: Aliases): unknown => {
  const tidied = withoutNulls(value)
  if (!Json.isObject(tidied)) return tidied
  const result: Record<string, unknown> = { ...tidied }
  for (const [alias, name] of Object.entries(aliases)) {
    if (!Object.hasOwn(result, alias)) continue
    if (!Object.hasOwn(result, name)) result[name] = result[alias]
    delete result[alias]
  }
  return result
}
