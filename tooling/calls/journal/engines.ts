/** The databases of the journal, and a place of a test's own in each. */
import { randomBytes } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"

/** A file, or a schema. As JSON, since processes are told it by their environment. */
export type Engine =
  | { readonly kind: "SQLite"; readonly filename: string }
  | { readonly kind: "PostgreSQL"; readonly schema: string }

const postgres = {
  host: process.env["PGHOST"] ?? "127.0.0.1",
  port: Number(process.env["PGPORT"] ?? 5432),
  username: process.env["PGUSER"] ?? "postgres",
  database: process.env["PGDATABASE"] ?? "postgres",
  maxConnections: 4
}

// Each process loads only the engine that it needs.
const load = async (engine: Engine): Promise<Layer.Layer<SqlClient, SqlError>> => {
  if (engine.kind === "SQLite") {
    const { layerSqlite } = await import("@paykka/store-sql/node")
    return layerSqlite({ filename: engine.filename })
  }
  const { layer } = await import("@effect/sql-pg/PgClient")
  return layer({ ...postgres, startupParameters: { search_path: engine.schema } })
}

/** A client of the engine. */
export const clientOf = (engine: Engine): Layer.Layer<SqlClient, SqlError> =>
  Layer.unwrap(Effect.promise(() => load(engine)))

const listens: Promise<boolean> = new Promise((resolve) => {
  const socket = connect({ ...postgres, timeout: 2000 })
  const end = (does: boolean) => () => {
    socket.destroy()
    resolve(does)
  }
  socket.once("connect", end(true)).once("error", end(false)).once("timeout", end(false))
})

/** The engines that are there. Says which is not, or throws where it must be. */
export const available = async (): Promise<ReadonlyArray<Engine["kind"]>> => {
  if (await listens) return ["SQLite", "PostgreSQL"]
  const why = `there is no PostgreSQL at ${postgres.host}:${postgres.port}`
  if (process.env["PAYKKA_REQUIRE_SERVICES"] === "1") throw new Error(`${why}, and PAYKKA_REQUIRE_SERVICES=1`)
  console.warn(`skipped: ${why}`)
  return ["SQLite"]
}

/** A folder, for the time of the scope. */
export const folder: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "paykka-calls-journal-"))),
  (made) => Effect.sync(() => rmSync(made, { recursive: true, force: true }))
)

/** A place on an engine; nothing is left of it when the scope ends. */
export const room = (kind: Engine["kind"]): Effect.Effect<Engine, never, Scope.Scope> => {
  if (kind === "SQLite") return Effect.map(folder, (made) => ({ kind, filename: join(made, "journal.db") }))
  const schema = `paykka_calls_${randomBytes(6).toString("hex")}`
  const engine: Engine = { kind, schema }
  const run = (statement: string) =>
    Effect.orDie(
      Effect.provide(
        SqlClient.use((sql) => sql.unsafe(statement)),
        clientOf(engine)
      )
    )
  return Effect.acquireRelease(Effect.as(run(`CREATE SCHEMA ${schema}`), engine), () =>
    run(`DROP SCHEMA ${schema} CASCADE`)
  )
}
