/**
 * Payouts in a table, on PostgreSQL or SQLite, for all instances that share the database.
 *
 * `state`, `version` and `next_at` are columns that count: an operator who has found out what became of a held payout changes them there.
 */
import * as Payout from "@paykka/payouts/Payout"
import * as PayoutStore from "@paykka/payouts/PayoutStore"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Migrator from "effect/sql/Migrator"
import { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"

/** Settings of the store. */
export interface Options {
  /** How long the database may take for a step; after it the store is not available. Default: 5 seconds. */
  readonly timeout?: Duration.Input | undefined
}

interface Row {
  readonly state: Payout.State
  readonly version: number | string | bigint
  readonly next_at: number | string | bigint | null
  readonly record: string
}

/** A count of payouts in a state. */
export interface Open {
  readonly state: string
  readonly payouts: number
  /** When the longest due of them was due, in milliseconds since the epoch; undefined where none is to be looked at. */
  readonly dueAt: number | undefined
}

/** Counts what is not at its end: for metrics. */
export class OpenPayouts extends Context.Service<
  OpenPayouts,
  { readonly count: Effect.Effect<ReadonlyArray<Open>, PayoutStore.StoreUnavailable> }
>()("@paykka/node-server/OpenPayouts") {}

const unavailable = (detail: string, cause?: unknown) => new PayoutStore.StoreUnavailable({ detail, cause })

const failed = (cause: SqlError | Migrator.MigrationError) =>
  unavailable(
    cause._tag === "SqlError" ? `its database failed (${cause.reason._tag})` : "its tables cannot be made",
    cause
  )

/** Fails when the time is over. What is under way then is told to stop, and not waited for: a driver may hang at that. */
const within =
  (duration: Duration.Input) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | PayoutStore.StoreUnavailable, R> =>
    Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(Effect.forkDetach(effect), (running) =>
        restore(
          Effect.timeoutOrElse(Fiber.join(running), {
            duration,
            orElse: () => Effect.fail(unavailable("its database did not answer in time"))
          })
        ).pipe(Effect.ensuring(Effect.sync(() => running.interruptUnsafe())))
      )
    )

/** What may be asked for: PostgreSQL has no character 0, and no database has half a surrogate pair. */
const keyOf = (requestId: string): string => JSON.stringify(requestId).slice(1, -1)

const wholeOrNull = (value: number | null): number | null => (value === null ? null : Math.ceil(value))

const payoutOf = ({ state, version, next_at, record }: Row) =>
  Effect.try({
    try: (): Payout.Payout => ({
      ...(JSON.parse(record) as Payout.Payout),
      state,
      version: Number(version),
      next_at: next_at === null ? null : Number(next_at)
    }),
    // Without what the parser says: it quotes.
    catch: () => unavailable("a payout cannot be read")
  })

/** Without what has a column of its own. */
const recordOf = (payout: Payout.Payout): string =>
  JSON.stringify({ ...payout, state: undefined, version: undefined, next_at: undefined })

const ended = "('paid', 'failed', 'rejected')"

const migrations = Migrator.fromRecord({
  "1_payouts": Effect.gen(function* () {
    const sql = yield* SqlClient
    const text = sql.onDialectOrElse({ pg: () => sql.literal('text COLLATE "C"'), orElse: () => sql.literal("text") })
    yield* sql`CREATE TABLE payouts (
      request_id ${text} PRIMARY KEY,
      state text NOT NULL,
      version bigint NOT NULL,
      next_at bigint,
      record text NOT NULL
    )`
    yield* sql`CREATE INDEX payouts_due ON payouts (next_at) WHERE next_at IS NOT NULL`
    yield* sql`CREATE INDEX payouts_open ON payouts (state, next_at) WHERE state NOT IN ${sql.literal(ended)}`
  })
})

const make = Effect.fnUntraced(function* ({ timeout = "5 seconds" }: Options) {
  const sql = (yield* SqlClient).withoutTransforms()
  const inTime = within(timeout)
  yield* Migrator.make({})({ loader: migrations, table: "payouts_migrations" }).pipe(Effect.mapError(failed), inTime)

  const step = <A>(effect: Effect.Effect<A, SqlError>) => inTime(Effect.mapError(effect, failed))

  const get = (requestId: string) =>
    Effect.flatMap(
      step(sql<Row>`SELECT state, version, next_at, record FROM payouts WHERE request_id = ${keyOf(requestId)}`),
      ([row]) => (row === undefined ? Effect.undefined : payoutOf(row))
    )

  const store = PayoutStore.PayoutStore.of({
    insert: (payout) =>
      Effect.gen(function* () {
        const { order, state, version, next_at } = payout
        const inserted = yield* step(sql`
          INSERT INTO payouts (request_id, state, version, next_at, record)
          VALUES (${keyOf(order.request_id)}, ${state}, ${version}, ${wholeOrNull(next_at)}, ${recordOf(payout)})
          ON CONFLICT (request_id) DO NOTHING RETURNING version`)
        return inserted.length > 0 ? undefined : yield* get(order.request_id)
      }),
    get,
    save: (payout) =>
      Effect.gen(function* () {
        const { order, state, version } = payout
        const next_at = wholeOrNull(payout.next_at)
        const saved = yield* step(sql`
          UPDATE payouts SET state = ${state}, version = version + 1, next_at = ${next_at}, record = ${recordOf(payout)}
          WHERE request_id = ${keyOf(order.request_id)} AND version = ${version} RETURNING version`)
        return saved.length > 0 ? { ...payout, next_at, version: version + 1 } : undefined
      }),
    due: (now, limit) =>
      step(sql<{ readonly request_id: string }>`
        SELECT request_id FROM payouts WHERE next_at <= ${Math.floor(now)} ORDER BY next_at LIMIT ${limit}`).pipe(
        Effect.map((rows) => rows.map(({ request_id }) => JSON.parse(`"${request_id}"`) as string)),
        // It is asked every second or so, mostly for nothing.
        Effect.withTracerEnabled(false)
      )
  })

  const count = step(sql<{ readonly state: string; readonly payouts: unknown; readonly due_at: unknown }>`
    SELECT state, count(*) AS payouts, min(next_at) AS due_at FROM payouts
    WHERE state NOT IN ${sql.literal(ended)} GROUP BY state ORDER BY state`).pipe(
    Effect.map((rows) =>
      rows.map(({ state, payouts, due_at }) => ({
        state,
        payouts: Number(payouts),
        dueAt: due_at === null ? undefined : Number(due_at)
      }))
    )
  )

  return Context.make(PayoutStore.PayoutStore, store).pipe(Context.add(OpenPayouts, { count }))
})

/** The store over the `SqlClient`. Makes its table where it is not there, whoever else does so at once. */
export const layer = (
  options: Options = {}
): Layer.Layer<PayoutStore.PayoutStore | OpenPayouts, PayoutStore.StoreUnavailable, SqlClient> =>
  Layer.effectContext(make(options))
