/** The worker. */
import type { MessageBatch } from "@paykka/store-cloudflare/Bindings"
import { open } from "./App.ts"
import type { Env } from "./Env.ts"
import { fetch } from "./Router.ts"

export { DeadLettersObject } from "@paykka/store-cloudflare/DeadLettersObject"
export { ReplayGuardObject } from "@paykka/store-cloudflare/ReplayGuardObject"
export { PayoutObject } from "./PayoutObject.ts"

/** In seconds: so a hundred times, which is what the queue allows, are eight hours. */
const delaySeconds = 300

/** Handles a batch of notifications, or of those that were given up. */
const queue = async (batch: MessageBatch & { readonly queue: string }, env: Env): Promise<void> => {
  const app = await open(env)
  if (app !== undefined) return app.inbox.queue(batch)
  // It is not the messages' fault that a variable cannot be used.
  for (const message of batch.messages) message.retry({ delaySeconds })
}

export default { fetch, queue }
