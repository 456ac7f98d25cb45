/**
 * What is needed of Cloudflare's bindings, as types of our own: those of `wrangler types` and of `@cloudflare/workers-types` fit, of
 * whatever version.
 */

/** A Durable Object namespace; also one of a jurisdiction, as `env.DEAD_LETTERS.jurisdiction("eu")` gives. */
export interface ObjectNamespace {
  /** A KV namespace has no such method. */
  idFromName(name: string): ObjectId
  get(id: ObjectId): ObjectStub
}

/** Names an object. */
export interface ObjectId {
  toString(): string
}

/** Calls an object. */
export interface ObjectStub {
  fetch(
    url: string,
    init: { readonly method: string; readonly body: string }
  ): Promise<{ readonly status: number; text(): Promise<string> }>
}

/** What an object is made with. */
export interface ObjectState {
  readonly storage: {
    readonly sql: {
      exec(
        query: string,
        // oxlint-disable-next-line typescript/no-explicit-any -- as in Cloudflare's own types, of which `unknown` would not be a part
        ...values: Array<any>
      ): Iterable<Record<string, ArrayBuffer | string | number | null>>
    }
    getAlarm(): Promise<number | null>
    setAlarm(time: number): Promise<void>
  }
}

/** A queue that takes messages. */
export interface QueueProducer {
  send(body: unknown, options: { readonly contentType: "json" }): Promise<unknown>
}

/** A message that a queue hands over. */
export interface QueueMessage {
  readonly id: string
  readonly timestamp: Date
  readonly body: unknown
  /** How often it has been handed over, from 1. */
  readonly attempts: number
  ack(): void
  retry(options: { readonly delaySeconds: number }): void
}

/** What the handler `queue` of a worker is given. */
export interface MessageBatch {
  readonly messages: ReadonlyArray<QueueMessage>
}
