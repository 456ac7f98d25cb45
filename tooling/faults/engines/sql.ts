/** The three services over a `SqlClient`. */
import * as SqlDeadLetters from "@paykka/store-sql/SqlDeadLetters"
import * as SqlInboxQueue from "@paykka/store-sql/SqlInboxQueue"
import * as SqlReplayGuard from "@paykka/store-sql/SqlReplayGuard"
import * as Layer from "effect/Layer"
import { deadLetters, guard, queue } from "./settings.ts"

export const overSql = Layer.mergeAll(
  SqlReplayGuard.layer(guard),
  SqlInboxQueue.layer(queue),
  SqlDeadLetters.layer(deadLetters)
)
