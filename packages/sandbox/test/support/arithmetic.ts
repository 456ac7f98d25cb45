/** Money in whole cents and rates in millionths, counted with BigInt alone: the judge of the sandbox's arithmetic. */
import { assert } from "@effect/vitest"

/** Units for one euro, in millionths: the tests' own numbers. */
const rates = { EUR: 1_000_000n, USD: 1_083_700n, GBP: 856_123n, JPY: 163_290_000n, KWD: 332_871n } as const

export type Currency = keyof typeof rates

export const currencies = Object.keys(rates) as ReadonlyArray<Currency>

/** Writes units of the last decimal as a decimal text: `(1250n, 2)` is `12.50`. */
export const decimal = (amount: bigint, decimals: number): string => {
  const digits = String(amount).padStart(decimals + 1, "0")
  return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`
}

/** The rates for the sandbox. */
export const rateTexts: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(rates).map(([currency, rate]) => [currency, decimal(rate, 6)])
)

/** Reads a decimal text as units of the last decimal. It must not have more decimals that count. */
export const units = (text: string, decimals: number): bigint => {
  const [whole = "", fraction = ""] = text.split(".")
  assert.match(fraction.slice(decimals), /^0*$/)
  return BigInt(whole + fraction.slice(0, decimals).padEnd(decimals, "0"))
}

const roundHalfEven = (numerator: bigint, denominator: bigint): bigint => {
  const quotient = numerator / denominator
  const twice = 2n * (numerator % denominator)
  const up = twice > denominator || (twice === denominator && quotient % 2n === 1n)
  return up ? quotient + 1n : quotient
}

/** Units of the bought currency for one of the sold, in millionths. */
export const rateOf = (sell: Currency, buy: Currency): bigint => roundHalfEven(rates[buy] * 1_000_000n, rates[sell])

/** The decimals of an amount that the sandbox has counted. */
export const decimalsOf = (currency: Currency): number => (currency === "JPY" ? 0 : 2)

/** What that many cents buy, in the last decimal of the currency: rounded down. */
export const bought = (cents: bigint, rate: bigint, buy: Currency): bigint =>
  (cents * rate * 10n ** BigInt(decimalsOf(buy))) / (100n * 1_000_000n)

/** What must be sold to buy that many cents, in the last decimal of the currency: rounded up. */
export const sold = (cents: bigint, rate: bigint, sell: Currency): bigint => {
  const numerator = cents * 1_000_000n * 10n ** BigInt(decimalsOf(sell))
  const denominator = 100n * rate
  return (numerator + denominator - 1n) / denominator
}
