/**
 * The form in which the contract and the code are compared: what a side says of a place, aspect by aspect, as text.
 *
 * A place is `request.goods_info.name`, `response.status`, `data.account_no` (of a notification), `request.currencies[]`
 * (an item of an array), or empty for the operation itself. What a side has nothing to say of is missing.
 */

/** Named as the contract names them; the last four are our own. */
export const aspects = [
  "title",
  "method",
  "path",
  "path_alternatives",
  "path_provenance",
  "content_type",
  "merchant_header",
  "merchant_header_provenance",
  "effect",
  "idempotency_key",
  "resolved_by",
  "body_provenance",
  "response_provenance",
  "aliases",
  "errors",
  "sources",
  "type",
  "format",
  "required",
  "min_length",
  "max_length",
  "min_items",
  "max_items",
  "enum",
  "enum_complete",
  "provenance",
  "table",
  "desc",
  "likely_http",
  "retry_hint",
  // An object of which no field is known.
  "open",
  // The field that the merchant's number in the header is taken from.
  "merchant_field",
  // A form that the code holds a value to.
  "form",
  // Rules of the code about several fields.
  "rules"
] as const

export type Aspect = (typeof aspects)[number]

/** What a side says of one place. */
export type Saying = Partial<Readonly<Record<Aspect, string>>>

/** What a side says: by operation, then by place. */
export type Facts = ReadonlyMap<string, ReadonlyMap<string, Saying>>

/** Leaves out what there is nothing to say of: undefined, null, and empty lists. */
export const saying = (
  values: Partial<Readonly<Record<Aspect, string | number | ReadonlyArray<string | number> | null | undefined>>>
): Saying =>
  Object.fromEntries(
    Object.entries(values).flatMap(([aspect, value]) => {
      if (value === undefined || value === null) return []
      const text = Array.isArray(value) ? value.join(", ") : String(value)
      return text === "" ? [] : [[aspect, text]]
    })
  )

/** A list whose order says nothing. */
export const unordered = (values: ReadonlyArray<string>): ReadonlyArray<string> => [...new Set(values)].toSorted()

/** Spellings, each with its name. */
export const spellings = (aliases: Readonly<Record<string, string>>): ReadonlyArray<string> =>
  unordered(Object.entries(aliases).map(([alias, name]) => `${alias} is ${name}`))

/** `yes` or `no`, as both sides write it. */
export const yes = (value: boolean): string => (value ? "yes" : "no")

/** The operation under which the common rules stand. */
export const core = "core"
