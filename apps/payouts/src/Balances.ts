/**
 * Reads an available balance from PayKKa's answer.
 *
 * What that answer looks like is not known. The local sandbox has words of its own for it; any other answer is read as "not known", and the
 * payout goes on: PayKKa itself refuses what is not covered.
 */
import * as Amount from "@paykka/schemas/Amount"
import * as Json from "@paykka/schemas/Json"
import * as Result from "effect/Result"

/** The available balance in a currency; undefined where the answer does not tell. */
export type Reader = (answer: Readonly<Record<string, unknown>>, currency: string) => Amount.Amount | undefined

/** Reads the words of `@paykka/sandbox`. */
export const ofSandbox: Reader = ({ sandbox_balances: balances }, currency) => {
  if (!Array.isArray(balances)) return undefined
  const found: unknown = balances.find((each) => Json.isObject(each) && each["currency"] === currency)
  const amount = Amount.fromJson(Json.isObject(found) ? found["available"] : undefined)
  return Result.isSuccess(amount) ? amount.success : undefined
}
