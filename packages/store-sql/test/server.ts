/** A schema of a test file's own on a real PostgreSQL. */
import { randomBytes } from "node:crypto"
import { connect } from "node:net"
import * as PgClient from "@effect/sql-pg/PgClient"
import * as Effect from "effect/Effect"
import { SqlClient } from "effect/sql/SqlClient"
import { afterAll } from "vitest"
import { type Database, postgres } from "./programs/database.ts"

const answers = (): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ ...postgres, timeout: 2000 })
    const end = (does: boolean) => () => {
      socket.destroy()
      resolve(does)
    }
    socket.once("connect", end(true)).once("error", end(false)).once("timeout", end(false))
  })

/** Whether there is a PostgreSQL; without one its tests are skipped, or fail where it must be there. */
export const hasPostgres = await answers()

if (!hasPostgres) {
  const why = `there is no PostgreSQL at ${postgres.host}:${postgres.port}`
  if (process.env["PAYKKA_REQUIRE_SERVICES"] === "1") throw new Error(`${why}, and PAYKKA_REQUIRE_SERVICES=1`)
  console.warn(`skipped: ${why}`)
}

/** Runs a statement as the administrator. */
export const admin = (statement: string): Promise<unknown> =>
  Effect.runPromise(
    Effect.provide(
      SqlClient.use((sql) => sql.unsafe(statement)),
      PgClient.layer(postgres)
    )
  )

/** A schema of PostgreSQL that is dropped after the tests of this file. */
export const postgresDatabase = async (): Promise<Database & { readonly engine: "postgres" }> => {
  const schema = `paykka_test_${randomBytes(6).toString("hex")}`
  if (hasPostgres) {
    await admin(`CREATE SCHEMA ${schema}`)
    afterAll(() => admin(`DROP SCHEMA ${schema} CASCADE`))
  }
  return { engine: "postgres", schema }
}
