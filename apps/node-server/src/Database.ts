/** The database of the service: PostgreSQL, or a SQLite file. */
import * as PgClient from "@effect/sql-pg/PgClient"
import { InvalidSetting } from "@paykka/payouts/Settings"
import * as StoreSqlNode from "@paykka/store-sql/node"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { type Database, Environment } from "./Environment.ts"

const clientOf = (database: Database): Layer.Layer<SqlClient, SqlError> =>
  database._tag === "Sqlite"
    ? StoreSqlNode.layerSqlite(database)
    : PgClient.layer({
        url: database.url,
        applicationName: "payouts",
        // The inbox asks for UTC. The other bounds what the server does for an instance that is gone.
        startupParameters: { timezone: "UTC", statement_timeout: "10s" },
        // Finds a host that has vanished without closing its connections.
        keepAlive: "10 seconds"
      })

/** Connects, so that it is known at the start where nobody answers. The message holds no address and no password. */
const checked = (database: Database): Layer.Layer<SqlClient, InvalidSetting> => {
  const variable = database._tag === "Sqlite" ? "PAYOUTS_SQLITE_FILE" : "DATABASE_URL"
  const unusable = ({ reason }: SqlError) => {
    const detail = database._tag === "Sqlite" ? `: ${reason.message}` : ` (${reason._tag})`
    return new InvalidSetting({ variable, rule: `names a database that cannot be used${detail}` })
  }
  return Layer.effectDiscard(SqlClient.use((sql) => sql`SELECT 1`)).pipe(
    Layer.provideMerge(clientOf(database)),
    Layer.catch((error) => Layer.effect(SqlClient, Effect.fail(unusable(error))))
  )
}

/** The database of the environment. */
export const layer: Layer.Layer<SqlClient, InvalidSetting, Environment> = Layer.unwrap(
  Effect.map(Environment, ({ database }) => checked(database))
)
