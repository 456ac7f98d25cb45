/** The journal on both databases: the suite of all journals, and what only that in SQL does. */
import { type AddressInfo, createServer } from "node:net"
import * as PgClient from "@effect/sql-pg/PgClient"
import { assert, describe, it } from "@effect/vitest"
import * as Journal from "@paykka/core/Journal"
import { attempt, intent, journalSuite, makeId, outcome } from "@paykka/tooling-conformance/journal"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Reactivity from "effect/reactivity/Reactivity"
import * as SqlClient from "effect/sql/SqlClient"
import * as Statement from "effect/sql/Statement"
import * as SqlJournal from "../src/SqlJournal.ts"
import { type Database, clientOf, postgres } from "./programs/database.ts"
import { admin, hasPostgres, postgresDatabase } from "./server.ts"
import { eventually, fresh, silent, sqliteDatabase, whileLocked } from "./support.ts"

const postgresSchema = await postgresDatabase()

const day = 86_400_000

const nothing = {
  operation: null,
  merch_id: null,
  key_field: null,
  key_value: null,
  owner: null,
  attempt: null,
  outcome: null,
  reason: null
}

interface Row extends Readonly<Record<keyof typeof nothing, string | number | null>> {
  readonly id: string
  readonly kind: string
  readonly at: number
}

/** What the table holds, in its order. */
const rowsOf = (table: string) =>
  SqlClient.SqlClient.use((sql) =>
    Effect.map(
      sql<
        Omit<Row, "at"> & { readonly at: unknown }
      >`SELECT id, kind, at, ${sql.literal(Object.keys(nothing).join())} FROM ${sql(table)} ORDER BY seq`,
      (rows) => rows.map((row): Row => ({ ...row, at: Number(row.at) }))
    )
  )

const append = (journal: Journal.Service, ...entries: ReadonlyArray<Journal.Entry>) =>
  Effect.forEach(entries, journal.append, { discard: true })

const namesOf = (journal: Journal.Service) => Effect.map(journal.unfinished(), (all) => all.map(({ id }) => id))

const tableSuite = (name: string, database: Database, skip: boolean): void => {
  const client = clientOf(database)

  journalSuite(name, () => Layer.provide(SqlJournal.layer({ table: fresh() }), client), { skip })

  describe.skipIf(skip)(`the journal's table on ${name}`, () => {
    const withJournal = <A, E>(
      use: (journal: Journal.Service, table: string) => Effect.Effect<A, E, SqlClient.SqlClient>,
      options: SqlJournal.Options = {}
    ) =>
      Effect.suspend(() => {
        const table = options.table ?? fresh()
        return Journal.Journal.use((journal) => use(journal, table)).pipe(
          Effect.provide(Layer.provideMerge(SqlJournal.layer({ ...options, table }), client), { local: true }),
          Effect.provide(silent)
        )
      })

    it.live("holds a row for each entry, which stays as it is; and of the open writes the ids", () =>
      withJournal((journal, table) =>
        Effect.gen(function* () {
          const first = intent("W-1", { at: 1.25 })
          yield* append(journal, first, attempt("W-1", 1, 3), outcome("W-1", "unknown", "OutcomeUnknown"))
          yield* append(journal, intent("W-2", { merchId: null, key: null, owner: "", at: 4 }))
          const begun = yield* rowsOf(table)
          const { operation, merchId: merch_id, owner, key } = first
          assert.deepStrictEqual<unknown>(begun, [
            {
              ...nothing,
              id: "W-1",
              kind: "Intent",
              // No earlier than it was.
              at: 2,
              operation,
              merch_id,
              key_field: "request_id",
              key_value: key?.value,
              owner
            },
            { ...nothing, id: "W-1", kind: "Attempt", at: 3, attempt: 1 },
            {
              ...nothing,
              id: "W-1",
              kind: "Outcome",
              at: 1_795_598_952_000,
              outcome: "unknown",
              reason: "OutcomeUnknown"
            },
            { ...nothing, id: "W-2", kind: "Intent", at: 4, operation, owner: "" }
          ])
          const sql = yield* SqlClient.SqlClient
          const open = Effect.map(
            sql<{ readonly id: string }>`SELECT id FROM ${sql(`${table}_open`)} ORDER BY id`,
            (rows) => rows.map(({ id }) => id)
          )
          assert.deepStrictEqual(yield* open, ["W-1", "W-2"])
          yield* append(journal, outcome("W-1", "processed"), outcome("W-2", "refused", "Rejected"))
          assert.deepStrictEqual((yield* rowsOf(table)).slice(0, 4), begun)
          assert.strictEqual((yield* rowsOf(table)).length, 6)
          assert.deepStrictEqual(yield* open, [])
        })
      )
    )

    it.live("does not take another write of the same id", () =>
      withJournal((journal, table) =>
        Effect.gen(function* () {
          const [one, other] = [intent(makeId(), { owner: "hunter2" }), intent(makeId())]
          yield* append(journal, one, other)
          const error = yield* Effect.flip(journal.append({ ...one, operation: "payee.create" }))
          assert.match(error.message, /^the journal is not available: its database failed \(\w+\)$/)
          assert.deepStrictEqual(yield* namesOf(journal), [one.id, other.id])
          assert.strictEqual((yield* rowsOf(table)).length, 2)
        })
      )
    )

    it.live("knows what is open from the last of two entries that came at once", () =>
      withJournal((journal, table) =>
        Effect.gen(function* () {
          const other = Context.get(
            yield* Layer.build(Layer.fresh(Layer.provide(SqlJournal.layer({ table }), client))),
            Journal.Journal
          )
          const ids = Array.from({ length: 64 }, makeId)
          yield* append(journal, ...ids.map((id) => intent(id)))
          yield* Effect.forEach(
            ids.flatMap((id, nth) => {
              const both = [journal.append(attempt(id)), other.append(outcome(id, "processed"))]
              return nth % 2 === 0 ? both : both.toReversed()
            }),
            (each) => each,
            { concurrency: "unbounded", discard: true }
          )
          const last = new Map((yield* rowsOf(table)).map((row) => [row.id, row]))
          const open = new Set(yield* namesOf(journal))
          for (const id of ids) {
            // What is closed too late is asked for once more; what is open must not be missed.
            if (last.get(id)?.kind === "Attempt") assert.isTrue(open.has(id), id)
          }
        }).pipe(Effect.scoped)
      )
    )

    it.live(
      "says so when its database fails or is late, or holds what is no entry, without a word of what it holds",
      () =>
        withJournal((journal, table) =>
          Effect.gen(function* () {
            const sql = yield* SqlClient.SqlClient
            const errorOf = (effect: Effect.Effect<unknown, Journal.JournalUnavailable>) => Effect.flip(effect)
            yield* append(journal, intent("hunter2"))
            const impatient = yield* SqlJournal.make({ table, timeout: "300 millis" })
            const late = yield* whileLocked(table)(errorOf(impatient.append(attempt("hunter2"))))
            assert.strictEqual(late.message, "the journal is not available: its database did not answer in time")
            yield* sql`UPDATE ${sql(table)} SET key_value = '"hunter2'`
            const unreadable = yield* errorOf(journal.unfinished())
            assert.strictEqual(unreadable.message, "the journal is not available: an entry cannot be read")
            yield* sql`DROP TABLE ${sql(table)}`
            for (const step of [
              journal.unfinished(),
              journal.append(intent("hunter2")),
              journal.append(outcome("hunter2", "processed"))
            ]) {
              const error = yield* errorOf(step)
              assert.match(error.message, /^the journal is not available: its database failed \(\w+\)$/)
              assert.isDefined(error.cause)
            }
          }).pipe(Effect.scoped)
        )
    )

    it.live("appends by one statement, and finds what is unfinished by another that uses indexes", () =>
      withJournal((journal, table) =>
        Effect.gen(function* () {
          const sql = yield* SqlClient.SqlClient
          yield* append(journal, intent("W-1"), attempt("W-1"))
          const numbers = sql.onDialectOrElse({
            pg: () => "SELECT n FROM generate_series(1, 20000) AS n",
            orElse: () =>
              "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 20000) SELECT n FROM s"
          })
          for (const [kind, columns, values] of [
            ["Intent", "operation, owner", "'payment.apply', 'host-1'"],
            ["Attempt", "attempt", "1"],
            ["Outcome", "outcome", "'processed'"]
          ]) {
            yield* sql.unsafe(
              `INSERT INTO ${table} (id, kind, at, ${columns}) SELECT 'F-' || n, '${kind}', n, ${values} FROM (${numbers}) AS each`
            )
          }
          // Where PostgreSQL has counted, it knows how small the one table is and how large the other.
          const isPostgres = sql.onDialectOrElse({ pg: () => true, orElse: () => false })
          if (isPostgres) {
            yield* sql.unsafe(`DELETE FROM ${table}_open WHERE id LIKE 'F-%'`)
          }
          const asked: Array<readonly [string, ReadonlyArray<unknown>]> = []
          const listening = Effect.provideService(Statement.CurrentTransformer, (statement) => {
            asked.push(statement.compile())
            return Effect.succeed(statement)
          })
          const unfinished = (options?: Journal.UnfinishedOptions) => listening(journal.unfinished(options))
          for (const options of [undefined, { owner: "host-1", limit: 5 }]) {
            for (const isCounted of isPostgres ? [false, true] : [false]) {
              if (isCounted) yield* sql.unsafe(`ANALYZE ${table}, ${table}_open`)
              asked.length = 0
              assert.deepStrictEqual(
                (yield* unfinished(options)).map(({ id }) => id),
                ["W-1"]
              )
              assert.strictEqual(asked.length, 1)
              const [text, parameters] = asked[0]!
              const plan = JSON.stringify(
                yield* sql.unsafe(`EXPLAIN ${isPostgres ? "" : "QUERY PLAN"} ${text}`, parameters)
              )
              assert.notMatch(plan, isPostgres ? new RegExp(`Seq Scan on ${table}\\b`) : /SCAN (intent|each)/)
              // The intent, the number of its attempts, and the last of them: each by the id.
              const searches = plan.match(/Index Cond: \([^"]*|SEARCH (intent|each)[^"]*/g) ?? []
              assert.isAtLeast(searches.length, 3)
              for (const search of searches) assert.match(search, /\(\(?id ?=/)
            }
          }
          for (const entry of [intent("W-2"), attempt("W-2"), outcome("W-2", "unknown"), outcome("W-2", "processed")]) {
            asked.length = 0
            yield* listening(journal.append(entry))
            assert.strictEqual(asked.length, 1, entry._tag)
          }
        })
      )
    )

    const sweeping = (
      at: number,
      use: (table: string) => Effect.Effect<void, unknown, SqlClient.SqlClient>,
      options: SqlJournal.Options = {}
    ) =>
      Effect.gen(function* () {
        const table = fresh()
        yield* withJournal(
          (journal) =>
            Effect.gen(function* () {
              const ended = (id: string, ending: Journal.Ending, endedAt: number): ReadonlyArray<Journal.Entry> => [
                intent(id, { at: 0 }),
                attempt(id, 1, 0),
                { ...outcome(id, ending), at: endedAt }
              ]
              yield* append(journal, ...ended("old", "processed", 1000), ...ended("young", "refused", 1001))
              yield* append(journal, ...ended("unknown", "unknown", 0), intent("begun", { at: 0 }))
              yield* append(journal, ...ended("again", "not processed", 0), attempt("again", 2, 0))
              yield* append(journal, ...ended("found", "unknown", 0), { ...outcome("found", "processed"), at: 1000 })
            }),
          { table, retention: Infinity }
        )
        const clock = yield* Clock.Clock
        const later = Object.assign(Object.create(clock) as Clock.Clock, { currentTimeMillis: Effect.succeed(at) })
        // The next that starts looks at once.
        yield* withJournal(() => use(table), { ...options, table }).pipe(Effect.provideService(Clock.Clock, later))
      })

    const idsOf = (table: string) => Effect.map(rowsOf(table), (rows) => [...new Set(rows.map(({ id }) => id))].join())

    it.live("forgets a finished write when its retention is over by the program's clock, and no other", () =>
      Effect.gen(function* () {
        const kept = "young,unknown,begun,again"
        yield* sweeping(1000 + 90 * day, (table) => eventually(idsOf(table), (ids) => ids === kept))
        yield* sweeping(1000 + 5000, (table) => eventually(idsOf(table), (ids) => ids === kept), {
          retention: "5 seconds"
        })
      })
    )

    it.live("forgets many, batch by batch", () =>
      Effect.gen(function* () {
        const table = fresh()
        yield* withJournal(
          (journal) =>
            Effect.gen(function* () {
              yield* append(journal, intent("begun"))
              const sql = yield* SqlClient.SqlClient
              yield* sql.withTransaction(
                Effect.forEach(
                  Array(2500).keys(),
                  (nth) =>
                    sql`INSERT INTO ${sql(table)} (id, kind, at, outcome) VALUES (${`W${nth}`}, 'Outcome', 0, 'processed')`,
                  { discard: true }
                )
              )
            }),
          { table }
        )
        yield* withJournal(() => eventually(idsOf(table), (ids) => ids === "begun"), { table })
      })
    )
  })
}

tableSuite("SQLite", sqliteDatabase(), false)
tableSuite("PostgreSQL", postgresSchema, !hasPostgres)

describe.skipIf(!hasPostgres)("a journal on PostgreSQL", () => {
  const startupParameters = { search_path: postgresSchema.schema }

  it.live("works for a user who may only add to its table, in a schema that is not the default one", () =>
    Effect.gen(function* () {
      const { schema } = postgresSchema
      const [role, table] = [fresh(), fresh()]
      const own = Layer.provide(SqlJournal.layer({ table }), clientOf(postgresSchema))
      yield* Effect.provide(Journal.Journal.use(namesOf), own)
      yield* Effect.promise(async () => {
        await admin(`CREATE ROLE ${role} LOGIN`)
        await admin(`GRANT USAGE ON SCHEMA ${schema} TO ${role}`)
        await admin(`GRANT SELECT, INSERT ON ${schema}.${table} TO ${role}`)
        await admin(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${schema}.${table}_open TO ${role}`)
      })
      yield* Effect.addFinalizer(() =>
        Effect.promise(async () => {
          await admin(`DROP OWNED BY ${role}`)
          await admin(`DROP ROLE ${role}`)
        })
      )
      const logged: Array<unknown> = []
      // What is kept for ever is not swept, which this user may not do.
      const limited = SqlJournal.layer({ table: `${schema}.${table}`, retention: Infinity }).pipe(
        Layer.provide(
          PgClient.layer({
            ...postgres,
            username: role,
            // What a program may do to the names of its own tables.
            transformQueryNames: (text) => `its_${text}`,
            transformResultNames: (text) => `its_${text}`
          })
        ),
        Layer.provideMerge(Logger.layer([Logger.make(({ message }) => logged.push(message))]))
      )
      yield* Effect.gen(function* () {
        const journal = yield* Journal.Journal
        yield* append(journal, intent("W-1"), attempt("W-1"), outcome("W-1", "processed"), intent("W-2"))
        yield* append(journal, attempt("W-1", 2), outcome("W-2", "refused"))
        assert.deepStrictEqual(yield* namesOf(journal), ["W-1"])
      }).pipe(Effect.provide(limited))
      assert.deepStrictEqual(logged, [])
    }).pipe(Effect.scoped)
  )

  it.live(
    "keeps a write open whose request was recorded after the number of its outcome was given, and before its end",
    () =>
      Effect.gen(function* () {
        const table = fresh()
        const key = Number.parseInt(table.slice(2, 9), 16)
        const sql = yield* SqlClient.SqlClient
        const journal = yield* SqlJournal.make({ table })
        yield* append(journal, intent("W-1"))
        // An outcome has its number, and then waits for whoever holds the lock.
        yield* sql.unsafe(`CREATE FUNCTION ${table}_waits() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM pg_advisory_xact_lock(${key}); RETURN new; END $$`)
        yield* sql.unsafe(`CREATE TRIGGER waits BEFORE INSERT ON ${table} FOR EACH ROW
        WHEN (new.kind = 'Outcome') EXECUTE FUNCTION ${table}_waits()`)
        const waiting = Effect.map(
          sql.unsafe(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = ${key}`),
          ({ length }) => length
        )
        const [locked, released] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
        const holder = yield* Effect.forkChild(
          sql.withTransaction(
            Effect.andThen(
              sql.unsafe(`SELECT 1 FROM pg_advisory_xact_lock(${key})`),
              Effect.andThen(Deferred.succeed(locked, undefined), Deferred.await(released))
            )
          )
        )
        yield* Deferred.await(locked)
        const ending = yield* Effect.forkChild(append(journal, outcome("W-1", "processed")))
        yield* eventually(waiting, (length) => length === 1)
        yield* append(journal, attempt("W-1"))
        yield* Deferred.succeed(released, undefined)
        yield* Fiber.join(holder)
        yield* Fiber.join(ending)
        assert.deepStrictEqual(
          (yield* rowsOf(table)).map(({ kind }) => kind),
          ["Intent", "Outcome", "Attempt"]
        )
        assert.deepStrictEqual(yield* namesOf(journal), ["W-1"])
      }).pipe(Effect.scoped, Effect.provide([clientOf(postgresSchema), silent]))
  )

  it.live("is made by many connections at once", () =>
    Effect.gen(function* () {
      const table = fresh()
      const journals = yield* Effect.all(
        Array.from({ length: 8 }, () =>
          Layer.build(
            Layer.fresh(Layer.provide(SqlJournal.layer({ table }), Layer.merge(clientOf(postgresSchema), silent)))
          )
        )
      )
      yield* Effect.forEach(
        journals,
        (context, nth) => Context.get(context, Journal.Journal).append(intent(`W-${nth}`)),
        { concurrency: "unbounded", discard: true }
      )
      assert.strictEqual((yield* namesOf(Context.get(journals[0]!, Journal.Journal))).length, 8)
    }).pipe(Effect.scoped)
  )

  it.live("is not available while its database refuses everybody, and is when it no longer does", () =>
    Effect.gen(function* () {
      const role = fresh()
      yield* Effect.promise(() => admin(`CREATE ROLE ${role} NOLOGIN`))
      yield* Effect.addFinalizer(() =>
        Effect.promise(async () => {
          await admin(`DROP OWNED BY ${role}`)
          await admin(`DROP ROLE ${role}`)
        })
      )
      yield* Effect.promise(() => admin(`GRANT USAGE, CREATE ON SCHEMA ${postgresSchema.schema} TO ${role}`))
      const layer = SqlJournal.layer({ table: fresh() }).pipe(
        Layer.provide(PgClient.layer({ ...postgres, username: role, startupParameters }))
      )
      yield* Effect.gen(function* () {
        const journal = yield* Journal.Journal
        const error = yield* Effect.flip(journal.append(intent("W-1")))
        assert.match(error.message, /^the journal is not available: its database failed \(\w+\)$/)
        assert.notInclude(error.message, role)
        yield* Effect.promise(() => admin(`ALTER ROLE ${role} LOGIN`))
        yield* append(journal, intent("W-2"))
        assert.deepStrictEqual(yield* namesOf(journal), ["W-2"])
      }).pipe(Effect.provide(Layer.provide(layer, silent)))
    }).pipe(Effect.scoped)
  )
})

it.live("a journal is not available while nobody listens where its database should be", () =>
  Effect.gen(function* () {
    const port = yield* Effect.promise(
      () =>
        new Promise<number>((resolve) => {
          const server = createServer().listen(0, "127.0.0.1", () => {
            const { port: free } = server.address() as AddressInfo
            server.close(() => resolve(free))
          })
        })
    )
    const down = Layer.provide(SqlJournal.layer(), Layer.merge(PgClient.layer({ ...postgres, port }), silent))
    const error = yield* Effect.flip(
      Effect.provide(
        Journal.Journal.use((journal) => journal.append(intent("W"))),
        down
      )
    )
    assert.strictEqual(error.message, "the journal is not available: its database failed (ConnectionError)")
  })
)

describe("settings that make no journal", () => {
  const mysql = Layer.effect(
    SqlClient.SqlClient,
    SqlClient.make({
      acquirer: Effect.die("asked"),
      compiler: Statement.makeCompiler({
        dialect: "mysql",
        placeholder: () => "?",
        onIdentifier: (name) => name,
        onRecordUpdate: () => ["", []],
        onCustom: () => ["", []]
      }),
      driver: "none",
      spanAttributes: []
    })
  ).pipe(Layer.provide(Reactivity.layer))

  const defectOf = (options: SqlJournal.Options, client: Layer.Layer<SqlClient.SqlClient, unknown>) =>
    Layer.build(Layer.provide(SqlJournal.layer(options), client)).pipe(
      Effect.catchDefect((defect) => Effect.succeed(String(defect))),
      Effect.scoped
    )

  it.live("are defects", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* defectOf({}, mysql), "Error: only PostgreSQL and SQLite are supported")
      for (const retention of [0, -1, Number.NaN, "0 days"] as const) {
        assert.strictEqual(yield* defectOf({ retention }, mysql), "Error: the retention must be at least a millisecond")
      }
    })
  )
})
