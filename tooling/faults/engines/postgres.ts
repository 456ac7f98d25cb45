/** A schema on a PostgreSQL of this machine. */
import * as PgClient from "@effect/sql-pg/PgClient"
import * as Layer from "effect/Layer"
import type { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import type { Stores } from "../engines.ts"
import { overSql } from "./sql.ts"

/** A client. It has few connections, since there are many processes. */
export const client = (port: number, schema = "public"): Layer.Layer<SqlClient, SqlError> =>
  PgClient.layer({
    host: "127.0.0.1",
    port,
    username: "postgres",
    database: "postgres",
    maxConnections: 4,
    startupParameters: { search_path: schema, timezone: "UTC" }
  })

export const stores = ({ port, schema }: { readonly port: number; readonly schema: string }): Stores =>
  Layer.provide(overSql, client(port, schema))
