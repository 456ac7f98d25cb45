/** Checks of plugins' options. */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { InvalidConfiguration } from "../Environment.ts"
import { lasts } from "./lasts.ts"

/** What must hold of an option, and how that is said. */
export type Rule = readonly [option: string, holds: boolean, rule: string]

/** Fails with the first rule that does not hold. */
export const check = (rules: ReadonlyArray<Rule>): Effect.Effect<void, InvalidConfiguration> => {
  const broken = rules.find(([, holds]) => !holds)
  return broken === undefined
    ? Effect.void
    : Effect.fail(new InvalidConfiguration({ option: broken[0], detail: broken[2] }))
}

/** A whole number from `least`. */
export const whole = (option: string, value: number, least: number): Rule => [
  option,
  Number.isSafeInteger(value) && value >= least,
  `must be a whole number from ${least}`
]

/** A duration that ends, of at least so many milliseconds. */
export const duration = (option: string, input: Duration.Input, leastMillis: number): Rule => [
  option,
  lasts(input, (millis) => millis >= leastMillis && Number.isFinite(millis)),
  leastMillis === 0
    ? "must be a duration, such as 30 seconds"
    : "must be a duration of 1 millisecond or longer, such as 30 seconds"
]

/** One of some words. */
export const word = (option: string, value: string, words: ReadonlyArray<string>): Rule => [
  option,
  words.includes(value),
  `must be one of ${words.join(", ")}`
]
