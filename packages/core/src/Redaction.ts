/** What may be shown of texts that come from outside: no account, card or document number, no text of some length that was sent. */
import * as Json from "@paykka/schemas/Json"
import * as Result from "effect/Result"

const shown = 200
// A text may have megabytes: only so much of it is looked at.
const examined = 8 * shown

// Words with digits among them, alone or in groups: numbers of accounts, cards, documents and phones, IBANs. Digits of
// all scripts; letters of the Latin one, so that a number between Chinese letters stands alone.
const numbers =
  /[\p{Script=Latin}\p{N}]*\p{N}[\p{Script=Latin}\p{N}]*(?:[^\p{L}\p{N}]{1,6}[\p{Script=Latin}\p{N}]*\p{N}[\p{Script=Latin}\p{N}]*)*/gu

// Five digits are less than any account number has, and let an HTTP status or a year pass; four among letters are
// those of an Indian tax number. Costs a date or an identifier now and then; those stand elsewhere in the error.
const isTelling = (number: string): boolean => {
  const digits = number.match(/\p{N}/gu)?.length ?? 0
  return digits >= 5 || (digits === 4 && number.length >= 8 && /^[\p{L}\p{N}]+$/u.test(number))
}

/** Shorter ASCII texts are codes and common words, such as a currency. A Chinese name has two characters. */
const isHideable = (text: string): boolean => text.length >= (/^[\u0000-\u007f]*$/.test(text) ? 4 : 2)

const cut = (value: string): string => (value.length > shown ? `${value.slice(0, shown)}…` : value)

/** In whatever case it is repeated. */
const anyCase = (text: string): RegExp => new RegExp(text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), "giu")

const mask = (value: string, hidden: ReadonlyArray<string>): string => {
  const longestFirst = hidden.filter(isHideable).toSorted((a, b) => b.length - a.length)
  return longestFirst
    .reduce((masked, each) => masked.replace(anyCase(each), "***"), value)
    .replace(numbers, (number) => (isTelling(number) ? "***" : number))
}

/**
 * Masks everything that looks like a number of an account, a document or a phone, and cuts at 200 characters.
 *
 * @param hidden further texts to mask, such as those that were sent
 */
export const text = (value: string, hidden: ReadonlyArray<string> = []): string =>
  cut(mask(value.slice(0, examined), hidden))

// The name of a field, as opposed to a key that is itself data.
const fieldName = /^[A-Za-z_][\w.-]{0,63}$/

const shape = (value: unknown, depth: number): string => {
  if (value === null) return "null"
  if (Json.isRawNumber(value)) return "number"
  if (typeof value !== "object") return typeof value
  if (depth === 0) return Array.isArray(value) ? "[…]" : "{…}"
  if (Array.isArray(value))
    return value.length === 0 ? "[]" : `[${shape(value[0], depth - 1)}${value.length > 1 ? ", …" : ""}]`
  const members = Object.entries(value).map(
    ([key, member]) => `${fieldName.test(key) ? text(key) : "***"}: ${shape(member, depth - 1)}`
  )
  return `{${members.join(", ")}}`
}

/** JSON that is broken or cut short: the names of its fields, as far as they can be told from values. */
const brokenShape = (start: string): string => {
  const fields = start.match(/"[A-Za-z_][\w.-]{0,63}"(?=\s*:)/g) ?? []
  return `${start.slice(0, 1)}${fields.map((field) => `${text(field.slice(1, -1))}: …`).join(", ")}`
}

/**
 * The beginning of a body: of JSON only field names and types, of other text its masked beginning.
 *
 * @param hidden further texts to mask, such as those that were sent
 */
export const beginning = (body: string, hidden: ReadonlyArray<string> = []): string => {
  const json = Json.parse(body)
  if (Result.isSuccess(json)) return cut(shape(json.success, 3))
  const start = body.slice(0, examined).trimStart()
  return /^[[{]/.test(start) ? cut(brokenShape(start)) : cut(mask(start, hidden).replace(/\s+/g, " "))
}
