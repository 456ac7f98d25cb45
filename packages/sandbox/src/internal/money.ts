/** Amounts that come from outside, of calls and of options: more than zero, and not too long to be counted. */
import * as Amount from "@paykka/schemas/Amount"
import * as Result from "effect/Result"
import { refuse } from "./refusal.ts"

export const zero = /*#__PURE__*/ Amount.make(0)

// So that very many of them, at any rates, can be added up within the digits of an amount.
const countable = /^[0-9]{1,30}(?:\.[0-9]{1,10})?$/

/** The rule that an amount breaks; undefined where it is right. */
export const faultOf = (input: Amount.Input, mayBeZero = false): string | undefined => {
  const amount = Amount.parse(input)
  if (Result.isFailure(amount)) return amount.failure.rule
  const sign = Amount.compare(amount.success, zero)
  if (sign < 0 && mayBeZero) return "must not be less than zero"
  if (sign <= 0 && !mayBeZero) return "must be more than zero"
  return countable.test(amount.success)
    ? undefined
    : "must have at most 30 digits before the point and 10 behind it (the sandbox's own limit)"
}

/** Reads an amount of a call, or refuses it. */
export const positive = (input: Amount.Input, field: string): Amount.Amount => {
  const fault = faultOf(input)
  return fault === undefined ? Amount.make(input) : refuse("010000", `${field} ${fault}`)
}

/** What the second amount leaves of the first. */
export const minus = (amount: Amount.Amount, taken: Amount.Amount): Amount.Amount =>
  Amount.sum([amount, Amount.negate(taken)])
