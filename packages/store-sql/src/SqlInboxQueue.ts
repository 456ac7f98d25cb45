/**
 * The inbox's queue in a table, on PostgreSQL or SQLite: Effect's `PersistedQueue` with its SQL store.
 *
 * What a process has taken is locked in its name, and the lock is refreshed while it lives. When it dies, the lock expires and another
 * process takes it, with one attempt more. When it is stopped, what it had taken is given back at once, and the attempt does not count.
 */
import * as InboxQueue from "@paykka/webhook/InboxQueue"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as PersistedQueue from "effect/persistence/PersistedQueue"
import type * as Scope from "effect/Scope"
import { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { bounded, standardTimeout } from "./internal/bounded.ts"
import * as dialect from "./internal/dialect.ts"

/** Settings of the queue. */
export interface Options extends InboxQueue.Options {
  /**
   * The table, which is made at the start where the search path says, beside one with `_migrations` after its name. Without schema: a
   * name with a dot is a defect. Default: `paykka_inbox`.
   */
  readonly table?: string | undefined
  /** How often an idle process looks for what others have kept, or what is to be tried again. Default: 1 second. */
  readonly pollInterval?: Duration.Input | undefined
  /** How long a dead process keeps what it had taken. Default: 2 minutes. At least some seconds: the table's times are whole ones on SQLite. */
  readonly lockExpiration?: Duration.Input | undefined
  /** How long a notification that was handled is kept, and one of the same id not taken in again. Default: 1 day. */
  readonly retention?: Duration.Input | undefined
  /** How long the database may take to keep a notification, and for the start; after it the queue is not available. Default: 5 seconds. */
  readonly timeout?: Duration.Input | undefined
}

const unavailable = (detail: string, cause?: unknown): InboxQueue.InboxQueueUnavailable =>
  new InboxQueue.InboxQueueUnavailable({ detail, cause })

/** The names of the one time zone, as PostgreSQL knows them. */
const utc = ["UTC", "Etc/UTC", "GMT", "Etc/GMT"]

// The store's times are without zone. Where sessions have another zone, or one whose clocks change, what is kept is found hours later,
// or all locks expire at once.
const requireUtc = (sql: SqlClient): Effect.Effect<void, SqlError | InboxQueue.InboxQueueUnavailable> =>
  sql.onDialectOrElse({
    pg: () =>
      Effect.flatMap(sql<{ readonly zone: string }>`SELECT current_setting('TimeZone') AS zone`, ([row]) =>
        row !== undefined && utc.includes(row.zone)
          ? Effect.void
          : Effect.fail(
              unavailable(
                `the time zone of its sessions is ${row?.zone}, not UTC: give PgClient startupParameters: { timezone: "UTC" }`
              )
            )
      ),
    orElse: () => Effect.void
  })

/**
 * The queue over the `SqlClient`. Makes its table at once, so it fails with `InboxQueueUnavailable` while the database is down, and
 * where sessions of PostgreSQL have another time zone than UTC. A dialect that is neither PostgreSQL nor SQLite is a defect.
 */
export const make = (
  options: Options = {}
): Effect.Effect<InboxQueue.Service, InboxQueue.InboxQueueUnavailable, SqlClient | Scope.Scope> =>
  Effect.gen(function* () {
    const {
      table = "paykka_inbox",
      pollInterval = "1 second",
      lockExpiration = "2 minutes",
      retention = "1 day",
      timeout = standardTimeout
    } = options
    const sql = yield* SqlClient
    dialect.requireSupported(sql)
    if (table.includes(".")) throw new Error("the inbox's table is where the search path says: its name has no dot")
    const inTime = bounded(timeout, () => unavailable("its database did not answer in time"))
    const store = yield* Effect.andThen(
      requireUtc(sql),
      PersistedQueue.makeStoreSql({
        tableName: table,
        pollInterval,
        lockExpiration,
        lockRefreshInterval: Duration.divideUnsafe(Duration.fromInputUnsafe(lockExpiration), 4)
      })
    ).pipe(
      // The store makes its table or dies.
      Effect.catchDefect((defect) => Effect.fail(unavailable("its database failed", defect))),
      Effect.catchTag("SqlError", (error) => Effect.fail(unavailable("its database failed", error))),
      inTime
    )
    const ofStore = Layer.succeed(PersistedQueue.PersistedQueueStore, store)
    yield* Layer.build(Layer.provide(PersistedQueue.layerCleanup({ timeToLive: retention }), ofStore))
    const queue = yield* InboxQueue.make(options).pipe(Effect.provide(Layer.provide(PersistedQueue.layer, ofStore)))
    return InboxQueue.InboxQueue.of({ offer: (stored) => inTime(queue.offer(stored)), take: queue.take })
  })

/** The layer of {@link make}. */
export const layer = (
  options: Options = {}
): Layer.Layer<InboxQueue.InboxQueue, InboxQueue.InboxQueueUnavailable, SqlClient> =>
  Layer.effect(InboxQueue.InboxQueue, make(options))
