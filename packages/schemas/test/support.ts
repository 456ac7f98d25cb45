import { inspect } from "node:util"
import { assert } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

// ---------------------------------------------------------------------------------------------------------
// Results
// ---------------------------------------------------------------------------------------------------------

/** The failure of a result; fails the test when it is a success. */
export const failureOf = <A, E>(result: Result.Result<A, E>): E =>
  Result.isFailure(result) ? result.failure : assert.fail("was accepted")

/** Fails when one of the texts shows in any print of the value. */
export const assertHidden = (value: unknown, ...secrets: ReadonlyArray<string>): void => {
  const prints = [
    String(value),
    JSON.stringify(value),
    inspect(value, { depth: null, showHidden: true, getters: true }),
    value instanceof Error ? `${value.message}\n${value.stack}` : ""
  ].join("\n")
  for (const secret of secrets) assert.notInclude(prints, secret)
}

// ---------------------------------------------------------------------------------------------------------
// Exact decimals, by BigInt arithmetic and nothing else
// ---------------------------------------------------------------------------------------------------------

export interface Decimal {
  readonly coefficient: bigint
  /** The coefficient times ten to this power. */
  readonly exponent: number
}

/** Any JSON number as coefficient and exponent. */
export const decimalOf = (literal: string): Decimal => {
  const [mantissa = "", power = "0"] = literal.toLowerCase().split("e")
  const [whole = "", fraction = ""] = mantissa.split(".")
  return { coefficient: BigInt(whole + fraction), exponent: Number(power) - fraction.length }
}

const scaled = ({ coefficient, exponent }: Decimal, to: number): bigint => coefficient * 10n ** BigInt(exponent - to)

export const equalDecimals = (a: Decimal, b: Decimal): boolean => {
  const to = Math.min(a.exponent, b.exponent)
  return scaled(a, to) === scaled(b, to)
}

// ---------------------------------------------------------------------------------------------------------
// Arbitraries
// ---------------------------------------------------------------------------------------------------------

const digit = Arbitrary.schema(Schema.Literals(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]))

/** Runs of digits; one in five is all zeros, and half end in zeros. */
const digits = (minLength: number, maxLength: number): Arbitrary.Arbitrary<string> =>
  Arbitrary.map(
    Arbitrary.all({
      run: Arbitrary.array(digit, { minLength, maxLength }),
      ending: Arbitrary.schema(Schema.Literals(["", "", "", "", "0", "00", "000", "0000", "all", "all"]))
    }),
    ({ run, ending }) => {
      const text = run.join("")
      if (ending === "all") return "0".repeat(text.length)
      return ending.length < text.length ? text.slice(0, text.length - ending.length) + ending : text
    }
  )

const minus = Arbitrary.schema(Schema.Literals(["", "-"]))

/** Integers of up to 50 digits. */
export const integers: Arbitrary.Arbitrary<bigint> = Arbitrary.map(
  Arbitrary.all({ sign: minus, whole: digits(1, 50) }),
  ({ sign, whole }) => BigInt(sign + whole)
)

/** JSON numbers without exponent, of up to 90 digits: `-0`, `1200.50`, `0.000`. */
export const plainNumber: Arbitrary.Arbitrary<string> = Arbitrary.map(
  Arbitrary.all({ sign: minus, whole: digits(1, 50), fraction: digits(0, 40) }),
  ({ sign, whole, fraction }) => `${sign}${BigInt(whole)}${fraction === "" ? "" : `.${fraction}`}`
)

/** JSON numbers with exponent, whose digits are no more than 100 when written out. */
export const exponentNumber: Arbitrary.Arbitrary<string> = Arbitrary.map(
  Arbitrary.all({
    sign: minus,
    whole: digits(1, 25),
    fraction: digits(0, 25),
    e: Arbitrary.schema(Schema.Literals(["e", "E"])),
    plus: Arbitrary.schema(Schema.Literals(["", "+"])),
    power: Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: -49, maximum: 49 })))
  }),
  ({ sign, whole, fraction, e, plus, power }) =>
    `${sign}${BigInt(whole)}${fraction === "" ? "" : `.${fraction}`}${e}${power < 0 ? "" : plus}${power}`
)

/** All JSON numbers, short ones too. */
export const jsonNumber: Arbitrary.Arbitrary<string> = Arbitrary.flatMap(
  Arbitrary.schema(Schema.Literals([0, 1, 2])),
  (kind) =>
    [
      plainNumber,
      exponentNumber,
      Arbitrary.schema(Schema.String.check(Schema.isPattern(/^-?(0|[1-9][0-9]{0,5})(\.[0-9]{1,9})?(e-?[0-9])?$/)))
    ][kind]!
)

/**
 * Whether an object has a name that JSON writes with an escape. Where an object of the same shape had the name `\`, V8
 * reads such a name as that one (https://github.com/nodejs/node/issues/63785, Node 24.21).
 */
export const hasEscapedNames = (value: unknown): boolean => {
  if (typeof value !== "object" || value === null) return false
  const names = Array.isArray(value) ? [] : Object.keys(value)
  return names.some((name) => JSON.stringify(name) !== `"${name}"`) || Object.values(value).some(hasEscapedNames)
}
