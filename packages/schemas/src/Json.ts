/**
 * JSON without loss of digits.
 *
 * A number that a double would not be written as again (`0.10`, `1e2`, nineteen digits) is read as a raw JSON
 * number, the object that the standard `JSON.rawJSON` makes: it holds the digits as text and is written back unchanged.
 * All other values are those of `JSON.parse`.
 */
import * as Data from "effect/Data"
import * as Result from "effect/Result"

/** A JSON number kept as its digits (`JSON.rawJSON`). */
export interface RawNumber {
  /** The digits, exactly as on the wire. */
  readonly rawJSON: string
}

interface SourceTextJson {
  readonly parse: (
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown
  ) => unknown
  readonly rawJSON: (text: string) => RawNumber
  readonly isRawJSON: (value: unknown) => value is RawNumber
}

// TypeScript's ES2024 library does not know JSON.parse source text access (Node >= 22, workerd, current browsers).
const sourceText = JSON as unknown as SourceTextJson

/** Text that is not JSON, or nested too deeply. Never holds the text. */
export class InvalidJson extends /*#__PURE__*/ Data.TaggedError("InvalidJson")<{ readonly detail: string }> {
  override get message(): string {
    return this.detail
  }
}

/** Objects and arrays may be nested this deep; deeper text is refused. Our own limit, against abuse. */
export const maxDepth = 64

/** Makes a raw JSON number. The text must be a JSON number. */
export const rawNumber = (digits: string): RawNumber => sourceText.rawJSON(digits)

/** Whether a value is a raw JSON number. */
export const isRawNumber = (value: unknown): value is RawNumber => sourceText.isRawJSON(value)

// A cheap look before the costly reviver, at what stands where a value may begin: sixteen or more digits, a final zero
// behind a point, an exponent, a negative zero, a fraction so small that a double is written with an exponent. A date or
// an account number in quotes is none; finding one inside a longer string does no harm.
const mayLoseDigits =
  /(?:^|[[:,])[ \t\r\n]*-?(?:[0-9][0-9.]{15}|[0-9]+\.[0-9]*0(?![0-9])|[0-9]+(?:\.[0-9]*)?[eE]|(?<=-)0|0\.0{6})/

const keepDigits = (_: string, value: unknown, context: { readonly source?: string }): unknown =>
  typeof value === "number" && context.source !== undefined && context.source !== String(value)
    ? sourceText.rawJSON(context.source)
    : value

/** Whether a text has more than so many openings of objects and arrays: one that has not is not nested deeper either. */
const hasMoreOpenings = (text: string, limit: number): boolean => {
  let count = 0
  for (const opening of "{[") {
    for (let at = text.indexOf(opening); at >= 0; at = text.indexOf(opening, at + 1)) {
      if (++count > limit) return true
    }
  }
  return false
}

const isTooDeep = (text: string): boolean => {
  if (!hasMoreOpenings(text, maxDepth)) return false
  let depth = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i)
    if (inString) {
      if (char === 92) i++
      else if (char === 34) inString = false
    } else if (char === 34) inString = true
    else if (char === 91 || char === 123) {
      if (++depth > maxDepth) return true
    } else if (char === 93 || char === 125) depth--
  }
  return false
}

/** Reads JSON text. */
export const parse = (text: string): Result.Result<unknown, InvalidJson> => {
  if (isTooDeep(text)) return Result.fail(new InvalidJson({ detail: `is nested deeper than ${maxDepth} levels` }))
  try {
    return Result.succeed(mayLoseDigits.test(text) ? sourceText.parse(text, keepDigits) : JSON.parse(text))
  } catch {
    // The engine's message quotes the text, which may hold account numbers.
    return Result.fail(new InvalidJson({ detail: text.trim() === "" ? "is empty" : "is not JSON" }))
  }
}

/** Writes compact JSON; raw numbers are written as their digits. */
export const stringify = (value: unknown): string => JSON.stringify(value)

/** A JSON object, as opposed to an array, a raw number or a scalar. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !isRawNumber(value)
