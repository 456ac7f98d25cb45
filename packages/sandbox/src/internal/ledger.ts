/**
 * The money of all merchants, as double entries: what one account loses another one gains, in the same currency.
 */
import * as Amount from "@paykka/schemas/Amount"
import { refuse } from "./refusal.ts"

/** Part of a merchant's money: arrived and not settled, free to use, or held for a payout or conversion under way. */
export type Pocket = "unsettled" | "available" | "held"

/** One line of the ledger. The amounts of a transaction add up to nothing, in each currency. */
export interface Entry {
  /** Lines of one transaction have the same number. */
  readonly transaction: number
  /** Milliseconds since the epoch, on the sandbox's clock. */
  readonly at: number
  /** What it was for, such as `settlement`. */
  readonly what: string
  /** `outside`, `exchange`, `fees`, or a merchant's number and pocket: `M24061911365700670 available`. */
  readonly account: string
  readonly currency: string
  /** What the account gains; negative for what it loses. */
  readonly amount: Amount.Amount
}

/** From where to where. */
export interface Transfer {
  readonly from: string
  readonly to: string
  readonly currency: string
  readonly amount: Amount.Amount
}

/** The ledger. */
export interface Ledger {
  readonly entries: () => ReadonlyArray<Entry>
  /** Books transfers as one transaction. */
  readonly book: (what: string, ...transfers: ReadonlyArray<Transfer>) => void
  readonly balance: (account: string, currency: string) => Amount.Amount
  /** The currencies that a merchant has ever had money in, in alphabetical order. */
  readonly currencies: (merchId: string) => ReadonlyArray<string>
}

/** A merchant's pocket as an account. */
export const pocket = (merchId: string, name: Pocket): string => `${merchId} ${name}`

const pockets: ReadonlyArray<Pocket> = ["unsettled", "available", "held"]

/** Holds available money for what is under way. The code of a refusal for lack of money is a guess. */
export const hold = (
  ledger: Ledger,
  what: string,
  merchId: string,
  money: Pick<Transfer, "currency" | "amount">
): void => {
  const available = pocket(merchId, "available")
  if (Amount.compare(ledger.balance(available, money.currency), money.amount) < 0) {
    refuse("010003", "insufficient balance")
  }
  ledger.book(what, { from: available, to: pocket(merchId, "held"), ...money })
}

/** An empty ledger. */
export const make = (now: () => number): Ledger => {
  const entries: Array<Entry> = []
  let transactions = 0
  return {
    entries: () => [...entries],
    book: (what, ...transfers) => {
      const common = { transaction: ++transactions, at: now(), what }
      for (const { from, to, currency, amount } of transfers) {
        entries.push({ ...common, account: from, currency, amount: Amount.negate(amount) })
        entries.push({ ...common, account: to, currency, amount })
      }
    },
    balance: (account, currency) =>
      Amount.sum(
        entries.filter((entry) => entry.account === account && entry.currency === currency).map(({ amount }) => amount)
      ),
    currencies: (merchId) => {
      const accounts = pockets.map((name) => pocket(merchId, name))
      const own = entries.filter(({ account }) => accounts.includes(account))
      return [...new Set(own.map(({ currency }) => currency))].toSorted()
    }
  }
}
