/** The database of a test, for its own process and for the programs that it starts. */
import * as PgClient from "@effect/sql-pg/PgClient"
import type * as Layer from "effect/Layer"
import type { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { layerSqlite } from "../../src/node.ts"

/** A file, or a schema. */
export type Database =
  | { readonly engine: "sqlite"; readonly filename: string }
  | { readonly engine: "postgres"; readonly schema: string }

/** The server of the tests. */
export const postgres = {
  host: process.env["PGHOST"] ?? "127.0.0.1",
  port: Number(process.env["PGPORT"] ?? 5432),
  username: process.env["PGUSER"] ?? "postgres",
  database: process.env["PGDATABASE"] ?? "postgres"
}

/** A client with connections of its own. */
export const clientOf = (database: Database): Layer.Layer<SqlClient, SqlError> =>
  database.engine === "sqlite"
    ? layerSqlite({ filename: database.filename })
    : PgClient.layer({ ...postgres, startupParameters: { search_path: database.schema, timezone: "UTC" } })

/** The variables that tell a program its database, and the way back. */
export const toEnv = (database: Database): Readonly<Record<string, string>> => ({ DATABASE: JSON.stringify(database) })
export const fromEnv = (): Database => JSON.parse(process.env["DATABASE"] ?? "") as Database
