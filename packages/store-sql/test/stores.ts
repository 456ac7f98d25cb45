/** What the stores must do on each database: the suites of all stores, and what only those in SQL have. */
import { deadLettersSuite } from "@paykka/tooling-conformance/deadLetters"
import { inboxQueueSuite } from "@paykka/tooling-conformance/inbox"
import { processesSuite } from "@paykka/tooling-conformance/processes"
import { replayGuardSuite } from "@paykka/tooling-conformance/replayGuard"
import * as Layer from "effect/Layer"
import * as SqlDeadLetters from "../src/SqlDeadLetters.ts"
import * as SqlInboxQueue from "../src/SqlInboxQueue.ts"
import * as SqlReplayGuard from "../src/SqlReplayGuard.ts"
import { type Database, clientOf, toEnv } from "./programs/database.ts"
import { guardSuite } from "./stores/guard.ts"
import { inboxSuite } from "./stores/inbox.ts"
import { lettersSuite } from "./stores/letters.ts"
import { startSuite } from "./stores/start.ts"

/** Declares the tests on a database. */
export const storesSuite = (name: string, database: Database, skip: boolean): void => {
  const client = clientOf(database)
  // First, while there is no table yet.
  startSuite(name, database, skip)
  replayGuardSuite(name, (options) => Layer.provide(SqlReplayGuard.layer(options), client), { skip })
  processesSuite(name, { file: new URL("programs/guard.ts", import.meta.url), env: toEnv(database), skip })
  guardSuite(name, database, skip)
  deadLettersSuite(name, () => Layer.provide(SqlDeadLetters.layer(), client), { skip })
  lettersSuite(name, database, skip)
  inboxQueueSuite(name, (options) => Layer.provide(SqlInboxQueue.layer(options), client), { skip })
  inboxSuite(name, database, skip)
}
