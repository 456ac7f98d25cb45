/** The client for a SQLite file. */
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import { SqlClient } from "effect/sql/SqlClient"
import * as Stream from "effect/Stream"
import { afterAll } from "vitest"
import { type SqliteOptions, layerSqlite } from "../src/node.ts"
import { fresh } from "./support.ts"

const folder = mkdtempSync(join(tmpdir(), "paykka-sqlite-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const freshFile = (): string => join(folder, fresh())

/** A client until the scope closes. */
const open = (options: SqliteOptions) =>
  Effect.map(Layer.build(layerSqlite(options)), (context) => Context.get(context, SqlClient))

/** Two clients of one file with a table. */
const openTwo = (options: Omit<SqliteOptions, "filename"> = {}) =>
  Effect.gen(function* () {
    const filename = freshFile()
    const [one, other] = [yield* open({ filename, ...options }), yield* open({ filename, ...options })] as const
    yield* one`CREATE TABLE numbers (n INTEGER PRIMARY KEY)`
    return { filename, one, other }
  })

const numbers = (sql: SqlClient) =>
  Effect.map(sql<{ readonly n: number }>`SELECT n FROM numbers ORDER BY n`, (rows) => rows.map(({ n }) => n))

const pragma = (sql: SqlClient, name: string) =>
  Effect.map(sql.unsafe<Record<string, unknown>>(`PRAGMA ${name}`), ([row]) => Object.values(row ?? {})[0])

describe("layerSqlite", () => {
  it.live("writes to a log that it syncs at each commit, or only now and then where that is chosen", () =>
    Effect.gen(function* () {
      const sql = yield* open({ filename: freshFile() })
      // https://www.sqlite.org/pragma.html: 2 is FULL, 1 is NORMAL.
      const settings = (client: SqlClient) =>
        Effect.forEach(["journal_mode", "synchronous", "fullfsync", "busy_timeout"], (name) => pragma(client, name))
      assert.deepStrictEqual(yield* settings(sql), ["wal", 2, 1, 0])
      const fast = yield* open({ filename: freshFile(), synchronous: "NORMAL" })
      assert.deepStrictEqual(yield* settings(fast), ["wal", 1, 0, 0])
    }).pipe(Effect.scoped)
  )

  it.live("makes a file that only its owner reads, leaves the rights of one that is there, and closes it", () =>
    Effect.gen(function* () {
      const filename = freshFile()
      yield* Effect.scoped(
        Effect.gen(function* () {
          const sql = yield* open({ filename })
          yield* sql`CREATE TABLE numbers (n INTEGER PRIMARY KEY)`
          assert.deepStrictEqual(
            ["", "-wal", "-shm"].map((end) => statSync(filename + end).mode & 0o777),
            [0o600, 0o600, 0o600]
          )
        })
      )
      assert.isFalse(existsSync(`${filename}-wal`))
      const shared = freshFile()
      writeFileSync(shared, "", { mode: 0o640 })
      yield* Effect.scoped(open({ filename: shared }))
      assert.strictEqual(statSync(shared).mode & 0o777, 0o640)
    })
  )

  it.live("has the same data at the next start", () =>
    Effect.gen(function* () {
      const filename = freshFile()
      yield* Effect.scoped(Effect.flatMap(open({ filename }), (sql) => sql`CREATE TABLE numbers AS SELECT 7 AS n`))
      assert.deepStrictEqual(yield* Effect.scoped(Effect.flatMap(open({ filename }), numbers)), [7])
    })
  )

  it.live("reads and writes values of all kinds", () =>
    Effect.gen(function* () {
      const sql = yield* open({ filename: ":memory:" })
      const values = [null, undefined, true, 2, 2.5, 2n ** 40n, "a\0b 数 🏦", new Uint8Array([0, 255]), new Date(0)]
      const read = [null, null, 1, 2, 2.5, 2 ** 40, "a\0b 数 🏦", new Uint8Array([0, 255]), "1970-01-01T00:00:00.000Z"]
      const select = sql.unsafe<Record<string, unknown>>(
        `SELECT ${values.map((_, nth) => `? AS c${nth}`).join()}`,
        values
      )
      const rows = (all: ReadonlyArray<object>) => all.map((row) => Object.values(row))
      assert.deepStrictEqual(rows(yield* select), [read])
      assert.deepStrictEqual(rows(yield* select.unprepared), [read])
      assert.deepStrictEqual(rows((yield* select.raw) as ReadonlyArray<object>), [read])
      assert.deepStrictEqual(yield* select.values, [read])
      assert.deepStrictEqual(
        yield* Stream.runCollect(sql<{ readonly n: number }>`VALUES (1), (2)`.stream.pipe(Stream.map(Object.values))),
        [[1], [2]]
      )
    }).pipe(Effect.scoped)
  )

  it.live("undoes a transaction that fails, and the inner one alone where that fails", () =>
    Effect.gen(function* () {
      const { one, other } = yield* openTwo()
      const add = (n: number) => one`INSERT INTO numbers VALUES (${n})`
      const failing = (n: number) => one.withTransaction(Effect.andThen(add(n), Effect.fail("no")))
      assert.strictEqual(yield* Effect.flip(failing(1)), "no")
      // SQLite undoes some failures by itself, such as a full disk.
      assert.strictEqual(
        yield* Effect.flip(one.withTransaction(Effect.andThen(one`ROLLBACK`, Effect.fail("no")))),
        "no"
      )
      yield* one.withTransaction(
        Effect.gen(function* () {
          yield* add(2)
          yield* Effect.flip(failing(3))
          yield* add(4)
          // Others read what was there before.
          assert.deepStrictEqual(yield* numbers(other), [])
        })
      )
      assert.deepStrictEqual(yield* numbers(other), [2, 4])
    }).pipe(Effect.scoped)
  )

  it.live("waits while another writes, without stopping the process", () =>
    Effect.gen(function* () {
      const { one, other } = yield* openTwo()
      const locked = yield* Deferred.make<void>()
      const seen: Array<string> = []
      const writer = yield* Effect.forkChild(
        one.withTransaction(
          Effect.gen(function* () {
            yield* one`INSERT INTO numbers VALUES (1)`
            yield* Deferred.succeed(locked, undefined)
            // A timer of this process, which would not fire if it stood still.
            yield* Effect.sleep("100 millis")
            seen.push("first")
          })
        )
      )
      yield* Deferred.await(locked)
      yield* other`INSERT INTO numbers VALUES (2)`
      seen.push("second")
      yield* Fiber.join(writer)
      assert.deepStrictEqual(seen, ["first", "second"])
      assert.deepStrictEqual(yield* numbers(one), [1, 2])
    }).pipe(Effect.scoped)
  )

  it.live("fails when it has waited long enough, and works again after", () =>
    Effect.gen(function* () {
      const { one, other } = yield* openTwo({ busyTimeout: "50 millis" })
      const insert = other`INSERT INTO numbers VALUES (1)`
      for (const statement of [insert, other.withTransaction(insert)]) {
        const error = yield* one.withTransaction(Effect.flip(statement))
        assert.deepStrictEqual([error.reason._tag, error.message], ["LockTimeoutError", "database is locked"])
      }
      yield* insert
      assert.deepStrictEqual(yield* numbers(one), [1])
    }).pipe(Effect.scoped)
  )

  it.live("says why a file cannot be opened, but not which", () =>
    Effect.gen(function* () {
      const text = freshFile()
      writeFileSync(text, "this is no database, but long enough to be taken for one ".repeat(100))
      const absent = join(folder, "absent", "file")
      for (const [filename, message] of [
        [absent, "cannot open the SQLite file: ENOENT"],
        [folder, "cannot open the SQLite file: EISDIR"],
        [text, "file is not a database"]
      ] as const) {
        const error = yield* Effect.flip(Effect.scoped(open({ filename })))
        assert.strictEqual(error.message, message)
        assert.notInclude(JSON.stringify(error) + String(error), folder)
      }
    })
  )

  it.live("shows no values in its errors", () =>
    Effect.gen(function* () {
      const { one } = yield* openTwo()
      yield* one`CREATE TABLE secrets (id TEXT PRIMARY KEY)`
      const insert = one`INSERT INTO secrets VALUES (${"hunter2"})`
      yield* insert
      for (const failing of [
        insert,
        one`SELECT * FROM nothing WHERE id = ${"hunter2"}`,
        one`SELECT ${"hunter2"} FROM FROM`
      ]) {
        const error = yield* Effect.flip(failing)
        assert.notInclude(JSON.stringify(error) + String(error) + String(error.stack), "hunter2")
      }
      const large = yield* Effect.flip(one`SELECT 9007199254740993 AS n`)
      assert.notInclude(large.message, "SELECT")
    }).pipe(Effect.scoped)
  )

  it.live("what it writes is what others read", () =>
    Effect.gen(function* () {
      const { filename, one } = yield* openTwo()
      yield* one`INSERT INTO numbers VALUES (5)`
      const foreign = new DatabaseSync(filename, { readOnly: true })
      yield* Effect.addFinalizer(() => Effect.sync(() => foreign.close()))
      assert.strictEqual(foreign.prepare("SELECT n FROM numbers").get()?.["n"], 5)
    }).pipe(Effect.scoped)
  )
})
