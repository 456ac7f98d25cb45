/**
 * Exact decimal amounts.
 *
 * In memory an amount is a decimal text (`"1200.50"`); on the wire it is a JSON number with just those digits.
 * No float ever touches it. Unit, scale and currency of the wire's amounts are not documented: they are passed
 * on as given, with every digit.
 */
import * as BigDecimal from "effect/BigDecimal"
import type * as Brand from "effect/Brand"
import * as Data from "effect/Data"
import * as Result from "effect/Result"
import * as Field from "./Field.ts"
import * as Json from "./Json.ts"
import * as Exact from "./internal/exact.ts"

/** An exact decimal: an optional minus, digits, and perhaps a point followed by digits. */
export type Amount = string & Brand.Brand<"Amount">

/** What {@link make} takes: a decimal text, a safe integer, or a bigint. */
export type Input = string | number | bigint

/** A value that is not an exact decimal. The value itself is not shown. */
export class InvalidAmount extends /*#__PURE__*/ Data.TaggedError("InvalidAmount")<{ readonly rule: string }> {
  override get message(): string {
    return this.rule
  }
}

/** The most digits of an amount, on both sides of the point. Our own limit, against exponents such as `1e999999`. */
export const maxDigits = 100

const decimal = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$/
const jsonNumber = /^(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/
const zero = /^-0(?:\.0+)?$/

const fail = (rule: string): Result.Result<never, InvalidAmount> => Result.fail(new InvalidAmount({ rule }))

const tooLong = `must not have more than ${maxDigits} digits`
const notDecimal = 'must be a decimal text such as "1200.50", without exponent, blanks or separators'
const notExact = 'must not be a float or an unsafe integer, which are not exact; write it as text, such as "1200.50"'

const accept = (text: string): Result.Result<Amount, InvalidAmount> =>
  text.replace(/[-.]/g, "").length > maxDigits
    ? fail(tooLong)
    : Result.succeed((zero.test(text) ? text.slice(1) : text) as Amount)

/** Moves the point of a JSON number's digits by its exponent. */
const withoutExponent = (sign: string, whole: string, fraction: string, exponent: number): string => {
  const digits = whole + fraction
  const point = whole.length + exponent
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`
  const padded = digits.padEnd(point, "0")
  const integer = padded.slice(0, point).replace(/^0+(?=[0-9])/, "")
  const rest = padded.slice(point)
  return `${sign}${integer}${rest === "" ? "" : `.${rest}`}`
}

const fromDigits = (text: string): Result.Result<Amount, InvalidAmount> => {
  const match = jsonNumber.exec(text)
  if (match === null) return fail("must be a decimal number")
  const exponent = Number(match[4] ?? 0)
  // Before the zeros are written: there may be as many as the sender likes.
  if (Math.abs(exponent) > maxDigits) return fail(tooLong)
  return accept(withoutExponent(match[1]!, match[2]!, match[3] ?? "", exponent))
}

/**
 * Reads an amount from a program's value.
 *
 * Accepts a decimal text without exponent, plus sign, blanks, separators or leading zeros; a safe integer; a
 * bigint. Refuses a number with a fraction, since `0.1 + 0.2` is one too: write it as text.
 */
export const parse = (input: unknown): Result.Result<Amount, InvalidAmount> => {
  switch (typeof input) {
    case "string":
      return decimal.test(input) ? accept(input) : fail(notDecimal)
    case "bigint":
      return accept(String(input))
    case "number":
      return Number.isSafeInteger(input) ? accept(String(input)) : fail(notExact)
    default:
      return fail('must be a decimal text such as "1200.50" or an integer')
  }
}

/** As {@link parse}, for values that are right by construction. Throws {@link InvalidAmount}. */
export const make = (input: Input): Amount => Result.getOrThrow(parse(input))

/** Reads an amount from a JSON value of {@link Json.parse}: a number, a raw number or a decimal text. */
export const fromJson = (value: unknown): Result.Result<Amount, InvalidAmount> => {
  if (Json.isRawNumber(value)) return fromDigits(value.rawJSON)
  // Json.parse has kept as raw whatever a double would lose, so this number's shortest form is the wire's.
  if (typeof value === "number" && Number.isFinite(value)) return fromDigits(String(value))
  return typeof value === "string" ? fromDigits(value) : fail("must be a number")
}

// How many decimals a currency has comes from a table of the program's own: a row may be missing.
const isCount = (decimals: number): boolean => Number.isInteger(decimals) && decimals >= 0 && decimals <= maxDigits
const notACount = `the number of decimals must be a whole number from 0 to ${maxDigits}`

/** The amount in minor units: `("12.50", 2)` is `1250n`. Fails when digits would be lost. */
export const toMinorUnits = (amount: Amount, decimals: number): Result.Result<bigint, InvalidAmount> => {
  if (!isCount(decimals)) return fail(notACount)
  const [whole = "", fraction = ""] = amount.split(".")
  const lost = fraction.slice(decimals)
  if (/[1-9]/.test(lost)) return fail(`must not have more than ${decimals} decimals`)
  return Result.succeed(BigInt(whole + fraction.slice(0, decimals).padEnd(decimals, "0")))
}

/** The amount of minor units: `(1250n, 2)` is `"12.50"`. Throws {@link InvalidAmount}, as {@link make} does. */
export const fromMinorUnits = (units: bigint | number, decimals: number): Amount => {
  if (!isCount(decimals)) throw new InvalidAmount({ rule: notACount })
  const text = make(units)
  const sign = text.startsWith("-") ? "-" : ""
  const digits = text.slice(sign.length).padStart(decimals + 1, "0")
  const point = digits.length - decimals
  return make(decimals === 0 ? sign + digits : `${sign}${digits.slice(0, point)}.${digits.slice(point)}`)
}

/** The amount as Effect's `BigDecimal`, for arithmetic. Final zeros are kept as its scale. */
export const toBigDecimal = (amount: Amount): BigDecimal.BigDecimal => BigDecimal.fromStringUnsafe(amount)

/** The amount of a `BigDecimal`, with as many decimals as its scale. Throws {@link InvalidAmount} beyond 100 digits. */
export const fromBigDecimal = ({ value, scale }: BigDecimal.BigDecimal): Amount =>
  scale >= 0 ? fromMinorUnits(value, scale) : Result.getOrThrow(fromDigits(`${value}e${-scale}`))

/** Whether the first amount is less than (-1), equal to (0) or more than (1) the second; `1.0` and `1.00` are equal. */
export const compare = (a: Amount, b: Amount): -1 | 0 | 1 => BigDecimal.Order(toBigDecimal(a), toBigDecimal(b))

/** The exact sum, with as many decimals as the longest of the amounts. Throws {@link InvalidAmount} beyond 100 digits. */
export const sum = (amounts: Iterable<Amount>): Amount => {
  const all = [...amounts]
  // Not by BigDecimal.sum, which forgets the decimals of a zero.
  const decimals = all.reduce((most, amount) => Math.max(most, toBigDecimal(amount).scale), 0)
  const units = all.map((amount) => Result.getOrThrow(toMinorUnits(amount, decimals)))
  return fromMinorUnits(
    units.reduce((total, one) => total + one, 0n),
    decimals
  )
}

/** The amount with its sign turned. */
export const negate = (amount: Amount): Amount => fromBigDecimal(BigDecimal.negate(toBigDecimal(amount)))

const number: Field.Wire = { type: "number" }

const kind = (): Exact.Kind<Amount> => ({
  parse,
  fromJson,
  form: decimal,
  largest: 10n ** BigInt(maxDigits) - 1n
})

/** An amount of a received message: a JSON number (or a decimal text), read with every digit. */
export const Inbound = /*#__PURE__*/ Field.wire(number)(/*#__PURE__*/ Exact.inbound(/*#__PURE__*/ kind()))

/** An amount of a message to send: {@link Input} in the program, a JSON number of exactly its digits on the wire. */
export const Outbound = /*#__PURE__*/ Field.wire(number)(/*#__PURE__*/ Exact.outbound(/*#__PURE__*/ kind()))
