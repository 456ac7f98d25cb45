/**
 * Processes that pay, really killed at each step between the journal's intent and its outcome, and in the recovery. Whatever died,
 * each payout is made exactly once by the platform's ledger, whether or not the platform knows a repeated `request_id`.
 */
import { join } from "node:path"
import * as Journal from "@paykka/core/Journal"
import * as SqlJournal from "@paykka/store-sql/SqlJournal"
import { table } from "@paykka/tooling-text/table"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { SqlClient } from "effect/sql/SqlClient"
import { type Row, count } from "../journal/counts.ts"
import { type Engine, available, clientOf, folder, room } from "../journal/engines.ts"
import * as Notes from "../journal/notes.ts"
import * as Platform from "../journal/platform.ts"
import { live } from "../journal/processes.ts"
import { type Item, toEnv } from "../journal/settings.ts"
import { callSteps, dieAt, holdAt } from "../journal/steps.ts"
import { merchId, privateKey } from "../keys.ts"

const engines = await available()

const repetitions: ReadonlyArray<Platform.Repetition> = ["second-object", "same-answer"]

/** How many writes there are; every eighth is a payee. */
const amount = 56

/** Which writes are held at the steps of a call, in the first life and in a later one. */
const held = [
  [2, 4, 6, 8, 10, 12],
  [31, 33, 35, 37, 39, 41]
] as const

/** Payments of different amounts, so that the ledger tells them apart. */
const makeItems = ({ beneficiary_id, currency }: { readonly beneficiary_id: string; readonly currency: string }) =>
  Array.from({ length: amount }, (_, nth): Item => {
    const request_id = `R-${nth}`
    return nth % 8 === 7
      ? { kind: "payee", request_id }
      : { kind: "payment", request_id, amount: `1.${String(nth).padStart(2, "0")}`, currency, beneficiary_id }
  })

interface Scene {
  readonly kind: Engine["kind"]
  readonly repetition: Platform.Repetition
  readonly deaths: number
  readonly lives: ReadonlyArray<string>
  readonly rows: ReadonlyArray<Row>
  /** How often each write was made: payments by the ledger, payees by the platform's log. */
  readonly made: ReadonlyMap<string, number>
  /** How many writes of the platform's were none of these. */
  readonly foreign: number
  /** How often the journal has each write as processed, and how many of its writes have no outcome. */
  readonly recorded: ReadonlyMap<string, number>
  readonly open: number
}

const tally = (all: ReadonlyArray<string>): ReadonlyMap<string, number> =>
  new Map([...Map.groupBy(all, (id) => id)].map(([id, each]) => [id, each.length]))

const recordedIn = (engine: Engine) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient
    const rows = yield* sql<{ readonly key: string; readonly last: string | null }>`
      SELECT key_value AS key, (
        SELECT outcome FROM paykka_journal AS each WHERE each.id = intent.id ORDER BY seq DESC LIMIT 1
      ) AS last
      FROM paykka_journal AS intent WHERE kind = 'Intent'`
    const journal = yield* Journal.Journal
    return {
      recorded: tally(rows.filter(({ last }) => last === "processed").map(({ key }) => key)),
      open: rows.filter(({ last }) => last === null || last === "unknown").length + (yield* journal.unfinished()).length
    }
  }).pipe(Effect.provide(Layer.provideMerge(SqlJournal.layer(), clientOf(engine))))

/** Lets the processes live and die, and counts. */
const play = (kind: Engine["kind"], repetition: Platform.Repetition, cache: string) =>
  Effect.gen(function* () {
    const engine = yield* room(kind)
    const platform = yield* Platform.start(repetition, 1000)
    const before = { ledger: (yield* platform.service.ledger).length, log: (yield* platform.service.log).length }
    const items = makeItems(platform)
    const files = yield* folder
    const [marks, notes, log] = [join(files, "marks"), join(files, "notes"), join(files, "log")]
    const { baseUrl } = platform
    const env = toEnv({ engine, baseUrl, merchId, marks, notes, items }, privateKey)

    const holdAll = (places: ReadonlyArray<number>) =>
      callSteps.forEach((step, nth) => holdAt(marks, step, `R-${places[nth]}`))
    const inRecovery = [() => dieAt(marks, "found out"), () => dieAt(marks, "recovered")]
    const deaths = [
      () => holdAll(held[0]),
      // Where the platform does not help.
      ...(repetition === "second-object" ? inRecovery : []),
      () => holdAll(held[1])
    ]
    const lives: Array<string> = []
    for (const prepare of [...deaths, () => {}]) {
      prepare()
      lives.push(yield* live({ ...env, NODE_COMPILE_CACHE: cache }, log))
    }

    const payments = new Map(
      items.flatMap((item) => (item.kind === "payment" ? [[`-${item.amount}`, item.request_id]] : []))
    )
    const ledger = (yield* platform.service.ledger).slice(before.ledger)
    const paid = ledger.flatMap(({ account, amount: gained }) =>
      account === `${merchId} available` ? [payments.get(gained)] : []
    )
    const created = (yield* platform.service.log)
      .slice(before.log)
      .flatMap((entry) =>
        entry.kind === "request" && entry.operation === "payee.create" && entry.status === 200 ? [entry.requestId] : []
      )
    const written = [...paid, ...created]
    const all = Notes.read(notes)
    const pids = [...new Set(all.map(({ pid }) => pid))]
    const scene: Scene = {
      kind,
      repetition,
      deaths: deaths.length,
      lives,
      rows: count(all, new Set(pids.slice(0, -1))),
      made: tally(written.filter((id) => id !== undefined)),
      foreign: written.filter((id) => id === undefined).length,
      ...(yield* recordedIn(engine))
    }
    return scene
  }).pipe(Effect.scoped)

const scenes: Array<Scene> = []

beforeAll(async () => {
  const all = Effect.flatMap(folder, (cache) =>
    Effect.all(
      engines.flatMap((kind) => repetitions.map((repetition) => play(kind, repetition, cache))),
      { concurrency: "unbounded" }
    )
  )
  scenes.push(...(await Effect.runPromise(Effect.scoped(all))))
}, 120_000)

const ids = Array.from({ length: amount }, (_, nth) => `R-${nth}`)
const lostOf = ({ made }: Scene) => ids.filter((id) => !made.has(id))
const twiceOf = ({ made }: Scene) => [...made].filter(([, times]) => times > 1).map(([id]) => id)

afterAll(() => {
  const head = ["engine", "died", "writes", "not processed", "processed", "asked: not there", "there", "sent again"]
  const rows = scenes.flatMap(({ kind, repetition, rows: each }) =>
    each
      .filter(({ writes }) => writes > 0)
      .map((row) => [
        `${kind}, ${repetition}`,
        row.step,
        row.writes,
        row.notProcessed,
        row.processed,
        row.notThere,
        row.there,
        row.again
      ])
  )
  console.log(table(head, rows))
  const totals = scenes.map((scene) => [
    scene.kind,
    scene.repetition,
    scene.lives.filter((how) => how === "killed").length,
    amount,
    [...scene.made.values()].filter((times) => times === 1).length,
    lostOf(scene).length,
    twiceOf(scene).length,
    scene.open
  ])
  console.log(table(["engine", "repeated request_id", "kills", "writes", "made once", "lost", "twice", "open"], totals))
})

describe.each(engines.flatMap((kind) => repetitions.map((repetition) => ({ kind, repetition }))))(
  "payments journaled in $kind, a repeated request_id being $repetition",
  ({ kind, repetition }) => {
    const sceneOf = (): Scene => scenes.find((scene) => scene.kind === kind && scene.repetition === repetition)!

    it("each is made exactly once, whatever died", () => {
      const scene = sceneOf()
      assert.deepStrictEqual(scene.lives, [...Array<string>(scene.deaths).fill("killed"), "done"])
      assert.deepStrictEqual([lostOf(scene), twiceOf(scene), scene.foreign], [[], [], 0])
      assert.strictEqual(scene.made.size, amount)
    })

    it("the journal has an outcome for every intent, and each payment as processed once", () => {
      const { recorded, open } = sceneOf()
      assert.strictEqual(open, 0)
      assert.deepStrictEqual([...recorded.values()], Array(amount).fill(1))
    })

    it.each(callSteps)("%s: what was sent is not sent again, what was not is", (step) => {
      const row = sceneOf().rows.find((each) => each.step === step)!
      // Those that were held there.
      assert.isAtLeast(row.writes, held.length)
      assert.strictEqual(row.processed + row.notProcessed + row.there + row.notThere, row.writes)
      assert.strictEqual(row.again, row.notProcessed + row.notThere)
      switch (step) {
        case "before the intent":
        case "intended":
          return assert.strictEqual(row.again, row.writes)
        case "attempted":
          // Of those that were not held there, some may have been on their way.
          return assert.isAtLeast(row.again, held.length)
        case "recorded":
          return assert.deepStrictEqual([row.there, row.again], [row.writes, 0])
        default:
          return assert.strictEqual(row.again, 0)
      }
    })
  }
)
