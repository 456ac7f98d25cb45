/**
 * What must become of money, in a few lines and with BigInt alone: orders, receipts, quotes, payouts and three pockets.
 * Each step gives the code with which it must be refused, or nothing where it must succeed.
 */
import { type Currency, bought, decimalsOf, rateOf, sold } from "./arithmetic.ts"

/** The sandbox takes this long for a decision. */
const decidesAfter = 1000
const quoteLifetime = 30_000
/** The fee of a payout, in cents. */
export const fee = 50n

export type Pocket = "available" | "held" | "unsettled"

export interface Receipt {
  readonly who: number
  readonly currency: Currency
  open: bigint
  status: "PENDING_RELATE" | "CHECK_REJECTED" | "SANDBOX_SETTLED"
  checking: boolean
}

export interface Order {
  readonly who: number
  readonly currency: Currency
  readonly amount: bigint
  related: bigint
}

export interface Quote {
  readonly who: number
  readonly sell: readonly [Currency, bigint]
  readonly buy: readonly [Currency, bigint]
  readonly until: number
  confirmed: boolean
}

export interface Model {
  readonly money: (who: number, currency: Currency, pocket: Pocket) => bigint
  /** How many notifications have been sent. */
  readonly notified: () => number
  readonly wait: (millis: number) => void
  readonly remit: (who: number, currency: Currency, amount: bigint) => Receipt
  readonly order: (who: number, currency: Currency, amount: bigint) => Order
  readonly settle: (
    receipt: Receipt,
    parts: ReadonlyArray<readonly [Order, bigint]>,
    as: "settle" | "reject"
  ) => string | undefined
  /** Undefined where the amount buys nothing. */
  readonly quote: (who: number, sell: Currency, buy: Currency, side: "sell" | "buy", cents: bigint) => Quote | undefined
  readonly confirm: (quote: Quote, as: "convert" | "fail") => string | undefined
  readonly pay: (who: number, currency: Currency, amount: bigint, as: "pay" | "fail" | "return") => string | undefined
}

export const make = (): Model => {
  const pockets = new Map<string, bigint>()
  const plans: Array<{ readonly at: number; readonly run: () => void }> = []
  let now = 0
  let notified = 0

  const money: Model["money"] = (who, currency, pocket) => pockets.get(`${who} ${currency} ${pocket}`) ?? 0n
  const add = (who: number, currency: Currency, pocket: Pocket, amount: bigint) => {
    pockets.set(`${who} ${currency} ${pocket}`, money(who, currency, pocket) + amount)
  }
  const move = (who: number, currency: Currency, from: Pocket, to: Pocket, amount: bigint) => {
    add(who, currency, from, -amount)
    add(who, currency, to, amount)
  }
  const plan = (run: () => void) => {
    const step = () => {
      run()
      notified++
    }
    plans.push({ at: now + decidesAfter, run: step })
  }
  const inCents = (amount: bigint, currency: Currency) => amount * 10n ** BigInt(2 - decimalsOf(currency))

  return {
    money,
    notified: () => notified,
    wait: (millis) => {
      const until = now + millis
      // All waits are equally long: what was planned first is due first.
      while (plans.length > 0 && plans[0]!.at <= until) {
        const { at, run } = plans.shift()!
        now = at
        run()
      }
      now = until
    },
    remit: (who, currency, amount) => {
      add(who, currency, "unsettled", amount)
      notified++
      return { who, currency, open: amount, status: "PENDING_RELATE", checking: false }
    },
    order: (who, currency, amount) => ({ who, currency, amount, related: 0n }),
    settle: (receipt, parts, as) => {
      if (receipt.checking || receipt.status === "SANDBOX_SETTLED") return "010003"
      const sum = parts.reduce((total, [, amount]) => total + amount, 0n)
      for (const [order] of parts) {
        if (order.currency !== receipt.currency) return "010003"
        const wanted = parts.reduce((total, [other, amount]) => (other === order ? total + amount : total), 0n)
        if (order.related + wanted > order.amount) return "010003"
      }
      if (sum > receipt.open) return "010003"
      for (const [order, amount] of parts) order.related += amount
      receipt.checking = true
      receipt.status = "PENDING_RELATE"
      plan(() => {
        receipt.checking = false
        if (as === "settle") {
          receipt.open -= sum
          move(receipt.who, receipt.currency, "unsettled", "available", sum)
          if (receipt.open === 0n) receipt.status = "SANDBOX_SETTLED"
        } else {
          for (const [order, amount] of parts) order.related -= amount
          receipt.status = "CHECK_REJECTED"
        }
      })
      return undefined
    },
    quote: (who, sell, buy, side, cents) => {
      const rate = rateOf(sell, buy)
      const toBuy = side === "buy" ? cents : inCents(bought(cents, rate, buy), buy)
      const toSell = side === "sell" ? cents : inCents(sold(cents, rate, sell), sell)
      if (toBuy === 0n) return undefined
      return { who, sell: [sell, toSell], buy: [buy, toBuy], until: now + quoteLifetime, confirmed: false }
    },
    confirm: (quote, as) => {
      const { who, sell, buy } = quote
      if (quote.confirmed) return undefined
      if (now >= quote.until || money(who, sell[0], "available") < sell[1]) return "010003"
      quote.confirmed = true
      move(who, sell[0], "available", "held", sell[1])
      plan(() => {
        add(who, sell[0], "held", -sell[1])
        if (as === "convert") add(who, ...([buy[0], "available", buy[1]] as const))
        else add(who, sell[0], "available", sell[1])
      })
      return undefined
    },
    pay: (who, currency, amount, as) => {
      const total = amount + fee
      if (money(who, currency, "available") < total) return "010003"
      move(who, currency, "available", "held", total)
      plan(() => {
        add(who, currency, "held", -total)
        if (as === "fail") add(who, currency, "available", total)
        if (as === "return") plan(() => add(who, currency, "available", amount))
      })
      return undefined
    }
  }
}
