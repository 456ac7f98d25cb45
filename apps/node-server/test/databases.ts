/** Databases of the tests: a SQLite file, and a database of a PostgreSQL server, each for one test file and gone after it. */
import { randomBytes } from "node:crypto"
import { mkdirSync, rmSync } from "node:fs"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as PgClient from "@effect/sql-pg/PgClient"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { SqlClient } from "effect/sql/SqlClient"
import { afterAll, beforeAll } from "vitest"
import type { Variables } from "./service.ts"

const host = process.env["PGHOST"] ?? "127.0.0.1"
const port = Number(process.env["PGPORT"] ?? 5432)
const username = process.env["PGUSER"] ?? "postgres"
const urlOf = (database: string) => `postgres://${username}@${host}:${port}/${database}`

const answers = (): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2000 })
    const end = (does: boolean) => () => {
      socket.destroy()
      resolve(does)
    }
    socket.once("connect", end(true)).once("error", end(false)).once("timeout", end(false))
  })

/** Whether there is a PostgreSQL; without one its tests are skipped, or fail where it must be there. */
export const hasPostgres = await answers()

if (!hasPostgres) {
  const why = `there is no PostgreSQL at ${host}:${port}`
  if (process.env["PAYKKA_REQUIRE_SERVICES"] === "1") throw new Error(`${why}, and PAYKKA_REQUIRE_SERVICES=1`)
  console.warn(`skipped: ${why}`)
}

/** Runs a statement as the administrator. */
export const admin = (statement: string): Promise<unknown> =>
  Effect.runPromise(
    Effect.provide(
      SqlClient.use((sql) => sql.unsafe(statement)),
      PgClient.layer({ url: Redacted.make(urlOf(process.env["PGDATABASE"] ?? "postgres")) })
    )
  )

const fresh = (): string => `paykka_test_${randomBytes(6).toString("hex")}`

// In hooks, which do not run where no test does.
const folder = join(tmpdir(), fresh())
beforeAll(() => mkdirSync(folder))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The variables of a new SQLite file. */
export const sqlite = () => ({ PAYOUTS_SQLITE_FILE: join(folder, fresh()) })

/** The name and the variables of a database of PostgreSQL that a test file has. Without a server nobody may use them. */
export const postgresDatabase = () => {
  const database = fresh()
  if (hasPostgres) {
    beforeAll(() => admin(`CREATE DATABASE ${database}`))
    afterAll(() => admin(`DROP DATABASE ${database} WITH (FORCE)`))
  }
  return { database, variables: { DATABASE_URL: urlOf(database) } }
}

/** Its variables alone. */
export const postgres = (): Variables => postgresDatabase().variables
