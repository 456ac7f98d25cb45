/** A SQLite file as Effect's `SqlClient`, over `node:sqlite`: a durable store on one machine, for all its processes. */
import { closeSync, openSync } from "node:fs"
import { DatabaseSync, type SQLInputValue } from "node:sqlite"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Reactivity from "effect/reactivity/Reactivity"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as SqlClient from "effect/sql/SqlClient"
import type { Connection } from "effect/sql/SqlConnection"
import { ConnectionError, SqlError, classifySqliteError } from "effect/sql/SqlError"
import * as Statement from "effect/sql/Statement"
import * as Stream from "effect/Stream"

/** Settings of a SQLite file. */
export interface SqliteOptions {
  /**
   * The path of the file, on a local disk: locks do not hold on network file systems. It is made where it is not there, readable for
   * its owner only; its folder must exist. `:memory:` is a database of this client alone, for tests.
   */
  readonly filename: string
  /**
   * `FULL`, the default: what is committed survives a power cut. `NORMAL` is faster and survives the death of a process, but a power
   * cut takes the last moments before it: notifications that were answered with 200 would be lost, others handled again.
   */
  readonly synchronous?: "FULL" | "NORMAL" | undefined
  /** How long a statement waits while another process writes; then it fails with `LockTimeoutError`. Default: 5 seconds. */
  readonly busyTimeout?: Duration.Input | undefined
}

// The path is nobody's business, and the system's own message quotes it.
const cannotOpen = (why: string): SqlError =>
  new SqlError({
    reason: new ConnectionError({ message: `cannot open the SQLite file: ${why}`, operation: "open", cause: undefined })
  })

/** SQLite names tables and columns in its messages, never values. */
const failed = (cause: unknown): SqlError => {
  const { errcode, message } = cause as { readonly errcode?: number; readonly message?: string }
  return new SqlError({ reason: classifySqliteError({ errno: errcode, message }, { message, operation: "execute" }) })
}

const bindable = (value: unknown): SQLInputValue => {
  if (value === undefined) return null
  if (value instanceof Date) return value.toISOString()
  return typeof value === "boolean" ? Number(value) : (value as SQLInputValue)
}

const open = ({ filename }: SqliteOptions): Effect.Effect<DatabaseSync, SqlError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.try({
      try: () => {
        if (filename !== ":memory:") closeSync(openSync(filename, "a", 0o600))
        return new DatabaseSync(filename)
      },
      catch: (cause) => cannotOpen(String((cause as { readonly code?: unknown }).code))
    }),
    (database) => Effect.sync(() => database.close())
  )

const isBusy = ({ reason }: SqlError): boolean => reason._tag === "LockTimeoutError"

const connect = (database: DatabaseSync, { busyTimeout = "5 seconds" }: SqliteOptions): Connection => {
  // SQLite's own way of waiting would stop the whole process.
  const untilFree = Schedule.min([Schedule.exponential("1 millis", 1.5), Schedule.spaced("25 millis")]).pipe(
    Schedule.jittered,
    Schedule.upTo({ duration: busyTimeout })
  )
  const query = (sql: string, params: ReadonlyArray<unknown>, asArrays = false) =>
    Effect.try({
      try: (): ReadonlyArray<unknown> => {
        const statement = database.prepare(sql)
        statement.setReturnArrays(asArrays)
        return statement.all(...params.map(bindable))
      },
      catch: failed
    }).pipe(Effect.retry({ schedule: untilFree, while: isBusy }))
  const execute: Connection["execute"] = (sql, params, transformRows) => {
    const rows = query(sql, params) as Effect.Effect<ReadonlyArray<object>, SqlError>
    return transformRows === undefined ? rows : Effect.map(rows, transformRows)
  }
  const executeValues = (sql: string, params: ReadonlyArray<unknown>) =>
    query(sql, params, true) as Effect.Effect<ReadonlyArray<ReadonlyArray<unknown>>, SqlError>
  return {
    execute,
    executeUnprepared: execute,
    executeRaw: query,
    executeValues,
    executeValuesUnprepared: executeValues,
    // All rows at once: SQLite holds its lock while a statement is under way.
    executeStream: (sql, params, transformRows) =>
      Stream.unwrap(Effect.map(execute(sql, params, transformRows), Stream.fromIterable))
  }
}

/**
 * Opens a SQLite file, until the scope closes, in WAL mode, so that reading does not wait for writing. The client has one connection:
 * its statements run one after the other, each of them stops the process while the disk writes, and a transaction (`BEGIN IMMEDIATE`)
 * keeps all others out to its end. Whole numbers beyond 2^53 cannot be read. Fails with `SqlError` where the file cannot be opened, is
 * not a database, or is on a file system without WAL.
 */
export const makeSqlite = (
  options: SqliteOptions
): Effect.Effect<SqlClient.SqlClient, SqlError, Scope.Scope | Reactivity.Reactivity> =>
  Effect.gen(function* () {
    const { filename, synchronous = "FULL" } = options
    const database = yield* open(options)
    const connection = connect(database, options)
    const [mode] = yield* connection.execute("PRAGMA journal_mode = WAL", [], undefined)
    if (mode.journal_mode !== "wal" && filename !== ":memory:") return yield* cannotOpen("its file system has no WAL")
    yield* connection.execute(`PRAGMA synchronous = ${synchronous}`, [], undefined)
    // macOS: otherwise the disk may say that it has written what it has only noted. Nothing anywhere else.
    yield* connection.execute(`PRAGMA fullfsync = ${synchronous === "FULL" ? "ON" : "OFF"}`, [], undefined)
    const semaphore = yield* Semaphore.make(1)
    return yield* SqlClient.make({
      ...SqlClient.makeSqliteAcquirers({
        connection: Effect.succeed(connection),
        semaphore,
        isTransaction: () => database.isTransaction
      }),
      compiler: Statement.makeCompilerSqlite(),
      driver: "node-sqlite",
      beginTransaction: "BEGIN IMMEDIATE",
      releaseSavepoint: (name) => `RELEASE SAVEPOINT ${name}`,
      spanAttributes: [["db.system.name", "sqlite"]]
    })
  })

/** The layer of {@link makeSqlite}. */
export const layerSqlite = (options: SqliteOptions): Layer.Layer<SqlClient.SqlClient, SqlError> =>
  Layer.effect(SqlClient.SqlClient, makeSqlite(options)).pipe(Layer.provide(Reactivity.layer))
