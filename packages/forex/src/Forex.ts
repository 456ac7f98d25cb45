/**
 * Currency conversion: ask for a quote, confirm it, ask for the result, wait for it; or all of it within a limit.
 *
 * The notification of the result is `notification` in `@paykka/schemas/Forex`, for `@paykka/webhook`.
 */
import * as PaykkaClient from "@paykka/core/PaykkaClient"
import { invalidRequest, type PaykkaError } from "@paykka/core/PaykkaError"
import * as Poll from "@paykka/core/Poll"
import * as Messages from "@paykka/schemas/Forex"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Quote from "./Quote.ts"

/** Settings of {@link Service.convert}: those of each call, and the margin. */
export interface ConvertOptions extends Omit<PaykkaClient.CallOptions, "extra" | "onProgress" | "notAfter"> {
  /**
   * How long the quote must still hold when a confirmation is sent, be it the first time or again. It must cover the way
   * of the request, the opening of a connection included, and the error of this machine's clock, by which the time is
   * told: with a clock that is slow by more than that, a quote may be confirmed after it has lapsed. Default: 5 seconds,
   * our own choice, for a clock that is kept by NTP.
   */
  readonly margin?: Duration.Input | undefined
}

/** A quote that was confirmed, and the answer. */
export interface Converted {
  /** The quote. */
  readonly quote: Quote.Confirmable
  /** The answer to its confirmation, of which nothing is known. */
  readonly confirmation: Messages.ConfirmOutput
}

/** Converts within a limit. See {@link Service.convert}. */
export interface Convert {
  /** Sells a fixed `sell_amount` and buys at least `min_buy_amount`. */
  (
    request: Quote.Sale,
    limit: Quote.AtLeast,
    options?: ConvertOptions
  ): Effect.Effect<Converted, PaykkaError | Quote.QuoteRefused>
  /** Buys a fixed `buy_amount` and sells at most `max_sell_amount`. */
  (
    request: Quote.Purchase,
    limit: Quote.AtMost,
    options?: ConvertOptions
  ): Effect.Effect<Converted, PaykkaError | Quote.QuoteRefused>
}

/** The service. */
export interface Service {
  /**
   * Asks for a quote (`forex.preorder`; documented). Give exactly one of `sell_amount` and `buy_amount`. Fails with
   * `PaykkaError`. It has no key: after `OutcomeUnknown` there is nothing to ask by; ask for another quote and let the
   * first one lapse (inferred).
   */
  readonly preorder: PaykkaClient.Method<typeof Messages.preorder>
  /**
   * Confirms a quote, by its `order_no`: the money is converted (`forex.confirm`; path and request inferred, response
   * unknown). Fails with `PaykkaError`; after `OutcomeUnknown` ask {@link Service.inquiry}.
   */
  readonly confirm: PaykkaClient.Method<typeof Messages.confirm>
  /** Asks for the result of a conversion, by `order_no` (`forex.inquiry`; inferred). Fails with `PaykkaError`. */
  readonly inquiry: PaykkaClient.Method<typeof Messages.inquiry>
  /**
   * Asks until the conversion is decided. Needs nothing but the `order_no` of the quote, so it goes on after a restart.
   * None of the statuses is known: the first one ends the wait as `Unlisted`; say what they mean in `statuses` as soon as
   * you know. Fails with `PaykkaError`, or with `OutcomePending` when the time is over.
   */
  readonly awaitOutcome: (
    orderNo: string,
    options?: Poll.AwaitOptions
  ) => Effect.Effect<Poll.Outcome<Messages.InquiryResponse>, PaykkaError | Poll.OutcomePending>
  /**
   * Asks for a quote, holds it to the limit (`Quote.check`), and confirms it; no confirmation is sent, or sent again, later
   * than the margin before the quote lapses. The amount must be more than zero: our own rule, which {@link Service.preorder}
   * does not have.
   *
   * Fails with `QuoteRefused`, which has the quote, when nothing was confirmed because of it; also when the confirmation
   * surely was not processed and there is no time left to send it again (`ExpiresTooSoon`, with its `failure`). Fails with
   * `PaykkaError` of `forex.preorder`: nothing was confirmed either, and after its `OutcomeUnknown` convert again. Fails
   * with `PaykkaError` of `forex.confirm`: after its `OutcomeUnknown` the money may have been converted; ask
   * {@link Service.inquiry} with the `order_no` in `key`, and do not convert again before that.
   */
  readonly convert: Convert
}

/** Whether a confirmation surely was not processed, and failed for want of time. */
const isTooLate = ({ reason, retryable }: PaykkaError): boolean =>
  !retryable && (reason._tag === "RateLimited" || reason._tag === "Unreachable")

/** Currency conversion. See {@link Service}. */
export class Forex extends /*#__PURE__*/ Context.Service<Forex, Service>()("@paykka/forex/Forex") {}

/** The service over a `PaykkaClient`. */
export const make: Effect.Effect<Service, never, PaykkaClient.PaykkaClient> = /*#__PURE__*/ Effect.map(
  /*#__PURE__*/ PaykkaClient.bind({
    preorder: Messages.preorder,
    confirm: Messages.confirm,
    inquiry: Messages.inquiry
  }),
  (methods) =>
    Forex.of({
      ...methods,
      awaitOutcome: (orderNo, options = {}) =>
        Poll.awaitOutcome(
          { operation: Messages.inquiry.id, key: orderNo, ask: methods.inquiry({ order_no: orderNo }, options) },
          Messages.lifeCycle,
          options
        ),
      convert: Effect.fnUntraced(function* (
        request: Messages.PreorderRequest,
        limit: Quote.AtLeast | Quote.AtMost,
        { margin, ...options }: ConvertOptions = {}
      ): Effect.fn.Return<Converted, PaykkaError | Quote.QuoteRefused> {
        const terms = yield* Effect.fromResult(
          Result.mapError(Quote.termsOf(request, limit, margin), ({ faults }) =>
            invalidRequest(Messages.preorder.id, faults)
          )
        )
        const answer = yield* methods.preorder(request, options)
        const quote = yield* Effect.fromResult(Quote.check(answer, terms, yield* Clock.currentTimeMillis))
        const notAfter = Quote.confirmableUntil(quote, terms)
        const confirmation = yield* methods
          .confirm({ order_no: quote.order_no }, { ...options, notAfter })
          .pipe(
            Effect.catchIf(isTooLate, (failure) =>
              Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.fail(Quote.tooLate(quote, terms, now, failure)))
            )
          )
        return { quote, confirmation }
      })
    })
)

/** The layer of {@link make}. */
export const layer: Layer.Layer<Forex, never, PaykkaClient.PaykkaClient> = /*#__PURE__*/ Layer.effect(Forex, make)
