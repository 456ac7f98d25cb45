/** The store on real databases: against the one in memory, which is the model, and with several who use it at once. */
import { assert, describe, it } from "@effect/vitest"
import * as Payout from "@paykka/payouts/Payout"
import * as PayoutStore from "@paykka/payouts/PayoutStore"
import * as Amount from "@paykka/schemas/Amount"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Schema from "effect/Schema"
import { SqlClient } from "effect/sql/SqlClient"
import { afterAll } from "vitest"
import * as Database from "../src/Database.ts"
import * as Environment from "../src/Environment.ts"
import * as PayoutStoreSql from "../src/PayoutStoreSql.ts"
import { hasPostgres, postgres, sqlite } from "./databases.ts"
import type { Variables } from "./service.ts"

const whole = (maximum: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum }))

const Time = Schema.NullOr(whole(40))
const Id = Schema.Literals(["a", "A", "b-1", "c_2", "-", "zero\0", "half \ud800", "10"])
const State = Schema.Literals(["accepted", "paying", "processing", "paid", "failed", "rejected", "held"])

/** What is asked of a store. */
const Step = Schema.Union([
  Schema.TaggedStruct("Insert", { id: Id, next_at: Time, postscript: Schema.String }),
  Schema.TaggedStruct("Save", { id: Id, next_at: Time, state: State, stale: Schema.Boolean, problem: Schema.String }),
  Schema.TaggedStruct("Get", { id: Id }),
  Schema.TaggedStruct("Due", { now: whole(45), limit: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 5 })) })
])
type Step = typeof Step.Type

const Steps = Schema.Array(Step).check(Schema.isMinLength(10), Schema.isMaxLength(40))

const payoutOf = (request_id: string, next_at: number | null, postscript = "invoice"): Payout.Payout => ({
  ...Payout.make({ request_id, amount: Amount.make("10.10"), currency: "EUR", beneficiary_id: "B-1", postscript }, 0),
  next_at
})

type Store = PayoutStore.PayoutStore["Service"]

/** As it is kept: what is undefined is not there. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null))

const take = (store: Store, step: Exclude<Step, { readonly _tag: "Due" }>) =>
  Effect.gen(function* () {
    switch (step._tag) {
      case "Insert":
        return yield* store.insert(payoutOf(step.id, step.next_at, step.postscript))
      case "Get":
        return yield* store.get(step.id)
      case "Save": {
        const { id, next_at, state, stale, problem } = step
        const payout = (yield* store.get(id)) ?? payoutOf(id, 0)
        return yield* store.save({ ...payout, next_at, state, problem, version: payout.version - Number(stale) })
      }
    }
  })

/** When the due ones are due: of those that are at the same time any may come first. */
const dueTimes = (store: Store, model: Store, now: number, limit: number) =>
  Effect.gen(function* () {
    const due = yield* store.due(now, limit)
    assert.strictEqual(new Set(due).size, due.length)
    return yield* Effect.forEach(due, (id) => Effect.map(model.get(id), (payout) => payout?.next_at))
  })

const layerOf = (variables: Variables) =>
  PayoutStoreSql.layer().pipe(
    Layer.provideMerge(Database.layer),
    Layer.provide(Environment.layer({ PAYOUTS_TOKEN: "a-token-for-tests", PAYKKA_MERCH_ID: "M1", ...variables }))
  )

const partsOf = (context: Context.Context<PayoutStore.PayoutStore | PayoutStoreSql.OpenPayouts | SqlClient>) => ({
  store: Context.get(context, PayoutStore.PayoutStore),
  open: Context.get(context, PayoutStoreSql.OpenPayouts),
  sql: Context.get(context, SqlClient)
})

const storeOf = (variables: Variables) => Effect.map(Layer.build(Layer.fresh(layerOf(variables))), partsOf)

const model = Effect.map(Layer.build(Layer.fresh(PayoutStore.layerMemory)), Context.get(PayoutStore.PayoutStore))

const suite = (engine: string, variables: Variables, skip: boolean): void => {
  describe.skipIf(skip)(engine, () => {
    it.live("is made by many at once, and is one", () =>
      Effect.gen(function* () {
        const all = yield* Effect.all(
          Array.from({ length: 6 }, () => storeOf(variables)),
          { concurrency: "unbounded" }
        )
        // Of all who keep it at once one is the first, and the others get what that one has kept.
        const orders = all.map((_, index) => payoutOf("same", 5, `by ${index}`))
        const kept = yield* Effect.all(
          all.map(({ store }, index) => store.insert(orders[index]!)),
          { concurrency: "unbounded" }
        )
        const first = kept.indexOf(undefined)
        assert.deepStrictEqual(
          kept,
          orders.map((_, index) => (index === first ? undefined : orders[first]))
        )
        // Of all who change it at once, one does, and so on.
        for (let version = 0; version < 5; version++) {
          const saved = yield* Effect.all(
            all.map(({ store }, index) => store.save({ ...orders[first]!, version, problem: `by ${index}` })),
            { concurrency: "unbounded" }
          )
          const [winner, ...others] = saved.filter((each) => each !== undefined)
          assert.deepStrictEqual(others, [])
          assert.strictEqual(winner?.version, version + 1)
          for (const { store } of all) assert.deepStrictEqual(yield* store.get("same"), winner)
        }
      }).pipe(Effect.scoped)
    )

    const shared = ManagedRuntime.make(layerOf(variables))
    afterAll(() => shared.dispose())

    it.live.prop(
      "does what the model does",
      [Steps],
      ([steps]) =>
        Effect.gen(function* () {
          const { store, sql } = partsOf(yield* shared.contextEffect)
          const expected = yield* model
          yield* sql`DELETE FROM payouts`
          for (const step of steps) {
            if (step._tag === "Due") {
              const { now, limit } = step
              assert.deepStrictEqual(
                yield* dueTimes(store, expected, now, limit),
                yield* dueTimes(expected, expected, now, limit)
              )
            } else {
              assert.deepStrictEqual(plain(yield* take(store, step)), plain(yield* take(expected, step)))
            }
          }
        }).pipe(Effect.scoped),
      { arbitrary: { runs: 30 } }
    )

    it.live("counts what is not at its end, and is changed by hand in its columns", () =>
      Effect.gen(function* () {
        const { store, open, sql } = yield* storeOf(variables)
        yield* sql`DELETE FROM payouts`
        for (const [id, state, next_at] of [
          ["1", "held", null],
          ["2", "held", null],
          ["3", "processing", 70],
          ["4", "processing", 50],
          ["5", "paid", null]
        ] as const) {
          yield* store.insert({ ...payoutOf(id, next_at), state })
        }
        assert.deepStrictEqual(yield* open.count, [
          { state: "held", payouts: 2, dueAt: undefined },
          { state: "processing", payouts: 2, dueAt: 50 }
        ])
        // docs/deploying.md
        yield* sql`UPDATE payouts SET state = 'processing', next_at = 0, version = version + 1
          WHERE request_id = '1' AND state = 'held'`
        assert.deepInclude(yield* store.get("1"), { state: "processing", next_at: 0, version: 1 })
        assert.deepStrictEqual(yield* store.due(60, 5), ["1", "4"])
        yield* sql`UPDATE payouts SET record = '{"postscript":"for the payee"' WHERE request_id = '2'`
        const error = yield* Effect.flip(store.get("2"))
        assert.strictEqual(error.message, "the store of payouts is not available: a payout cannot be read")
        assert.notInclude(JSON.stringify(error), "payee")
      }).pipe(Effect.scoped)
    )
  })
}

const inPostgres = postgres()

suite("SQLite", sqlite(), false)
suite("PostgreSQL", inPostgres, !hasPostgres)

describe.skipIf(!hasPostgres)("a table that is locked", () => {
  it.live("is waited for no longer than is said, and then used again", () =>
    Effect.gen(function* () {
      const { sql } = yield* storeOf(inPostgres)
      const store = yield* Effect.map(
        Layer.build(PayoutStoreSql.layer({ timeout: "200 millis" }).pipe(Layer.provide(Layer.succeed(SqlClient, sql)))),
        Context.get(PayoutStore.PayoutStore)
      )
      const error = yield* sql.withTransaction(
        Effect.andThen(
          sql`LOCK TABLE payouts IN ACCESS EXCLUSIVE MODE`,
          // Not in the transaction.
          Effect.promise(() => Effect.runPromise(Effect.flip(store.get("a"))))
        )
      )
      assert.strictEqual(error.message, "the store of payouts is not available: its database did not answer in time")
      assert.isUndefined(yield* store.get("a"))
    }).pipe(Effect.scoped)
  )
})
