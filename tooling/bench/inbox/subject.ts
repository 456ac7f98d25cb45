/** What a server of the bench is: how it receives, and where it keeps what. */
import * as NodeRedis from "@effect/platform-node/NodeRedis"
import * as PgClient from "@effect/sql-pg/PgClient"
import * as RedisDeadLetters from "@paykka/store-redis/RedisDeadLetters"
import * as RedisInboxQueue from "@paykka/store-redis/RedisInboxQueue"
import * as RedisReplayGuard from "@paykka/store-redis/RedisReplayGuard"
import * as SqliteNode from "@paykka/store-sql/node"
import * as SqlDeadLetters from "@paykka/store-sql/SqlDeadLetters"
import * as SqlInboxQueue from "@paykka/store-sql/SqlInboxQueue"
import * as SqlReplayGuard from "@paykka/store-sql/SqlReplayGuard"
import type { DeadLetters } from "@paykka/webhook/DeadLetters"
import type { InboxQueue } from "@paykka/webhook/InboxQueue"
import type { ReplayGuard } from "@paykka/webhook/ReplayGuard"
import * as Layer from "effect/Layer"

/** Where a store is, and what is its own there: a file, a schema, the beginning of its keys. */
export type Engine =
  | { readonly kind: "SQLite"; readonly filename: string }
  | { readonly kind: "PostgreSQL"; readonly port: number; readonly schema: string }
  | { readonly kind: "Redis"; readonly port: number; readonly prefix: string }

/** A server, told to its process as JSON: a webhook without guard and inbox, one under the guard, or an inbox under the guard. */
export type Subject = { readonly kind: "bare" } | { readonly kind: "guard" | "inbox"; readonly engine: Engine }

/** A client of PostgreSQL. */
export const postgres = (port: number, schema = "public") =>
  PgClient.layer({
    host: "127.0.0.1",
    port,
    username: "postgres",
    database: "postgres",
    startupParameters: { search_path: schema, timezone: "UTC" }
  })

const overSql = Layer.mergeAll(SqlReplayGuard.layer(), SqlInboxQueue.layer(), SqlDeadLetters.layer())

/** The services of a store, which have no settings but its address. */
export const stores = (engine: Engine): Layer.Layer<ReplayGuard | InboxQueue | DeadLetters, unknown> => {
  switch (engine.kind) {
    case "SQLite":
      return Layer.provide(overSql, SqliteNode.layerSqlite({ filename: engine.filename }))
    case "PostgreSQL":
      return Layer.provide(overSql, postgres(engine.port, engine.schema))
    case "Redis": {
      const { port, prefix } = engine
      return Layer.mergeAll(
        RedisReplayGuard.layer({ prefix }),
        RedisInboxQueue.layer({ prefix }),
        RedisDeadLetters.layer({ prefix })
      ).pipe(Layer.provide(NodeRedis.layer({ disableOfflineQueue: true, socket: { host: "127.0.0.1", port } })))
    }
  }
}
