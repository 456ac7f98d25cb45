/**
 * Exact decimal amounts for programs without Effect: texts such as `"1200.50"`, calculated without a float.
 *
 * Every function takes a decimal text, a whole number or a bigint, and throws {@link InvalidAmount} for anything else. Results keep as many
 * decimals as the longest of what was given: `add("1", "0.50")` is `"1.50"`.
 */
import * as Amounts from "@paykka/schemas/Amount"
import * as Result from "effect/Result"
import { plain } from "./internal/rejection.ts"

/** An exact decimal: an optional minus, digits, and perhaps a point followed by digits. Messages have their amounts as such. */
export type Amount = Amounts.Amount

/** What stands for an amount: a decimal text such as `"1200.50"`, a whole number, or a bigint. */
export type Input = Amounts.Input

/** What was given is not an exact decimal, or has more than 100 digits; `rule` says what is wanted. The value itself is not shown. */
export { InvalidAmount } from "@paykka/schemas/Amount"

/** Calculates; what is thrown prints like any other error. */
const plainly = <A>(calculate: () => A): A => {
  try {
    return calculate()
  } catch (error) {
    throw plain(error)
  }
}

const read = (input: Input): Amount => Result.getOrThrow(Amounts.parse(input))

/**
 * Reads an amount: a decimal text without exponent, plus sign, blanks, separators or leading zeros; a whole number; a bigint. Throws
 * {@link InvalidAmount}, also for a number with a fraction, since `0.1 + 0.2` is one too: write it as text.
 */
export const parse = (input: Input): Amount => plainly(() => read(input))

/**
 * Reads an amount from a field of an answer or a notification that the SDK does not know: a number, exact to the last digit, or a decimal text.
 * Throws {@link InvalidAmount}.
 */
export const fromJson = (value: unknown): Amount => plainly(() => Result.getOrThrow(Amounts.fromJson(value)))

/** The exact sum of all; of none it is `"0"`. Throws {@link InvalidAmount}. */
export const sum = (amounts: Iterable<Input>): Amount => plainly(() => Amounts.sum(Array.from(amounts, read)))

/** The exact sum of two. Throws {@link InvalidAmount}. */
export const add = (a: Input, b: Input): Amount => sum([a, b])

/** The amount with its sign turned. Throws {@link InvalidAmount}. */
export const negate = (amount: Input): Amount => plainly(() => Amounts.negate(read(amount)))

/** The first less the second, exactly. Throws {@link InvalidAmount}. */
export const subtract = (a: Input, b: Input): Amount => sum([a, negate(b)])

/**
 * Whether the first is less than (-1), equal to (0) or more than (1) the second; `1.0` and `1.00` are equal. Also sorts:
 * `amounts.toSorted(Amount.compare)`. Throws {@link InvalidAmount}.
 */
export const compare = (a: Input, b: Input): -1 | 0 | 1 => plainly(() => Amounts.compare(read(a), read(b)))

/**
 * The amount in minor units, such as cents: `("12.50", 2)` is `1250n`. Throws {@link InvalidAmount} where digits would be lost, or where the
 * number of decimals is none from 0 to 100.
 */
export const toMinorUnits = (amount: Input, decimals: number): bigint =>
  plainly(() => Result.getOrThrow(Amounts.toMinorUnits(read(amount), decimals)))

/** The amount of minor units, such as cents: `(1250n, 2)` is `"12.50"`. Throws {@link InvalidAmount}. */
export const fromMinorUnits = (units: bigint | number, decimals: number): Amount =>
  plainly(() => Amounts.fromMinorUnits(units, decimals))
