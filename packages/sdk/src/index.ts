export { type Base, type Client, type Domains, createClient } from "./Client.ts"
export * from "./domains.ts"
export type { Log, LogLine } from "./log.ts"
export { type Paykka, type PaykkaSettings, createPaykka } from "./Paykka.ts"
export type { Abortable, CallOptions, Method, Promised } from "./Promised.ts"
export type { Settings } from "./Settings.ts"
export {
  type AnyEvent,
  type Event,
  type Handler,
  type Handlers,
  type WebhookSettings,
  type Webhooks,
  createWebhooks
} from "./Webhooks.ts"
export { InvalidConfiguration } from "@paykka/core/Environment"
export { PaykkaError, type Reason } from "@paykka/core/PaykkaError"
export { OutcomePending } from "@paykka/core/Poll"
export { QuoteRefused } from "@paykka/forex/Quote"
export * as Amount from "@paykka/schemas/Amount"
export { InvalidKeyStore } from "@paykka/signing/KeyStore"
export { SignatureRejected } from "@paykka/signing/Verifier"
export { Unreadable } from "@paykka/webhook/Incoming"
