/** The calls of each domain. */
import type { Reply } from "@paykka/core/PaykkaClient"
import type { Outcome } from "@paykka/core/Poll"
import type * as File from "@paykka/file/File"
import type * as Forex from "@paykka/forex/Forex"
import type * as Quote from "@paykka/forex/Quote"
import type * as Payment from "@paykka/payment/Payment"
import type * as AssessmentMessages from "@paykka/schemas/Assessment"
import type * as BalanceMessages from "@paykka/schemas/Balance"
import type * as ForexMessages from "@paykka/schemas/Forex"
import type * as OnboardingMessages from "@paykka/schemas/Onboarding"
import type * as OrderMessages from "@paykka/schemas/Order"
import type * as PayeeMessages from "@paykka/schemas/Payee"
import type * as PaymentMessages from "@paykka/schemas/Payment"
import type * as TradesettleMessages from "@paykka/schemas/Tradesettle"
import type * as VaMessages from "@paykka/schemas/Va"
import type { AwaitOptions, CallOptions, ConvertOptions, NamedUploadOptions, UploadOptions } from "./CallOptions.ts"

/** A call: takes the fields of the wire, gives those of the answer. Rejects with `PaykkaError`. */
export interface Method<Input, Output> {
  (input: Input, options?: CallOptions): Promise<Output>
  /** The same call; gives status, headers, `requestId`, the raw answer and the number of requests as well. */
  readonly withResponse: (input: Input, options?: CallOptions) => Promise<Reply<Output>>
}

/** Onboarding of merchants. */
export interface OnboardingCalls {
  /**
   * Applies for onboarding (documented, but for the answer). The result tells the `request_id`; after `OutcomeUnknown` ask `inquiry`.
   * Rejects with `PaykkaError`.
   */
  readonly apply: Method<OnboardingMessages.ApplyInput, OnboardingMessages.ApplyOutput>
  /**
   * Amends an application under its `request_id` (path documented, message third-party). Whether a part would do is not known: send it
   * whole. Rejects with `PaykkaError`.
   */
  readonly update: Method<OnboardingMessages.UpdateInput, OnboardingMessages.UpdateOutput>
  /** Asks for the status of an application, by `merch_id` (third-party) or `request_id` (inferred). Rejects with `PaykkaError`. */
  readonly inquiry: Method<OnboardingMessages.InquiryInput, OnboardingMessages.InquiryOutput>
  /**
   * Asks until the application is decided. A text is its `request_id`, so it goes on after a restart. That more material is wanted
   * (`SUPPLEMENT`) is `Failed` too: amend it, and wait on through that status, which the platform may tell for a while:
   * `{ statuses: { pending: ["SUPPLEMENT"] } }`. Rejects with `PaykkaError`, or with `OutcomePending` when the time is over.
   */
  readonly awaitOutcome: (
    application: string | OnboardingMessages.InquiryInput,
    options?: AwaitOptions
  ) => Promise<Outcome<OnboardingMessages.InquiryOutput>>
}

/** Risk assessment of merchants. */
export interface AssessmentCalls {
  /**
   * Submits a merchant for assessment (third-party). Store the answer's `merch_id`: all other calls ask by it. After `OutcomeUnknown` only
   * the notification tells the outcome. Rejects with `PaykkaError`.
   */
  readonly apply: Method<AssessmentMessages.ApplyInput, AssessmentMessages.ApplyOutput>
  /** Amends a submission, named by `merch_id`, with what changes (third-party). Rejects with `PaykkaError`. */
  readonly update: Method<AssessmentMessages.UpdateInput, AssessmentMessages.UpdateOutput>
  /** Asks for the result, by `merch_id` (third-party). Rejects with `PaykkaError`. */
  readonly inquiry: Method<AssessmentMessages.InquiryInput, AssessmentMessages.InquiryOutput>
  /**
   * Asks until the merchant is assessed. Needs nothing but the `merch_id` of the submission's answer, so it goes on after a restart. After an
   * amendment wait on through the status that was amended: `{ statuses: { pending: ["REJECTED"] } }`. Rejects with `PaykkaError`, or with
   * `OutcomePending` when the time is over.
   */
  readonly awaitOutcome: (merchId: string, options?: AwaitOptions) => Promise<Outcome<AssessmentMessages.InquiryOutput>>
}

/** Collection accounts. */
export interface VaCalls {
  /**
   * Applies for a collection account (path and message inferred). The result tells the `request_id`; after `OutcomeUnknown` ask `inquiry`.
   * Rejects with `PaykkaError`.
   */
  readonly apply: Method<VaMessages.ApplyInput, VaMessages.ApplyOutput>
  /** Asks for the result of an application (documented, the answer inferred). Rejects with `PaykkaError`. */
  readonly inquiry: Method<VaMessages.InquiryInput, VaMessages.InquiryOutput>
  /**
   * Asks until the account is open. Needs nothing but the `request_id`, so it goes on after a restart. How PayKKa calls a refusal is not
   * known: say so in `statuses: { failed: [...] }` as soon as you know. Rejects with `PaykkaError`, or with `OutcomePending` when the time is
   * over.
   */
  readonly awaitOutcome: (requestId: string, options?: AwaitOptions) => Promise<Outcome<VaMessages.InquiryOutput>>
}

/** Contract orders. */
export interface OrderCalls {
  /**
   * Creates an order (documented). Receipts are related to the answer's `contract_order_no`; where it is missing, ask `inquiry`, as after
   * `OutcomeUnknown`. Rejects with `PaykkaError`.
   */
  readonly create: Method<OrderMessages.CreateInput, OrderMessages.CreateOutput>
  /** Sends an order whole again, under the `request_id` of its creation (documented). Rejects with `PaykkaError`. */
  readonly update: Method<OrderMessages.UpdateInput, OrderMessages.UpdateOutput>
  /** Asks for an order, by `request_id` or `contract_order_no` (inferred). Rejects with `PaykkaError`. */
  readonly inquiry: Method<OrderMessages.InquiryInput, OrderMessages.InquiryOutput>
  /**
   * Adds the shipping data of an order that was created as `UNSHIPPED`, named by `request_id` or `contract_order_no` (inferred). Rejects with
   * `PaykkaError`.
   */
  readonly supplement: Method<OrderMessages.SupplementInput, OrderMessages.SupplementOutput>
}

/** Settlement of receipts. */
export interface TradesettleCalls {
  /**
   * Applies for settlement of a receipt (documented), whose status must be `PENDING_RELATE` or `CHECK_REJECTED`. It has no `request_id`: the
   * receipt's number names it. Rejects with `PaykkaError`; after `OutcomeUnknown` ask `inquiry`.
   */
  readonly apply: Method<TradesettleMessages.ApplyInput, TradesettleMessages.ApplyOutput>
  /** Asks for the settlement of a receipt (documented, the answer inferred). Rejects with `PaykkaError`. */
  readonly inquiry: Method<TradesettleMessages.InquiryInput, TradesettleMessages.InquiryOutput>
  /**
   * Asks until the settlement of a whole receipt is decided; not for a part of one, whose end cannot be told from its beginning. Needs nothing
   * but the `recv_order_no`, so it goes on after a restart. The status of success is not known and comes as `Unlisted`: say what it means in
   * `statuses` as soon as you know. Rejects with `PaykkaError`, or with `OutcomePending` when the time is over.
   */
  readonly awaitOutcome: (
    recvOrderNo: string,
    options?: AwaitOptions
  ) => Promise<Outcome<TradesettleMessages.InquiryOutput>>
}

/** Balances. */
export interface BalanceCalls {
  /**
   * Asks for balances (path and message inferred). Of the answer nothing is known: read an amount in it with `Amount.fromJson`, which keeps
   * every digit. Rejects with `PaykkaError`.
   */
  readonly inquiry: Method<BalanceMessages.InquiryInput, BalanceMessages.InquiryOutput>
}

/** Payees. */
export interface PayeeCalls {
  /** Creates a payee (inferred). The result tells the `request_id`; after `OutcomeUnknown` ask `inquiry`. Rejects with `PaykkaError`. */
  readonly create: Method<PayeeMessages.CreateInput, PayeeMessages.CreateOutput>
  /** Amends a payee that was rejected, under the `request_id` of its creation (documented in part). Rejects with `PaykkaError`. */
  readonly update: Method<PayeeMessages.UpdateInput, PayeeMessages.UpdateOutput>
  /** Asks for a payee, by `request_id` or `beneficiary_id` (inferred). Rejects with `PaykkaError`. */
  readonly inquiry: Method<PayeeMessages.InquiryInput, PayeeMessages.InquiryOutput>
  /**
   * Asks until the payee is decided. Needs nothing but the `request_id`, so it goes on after a restart. No status is known: the first one ends
   * the wait as `Unlisted`; say what they mean in `statuses` as soon as you know. Payments need the `beneficiary_id` of the answer. Rejects
   * with `PaykkaError`, or with `OutcomePending` when the time is over.
   */
  readonly awaitOutcome: (requestId: string, options?: AwaitOptions) => Promise<Outcome<PayeeMessages.InquiryOutput>>
}

/** Converts within a limit. See {@link ForexCalls.convert}. */
export interface Convert {
  /**
   * Sells a fixed `sell_amount` and buys at least `min_buy_amount`: asks for a quote, holds it to the limit, and confirms it.
   *
   * Rejects with `QuoteRefused` when nothing was confirmed because of the quote; with `PaykkaError` of `forex.preorder` when there was none;
   * with `PaykkaError` of `forex.confirm`, after whose `OutcomeUnknown` the money may have been converted: ask `inquiry` with the `order_no`
   * in its `key` before you convert again.
   */
  (request: Quote.Sale, limit: Quote.AtLeast, options?: ConvertOptions): Promise<Forex.Converted>
  /** Buys a fixed `buy_amount` and sells at most `max_sell_amount`: the same for a purchase. */
  (request: Quote.Purchase, limit: Quote.AtMost, options?: ConvertOptions): Promise<Forex.Converted>
}

/** Currency conversion. */
export interface ForexCalls {
  /**
   * Asks for a quote (documented); give exactly one of `sell_amount` and `buy_amount`. After `OutcomeUnknown` ask for another one and let the
   * first one lapse (inferred). Rejects with `PaykkaError`.
   */
  readonly preorder: Method<ForexMessages.PreorderInput, ForexMessages.PreorderOutput>
  /**
   * Confirms a quote, by its `order_no`: the money is converted (path and message inferred). Rejects with `PaykkaError`; after
   * `OutcomeUnknown` ask `inquiry`.
   */
  readonly confirm: Method<ForexMessages.ConfirmInput, ForexMessages.ConfirmOutput>
  /** Asks for the result of a conversion, by `order_no` (inferred). Rejects with `PaykkaError`. */
  readonly inquiry: Method<ForexMessages.InquiryInput, ForexMessages.InquiryOutput>
  /**
   * Asks until the conversion is decided. Needs nothing but the `order_no` of the quote, so it goes on after a restart. No status is known: the
   * first one ends the wait as `Unlisted`; say what they mean in `statuses` as soon as you know. Rejects with `PaykkaError`, or with
   * `OutcomePending` when the time is over.
   */
  readonly awaitOutcome: (orderNo: string, options?: AwaitOptions) => Promise<Outcome<ForexMessages.InquiryOutput>>
  /**
   * Asks for a quote, holds it to your limit, and confirms it, in time or not at all. Rejects with `QuoteRefused` when nothing was confirmed
   * because of the quote, with `PaykkaError` else.
   */
  readonly convert: Convert
}

/** Payouts. */
export interface PaymentCalls {
  /**
   * Pays a payee (documented). The answer says that the payment is in progress, the outcome comes later. Make the `request_id` yourself and
   * store it before you pay. Rejects with `PaykkaError`; after `OutcomeUnknown` ask `inquiry`, and never pay again with another `request_id`.
   */
  readonly apply: Method<PaymentMessages.ApplyInput, PaymentMessages.ApplyOutput>
  /**
   * As `apply`, for a payee whose currency you keep: another currency is refused before anything is sent, and so is an amount of zero or less
   * (our own rule). Rejects with `PaykkaError`.
   */
  readonly pay: (
    payee: Payment.KeptPayee,
    payment: Payment.PayInput,
    options?: CallOptions
  ) => Promise<PaymentMessages.ApplyOutput>
  /** Asks for the result of a payment, by `request_id` (inferred). Rejects with `PaykkaError`. */
  readonly inquiry: Method<PaymentMessages.InquiryInput, PaymentMessages.InquiryOutput>
  /**
   * Asks until the payment is decided. Needs nothing but the `request_id`, so it goes on after a restart. Of the statuses only `PROCESSING` is
   * known: any other ends the wait as `Unlisted`; say what they mean in `statuses` as soon as you know. Rejects with `PaykkaError`, or with
   * `OutcomePending` when the time is over.
   */
  readonly awaitOutcome: (requestId: string, options?: AwaitOptions) => Promise<Outcome<PaymentMessages.InquiryOutput>>
}

/** Uploads a file. See {@link FileCalls.upload}. */
export interface Upload {
  /**
   * Uploads a file (path and answer third-party), and gives its `file_id` with what is known of the file, which is read into memory first.
   * Rejects with `PaykkaError`; after `OutcomeUnknown` upload it again: a file does nothing before a message names its id (inferred).
   */
  (file: globalThis.File, options?: UploadOptions): Promise<File.Uploaded>
  /** The same for bytes, a `Blob` or a web stream, which have no name of their own. */
  (source: File.Source, options: NamedUploadOptions): Promise<File.Uploaded>
}

/** Uploads. */
export interface FileCalls {
  /** Uploads a file, and gives its `file_id`. Rejects with `PaykkaError`. */
  readonly upload: Upload
}
