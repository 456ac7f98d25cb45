/** The stores on a real PostgreSQL, and what can go wrong only with a server. */
import { type AddressInfo, type Server, type Socket, createServer } from "node:net"
import * as PgClient from "@effect/sql-pg/PgClient"
import { assert, describe, it } from "@effect/vitest"
import { notification as va } from "@paykka/schemas/Va"
import { makeLetter } from "@paykka/tooling-conformance/deadLetters"
import { makeStored } from "@paykka/tooling-conformance/inbox"
import { makeDelivery } from "@paykka/tooling-conformance/replayGuard"
import { DeadLetters } from "@paykka/webhook/DeadLetters"
import { InboxQueue } from "@paykka/webhook/InboxQueue"
import { ReplayGuard } from "@paykka/webhook/ReplayGuard"
import * as WebHandler from "@paykka/webhook/WebHandler"
import * as Webhook from "@paykka/webhook/Webhook"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import { SqlClient } from "effect/sql/SqlClient"
import * as SqlDeadLetters from "../src/SqlDeadLetters.ts"
import * as SqlInboxQueue from "../src/SqlInboxQueue.ts"
import * as SqlReplayGuard from "../src/SqlReplayGuard.ts"
import { clientOf, postgres } from "./programs/database.ts"
import { storesSuite } from "./stores.ts"
import { admin, hasPostgres, postgresDatabase } from "./server.ts"
import { eventually, fresh, platform, silent } from "./support.ts"

const database = await postgresDatabase()
const { schema } = database
const client = clientOf(database)

storesSuite("PostgreSQL", database, !hasPostgres)

const stores = Layer.mergeAll(SqlReplayGuard.layer(), SqlDeadLetters.layer(), SqlInboxQueue.layer())

/** Uses each of the three. */
const useAll = Effect.gen(function* () {
  const guard = yield* ReplayGuard
  const letters = yield* DeadLetters
  const queue = yield* InboxQueue
  const claim = yield* guard.claim(makeDelivery())
  if (claim._tag !== "Claimed") return assert.fail(claim._tag)
  yield* guard.commit(claim)
  const letter = makeLetter(fresh())
  yield* letters.put(letter)
  assert.deepStrictEqual(yield* letters.list({ after: letter.id.slice(0, -1), limit: 1 }), [letter])
  yield* letters.remove(letter.id)
  yield* queue.offer(makeStored(fresh()))
  yield* queue.take(() => Effect.void)
})

/** A server that takes connections and says nothing. */
const mute = Effect.acquireRelease(
  Effect.promise(
    () =>
      new Promise<{ readonly server: Server; readonly sockets: Set<Socket> }>((resolve) => {
        const sockets = new Set<Socket>()
        const server = createServer((socket) => void sockets.add(socket.on("error", () => undefined)))
        server.listen(0, "127.0.0.1", () => resolve({ server, sockets }))
      })
  ),
  ({ server, sockets }) =>
    Effect.sync(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
).pipe(Effect.map(({ server }) => (server.address() as AddressInfo).port))

/** A port at which nobody listens. */
const closed = Effect.scoped(mute)

describe("a server that is not there", () => {
  it.live.each(["refuses", "says nothing"])("%s: each delivery is answered 503, and none is handled", (how) =>
    Effect.gen(function* () {
      const port = yield* how === "refuses" ? closed : mute
      const down = PgClient.layer({ ...postgres, port })
      const { verifier, signed } = yield* platform
      let handled = 0
      const webhook = Webhook.make({
        notifications: [va],
        handlers: { "va.notification": () => Effect.sync(() => void handled++) }
      })
      const guard = Layer.provide(SqlReplayGuard.layer({ timeout: "300 millis" }), down)
      const { fetch, dispose } = WebHandler.make(webhook, Layer.merge(verifier, guard).pipe(Layer.provideMerge(silent)))
      yield* Effect.addFinalizer(() => Effect.promise(dispose))
      const statuses = yield* Effect.all(
        Array.from({ length: 3 }, () => Effect.promise(() => fetch(signed.request()))),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(
        statuses.map(({ status }) => status),
        [503, 503, 503]
      )
      assert.strictEqual(handled, 0)

      const letters = yield* Effect.flip(
        Effect.provide(
          DeadLetters.use((each) => each.list()),
          Layer.provide(SqlDeadLetters.layer({ timeout: "300 millis" }), down)
        )
      )
      const queue = yield* Effect.flip(
        Effect.scoped(Layer.build(Layer.provide(SqlInboxQueue.layer({ timeout: "300 millis" }), down)))
      )
      const why = (its: string) =>
        how === "refuses"
          ? /database failed( \(ConnectionError\))?$/
          : new RegExp(`${its} database did not answer in time$`)
      assert.match(letters.message, why("their"))
      assert.match((queue as Error).message, why("its"))
      assert.notInclude(letters.message + (queue as Error).message, String(port))
    }).pipe(Effect.scoped)
  )
})

describe.skipIf(!hasPostgres)("a server that", () => {
  it.live("cuts all connections: what fails is told, what comes after works", () =>
    Effect.gen(function* () {
      const applicationName = fresh()
      const cuttable = PgClient.layer({
        ...postgres,
        applicationName,
        startupParameters: { search_path: schema, timezone: "UTC" }
      })
      yield* Effect.gen(function* () {
        const guard = yield* ReplayGuard
        const queue = yield* InboxQueue
        yield* useAll
        const waiting = yield* Effect.forkChild(queue.take(() => Effect.void))
        for (let nth = 0; nth < 5; nth++) {
          yield* Effect.promise(() =>
            admin(
              `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '${applicationName}'`
            )
          )
          const delivery = makeDelivery()
          const tag = Effect.map(guard.claim(delivery), ({ _tag }) => _tag)
          yield* eventually(
            Effect.catch(tag, ({ _tag }) => Effect.succeed(_tag)),
            (each) => each === "Claimed"
          )
        }
        yield* eventually(Effect.exit(queue.offer(makeStored(fresh()))), Exit.isSuccess)
        yield* Fiber.join(waiting)
        yield* eventually(Effect.exit(useAll), Exit.isSuccess)
      }).pipe(Effect.provide(Layer.provide(stores, Layer.merge(cuttable, silent))))
    })
  )

  it.live("lets its user make no tables: those that an administrator has made are used", () =>
    Effect.gen(function* () {
      const role = fresh()
      // The administrator's program has made them.
      yield* Effect.provide(useAll, Layer.provide(stores, client))
      yield* Effect.promise(async () => {
        await admin(`CREATE ROLE ${role} LOGIN`)
        await admin(`GRANT USAGE ON SCHEMA ${schema} TO ${role}`)
        await admin(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO ${role}`)
        await admin(`GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${schema} TO ${role}`)
      })
      yield* Effect.addFinalizer(() =>
        Effect.promise(async () => {
          await admin(`DROP OWNED BY ${role}`)
          await admin(`DROP ROLE ${role}`)
        })
      )
      const startupParameters = { search_path: schema, timezone: "UTC" }
      const limited = PgClient.layer({ ...postgres, username: role, startupParameters })
      yield* Effect.provide(useAll, Layer.provide(stores, limited))
      const error = yield* Effect.flip(
        Effect.provide(
          ReplayGuard.use((guard) => guard.claim(makeDelivery())),
          Layer.provide(SqlReplayGuard.layer({ table: fresh() }), Layer.merge(limited, silent))
        )
      )
      assert.strictEqual(error.message, "the replay guard is not available: its database failed (AuthorizationError)")
      const queue = yield* Effect.flip(
        Effect.scoped(Layer.build(Layer.provide(SqlInboxQueue.layer({ table: fresh() }), limited)))
      )
      assert.strictEqual(queue.message, "the inbox's queue is not available: its database failed")
    }).pipe(Effect.scoped)
  )

  it.live("has the tables in another schema; the inbox's is where the search path says", () =>
    Effect.gen(function* () {
      const plain = PgClient.layer({ ...postgres, startupParameters: { timezone: "UTC" } })
      const table = fresh()
      const elsewhere = Layer.mergeAll(
        SqlReplayGuard.layer({ table: `${schema}.${table}_g` }),
        SqlDeadLetters.layer({ table: `${schema}.${table}_d` })
      )
      yield* Effect.gen(function* () {
        const sql = yield* SqlClient
        yield* ReplayGuard.use((guard) => guard.claim(makeDelivery()))
        yield* DeadLetters.use((letters) => letters.list())
        const tables = yield* sql<{ readonly name: string }>`
          SELECT tablename AS name FROM pg_tables WHERE schemaname = ${schema} AND tablename LIKE ${`${table}%`} ORDER BY 1`
        assert.deepStrictEqual(
          tables.map(({ name }) => name),
          [`${table}_d`, `${table}_g`]
        )
        const defect = yield* Layer.build(SqlInboxQueue.layer({ table: `${schema}.queue` })).pipe(
          Effect.catchDefect(Effect.succeed),
          Effect.scoped
        )
        assert.include(String(defect), "its name has no dot")
      }).pipe(Effect.provide(Layer.provideMerge(elsewhere, plain)))
    })
  )

  it.live("orders text by a language: ids are ordered by their bytes all the same", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const [guard, letters] = [fresh(), fresh()]
      yield* Effect.provide(
        useAll,
        Layer.mergeAll(
          SqlReplayGuard.layer({ table: guard }),
          SqlDeadLetters.layer({ table: letters }),
          SqlInboxQueue.layer()
        )
      )
      const collations = yield* sql<{ readonly name: string }>`
        SELECT collation_name AS name FROM information_schema.columns
        WHERE table_name IN ${sql.in([guard, letters])} AND column_name = 'id'`
      assert.deepStrictEqual(collations, [{ name: "C" }, { name: "C" }])
    }).pipe(Effect.provide(client))
  )

  it.live("has another time zone: the inbox does not start, since it would find what it keeps hours later", () =>
    Effect.gen(function* () {
      const abroad = PgClient.layer({
        ...postgres,
        startupParameters: { search_path: schema, timezone: "Europe/Berlin" }
      })
      const error = yield* Effect.flip(Effect.scoped(Layer.build(Layer.provide(SqlInboxQueue.layer(), abroad))))
      assert.strictEqual(
        (error as Error).message,
        "the inbox's queue is not available: the time zone of its sessions is Europe/Berlin, not UTC: " +
          'give PgClient startupParameters: { timezone: "UTC" }'
      )
    })
  )
})
