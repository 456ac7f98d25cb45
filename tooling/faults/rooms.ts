/** The services of the machine: a folder or a schema or a prefix of one's own on each engine, for the time of a scope. */
import { randomBytes } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Redis from "effect/persistence/Redis"
import type * as Scope from "effect/Scope"
import { SqlClient } from "effect/sql/SqlClient"
import type { Engine } from "./engines.ts"
import * as Postgres from "./engines/postgres.ts"
import * as RedisEngine from "./engines/redis.ts"
import { listens } from "./listens.ts"

export type Kind = Engine["kind"]

/** Says why a suite is skipped; throws where it must not be. */
export const skip = (why: string): void => {
  if (process.env["PAYKKA_REQUIRE_SERVICES"] === "1") throw new Error(`${why}, and PAYKKA_REQUIRE_SERVICES=1`)
  console.warn(`skipped: ${why}`)
}

/** The ports of the services that all tests of the machine share, or of one's own in their place. */
export const ports = { PostgreSQL: Number(process.env["PGPORT"] ?? 5432), Redis: 6379 }

/** The engines that are there. */
export const available: ReadonlyArray<Kind> = await (async () => {
  const kinds: Array<Kind> = ["SQLite"]
  for (const kind of ["PostgreSQL", "Redis"] as const) {
    if (await listens(ports[kind])) kinds.push(kind)
    else skip(`there is no ${kind} at 127.0.0.1:${ports[kind]}`)
  }
  return kinds
})()

const inFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "paykka-faults-sqlite-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

const inSchema = (port: number) => {
  const admin = (statement: string) =>
    Effect.orDie(
      Effect.provide(
        SqlClient.use((sql) => sql.unsafe(statement)),
        Postgres.client(port)
      )
    )
  const schema = `paykka_faults_${randomBytes(6).toString("hex")}`
  return Effect.acquireRelease(Effect.as(admin(`CREATE SCHEMA ${schema}`), schema), () =>
    admin(`DROP SCHEMA ${schema} CASCADE`)
  )
}

const forget = (port: number, prefix: string) =>
  Effect.provide(
    Redis.Redis.use(({ send }) =>
      Effect.gen(function* () {
        let cursor = "0"
        do {
          const [next, keys] = yield* send<[string, Array<string>]>(
            "SCAN",
            cursor,
            "MATCH",
            `*${prefix}*`,
            "COUNT",
            "1000"
          )
          if (keys.length > 0) yield* send("DEL", ...keys)
          cursor = next
        } while (cursor !== "0")
      })
    ),
    RedisEngine.client(port)
  ).pipe(Effect.orDie)

const withPrefix = (port: number) =>
  Effect.acquireRelease(
    Effect.sync(() => `paykka-faults-${randomBytes(8).toString("hex")}:`),
    (prefix) => forget(port, prefix)
  )

/** Room on an engine; nothing is left of it when the scope ends. */
export const room = (kind: Kind, at: typeof ports = ports): Effect.Effect<Engine, never, Scope.Scope> => {
  switch (kind) {
    case "SQLite":
      return Effect.map(inFolder, (folder) => ({ kind, filename: join(folder, "inbox.db") }))
    case "PostgreSQL":
      return Effect.map(inSchema(at.PostgreSQL), (schema) => ({ kind, port: at.PostgreSQL, schema }))
    case "Redis":
      return Effect.map(withPrefix(at.Redis), (prefix) => ({ kind, port: at.Redis, prefix }))
  }
}
