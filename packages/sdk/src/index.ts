export type * from "./Calls.ts"
export type {
  AwaitOptions,
  CallOptions,
  ConvertOptions,
  NamedUploadOptions,
  Statuses,
  UploadOptions
} from "./CallOptions.ts"
export {
  type Base,
  type Client,
  type ClientSettings,
  type Domains,
  type EndpointRequest,
  createClient
} from "./Client.ts"
export { Disposed } from "./Disposed.ts"
export type { Domain } from "./Domain.ts"
export * from "./domains.ts"
export type { Duration } from "./Duration.ts"
export type { Log, LogLine } from "./log.ts"
export { type Paykka, type PaykkaSettings, createPaykka } from "./Paykka.ts"
export type { PollSettings, ResolvePollSettings, ResolveSettings, RetrySettings } from "./Policies.ts"
export { type Division, type Share, relate } from "./Relate.ts"
export { makeRequestId } from "./RequestId.ts"
export type { Settings } from "./Settings.ts"
export {
  type AnyEvent,
  type Event,
  type EventHandler,
  type Handler,
  type Handlers,
  type Handling,
  type Kind,
  type PlatformKey,
  type ReplayStore,
  type WebhookOptions,
  type WebhookSettings,
  type Webhooks,
  createWebhooks
} from "./Webhooks.ts"
export { InvalidConfiguration } from "@paykka/core/Environment"
export type { Reply } from "@paykka/core/PaykkaClient"
export { PaykkaError, type Reason } from "@paykka/core/PaykkaError"
export type { Plugin } from "@paykka/core/Plugin"
export { type Outcome, OutcomePending } from "@paykka/core/Poll"
export type { Meta, Progress, Source, Uploaded } from "@paykka/file/File"
export type { KeptPayee, PayInput } from "@paykka/payment/Payment"
export type { Converted } from "@paykka/forex/Forex"
export {
  type AtLeast,
  type AtMost,
  type Confirmable,
  type Purchase,
  QuoteRefused,
  type Refusal,
  type Sale
} from "@paykka/forex/Quote"
export * as Amount from "./Amount.ts"
export type { Integer } from "@paykka/schemas/Integer"
export type * as Assessment from "@paykka/schemas/Assessment"
export type * as Balance from "@paykka/schemas/Balance"
export type * as Forex from "@paykka/schemas/Forex"
export type * as Onboarding from "@paykka/schemas/Onboarding"
export type * as Order from "@paykka/schemas/Order"
export type * as Payee from "@paykka/schemas/Payee"
export type * as Payment from "@paykka/schemas/Payment"
export type * as Remittance from "@paykka/schemas/Remittance"
export type * as Tradesettle from "@paykka/schemas/Tradesettle"
export type * as Va from "@paykka/schemas/Va"
export { hongKongLicense, mainlandLicense } from "@paykka/schemas/Onboarding"
export { isRelatable } from "@paykka/remittance/Remittance"
export { SignatureRejected } from "@paykka/signing/Verifier"
export { type Parts, Unreadable } from "@paykka/webhook/Incoming"
export type { Answer, UnknownEvent } from "@paykka/webhook/Webhook"
