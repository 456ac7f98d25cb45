/**
 * The two accepted forms of a success body: the business object itself (documented by examples), and
 * `{ret_code, ret_msg, data}` with `ret_code` 000000 (third-party). Whether a bare object may have a `ret_code`
 * too is an open question: its other fields are then the business object.
 */
import * as Json from "./Json.ts"

/** The `ret_code` of success in the wrapped form. Third-party: the pages attach codes to failures only. */
export const successCode = "000000"

/** What a body says: the business object, or a failure. */
export type Outcome =
  | { readonly _tag: "Success"; readonly data: unknown }
  | { readonly _tag: "Failure"; readonly retCode: string; readonly retMsg: string }

// Documented as a text of six digits. A number has the same digits but for the zeros in front; a code that cannot be
// read is no success.
const codeOf = (value: unknown): string => {
  if (typeof value === "string") return value
  return typeof value === "number" ? String(value).padStart(successCode.length, "0") : ""
}

/** Reads a parsed body. An object with a `ret_code` other than 000000 is a failure, whatever the HTTP status. */
export const read = (body: unknown): Outcome => {
  if (!Json.isObject(body)) return { _tag: "Success", data: body }
  const { ret_code: code, ret_msg: retMsg, data, ...rest } = body
  if (code === undefined || code === null) return { _tag: "Success", data: body }
  const retCode = codeOf(code)
  return retCode === successCode
    ? { _tag: "Success", data: data ?? rest }
    : { _tag: "Failure", retCode, retMsg: typeof retMsg === "string" ? retMsg : "" }
}
