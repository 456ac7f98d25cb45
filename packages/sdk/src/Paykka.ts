/** Everything in one object: all domains and the webhooks. */
import { type Client, createClient } from "./Client.ts"
import * as domains from "./domains.ts"
import type { Settings } from "./Settings.ts"
import { type WebhookSettings, type Webhooks, createWebhooks } from "./Webhooks.ts"

/** Settings of the whole. */
export type PaykkaSettings = Settings & {
  /** PayKKa's public keys, for webhooks: without any of them {@link Paykka.webhooks} refuses everything. */
  readonly platformPublicKeys?: WebhookSettings["platformPublicKeys"] | undefined
  /** Further settings of the webhooks. */
  readonly webhooks?: Omit<WebhookSettings, "platformPublicKeys" | "log"> | undefined
}

/** All domains, and the webhooks. */
export interface Paykka extends Client<typeof domains> {
  /** Receives notifications. */
  readonly webhooks: Webhooks
}

/**
 * Makes a client of all domains, with webhooks. Nothing is sent and no key is read before it is needed: `ready` does it at once.
 *
 * Calls reject with `PaykkaError`: its `reason._tag` tells why, `retryable` whether the same call may be made again. Waiting for an outcome
 * rejects also with `OutcomePending`, a conversion with `QuoteRefused`, the first call with `InvalidConfiguration` or `InvalidKeyStore` where a
 * setting cannot be used.
 */
export const createPaykka = (settings: PaykkaSettings): Paykka => {
  const { platformPublicKeys = [], webhooks: more, ...rest } = settings
  const client = createClient({ ...(rest as Settings), domains })
  const webhooks = createWebhooks({ ...more, platformPublicKeys, log: settings.log })
  const dispose = async () => {
    await Promise.all([client.dispose(), webhooks.dispose()])
  }
  return { ...client, webhooks, dispose, [Symbol.asyncDispose]: dispose }
}
