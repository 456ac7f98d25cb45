/** Starts all stores, when it is told to on standard input, and writes "started" when each of them answers. */
import { once } from "node:events"
import { DeadLetters } from "@paykka/webhook/DeadLetters"
import { ReplayGuard } from "@paykka/webhook/ReplayGuard"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as SqlDeadLetters from "../../src/SqlDeadLetters.ts"
import * as SqlInboxQueue from "../../src/SqlInboxQueue.ts"
import * as SqlReplayGuard from "../../src/SqlReplayGuard.ts"
import { clientOf, fromEnv } from "./database.ts"

const stores = Layer.mergeAll(SqlReplayGuard.layer(), SqlDeadLetters.layer(), SqlInboxQueue.layer())

const use = Effect.gen(function* () {
  const guard = yield* ReplayGuard
  const letters = yield* DeadLetters
  yield* guard.claim({ id: String(process.pid), signature: "" })
  yield* letters.list()
})

console.log("ready")
await once(process.stdin, "data")
await Effect.runPromise(Effect.provide(use, Layer.provide(stores, clientOf(fromEnv()))))
console.log("started")
process.exit(0)
