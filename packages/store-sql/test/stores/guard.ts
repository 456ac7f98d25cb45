/** What only the guard in SQL does: its rows, its database's time, and its failures. */
import { assert, describe, it } from "@effect/vitest"
import { notification as va } from "@paykka/schemas/Va"
import { makeDelivery } from "@paykka/tooling-conformance/replayGuard"
import { ReplayGuard } from "@paykka/webhook/ReplayGuard"
import * as WebHandler from "@paykka/webhook/WebHandler"
import * as Webhook from "@paykka/webhook/Webhook"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { SqlClient } from "effect/sql/SqlClient"
import { vi } from "vitest"
import * as SqlReplayGuard from "../../src/SqlReplayGuard.ts"
import { type Database, clientOf } from "../programs/database.ts"
import { eventually, fresh, platform, silent, whileLocked } from "../support.ts"

export const guardSuite = (name: string, database: Database, skip: boolean): void => {
  const client = clientOf(database)

  describe.skipIf(skip)(`the replay guard's table on ${name}`, () => {
    const withGuard = <A, E>(
      use: (guard: ReplayGuard["Service"], table: string) => Effect.Effect<A, E, SqlClient>,
      options: SqlReplayGuard.Options = {}
    ) =>
      Effect.suspend(() => {
        const table = options.table ?? fresh()
        return ReplayGuard.use((guard) => use(guard, table)).pipe(
          Effect.provide(Layer.provideMerge(SqlReplayGuard.layer({ ...options, table }), client), { local: true }),
          Effect.provide(silent)
        )
      })

    it.live("rows whose time is over are deleted, and no others", () =>
      Effect.gen(function* () {
        const table = fresh()
        const sql = yield* SqlClient
        const kept = makeDelivery()
        yield* withGuard((guard) => guard.claim(kept), { table })
        yield* sql.withTransaction(
          Effect.forEach(
            Array(2500).keys(),
            (nth) => sql`INSERT INTO ${sql(table)} VALUES (${`${nth}`}, '', NULL, ${nth})`
          )
        )
        const count = Effect.map(sql<{ readonly n: unknown }>`SELECT count(*) AS n FROM ${sql(table)}`, ([row]) =>
          Number(row?.n)
        )
        assert.strictEqual(yield* count, 2501)
        // The next that starts looks at once.
        yield* withGuard(
          (guard) =>
            Effect.gen(function* () {
              yield* eventually(count, (n) => n === 1)
              assert.strictEqual((yield* guard.claim(kept))._tag, "Busy")
            }),
          { table }
        )
      }).pipe(Effect.provide(client))
    )

    it.live("goes by the database's time, whatever this process takes for it", () =>
      withGuard((guard) =>
        Effect.gen(function* () {
          const [held, handled] = [makeDelivery(), makeDelivery()]
          yield* guard.claim(held)
          const claim = yield* guard.claim(handled)
          assert.strictEqual(claim._tag, "Claimed")
          const real = Date.now
          for (const year of [-1, 1]) {
            vi.spyOn(Date, "now").mockImplementation(() => real() + year * 365 * 86_400_000)
            if (claim._tag === "Claimed") yield* guard.commit(claim)
            const tags = [(yield* guard.claim(held))._tag, (yield* guard.claim(handled))._tag]
            assert.deepStrictEqual(tags, ["Busy", "Handled"])
          }
        }).pipe(Effect.ensuring(Effect.sync(() => vi.restoreAllMocks())))
      )
    )

    it.live("a row is what the notification's hashes are, and nothing of what it holds", () =>
      withGuard((guard, table) =>
        Effect.gen(function* () {
          const sql = yield* SqlClient
          const delivery = makeDelivery()
          const claim = yield* guard.claim(delivery)
          const rows = sql<Record<string, unknown>>`SELECT * FROM ${sql(table)}`
          const [row] = yield* rows
          assert.deepStrictEqual(
            { id: row?.["id"], signature: row?.["signature"], token: row?.["token"] },
            { ...delivery, token: claim._tag === "Claimed" ? claim.token : undefined }
          )
          // A lease of a minute, in milliseconds since the epoch.
          assert.approximately(Number(row?.["expires_at"]), Date.now() + 60_000, 30_000)
          if (claim._tag === "Claimed") yield* guard.commit(claim)
          const [handled] = yield* rows
          assert.isNull(handled?.["token"])
          assert.approximately(Number(handled?.["expires_at"]), Date.now() + 86_400_000, 30_000)
        })
      )
    )

    it.live("says so when its database fails, without a word of what it asked", () =>
      withGuard((guard, table) =>
        Effect.gen(function* () {
          const sql = yield* SqlClient
          const claim = yield* guard.claim(makeDelivery())
          if (claim._tag !== "Claimed") return assert.fail(claim._tag)
          yield* sql`DROP TABLE ${sql(table)}`
          for (const step of [guard.claim(makeDelivery()), guard.commit(claim), guard.release(claim)]) {
            const error = yield* Effect.flip(step)
            assert.match(error.message, /^the replay guard is not available: its database failed \(\w+\)$/)
            assert.isDefined(error.cause)
          }
        })
      )
    )

    it.live("a lock that somebody else holds: 503 when the time is over, handled once when it is gone", () =>
      Effect.gen(function* () {
        const { verifier, signed } = yield* platform
        const table = fresh()
        let handled = 0
        const webhook = Webhook.make({
          notifications: [va],
          handlers: { "va.notification": () => Effect.sync(() => void handled++) }
        })
        const { fetch, dispose } = WebHandler.make(
          webhook,
          Layer.merge(verifier, Layer.provide(SqlReplayGuard.layer({ table, timeout: "500 millis" }), client)).pipe(
            Layer.provideMerge(silent)
          )
        )
        const deliver = Effect.promise(() => fetch(signed.request())).pipe(Effect.map(({ status }) => status))
        yield* Effect.gen(function* () {
          yield* withGuard((guard) => guard.claim(makeDelivery()), { table })
          assert.strictEqual(yield* whileLocked(table)(deliver), 503)
          assert.strictEqual(handled, 0)
          for (let nth = 0; nth < 2; nth++) yield* eventually(deliver, (status) => status === 200)
          assert.strictEqual(handled, 1)
        }).pipe(Effect.provide(client), Effect.ensuring(Effect.promise(dispose)))
      })
    )
  })
}
