/** The worker. */
import type { MessageBatch } from "@paykka/store-cloudflare/Bindings"
import { open } from "./App.ts"
import type { Env } from "./Env.ts"
import { fetch } from "./Router.ts"

export { DeadLettersObject } from "@paykka/store-cloudflare/DeadLettersObject"
export { ReplayGuardObject } from "@paykka/store-cloudflare/ReplayGuardObject"
export { PayoutObject } from "./PayoutObject.ts"

/** Handles a batch of notifications, or of those that were given up. */
const queue = async (batch: MessageBatch & { readonly queue: string }, env: Env): Promise<void> => {
  const app = await open(env)
  // It is not the messages' fault: they come again, however long it takes.
  if (app === undefined) throw new Error("a variable cannot be used")
  await app.inbox.queue(batch)
}

export default { fetch, queue }
