/** A SQLite file for the tests of a file, and what the tests of both databases need. */
import { type ChildProcess, spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { notification as va } from "@paykka/schemas/Va"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Verifier from "@paykka/signing/Verifier"
import * as Testing from "@paykka/webhook/testing"
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Schedule from "effect/Schedule"
import { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { afterAll } from "vitest"
import { type Database, toEnv } from "./programs/database.ts"

/** A SQLite file that is removed after the tests of this file. */
export const sqliteDatabase = (): Database & { readonly engine: "sqlite" } => {
  const folder = mkdtempSync(join(tmpdir(), "paykka-store-sql-"))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return { engine: "sqlite", filename: join(folder, "test.db") }
}

/** A name that no other table has. */
export const fresh = (): string => `t_${randomBytes(6).toString("hex")}`

/** Nothing is logged. */
export const silent = Logger.layer([])

/** A platform of a test's own: a verifier for its key, and a notification that it has signed. */
export const platform = Effect.gen(function* () {
  const key = yield* Testing.generateKeyPair()
  const keys = KeyStore.layer({ platformKeys: [{ publicKey: key.publicKey }] })
  const signed = yield* Testing.sign(va, { request_id: "R-1", status: "ENABLED" }, { key, merchId: "M1" })
  return { verifier: Layer.provide(Verifier.layer(), keys), signed }
})

/** Starts a program with a database; ends it with the scope. */
export const startProgram = (file: URL, database: Database) =>
  Effect.acquireRelease(
    Effect.sync(() =>
      spawn(process.execPath, [fileURLToPath(file)], {
        env: { ...process.env, ...toEnv(database) },
        stdio: ["pipe", "pipe", "inherit"]
      })
    ),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )

/** The lines that a program writes, one at a time. */
export const linesOf = (child: ChildProcess): Effect.Effect<string> => {
  const lines: AsyncIterator<string> = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  return Effect.promise(async () => {
    const { done, value } = await lines.next()
    if (done === true) throw new Error("the program has ended")
    return value
  })
}

/** Runs an effect while somebody else keeps everybody from writing to a table. */
export const whileLocked =
  (table: string) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | SqlError, R | SqlClient> =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const locked = yield* Deferred.make<void>()
      const done = yield* Deferred.make<void>()
      const lock = sql.onDialectOrElse({
        pg: () => Effect.asVoid(sql`LOCK TABLE ${sql(table)} IN ACCESS EXCLUSIVE MODE`),
        // Its transactions lock everything at their begin.
        orElse: () => Effect.void
      })
      const holder = yield* Effect.forkChild(
        sql.withTransaction(
          Effect.andThen(lock, Effect.andThen(Deferred.succeed(locked, undefined), Deferred.await(done)))
        )
      )
      yield* Deferred.await(locked)
      const exit = yield* Effect.exit(effect)
      yield* Deferred.succeed(done, undefined)
      yield* Fiber.join(holder)
      return yield* exit
    })

/** Something did not become what was waited for. */
class Stays extends Data.TaggedError("Stays")<{ readonly message: string }> {}

/** Asks until what comes is as it should be; fails when it never is. */
export const eventually = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  isRight: (value: A) => boolean
): Effect.Effect<A, E | Stays, R> =>
  effect.pipe(
    Effect.filterOrFail(isRight, (value) => new Stays({ message: `it stays ${JSON.stringify(value)}` })),
    Effect.retry({ schedule: Schedule.spaced("50 millis"), times: 600 })
  )
