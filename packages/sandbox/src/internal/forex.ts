/**
 * Conversions: a quote at a fixed rate that lapses, confirmed as long as there is money, done after a while.
 *
 * Rates, the direction in which they are quoted and the decimals of amounts are the sandbox's own.
 */
import * as Amount from "@paykka/schemas/Amount"
import * as Forex from "@paykka/schemas/Forex"
import * as Json from "@paykka/schemas/Json"
import * as BigDecimal from "effect/BigDecimal"
import { hold, pocket } from "./ledger.ts"
import { positive, zero } from "./money.ts"
import { refuse } from "./refusal.ts"
import { type Route, type World, route } from "./world.ts"

interface Conversion {
  readonly merchId: string
  readonly orderNo: string
  readonly sell: { readonly currency: string; readonly amount: Amount.Amount }
  readonly buy: { readonly currency: string; readonly amount: Amount.Amount }
  readonly expiresAt: number
  confirmed: boolean
  /** None while it is undecided: no status is known. */
  status?: string
  reason?: string
}

const rounded = (value: BigDecimal.BigDecimal, currency: string, mode: "floor" | "ceil"): Amount.Amount =>
  Amount.fromBigDecimal(BigDecimal.round(value, { scale: currency === "JPY" ? 0 : 2, mode }))

/** The routes of the domain, over a state of its own. */
export const make = (world: World): ReadonlyArray<Route> => {
  const { ledger, settings } = world
  const conversions = new Map<string, Conversion>()

  const answer = ({ orderNo, merchId, status, reason }: Conversion) => ({
    order_no: orderNo,
    merch_id: merchId,
    status,
    reason
  })

  const demand = (merchId: string, orderNo: string): Conversion => {
    const found = conversions.get(orderNo)
    return found?.merchId === merchId ? found : refuse("010002", "the merchant has no conversion with this order_no")
  }

  const perEuro = (currency: string, field: string): BigDecimal.BigDecimal => {
    const rate = Object.hasOwn(settings.rates, currency) ? settings.rates[currency] : undefined
    return Amount.toBigDecimal(rate ?? refuse("010000", `${field} is no currency that the sandbox has a rate for`))
  }

  /** Units of the bought currency for one of the sold, to six decimals. */
  const rateOf = ({ sell_currency, buy_currency }: Forex.PreorderRequest): BigDecimal.BigDecimal => {
    const [sell, buy] = [perEuro(sell_currency, "sell_currency"), perEuro(buy_currency, "buy_currency")]
    if (sell_currency === buy_currency) refuse("010000", "buy_currency must not be that which is sold")
    const rate = BigDecimal.round(BigDecimal.divideUnsafe(buy, sell), { scale: 6, mode: "half-even" })
    return BigDecimal.isZero(rate) ? refuse("010000", "the rate of these currencies is nothing to six decimals") : rate
  }

  /** The amounts to sell and to buy: one is given, the other one is rounded in the platform's favour. */
  const amountsOf = (
    input: Forex.PreorderRequest,
    rate: BigDecimal.BigDecimal
  ): readonly [sold: Amount.Amount, bought: Amount.Amount] => {
    if (input.sell_amount === undefined) {
      const bought = positive(input.buy_amount, "buy_amount")
      const cost = BigDecimal.divideUnsafe(Amount.toBigDecimal(bought), rate)
      return [rounded(cost, input.sell_currency, "ceil"), bought]
    }
    const sold = positive(input.sell_amount, "sell_amount")
    const bought = rounded(BigDecimal.multiply(Amount.toBigDecimal(sold), rate), input.buy_currency, "floor")
    return Amount.compare(bought, zero) > 0 ? [sold, bought] : refuse("010000", "sell_amount buys nothing")
  }

  const complete = (conversion: Conversion): void => {
    const { merchId, sell, buy } = conversion
    const { as, reason } = world.decide("forex")
    const [held, available] = [pocket(merchId, "held"), pocket(merchId, "available")]
    if (as === "convert") {
      ledger.book("conversion", { from: held, to: "exchange", ...sell }, { from: "exchange", to: available, ...buy })
      conversion.status = settings.statuses.conversionDone
    } else {
      ledger.book("conversion failed", { from: held, to: available, ...sell })
      conversion.status = settings.statuses.conversionFailed
      conversion.reason = reason
    }
    world.notify(Forex.notification, merchId, answer(conversion))
  }

  return [
    route(Forex.preorder, ({ merchId, input }) => {
      const rate = rateOf(input)
      const [sold, bought] = amountsOf(input, rate)
      const conversion: Conversion = {
        merchId,
        orderNo: world.number("FX"),
        sell: { currency: input.sell_currency, amount: sold },
        buy: { currency: input.buy_currency, amount: bought },
        expiresAt: world.now() + settings.quoteLifetimeMillis,
        confirmed: false
      }
      conversions.set(conversion.orderNo, conversion)
      return {
        order_no: conversion.orderNo,
        sell_currency: input.sell_currency,
        buy_currency: input.buy_currency,
        sell_amount: Json.rawNumber(sold),
        buy_amount: Json.rawNumber(bought),
        fx_rate: Json.rawNumber(Amount.fromBigDecimal(rate)),
        expire_at: new Date(conversion.expiresAt).toISOString()
      }
    }),
    route(Forex.confirm, ({ merchId, input }) => {
      const conversion = demand(merchId, input.order_no)
      const reply = { order_no: conversion.orderNo }
      if (conversion.confirmed) {
        if (settings.repeatedRequestId === "same-answer") return reply
        refuse("010004", "the quote is confirmed already")
      }
      if (world.now() >= conversion.expiresAt) refuse("010003", "the quote has lapsed")
      hold(ledger, "conversion begun", merchId, conversion.sell)
      conversion.confirmed = true
      world.later(() => complete(conversion))
      return reply
    }),
    route(Forex.inquiry, ({ merchId, input }) => answer(demand(merchId, input.order_no)))
  ]
}
