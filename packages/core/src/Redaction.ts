/** What may be shown of texts that come from outside: no account, card or document number. */
import * as Json from "@paykka/schemas/Json"
import * as Result from "effect/Result"

const shown = 200

// A run of six or more letters and digits with digits among them, perhaps in groups: account numbers, IBANs,
// document numbers, phone numbers. Costs a date or an identifier now and then; those stand elsewhere in the error.
const numberLike = /\b[A-Za-z]{0,4}[0-9](?:[ .-]?[A-Za-z0-9]){5,}/g

/** Masks everything that looks like a number of an account, a document or a phone, and cuts at 200 characters. */
export const text = (value: string): string => {
  const masked = value.replace(numberLike, "***")
  return masked.length > shown ? `${masked.slice(0, shown)}…` : masked
}

const shape = (value: unknown, depth: number): string => {
  if (value === null) return "null"
  if (Json.isRawNumber(value)) return "number"
  if (typeof value !== "object") return typeof value
  if (depth === 0) return Array.isArray(value) ? "[…]" : "{…}"
  if (Array.isArray(value)) return value.length === 0 ? "[]" : `[${shape(value[0], depth - 1)}${value.length > 1 ? ", …" : ""}]`
  const members = Object.entries(value).map(([key, member]) => `${text(key)}: ${shape(member, depth - 1)}`)
  return `{${members.join(", ")}}`
}

/** The beginning of a body: of JSON only field names and types, of other text its masked beginning. */
export const beginning = (body: string): string => {
  const json = Json.parse(body)
  const described = Result.isSuccess(json) ? shape(json.success, 3) : text(body.slice(0, 4 * shown).replace(/\s+/g, " "))
  return described.length > shown ? `${described.slice(0, shown)}…` : described
}
