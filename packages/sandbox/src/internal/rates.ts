/** Rates of exchange, round numbers of the sandbox's own: units of each currency for one euro. */
import * as Amount from "@paykka/schemas/Amount"

/** All currencies that an order may have. */
export const standard = (): Readonly<Record<string, Amount.Amount>> => ({
  EUR: Amount.make("1"),
  USD: Amount.make("1.1"),
  GBP: Amount.make("0.85"),
  CNY: Amount.make("7.8"),
  CNH: Amount.make("7.8"),
  HKD: Amount.make("8.6"),
  JPY: Amount.make("160"),
  SGD: Amount.make("1.45"),
  AUD: Amount.make("1.65"),
  CAD: Amount.make("1.5"),
  PHP: Amount.make("62")
})
