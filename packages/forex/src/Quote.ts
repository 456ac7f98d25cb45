/**
 * Whether a quote may be confirmed: it is for what was asked, within the caller's limit, and does not lapse too soon.
 *
 * The limit is on the amount that the quote adds, never on the rate, whose direction is not documented. Units and scale of
 * amounts are not documented either: give the limit as the platform gives amounts. Whether fees come on top is not known.
 */
import type { PaykkaError } from "@paykka/core/PaykkaError"
import * as Amount from "@paykka/schemas/Amount"
import type * as Messages from "@paykka/schemas/Forex"
import * as Operation from "@paykka/schemas/Operation"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Result from "effect/Result"

/** A request that sells a fixed amount. */
export interface Sale extends Extract<Messages.PreorderRequest, { readonly sell_amount: unknown }> {}
/** A request that buys a fixed amount. */
export interface Purchase extends Extract<Messages.PreorderRequest, { readonly buy_amount: unknown }> {}

/** The limit of a {@link Sale}: how much must be bought at least. More than zero. */
export interface AtLeast {
  /** The least amount to buy: a decimal text such as `"1080.00"`, a whole number, or a bigint. */
  readonly min_buy_amount: string | number | bigint
}
/** The limit of a {@link Purchase}: how much may be sold at most. More than zero. */
export interface AtMost {
  /** The largest amount to sell: a decimal text such as `"1080.00"`, a whole number, or a bigint. */
  readonly max_sell_amount: string | number | bigint
}

type AmountField = "sell_amount" | "buy_amount"

/** What a quote is held to; made by {@link termsOf}. */
export interface Terms {
  readonly sell_currency: string
  readonly buy_currency: string
  /** The amount that was given. More than zero. */
  readonly given: { readonly field: AmountField; readonly amount: Amount.Amount }
  /** The limit of the other amount. */
  readonly limit: { readonly field: AmountField; readonly amount: Amount.Amount }
  /** How long the quote must still hold when a confirmation is sent, in milliseconds. */
  readonly marginMillis: number
}

/** A quote that may be confirmed. */
export interface Confirmable extends Messages.PreorderOutput {
  /** The platform's number of the conversion. */
  readonly order_no: string
  /** When the quote lapses. */
  readonly expire_at: Date
}

/** The quote is worse than the limit: less is bought, or more is sold. */
export interface LimitExceeded {
  readonly _tag: "LimitExceeded"
  readonly field: AmountField
  readonly found: Amount.Amount
  readonly limit: Amount.Amount
}
/**
 * The quote lapses within the margin, or has lapsed, by the clock of this machine; or it would before its confirmation
 * could be sent (again).
 */
export interface ExpiresTooSoon {
  readonly _tag: "ExpiresTooSoon"
  /** How long it still holds, in milliseconds; negative when it has lapsed. */
  readonly leftMillis: number
  readonly marginMillis: number
  /** How the confirmation failed that there is no time left for. It surely was not processed. */
  readonly failure?: PaykkaError
}
/** The quote lacks its number, the amount to judge, or the time when it lapses. */
export interface Incomplete {
  readonly _tag: "Incomplete"
  readonly missing: ReadonlyArray<"order_no" | AmountField | "expire_at">
}
/** The quote is not for what was asked. */
export interface Mismatch {
  readonly _tag: "Mismatch"
  readonly differences: ReadonlyArray<{
    readonly field: "sell_currency" | "buy_currency" | AmountField
    readonly found: string
    readonly wanted: string
  }>
}

/** Why a quote is not confirmed. */
export type Refusal = LimitExceeded | ExpiresTooSoon | Incomplete | Mismatch

const describe = (reason: Refusal): string => {
  switch (reason._tag) {
    case "LimitExceeded": {
      const { field, found, limit } = reason
      return `${field} is ${found}, the limit is ${field === "buy_amount" ? "at least" : "at most"} ${limit}; ask again later, or move the limit`
    }
    case "ExpiresTooSoon": {
      const { leftMillis, marginMillis, failure } = reason
      const margin = `${marginMillis / 1000} s`
      const lacking =
        failure === undefined
          ? `more than ${margin} are wanted`
          : `too soon to send its confirmation with ${margin} to spare (${failure.message})`
      return `it lapses in ${leftMillis / 1000} s, ${lacking}; ask again, and check this machine's clock if that does not help`
    }
    case "Incomplete":
      return `it has no ${reason.missing.join(" and no ")}`
    case "Mismatch":
      return `it is for something else: ${reason.differences.map(({ field, found, wanted }) => `${field} is ${found}, wanted is ${wanted}`).join("; ")}`
  }
}

/** A quote was not confirmed, so nothing was converted; it lapses by itself (inferred). */
export class QuoteRefused
  extends /*#__PURE__*/ Data.TaggedError("QuoteRefused")<{
    /** Why: its `_tag` tells the cases apart. */
    readonly reason: Refusal
    /** The quote as it came. */
    readonly quote: Messages.PreorderOutput
  }>
{
  override get message(): string {
    return `the quote was not confirmed: ${describe(this.reason)}`
  }
}

const isPositive = (amount: Amount.Amount): boolean => Amount.compare(amount, Amount.make(0)) > 0

type Ruled<A> = Result.Result<A, { readonly rule: string }>

const positive = (amount: Amount.Amount): Ruled<Amount.Amount> =>
  isPositive(amount) ? Result.succeed(amount) : Result.fail({ rule: "must be more than zero" })

const millisOf = (margin: Duration.Input): Ruled<number> => {
  const millis = Option.match(Duration.fromInput(margin), { onNone: () => -1, onSome: Duration.toMillis })
  // Not a number is a duration of zero to Effect.
  return millis >= 0 && !Number.isNaN(margin)
    ? Result.succeed(millis)
    : Result.fail({ rule: "must be a duration, such as 5 seconds" })
}

const at = <A>(path: string, ruled: Ruled<A>): Result.Result<A, Operation.Fault> =>
  Result.mapError(ruled, ({ rule }) => ({ path, rule }))

/**
 * The terms of a request: its limit, and for how long a quote must still hold when it is confirmed (default 5 seconds, our
 * own choice: the contract states no lifetime of quotes). Fails where one of these, or the request's amount, cannot be
 * used. That the request's amount must be more than zero is our own rule: the contract states no limits.
 */
export const termsOf = (
  { sell_currency, buy_currency, ...amounts }: Messages.PreorderRequest,
  limit: AtLeast | AtMost,
  margin: Duration.Input = "5 seconds"
): Result.Result<Terms, Operation.InvalidValue> => {
  const [given, limited, name] =
    amounts.sell_amount === undefined
      ? (["buy_amount", "sell_amount", "max_sell_amount"] as const)
      : (["sell_amount", "buy_amount", "min_buy_amount"] as const)
  const amount = at(given, Result.flatMap(Amount.parse(amounts[given]), positive))
  // A limit of the other kind, which no type would let through, must not pass for none.
  const { [name]: input }: Partial<AtLeast & AtMost> = limit
  const bound = at(`limit.${name}`, Result.flatMap(Amount.parse(input), positive))
  const millis = at("options.margin", millisOf(margin))
  if (Result.isFailure(amount) || Result.isFailure(bound) || Result.isFailure(millis)) {
    const faults = [amount, bound, millis].flatMap((read: Result.Result<unknown, Operation.Fault>) =>
      Result.isFailure(read) ? [read.failure] : []
    )
    return Result.fail(new Operation.InvalidValue({ faults }))
  }
  return Result.succeed({
    sell_currency,
    buy_currency,
    given: { field: given, amount: amount.success },
    limit: { field: limited, amount: bound.success },
    marginMillis: millis.success
  })
}

const differencesOf = (quote: Messages.PreorderOutput, { given, limit, ...terms }: Terms): Mismatch["differences"] => {
  const differences: Array<Mismatch["differences"][number]> = []
  for (const field of ["sell_currency", "buy_currency"] as const) {
    const found = quote[field]
    if (found !== undefined && found !== terms[field]) differences.push({ field, found, wanted: terms[field] })
  }
  const echoed = quote[given.field]
  if (echoed !== undefined && Amount.compare(echoed, given.amount) !== 0) {
    differences.push({ field: given.field, found: echoed, wanted: given.amount })
  }
  const price = quote[limit.field]
  if (price !== undefined && !isPositive(price)) {
    differences.push({ field: limit.field, found: price, wanted: "more than zero" })
  }
  return differences
}

const expiry = (expireAt: Date, { marginMillis }: Terms, nowMillis: number): ExpiresTooSoon => ({
  _tag: "ExpiresTooSoon",
  leftMillis: expireAt.getTime() - nowMillis,
  marginMillis
})

const refusalOf = (quote: Messages.PreorderOutput, terms: Terms, nowMillis: number): Refusal | undefined => {
  const differences = differencesOf(quote, terms)
  if (differences.length > 0) return { _tag: "Mismatch", differences }

  const { field, amount: limit } = terms.limit
  const found = quote[field]
  const { expire_at } = quote
  const missing = (["order_no", field, "expire_at"] as const).filter((name) => (quote[name] ?? "") === "")
  if (missing.length > 0 || found === undefined || expire_at === undefined) return { _tag: "Incomplete", missing }

  const order = Amount.compare(found, limit)
  if (field === "buy_amount" ? order < 0 : order > 0) return { _tag: "LimitExceeded", field, found, limit }

  const left = expiry(expire_at, terms, nowMillis)
  return left.leftMillis <= left.marginMillis ? left : undefined
}

/**
 * Holds a quote to its terms, at a time in milliseconds since the epoch.
 *
 * What the quote repeats of the request must be the same; its number, the amount to judge and the time when it lapses must be there; the amount
 * must be within the limit, to the last digit; and the quote must hold for longer than the margin. What confirming a quote
 * does that has lapsed is not known, perhaps it converts at another rate: so one that does not say when it lapses is refused.
 */
export const check = (
  quote: Messages.PreorderOutput,
  terms: Terms,
  nowMillis: number
): Result.Result<Confirmable, QuoteRefused> => {
  const reason = refusalOf(quote, terms, nowMillis)
  // Without a number or a time it is incomplete.
  return reason === undefined ? Result.succeed(quote as Confirmable) : Result.fail(new QuoteRefused({ reason, quote }))
}

/**
 * Until when a quote may be confirmed: its end less the margin, in milliseconds since the epoch. For `notAfter` of
 * `forex.confirm`, which is otherwise repeated until the quote has lapsed.
 */
export const confirmableUntil = ({ expire_at }: Confirmable, { marginMillis }: Terms): number =>
  expire_at.getTime() - marginMillis

/** The refusal of a quote that there was no time left to confirm, at a time in milliseconds since the epoch. */
export const tooLate = (quote: Confirmable, terms: Terms, nowMillis: number, failure: PaykkaError): QuoteRefused =>
  new QuoteRefused({ reason: { ...expiry(quote.expire_at, terms, nowMillis), failure }, quote })
