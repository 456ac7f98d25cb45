/** Everything in one object: all domains and the webhooks. */
import type * as Calls from "./Calls.ts"
import { type Base, createClient } from "./Client.ts"
import * as domains from "./domains.ts"
import type { Settings } from "./Settings.ts"
import { type PlatformKey, type WebhookOptions, type Webhooks, createWebhooks } from "./Webhooks.ts"

/** Settings of the whole. */
export type PaykkaSettings = Settings & {
  /** PayKKa's public keys, for webhooks: without any of them `webhooks` refuses everything. */
  readonly platformPublicKeys?: ReadonlyArray<PlatformKey> | undefined
  /** Further settings of the webhooks. */
  readonly webhooks?: WebhookOptions | undefined
}

/** All domains, and the webhooks. */
export interface Paykka extends Base {
  /** Onboarding of merchants. */
  readonly onboarding: Calls.OnboardingCalls
  /** Risk assessment of merchants. */
  readonly assessment: Calls.AssessmentCalls
  /** Collection accounts. */
  readonly va: Calls.VaCalls
  /** Contract orders. */
  readonly order: Calls.OrderCalls
  /** Settlement of receipts. */
  readonly tradesettle: Calls.TradesettleCalls
  /** Balances. */
  readonly balance: Calls.BalanceCalls
  /** Payees. */
  readonly payee: Calls.PayeeCalls
  /** Currency conversion. */
  readonly forex: Calls.ForexCalls
  /** Payouts. */
  readonly payment: Calls.PaymentCalls
  /** Uploads. */
  readonly file: Calls.FileCalls
  /** Receives notifications. */
  readonly webhooks: Webhooks
}

/**
 * Makes a client of all domains, with webhooks. Nothing is sent and no key is read before it is needed: `ready` does it at once.
 *
 * Calls reject with `PaykkaError`: its `reason._tag` tells why, `retryable` whether the same call may be made again. Waiting for an outcome
 * rejects also with `OutcomePending`, a conversion with `QuoteRefused`, the first call with `InvalidConfiguration` where a setting cannot be
 * used.
 */
export const createPaykka = (settings: PaykkaSettings): Paykka => {
  const { platformPublicKeys, webhooks: more, ...rest } = settings
  const client = createClient({ ...(rest as Settings), domains })
  const webhooks = createWebhooks({ ...more, platformPublicKeys: platformPublicKeys ?? [], log: settings.log })
  const dispose = async () => {
    await Promise.all([client.dispose(), webhooks.dispose()])
  }
  return {
    ...client,
    webhooks,
    ready: async () => {
      await client.ready()
      if (platformPublicKeys !== undefined) await webhooks.ready()
    },
    dispose,
    [Symbol.asyncDispose]: dispose
  }
}
