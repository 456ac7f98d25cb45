/**
 * Countries and regions in messages to send, checked by their form: two capital letters.
 *
 * That PayKKa's table follows ISO 3166-1 alpha-2 is a third-party reading of the documented limit of two characters;
 * which codes it has is not public. So the form is checked and nothing else.
 */
import * as Schema from "effect/Schema"
import * as Field from "./Field.ts"

const rule = "must be two capital letters, such as DE"

/** A country's or region's code, such as `DE`. */
export const CountryCode = /*#__PURE__*/ Field.form(
  "country-code",
  2
)(/*#__PURE__*/ Schema.String.check(/*#__PURE__*/ Schema.isPattern(/^[A-Z]{2}$/, { message: rule })))
