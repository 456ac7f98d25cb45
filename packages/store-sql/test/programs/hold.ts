/** Takes a notification from the inbox's queue, writes its id and which attempt it is, and holds it until the process is ended. */
import { InboxQueue } from "@paykka/webhook/InboxQueue"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as SqlInboxQueue from "../../src/SqlInboxQueue.ts"
import { clientOf, fromEnv } from "./database.ts"

const hold = InboxQueue.use((queue) =>
  queue.take(({ id }, attempts) =>
    Effect.andThen(
      Effect.sync(() => console.log(`${id} ${attempts}`)),
      Effect.never
    )
  )
)

await Effect.runPromise(
  Effect.provide(
    hold,
    Layer.provide(SqlInboxQueue.layer({ name: "kill", lockExpiration: "2 seconds" }), clientOf(fromEnv()))
  )
)
