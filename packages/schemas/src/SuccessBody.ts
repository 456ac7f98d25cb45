/**
 * The two accepted forms of a success body: the business object itself (documented by examples), and
 * `{ret_code, ret_msg, data}` with `ret_code` 000000 (third-party).
 */
import * as Json from "./Json.ts"

/** The `ret_code` of success in the wrapped form. Third-party: the pages attach codes to failures only. */
export const successCode = "000000"

/** What a body says: the business object, or a failure. */
export type Outcome =
  | { readonly _tag: "Success"; readonly data: unknown }
  | { readonly _tag: "Failure"; readonly retCode: string; readonly retMsg: string }

/** Reads a parsed body. An object with a `ret_code` other than 000000 is a failure, whatever the HTTP status. */
export const read = (body: unknown): Outcome => {
  if (!Json.isObject(body) || typeof body["ret_code"] !== "string") return { _tag: "Success", data: body }
  const { ret_code: retCode, ret_msg: retMsg, data } = body
  if (retCode !== successCode) {
    return { _tag: "Failure", retCode, retMsg: typeof retMsg === "string" ? retMsg : "" }
  }
  return { _tag: "Success", data: data ?? {} }
}
