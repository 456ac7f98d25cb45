/**
 * The journal of writes in a table, on PostgreSQL or SQLite: for all processes that share the database. An entry that was appended
 * survives the death of every process, and a power cut.
 *
 * Entries are only ever added, until the `retention` of a finished write is over. What is unfinished is not searched for among them: a
 * second table, which the same statement keeps, holds the ids of the writes that are open.
 */
import * as Journal from "@paykka/core/Journal"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { bounded, standardTimeout } from "./internal/bounded.ts"
import * as dialect from "./internal/dialect.ts"

/** Settings of the journal. */
export interface Options {
  /**
   * The table, after its schema and a dot where it is not in the default one; beside it is one with `_open` after its name. Both are
   * made when they are first needed. Default: `paykka_journal`.
   */
  readonly table?: string | undefined
  /**
   * How long the entries of a finished write are kept after its outcome, by the program's clock; `Infinity`: for ever. Those of an
   * unfinished one are always kept. Default: 90 days.
   */
  readonly retention?: Duration.Input | undefined
  /** How long the database may take for a step; after it the journal is not available. Default: 5 seconds. */
  readonly timeout?: Duration.Input | undefined
}

/** How many finished writes are deleted by one statement, and how often one looks for them. */
const batch = 1000
const sweepInterval = /*#__PURE__*/ Duration.hours(1)

interface Row {
  readonly id: string
  readonly operation: string
  readonly merch_id: string | null
  readonly key_field: string | null
  readonly key_value: string | null
  readonly owner: string
  readonly at: number | string | bigint
  readonly attempts: number | string | bigint
  readonly last_attempt_at: number | string | bigint | null
}

// PostgreSQL has no character 0, and no database has half a surrogate pair. A key that is not kept as it is would be asked for as
// another, not be found, and be sent again.
const write = (text: string): string => JSON.stringify(text).slice(1, -1)
const read = (text: string): string => JSON.parse(`"${text}"`) as string
const orNull =
  <A, B>(to: (value: A) => B) =>
  (value: A | null): B | null =>
    value === null ? null : to(value)
const writeOrNull = /*#__PURE__*/ orNull(write)

const unavailable = (detail: string, cause?: unknown): Journal.JournalUnavailable =>
  new Journal.JournalUnavailable({ detail, cause })

const failed = (cause: SqlError | Journal.JournalUnavailable): Journal.JournalUnavailable =>
  cause._tag === "SqlError" ? unavailable(`its database failed (${cause.reason._tag})`, cause) : cause

const unfinishedOf = (row: Row) =>
  Effect.try({
    try: (): Journal.Unfinished => {
      const { id, operation, merch_id, key_field, key_value, owner, at, attempts, last_attempt_at } = row
      return {
        id: read(id),
        operation: read(operation),
        merchId: orNull(read)(merch_id) ?? undefined,
        key: key_field === null || key_value === null ? null : { field: read(key_field), value: read(key_value) },
        owner: read(owner),
        intendedAt: Number(at),
        attempts: Number(attempts),
        lastAttemptAt: orNull(Number)(last_attempt_at) ?? undefined
      }
    },
    catch: (cause) => unavailable("an entry cannot be read", cause)
  })

/** Whether nothing is to come after this entry. */
const isDecisive = (entry: Journal.Entry): boolean => entry._tag === "Outcome" && entry.outcome !== "unknown"

/** An entry as a row, without the columns that its kind does not have. */
const rowOf = (entry: Journal.Entry) => {
  // Upwards: "not found" must not be believed too early.
  const row = { id: write(entry.id), kind: entry._tag, at: Math.ceil(entry.at) }
  switch (entry._tag) {
    case "Intent": {
      const { operation, merchId, key, owner } = entry
      return {
        ...row,
        operation: write(operation),
        merch_id: writeOrNull(merchId),
        key_field: writeOrNull(key?.field ?? null),
        key_value: writeOrNull(key?.value ?? null),
        owner: write(owner)
      }
    }
    case "Attempt":
      return { ...row, attempt: entry.attempt }
    case "Outcome":
      return { ...row, outcome: entry.outcome, reason: writeOrNull(entry.reason) }
  }
}

const settings = ({ retention = "90 days" }: Options): number => {
  const millis = Duration.toMillis(Duration.fromInputUnsafe(retention))
  if (millis < 1) throw new Error("the retention must be at least a millisecond")
  return millis
}

/**
 * The journal over the `SqlClient`. Another dialect than PostgreSQL or SQLite, and a retention that is not more than zero, are defects.
 * Nothing is asked of the database yet: while it is down the journal is not available, and starts when it is back.
 */
export const make = (options: Options = {}): Effect.Effect<Journal.Service, never, SqlClient | Scope.Scope> =>
  Effect.gen(function* () {
    const retentionMillis = settings(options)
    const { table: name = "paykka_journal", timeout = standardTimeout } = options
    const sql = (yield* SqlClient).withoutTransforms()
    const [table, open] = [sql(name), sql(`${name}_open`)]
    const nameOf = (suffix: string) => sql(`${name.split(".").at(-1)}_${suffix}`)
    const text = dialect.text(sql)
    const isPostgres = sql.onDialectOrElse({ pg: () => true, orElse: () => false })

    const tables = [
      sql`CREATE TABLE IF NOT EXISTS ${table} (
        seq ${sql.literal(isPostgres ? "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY" : "INTEGER PRIMARY KEY")},
        id ${text} NOT NULL,
        kind ${text} NOT NULL,
        at bigint NOT NULL,
        operation ${text},
        merch_id ${text},
        key_field ${text},
        key_value ${text},
        owner ${text},
        attempt integer,
        outcome ${text},
        reason ${text}
      )`,
      sql`CREATE INDEX IF NOT EXISTS ${nameOf("id")} ON ${table} (id, seq)`,
      sql`CREATE UNIQUE INDEX IF NOT EXISTS ${nameOf("intent")} ON ${table} (id) WHERE kind = 'Intent'`,
      sql`CREATE INDEX IF NOT EXISTS ${nameOf("finished")} ON ${table} (at) WHERE outcome <> 'unknown'`,
      // The last entry is there for two that append to one write at once: see `keep`.
      sql`CREATE TABLE IF NOT EXISTS ${open} (id ${text} PRIMARY KEY, last bigint NOT NULL)`
    ]
    // In SQLite a statement writes to one table.
    const triggers = [
      sql`CREATE TRIGGER IF NOT EXISTS ${nameOf("opens")} AFTER INSERT ON ${table}
        WHEN new.outcome IS NULL OR new.outcome = 'unknown' BEGIN
          INSERT INTO ${open} (id, last) VALUES (new.id, new.seq) ON CONFLICT (id) DO UPDATE SET last = excluded.last;
        END`,
      sql`CREATE TRIGGER IF NOT EXISTS ${nameOf("closes")} AFTER INSERT ON ${table}
        WHEN new.outcome <> 'unknown' BEGIN
          DELETE FROM ${open} WHERE id = new.id;
        END`
    ]
    const ready = dialect.ensureTable(
      sql,
      name,
      Effect.forEach(isPostgres ? tables : [...tables, ...triggers], (statement) => statement, { discard: true })
    )
    const step = <A>(effect: Effect.Effect<A, SqlError | Journal.JournalUnavailable>) =>
      Effect.andThen(ready, effect).pipe(
        Effect.mapError(failed),
        bounded(timeout, () => unavailable("its database did not answer in time"))
      )

    const insert = (entry: Journal.Entry) => sql`INSERT INTO ${table} ${sql.insert(rowOf(entry))}`
    const keep = (entry: Journal.Entry) => {
      if (!isPostgres) return insert(entry)
      const id = write(entry.id)
      // An outcome does not close what was opened by a later entry.
      const then = isDecisive(entry)
        ? sql`DELETE FROM ${open} WHERE id = ${id} AND last < (SELECT seq FROM entry)`
        : sql`INSERT INTO ${open} AS known (id, last) SELECT ${id}, seq FROM entry
          ON CONFLICT (id) DO UPDATE SET last = greatest(known.last, excluded.last)`
      return sql`WITH entry AS (${insert(entry)} RETURNING seq) ${then}`
    }

    // Both would rather read all intents: they take what is open for more than it is.
    const intent = isPostgres
      ? sql`LATERAL (SELECT * FROM ${table} WHERE id = opened.id AND kind = 'Intent' LIMIT 1) AS intent`
      : sql`${table} AS intent ON intent.id = opened.id AND intent.kind = 'Intent'`

    const sweep = Effect.flatMap(
      Clock.currentTimeMillis,
      (now) => sql`
        DELETE FROM ${table} WHERE id IN (
          SELECT id FROM ${table} AS known
          WHERE outcome <> 'unknown' AND at <= ${Math.floor(now - retentionMillis)}
            AND NOT EXISTS (SELECT 1 FROM ${open} AS opened WHERE opened.id = known.id)
          LIMIT ${sql.literal(String(batch))} ${dialect.skipLocked(sql)}
        ) RETURNING 1 AS deleted`
    )
    if (Number.isFinite(retentionMillis)) {
      yield* step(sweep).pipe(
        Effect.repeat({ while: (deleted) => deleted.length > 0, schedule: Schedule.spaced("100 millis") }),
        Effect.catch(({ message }) =>
          Effect.logWarning(`the entries of finished PayKKa writes could not be deleted: ${message}`)
        ),
        Effect.repeat(Schedule.spaced(sweepInterval)),
        Effect.forkScoped
      )
    }

    return Journal.Journal.of({
      append: (entry) => Effect.asVoid(step(keep(entry))),
      unfinished: ({ owner, limit = Journal.standardLimit } = {}) =>
        sql<Row>`
          SELECT intent.id, intent.operation, intent.merch_id, intent.key_field, intent.key_value, intent.owner, intent.at,
            (SELECT count(*) FROM ${table} AS each WHERE each.id = opened.id AND each.kind = 'Attempt') AS attempts,
            (SELECT each.at FROM ${table} AS each WHERE each.id = opened.id AND each.kind = 'Attempt'
              ORDER BY each.seq DESC LIMIT 1) AS last_attempt_at
          FROM ${open} AS opened CROSS JOIN ${intent}
          ${owner === undefined ? sql.literal("") : sql`WHERE intent.owner = ${write(owner)}`}
          ORDER BY intent.seq LIMIT ${limit}`.pipe(Effect.flatMap(Effect.forEach(unfinishedOf)), step)
    })
  })

/** The layer of {@link make}. */
export const layer = (options: Options = {}): Layer.Layer<Journal.Journal, never, SqlClient> =>
  Layer.effect(Journal.Journal, make(options))
