/**
 * Currencies in messages to send, checked by their form: three capital letters.
 *
 * That PayKKa's codes follow ISO 4217 is a third-party reading; CNH, which PayKKa documents, is no code of the standard.
 * So the form is checked and nothing else.
 */
import * as Schema from "effect/Schema"
import * as Field from "./Field.ts"

const rule = "must be three capital letters, such as EUR"

/** A currency's code, such as `EUR`. */
export const CurrencyCode = /*#__PURE__*/ Field.form(
  "currency-code",
  3
)(/*#__PURE__*/ Schema.String.check(/*#__PURE__*/ Schema.isPattern(/^[A-Z]{3}$/, { message: rule })))
