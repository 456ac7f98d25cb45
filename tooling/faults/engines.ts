/** The engines: where their data is, and the three services of an inbox over it. */
import type { DeadLetters } from "@paykka/webhook/DeadLetters"
import type { InboxQueue } from "@paykka/webhook/InboxQueue"
import type { ReplayGuard } from "@paykka/webhook/ReplayGuard"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/** Where the data of an inbox is. As JSON, since processes are told it by their environment. */
export type Engine =
  | { readonly kind: "SQLite"; readonly filename: string }
  | { readonly kind: "PostgreSQL"; readonly port: number; readonly schema: string }
  | { readonly kind: "Redis"; readonly port: number; readonly prefix: string }

/** The services of an inbox. */
export type Stores = Layer.Layer<ReplayGuard | InboxQueue | DeadLetters, unknown>

// Each process loads only the engine that it needs: there are many processes.
const load = (engine: Engine): Promise<Stores> => {
  switch (engine.kind) {
    case "SQLite":
      return import("./engines/sqlite.ts").then(({ stores }) => stores(engine))
    case "PostgreSQL":
      return import("./engines/postgres.ts").then(({ stores }) => stores(engine))
    case "Redis":
      return import("./engines/redis.ts").then(({ stores }) => stores(engine))
  }
}

/** The guard, the queue and the dead letters of an engine, over connections of their own. */
export const stores = (engine: Engine): Stores => Layer.unwrap(Effect.promise(() => load(engine)))
