/** What only the dead letters in SQL do: characters that a database does not have, and failures. */
import { assert, describe, it } from "@effect/vitest"
import { makeLetter } from "@paykka/tooling-conformance/deadLetters"
import { DeadLetters } from "@paykka/webhook/DeadLetters"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { SqlClient } from "effect/sql/SqlClient"
import * as SqlDeadLetters from "../../src/SqlDeadLetters.ts"
import { type Database, clientOf } from "../programs/database.ts"
import { fresh, whileLocked } from "../support.ts"

export const lettersSuite = (name: string, database: Database, skip: boolean): void => {
  const client = clientOf(database)

  describe.skipIf(skip)(`the dead letters' table on ${name}`, () => {
    const withLetters = <A, E>(
      use: (letters: DeadLetters["Service"], table: string) => Effect.Effect<A, E, SqlClient>
    ) =>
      Effect.suspend(() => {
        const table = fresh()
        return DeadLetters.use((letters) => use(letters, table)).pipe(
          Effect.provide(Layer.provideMerge(SqlDeadLetters.layer({ table }), client))
        )
      })

    it.live("takes errors with characters that a database does not have", () =>
      withLetters((letters) =>
        Effect.gen(function* () {
          yield* letters.put({ ...makeLetter("1"), error: "Error: a\0b" })
          assert.strictEqual((yield* letters.list())[0]?.error, "Error: a\uFFFDb")
        })
      )
    )

    it.live("says so when its database fails, is late, or holds what is no letter", () =>
      withLetters((letters, table) =>
        Effect.gen(function* () {
          const sql = yield* SqlClient
          const messageOf = (effect: Effect.Effect<unknown, { readonly message: string }>) =>
            Effect.map(Effect.flip(effect), ({ message }) => message)
          yield* letters.put(makeLetter("1"))
          const impatient = yield* SqlDeadLetters.make({ table, timeout: "300 millis" })
          assert.strictEqual(
            yield* whileLocked(table)(messageOf(impatient.put(makeLetter("2")))),
            "the dead letters are not available: their database did not answer in time"
          )
          yield* sql`UPDATE ${sql(table)} SET stored = '{"id":"M1"}'`
          assert.strictEqual(
            yield* messageOf(letters.get("1")),
            "the dead letters are not available: a letter cannot be read"
          )
          yield* sql`DROP TABLE ${sql(table)}`
          for (const step of [letters.list(), letters.get("1"), letters.remove("1"), letters.put(makeLetter("1"))]) {
            assert.match(yield* messageOf(step), /^the dead letters are not available: their database failed \(\w+\)$/)
          }
        })
      )
    )
  })
}
