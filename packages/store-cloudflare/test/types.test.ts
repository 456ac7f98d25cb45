/** Cloudflare's own types fit ours, and KV does not. Checked by the compiler. */
import type * as Cloudflare from "@cloudflare/workers-types"
import { assert, it } from "@effect/vitest"
import type { MessageBatch, ObjectNamespace, ObjectState, QueueProducer } from "../src/Bindings.ts"
import type { CloudflareWorker } from "../src/CloudflareWorker.ts"
import { DeadLettersObject } from "../src/DeadLettersObject.ts"
import { ReplayGuardObject } from "../src/ReplayGuardObject.ts"

it("takes what Cloudflare's types describe", () => {
  const bindings = (env: {
    readonly objects: Cloudflare.DurableObjectNamespace
    readonly queue: Cloudflare.Queue
    readonly kv: Cloudflare.KVNamespace
  }) => {
    const fitting: [ObjectNamespace, ObjectNamespace, QueueProducer] = [
      env.objects,
      env.objects.jurisdiction("eu"),
      env.queue
    ]
    // @ts-expect-error -- KV is not atomic, and has no objects
    const refused: ObjectNamespace = env.kv
    return { fitting, refused }
  }
  const objects = (state: Cloudflare.DurableObjectState): ObjectState => state
  const batches = (batch: Cloudflare.MessageBatch): MessageBatch => batch
  const handler = (worker: CloudflareWorker<never>): Cloudflare.ExportedHandlerQueueHandler => worker.queue
  assert.strictEqual([bindings, objects, batches, handler, ReplayGuardObject, DeadLettersObject].length, 6)
})
