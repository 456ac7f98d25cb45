/** What the wrangler configuration binds: variables and secrets by the names of the Node server's, and what only Cloudflare has. */
import type { Variables } from "@paykka/payouts/Settings"
import type { ObjectId, ObjectNamespace, QueueProducer } from "@paykka/store-cloudflare/Bindings"

/** The namespace of the payouts' objects. */
export interface PayoutNamespace {
  idFromName(name: string): ObjectId
  get(id: ObjectId): { fetch(url: string, init?: RequestInit): Promise<Response> }
}

/** The bindings. */
export interface Env extends Variables {
  /** One object for each payout, by its `request_id`. */
  readonly PAYOUT: PayoutNamespace
  readonly REPLAY_GUARD: ObjectNamespace
  readonly DEAD_LETTERS: ObjectNamespace
  /** The queue of notifications. */
  readonly INBOX: QueueProducer
}

/** The consumer's `max_retries` in wrangler.jsonc. */
export const maxRetries = 100

/** The consumer's `dead_letter_queue` in wrangler.jsonc. */
export const deadLetterQueue = "payouts-inbox-dead"

/** How often a notification is tried, in about an hour. Then it is a dead letter. */
export const maxAttempts = 20
