/**
 * What is done next for a payout, by its state.
 *
 * Two rules keep money from moving twice. What may move money is recorded before it is sent, and is not sent later than half of
 * `sendMillis` after that record. And a payment of that no answer came is asked for, and only sent again (under its `request_id`) when
 * PayKKa does not have it, long after the last request of it can have gone out.
 */
import { Balance } from "@paykka/balance/Balance"
import type { PaykkaError, Reason } from "@paykka/core/PaykkaError"
import { Forex } from "@paykka/forex/Forex"
import * as Quote from "@paykka/forex/Quote"
import { Payment } from "@paykka/payment/Payment"
import * as Amount from "@paykka/schemas/Amount"
import * as LifeCycle from "@paykka/schemas/LifeCycle"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { ofSandbox } from "./Balances.ts"
import type { Change, Payout, State } from "./Payout.ts"
import type { StoreUnavailable } from "./PayoutStore.ts"
import { Current, type Settings } from "./Settings.ts"

/** Somebody else has changed the payout meanwhile: this look at it ends, and knows nothing that is not kept. */
export class Superseded {
  readonly _tag = "Superseded"
}

/** Keeps a change before anything else is done. */
export type Keep = (change: Change) => Effect.Effect<Payout, StoreUnavailable | Superseded>

/** What a look has found: undefined when nothing. */
type Found = Change | undefined

type Step<R> = (payout: Payout, keep: Keep) => Effect.Effect<Found, StoreUnavailable | Superseded, R>

type Services = Balance | Forex | Payment | Current

const rejected = (problem: string): Change => ({ state: "rejected", problem })
const held = (problem: string): Change => ({ state: "held", problem })

/** What a status of the payment makes of a payout. */
export const ofStatus = ({ payment }: Settings, told: LifeCycle.Told): Change => {
  const states: Readonly<Record<LifeCycle.Stage, State>> = {
    pending: "processing",
    succeeded: "paid",
    failed: "failed",
    unlisted: "held"
  }
  const state = states[LifeCycle.stageOf(payment, told.status)]
  const problem = `the payment has the status ${told.status}, which is in no list: say what it means in PAYOUTS_PAID_STATUSES or PAYOUTS_FAILED_STATUSES`
  return { state, told, problem: state === "held" ? problem : undefined }
}

/** What is known when a call that moves money has failed: whether it may have been processed. */
const isInDoubt = ({ reason }: PaykkaError) => reason._tag === "OutcomeUnknown"

/** What PayKKa says of the order itself. All else is of the moment or of the service: limits, the network, the time, keys, paths. */
const refusals: ReadonlyArray<Reason["_tag"]> = [
  "InvalidRequest",
  "NotFound",
  "InvalidState",
  "IntegrityViolation",
  "Rejected"
]

const isRefusal = ({ reason }: PaykkaError) => refusals.includes(reason._tag)

/** False only when the balance is known not to cover it. */
const covers = Effect.fnUntraced(function* (currency: string, amount: Amount.Amount) {
  const balance = yield* Balance
  const nothing: Readonly<Record<string, unknown>> = {}
  const answer = yield* Effect.catchIf(balance.inquiry({ currency }), isRefusal, () => Effect.succeed(nothing))
  const available = ofSandbox(answer, currency)
  return available === undefined || Amount.compare(available, amount) >= 0
})

const notCovered = (currency: string) => rejected(`the balance in ${currency} does not cover it; nothing was paid`)

/** Of what surely moved no money: rejects what is refused, tries all else again later. */
const failed =
  (before: State) =>
  (error: PaykkaError): Found =>
    isRefusal(error) ? rejected(error.message) : { state: before }

/** Of a payment: that its `request_id` is there already may be due to a sending that was believed lost. */
const unpaid =
  (before: State) =>
  (error: PaykkaError): Found =>
    error.reason._tag === "IntegrityViolation"
      ? held(`PayKKa may have a payment of this request_id already; look at it before you pay again (${error.message})`)
      : failed(before)(error)

/** No request of the call goes out, or is waited for, after `sendMillis`. */
const bounded = ({ sendMillis }: Settings, now: number) => ({
  notAfter: now + sendMillis / 2,
  timeout: sendMillis / 2
})

const pay =
  (before: "accepted" | "converted"): Step<Services> =>
  ({ order }, keep) =>
    Effect.gen(function* () {
      const { request_id, amount, currency, beneficiary_id, postscript } = order
      const settings = yield* Current
      const payment = yield* Payment
      const sent_at = yield* Clock.currentTimeMillis
      yield* keep({ state: "paying", sent_at })
      return yield* Effect.matchEffect(
        payment.apply({ request_id, amount, currency, beneficiary_id, postscript }, bounded(settings, sent_at)),
        {
          onFailure: (error) => Effect.succeed(isInDoubt(error) ? undefined : unpaid(before)(error)),
          onSuccess: ({ status }) =>
            Effect.map(Clock.currentTimeMillis, (at) => ofStatus(settings, { status: status ?? "PROCESSING", at }))
        }
      )
    })

/** A payment of that no answer came. */
const findPayment: Step<Services> = ({ order, sent_at = 0 }) =>
  Effect.gen(function* () {
    const settings = yield* Current
    const payment = yield* Payment
    const at = yield* Clock.currentTimeMillis
    return yield* Effect.matchEffect(payment.inquiry({ request_id: order.request_id }), {
      onFailure: ({ reason }) => {
        const isSettled = at >= sent_at + settings.sendMillis + settings.settleMillis
        return Effect.succeed<Found>(
          reason._tag === "NotFound" && isSettled
            ? { state: order.source === undefined ? "accepted" : "converted" }
            : undefined
        )
      },
      // An answer without a status decides nothing.
      onSuccess: ({ status }) =>
        Effect.succeed<Found>(status === undefined ? undefined : ofStatus(settings, { status, at }))
    })
  })

const quote: Step<Services> = ({ order }, keep) =>
  Effect.gen(function* () {
    const { source, amount, currency } = order
    if (source === undefined) return held("a conversion was to be made of nothing")
    const settings = yield* Current
    const forex = yield* Forex
    const request = { sell_currency: source.currency, buy_currency: currency, buy_amount: amount }
    const terms = Result.getOrThrow(Quote.termsOf(request, { max_sell_amount: source.max_amount }))
    const offered = yield* forex.preorder(request)
    const checked = Quote.check(offered, terms, yield* Clock.currentTimeMillis)
    if (Result.isFailure(checked)) return rejected(checked.failure.message)
    const accepted = checked.success
    if (!(yield* covers(source.currency, accepted.sell_amount ?? source.max_amount))) {
      return notCovered(source.currency)
    }
    const sent_at = yield* Clock.currentTimeMillis
    const { order_no } = accepted
    const expires_at = accepted.expire_at.getTime()
    yield* keep({ state: "confirming", sent_at, conversion: { order_no, expires_at } })
    const { timeout, notAfter } = bounded(settings, sent_at)
    const options = { timeout, notAfter: Math.min(notAfter, Quote.confirmableUntil(accepted, terms)) }
    return yield* Effect.match(forex.confirm({ order_no }, options), {
      onFailure: (error) => (isInDoubt(error) ? undefined : failed("accepted")(error)),
      onSuccess: (): Found => ({ state: "converting" })
    })
  }).pipe(
    // Of the quote and the balance; what is in doubt is dealt with above.
    Effect.catchTag("PaykkaError", (error) => Effect.succeed(failed("accepted")(error)))
  )

/** A conversion that is not decided, or perhaps not begun. */
const findConversion: Step<Services> = ({ state, conversion, sent_at = 0 }) =>
  Effect.gen(function* () {
    if (conversion === undefined) return held("a conversion is looked for that has no number")
    const { order_no, expires_at } = conversion
    const { conversion: lifeCycle, sendMillis, settleMillis } = yield* Current
    const forex = yield* Forex
    const now = yield* Clock.currentTimeMillis
    const answer = yield* Effect.option(forex.inquiry({ order_no }))
    const status = answer._tag === "Some" ? answer.value.status : undefined
    switch (LifeCycle.stageOf(lifeCycle, status)) {
      case "succeeded":
        return { state: "converted" }
      case "failed":
        return rejected(`the conversion ${order_no} has failed (${status}); nothing was paid`)
      case "unlisted":
        return held(
          `the conversion ${order_no} has the status ${status}, which is in no list: say what it means in PAYOUTS_CONVERTED_STATUSES or PAYOUTS_NOT_CONVERTED_STATUSES`
        )
      case "pending": {
        const isSettled = now >= Math.max(expires_at, sent_at + sendMillis) + settleMillis
        // An update's question never tells that it was not processed; a quote that was not confirmed looks like one that is.
        return state === "confirming" && isSettled
          ? held(`nobody knows whether the quote ${order_no} was confirmed; look at it before you pay out again`)
          : undefined
      }
    }
  })

/** Before anything that moves money was sent. */
const begin: Step<Services> = (payout, keep) =>
  Effect.gen(function* () {
    const { order, created_at } = payout
    const { patienceMillis } = yield* Current
    if ((yield* Clock.currentTimeMillis) > created_at + patienceMillis) {
      return rejected("PayKKa could not be reached for too long; nothing was paid")
    }
    if (order.source !== undefined) return yield* quote(payout, keep)
    const isCovered = yield* covers(order.currency, order.amount)
    return isCovered ? yield* pay("accepted")(payout, keep) : notCovered(order.currency)
  }).pipe(Effect.catchTag("PaykkaError", (error) => Effect.succeed(failed("accepted")(error))))

/** A payment that PayKKa has. It also tells of it by a notification. */
const ask: Step<Services> = ({ order }) =>
  Effect.gen(function* () {
    const settings = yield* Current
    const payment = yield* Payment
    const at = yield* Clock.currentTimeMillis
    const answer = yield* Effect.option(payment.inquiry({ request_id: order.request_id }))
    const status = answer._tag === "Some" ? answer.value.status : undefined
    const isDecided = LifeCycle.stageOf(settings.payment, status) !== "pending"
    return isDecided ? ofStatus(settings, { status, at }) : undefined
  })

const rest: Step<never> = () => Effect.succeed({ next_at: null })

const steps: Readonly<Record<State, Step<Services>>> = {
  accepted: begin,
  confirming: findConversion,
  converting: findConversion,
  converted: pay("converted"),
  paying: findPayment,
  processing: ask,
  paid: rest,
  failed: rest,
  rejected: rest,
  held: rest
}

/** Does what is next. */
export const step: Step<Services> = (payout, keep) => steps[payout.state](payout, keep)
