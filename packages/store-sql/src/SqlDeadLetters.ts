/** Dead letters in a table, on PostgreSQL or SQLite. They hold what came, personal data included, until they are removed. */
import * as DeadLetters from "@paykka/webhook/DeadLetters"
import { Stored } from "@paykka/webhook/Stored"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { bounded, standardTimeout } from "./internal/bounded.ts"
import * as dialect from "./internal/dialect.ts"

/** Settings of the dead letters. */
export interface Options {
  /** The table, after its schema and a dot where it is not in the default one. It is made when it is first needed. Default: `paykka_dead_letters`. */
  readonly table?: string | undefined
  /** How long the database may take for a step; after it the dead letters are not available. Default: 5 seconds. */
  readonly timeout?: Duration.Input | undefined
}

interface Row {
  readonly id: string
  readonly stored: string
  readonly error: string
  readonly attempts: number | string | bigint
  readonly failed_at: number | string | bigint
}

const StoredText = /*#__PURE__*/ Schema.fromJsonString(Stored)
const read = /*#__PURE__*/ Schema.decodeUnknownEffect(StoredText)
const write = /*#__PURE__*/ Schema.encodeEffect(StoredText)

const letterOf = ({ id, stored, error, attempts, failed_at }: Row) =>
  Effect.map(read(stored), (value): DeadLetters.DeadLetter => ({
    id,
    stored: value,
    error,
    attempts: Number(attempts),
    failedAt: Number(failed_at)
  }))

const failed = (cause: SqlError | Schema.SchemaError): DeadLetters.DeadLettersUnavailable =>
  new DeadLetters.DeadLettersUnavailable({
    detail: cause._tag === "SqlError" ? `their database failed (${cause.reason._tag})` : "a letter cannot be read",
    cause
  })

/** Dead letters over the `SqlClient`. Another dialect than PostgreSQL or SQLite is a defect. Nothing is asked of the database yet. */
export const make = (options: Options = {}): Effect.Effect<DeadLetters.Service, never, SqlClient> =>
  Effect.gen(function* () {
    const { table: name = "paykka_dead_letters", timeout = standardTimeout } = options
    const sql = (yield* SqlClient).withoutTransforms()
    const table = sql(name)
    const text = dialect.text(sql)
    const ready = dialect.ensureTable(
      sql,
      name,
      sql`CREATE TABLE IF NOT EXISTS ${table} (
        id ${text} PRIMARY KEY,
        stored text NOT NULL,
        error text NOT NULL,
        attempts integer NOT NULL,
        failed_at bigint NOT NULL
      )`
    )
    const step = <A>(effect: Effect.Effect<A, SqlError | Schema.SchemaError>) =>
      Effect.andThen(ready, effect).pipe(
        Effect.mapError(failed),
        bounded(
          timeout,
          () => new DeadLetters.DeadLettersUnavailable({ detail: "their database did not answer in time" })
        )
      )
    const columns = sql.literal("id, stored, error, attempts, failed_at")

    return DeadLetters.DeadLetters.of({
      put: ({ id, stored, error, attempts, failedAt }) =>
        Effect.flatMap(
          write(stored),
          (json) =>
            // PostgreSQL has no text with the character 0.
            sql`INSERT INTO ${table} (${columns}) VALUES (${id}, ${json}, ${error.replaceAll("\0", "\uFFFD")}, ${attempts}, ${failedAt})
            ON CONFLICT (id) DO UPDATE SET
              stored = excluded.stored, error = excluded.error, attempts = excluded.attempts, failed_at = excluded.failed_at`
        ).pipe(step, Effect.asVoid),
      list: ({ after = "", limit = DeadLetters.standardLimit } = {}) =>
        sql<Row>`SELECT ${columns} FROM ${table} WHERE id > ${after} ORDER BY id LIMIT ${limit}`.pipe(
          Effect.flatMap(Effect.forEach(letterOf)),
          step
        ),
      get: (id) =>
        sql<Row>`SELECT ${columns} FROM ${table} WHERE id = ${id}`.pipe(
          Effect.flatMap(([row]) => (row === undefined ? Effect.succeedNone : Effect.asSome(letterOf(row)))),
          step
        ),
      remove: (id) => Effect.asVoid(step(sql`DELETE FROM ${table} WHERE id = ${id}`))
    })
  })

/** The layer of {@link make}. */
export const layer = (options: Options = {}): Layer.Layer<DeadLetters.DeadLetters, never, SqlClient> =>
  Layer.effect(DeadLetters.DeadLetters, make(options))
