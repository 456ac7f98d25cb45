/**
 * The replay guard in a table, on PostgreSQL or SQLite: for all processes that share the database.
 *
 * Time is the database's: `clock_timestamp()` of PostgreSQL, the machine's clock for SQLite. When that clock is set forward, claims and
 * memories end earlier by as much: what is being handled just then may be handled again by another delivery. When it is set back, they
 * end later by as much: what a dead process had claimed waits longer.
 */
import * as ReplayGuard from "@paykka/webhook/ReplayGuard"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { bounded, standardTimeout } from "./internal/bounded.ts"
import * as dialect from "./internal/dialect.ts"

/** Settings of the guard. */
export interface Options extends ReplayGuard.Options {
  /** The table, after its schema and a dot where it is not in the default one. It is made when it is first needed. Default: `paykka_replay_guard`. */
  readonly table?: string | undefined
  /** How long the database may take for a step; after it the guard is not available. Default: 5 seconds. */
  readonly timeout?: Duration.Input | undefined
}

/** How many rows whose time is over are deleted by one statement, and how often one looks for them. */
const batch = 1000
const sweepInterval = /*#__PURE__*/ Duration.minutes(1)

const failed = (cause: SqlError): ReplayGuard.ReplayGuardUnavailable =>
  new ReplayGuard.ReplayGuardUnavailable({ detail: `its database failed (${cause.reason._tag})`, cause })

/**
 * The guard over the `SqlClient`. Another dialect than PostgreSQL or SQLite, a lease or a retention that is not finite and more than
 * zero are defects. Nothing is asked of the database yet: while it is down the guard is not available, and starts when it is back.
 */
export const make = (options: Options = {}): Effect.Effect<ReplayGuard.Service, never, SqlClient | Scope.Scope> =>
  Effect.gen(function* () {
    const { leaseMillis, retentionMillis } = ReplayGuard.settings(options)
    const { table: name = "paykka_replay_guard", timeout = standardTimeout } = options
    const sql = (yield* SqlClient).withoutTransforms()
    const table = sql(name)
    const now = dialect.clock(sql)
    const text = dialect.text(sql)

    const ready = dialect.ensureTable(
      sql,
      name,
      Effect.andThen(
        sql`CREATE TABLE IF NOT EXISTS ${table} (
          id ${text} PRIMARY KEY,
          signature ${text} NOT NULL,
          token ${text},
          expires_at bigint NOT NULL
        )`,
        sql`CREATE INDEX IF NOT EXISTS ${sql(`${name.split(".").at(-1)}_expires_at`)} ON ${table} (expires_at)`
      )
    )
    const step = <A>(effect: Effect.Effect<A, SqlError>) =>
      Effect.andThen(ready, effect).pipe(
        Effect.mapError(failed),
        bounded(
          timeout,
          () => new ReplayGuard.ReplayGuardUnavailable({ detail: "its database did not answer in time" })
        )
      )

    const release = ({ id, token }: Omit<ReplayGuard.Claimed, "_tag">) =>
      step(sql`DELETE FROM ${table} WHERE id = ${id} AND token = ${token}`)

    const claim = ({ id, signature }: ReplayGuard.Delivery) =>
      Effect.gen(function* (): Effect.fn.Return<ReplayGuard.Claim, SqlError> {
        const token = ReplayGuard.makeToken()
        // Only the first may do it: the row is new, or the time of what it holds is over.
        const claimed = yield* sql`
          INSERT INTO ${table} AS known (id, signature, token, expires_at)
          VALUES (${id}, ${signature}, ${token}, ${now} + ${sql.literal(String(leaseMillis))})
          ON CONFLICT (id) DO UPDATE
          SET signature = ${signature}, token = ${token}, expires_at = ${now} + ${sql.literal(String(leaseMillis))}
          WHERE known.expires_at <= ${now}
          RETURNING id`.pipe(
          // Nobody was told that it is theirs, if it is.
          Effect.onError(() => Effect.forkDetach(Effect.ignore(release({ id, token }))))
        )
        if (claimed.length > 0) return { _tag: "Claimed", id, token }
        const [known] = yield* sql<{ readonly signature: string; readonly token: string | null }>`
          SELECT signature, token FROM ${table} WHERE id = ${id}`
        // It was given up between the two.
        if (known === undefined) return yield* claim({ id, signature })
        if (known.signature !== signature) return { _tag: "Conflict" }
        return { _tag: known.token === null ? "Handled" : "Busy" }
      })

    const sweep = sql`
      DELETE FROM ${table} WHERE id IN (
        SELECT id FROM ${table} WHERE expires_at <= ${dialect.began(sql)}
        LIMIT ${sql.literal(String(batch))} ${dialect.skipLocked(sql)}
      ) RETURNING 1 AS deleted`
    yield* step(sweep).pipe(
      Effect.repeat({ while: (deleted) => deleted.length === batch, schedule: Schedule.spaced("100 millis") }),
      Effect.catch(({ message }) =>
        Effect.logWarning(`the rows of handled PayKKa notifications could not be deleted: ${message}`)
      ),
      Effect.repeat(Schedule.spaced(sweepInterval)),
      Effect.forkScoped
    )

    return ReplayGuard.ReplayGuard.of({
      lease: Duration.millis(leaseMillis),
      claim: (delivery) => step(claim(delivery)),
      commit: ({ id, token }) =>
        Effect.map(
          step(
            sql`UPDATE ${table} SET token = NULL, expires_at = ${now} + ${sql.literal(String(retentionMillis))}
              WHERE id = ${id} AND token = ${token} AND expires_at > ${now} RETURNING id`
          ),
          (done) => done.length > 0
        ),
      release: (claimed) => Effect.asVoid(release(claimed))
    })
  })

/** The layer of {@link make}. */
export const layer = (options: Options = {}): Layer.Layer<ReplayGuard.ReplayGuard, never, SqlClient> =>
  Layer.effect(ReplayGuard.ReplayGuard, make(options))
