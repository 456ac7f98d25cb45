/** What PostgreSQL and SQLite say differently. */
import * as Effect from "effect/Effect"
import type { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import type { Fragment } from "effect/sql/Statement"

/** Chooses by the client's dialect. A dialect that is neither is a defect. */
const choose = <A>(sql: SqlClient, pg: () => A, sqlite: () => A): A =>
  sql.onDialectOrElse({
    pg,
    sqlite,
    orElse: () => {
      throw new Error("only PostgreSQL and SQLite are supported")
    }
  })

/** Throws where the dialect is another. */
export const requireSupported = (sql: SqlClient): void =>
  choose(
    sql,
    () => undefined,
    () => undefined
  )

/** The time of the database, in milliseconds since the epoch. Not that of a statement's begin: it may have waited for a lock. */
export const clock = (sql: SqlClient): Fragment =>
  choose(
    sql,
    () => sql.literal("(extract(epoch FROM clock_timestamp()) * 1000)::bigint"),
    () => sql.literal("CAST(unixepoch('subsec') * 1000 AS INTEGER)")
  )

/** The time at which the statement began: an index can be searched by it. */
export const began = (sql: SqlClient): Fragment =>
  choose(
    sql,
    () => sql.literal("(extract(epoch FROM statement_timestamp()) * 1000)::bigint"),
    () => clock(sql)
  )

/** Text that is ordered by its bytes, as SQLite does by itself. */
export const text = (sql: SqlClient): Fragment =>
  choose(
    sql,
    () => sql.literal('text COLLATE "C"'),
    () => sql.literal("text")
  )

/** Rows that another statement holds are not waited for. SQLite has one writer. */
export const skipLocked = (sql: SqlClient): Fragment =>
  choose(
    sql,
    () => sql.literal("FOR UPDATE SKIP LOCKED"),
    () => sql.literal("")
  )

/** Makes a table with all that belongs to it where it is not there, whoever else does so at the same time; once it is there, nothing. */
export const ensureTable = (
  sql: SqlClient,
  table: string,
  create: Effect.Effect<unknown, SqlError>
): Effect.Effect<void, SqlError> => {
  const make = choose(
    sql,
    () => {
      const name = sql`${sql(table)}`.compile(true)[0]
      const isMissing = Effect.map(
        sql<{ readonly missing: boolean }>`SELECT to_regclass(${name}) IS NULL AS missing`,
        ([row]) => row?.missing === true
      )
      // PostgreSQL's own IF NOT EXISTS fails where two make the same at once, and where only others may make tables.
      const alone = sql`SELECT 1 FROM pg_advisory_xact_lock(hashtext(${name}))`
      return sql.withTransaction(Effect.andThen(alone, Effect.when(create, isMissing)))
    },
    () => sql.withTransaction(create)
  )
  let isThere = false
  return Effect.suspend(() => (isThere ? Effect.void : Effect.map(make, () => void (isThere = true))))
}
