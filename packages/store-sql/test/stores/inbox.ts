/** What only the queue in SQL does: to outlive processes and connections. */
import { assert, describe, it } from "@effect/vitest"
import { notification as va } from "@paykka/schemas/Va"
import { makeStored } from "@paykka/tooling-conformance/inbox"
import { DeadLetters } from "@paykka/webhook/DeadLetters"
import * as Inbox from "@paykka/webhook/Inbox"
import { InboxQueue } from "@paykka/webhook/InboxQueue"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { SqlClient } from "effect/sql/SqlClient"
import * as SqlDeadLetters from "../../src/SqlDeadLetters.ts"
import * as SqlInboxQueue from "../../src/SqlInboxQueue.ts"
import * as SqlReplayGuard from "../../src/SqlReplayGuard.ts"
import { type Database, clientOf } from "../programs/database.ts"
import { eventually, fresh, linesOf, platform, silent, startProgram, whileLocked } from "../support.ts"

export const inboxSuite = (name: string, database: Database, skip: boolean): void => {
  const client = clientOf(database)

  describe.skipIf(skip)(`the inbox's table on ${name}`, () => {
    const build = (options: SqlInboxQueue.Options) =>
      Layer.build(Layer.provideMerge(SqlInboxQueue.layer(options), client))
    const withQueue = <A, E>(
      options: SqlInboxQueue.Options,
      use: (queue: InboxQueue["Service"]) => Effect.Effect<A, E, SqlClient | Scope.Scope>
    ) => Effect.scoped(Effect.flatMap(build(options), (context) => Effect.provide(InboxQueue.use(use), context)))
    const idAndAttempts = (queue: InboxQueue["Service"]) =>
      Effect.suspend(() => {
        let came = ""
        return Effect.map(
          queue.take(({ id }, attempts) => Effect.sync(() => void (came = `${id} ${attempts}`))),
          () => came
        )
      })

    it.live("keeps what was accepted over the end of all connections", () =>
      Effect.gen(function* () {
        const table = fresh()
        yield* withQueue({ table }, (queue) => queue.offer(makeStored("1")))
        assert.strictEqual(yield* withQueue({ table }, idAndAttempts), "1 1")
      })
    )

    it.live(
      "a process is killed: what it had comes again, with one attempt more; its lock is refreshed while it lives",
      () =>
        Effect.gen(function* () {
          yield* withQueue({ name: "kill" }, (queue) =>
            Effect.gen(function* () {
              const sql = yield* SqlClient
              yield* queue.offer(makeStored("1"))
              const program = yield* startProgram(new URL("../programs/hold.ts", import.meta.url), database)
              assert.strictEqual(yield* linesOf(program), "1 1")
              const lock = Effect.map(
                sql<{
                  readonly at: unknown
                }>`SELECT acquired_at AS at FROM paykka_inbox WHERE queue_name = 'kill' AND id = '1'`,
                ([row]) => JSON.stringify(row?.at)
              )
              const first = yield* lock
              yield* eventually(lock, (at) => at !== first)
              program.kill("SIGKILL")
            })
          )
          assert.strictEqual(yield* withQueue({ name: "kill", lockExpiration: "1 second" }, idAndAttempts), "1 2")
        }).pipe(Effect.scoped)
    )

    it.live("forgets what was handled when the retention is over", () =>
      Effect.gen(function* () {
        const table = fresh()
        const ids = SqlClient.use((sql) =>
          Effect.map(sql<{ readonly id: string }>`SELECT id FROM ${sql(table)} ORDER BY id`, (rows) =>
            rows.map(({ id }) => id)
          )
        )
        yield* withQueue({ table }, (queue) =>
          Effect.gen(function* () {
            const sql = yield* SqlClient
            for (const id of ["1", "2", "3"]) yield* queue.offer(makeStored(id))
            for (let nth = 0; nth < 2; nth++) yield* idAndAttempts(queue)
            const age = (hours: number) =>
              new Date(Date.now() - hours * 3_600_000).toISOString().slice(0, 19).replace("T", " ")
            yield* sql.unsafe(`UPDATE ${table} SET updated_at = '${age(25)}' WHERE id <> '2'`)
            yield* sql.unsafe(`UPDATE ${table} SET updated_at = '${age(23)}' WHERE id = '2'`)
          })
        )
        // 2 was handled less than a day ago, and 3 was not handled.
        yield* withQueue({ table }, () => eventually(ids, (left) => left.join() === "2,3"))
      })
    )

    it.live("goes on when it could not be recorded what became of a notification", () =>
      Effect.gen(function* () {
        const table = fresh()
        yield* withQueue({ table, lockExpiration: "200 millis" }, (queue) =>
          Effect.gen(function* () {
            const sql = yield* SqlClient
            const hide = sql`ALTER TABLE ${sql(table)} RENAME TO ${sql(`${table}_gone`)}`
            // When it is back, the lock's time is over.
            const show = Effect.andThen(
              sql`ALTER TABLE ${sql(`${table}_gone`)} RENAME TO ${sql(table)}`,
              sql`UPDATE ${sql(table)} SET acquired_at = '2020-01-01 00:00:00'`
            )
            yield* queue.offer(makeStored("1"))
            const error = yield* Effect.flip(queue.take(() => Effect.asVoid(hide)))
            assert.include(String(error), "its store failed")
            yield* show
            assert.strictEqual(yield* Effect.flip(queue.take(() => Effect.andThen(hide, Effect.fail("mine")))), "mine")
            yield* show
            assert.strictEqual(yield* idAndAttempts(queue), "1 3")
          })
        )
      }).pipe(Effect.provide(silent))
    )

    it.live(
      "an inbox over all three: 503 while it is locked, kept, handled by the next process, given up, replayed",
      () =>
        Effect.gen(function* () {
          const { verifier, signed } = yield* platform
          const tables = { guard: fresh(), queue: fresh(), letters: fresh() }
          let broken = true
          const handled: Array<string> = []
          const inbox = Inbox.make({
            notifications: [va],
            maxAttempts: 1,
            handlers: {
              "va.notification": ({ data }) =>
                Effect.suspend(() => {
                  if (broken) return Effect.fail("no accounts")
                  handled.push(data.request_id ?? "")
                  return Effect.void
                })
            }
          })
          const stores = Layer.mergeAll(
            SqlReplayGuard.layer({ table: tables.guard, timeout: "1 second" }),
            SqlInboxQueue.layer({ table: tables.queue, timeout: "1 second", pollInterval: "50 millis" }),
            SqlDeadLetters.layer({ table: tables.letters })
          )
          const services = Layer.mergeAll(verifier, Layer.provideMerge(stores, client), silent)
          const incoming = {
            path: signed.path,
            authorization: signed.headers["Authorization"],
            merchId: signed.headers["X-Merch-Id"],
            body: signed.body
          }
          yield* Effect.gen(function* () {
            const { receive } = yield* inbox
            const status = Effect.map(receive(incoming), (answer) => answer.status)
            assert.strictEqual(yield* whileLocked(tables.queue)(status), 503)
            for (let nth = 0; nth < 2; nth++) yield* eventually(status, (each) => each === 200)
          }).pipe(Effect.provide(services, { local: true }))
          yield* Effect.gen(function* () {
            const { run, replay } = yield* inbox
            const letters = yield* DeadLetters
            const running = yield* Effect.forkChild(run)
            const [letter] = yield* eventually(letters.list(), ({ length }) => length === 1)
            assert.strictEqual(letter?.error, "no accounts")
            broken = false
            assert.isTrue(yield* replay(letter?.id ?? ""))
            yield* eventually(
              Effect.sync(() => handled),
              ({ length }) => length > 0
            )
            yield* Fiber.interrupt(running)
            assert.deepStrictEqual(handled, ["R-1"])
            assert.deepStrictEqual(yield* letters.list(), [])
          }).pipe(Effect.provide(services, { local: true }))
        })
    )
  })
}
