/**
 * Processes really killed, at each step between receipt and handling, on each engine. What the platform was told with 200 is handled, or
 * is a dead letter, whatever died; it is handled twice only where a process died between the handling and the record of it.
 */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { DeadLetters } from "@paykka/webhook/DeadLetters"
import * as Testing from "@paykka/webhook/testing"
import * as Effect from "effect/Effect"
import { bundles } from "../bundles.ts"
import { type Counts, count } from "../counts.ts"
import { stores } from "../engines.ts"
import * as Processes from "../processes.ts"
import { type Kind, available, room } from "../rooms.ts"
import * as Sender from "../sender.ts"
import { type Step, dieAt } from "../steps.ts"
import { table } from "@paykka/tooling-text/table"

/** A step at which a process kills itself; or both are killed when all is answered and nothing is taken. */
type KillPoint = Step | "answered"

/** Kill points that follow each other on one inbox. Several lanes run side by side, so that their waits do. */
interface Lane {
  readonly points: ReadonlyArray<KillPoint>
  readonly status?: "FAIL"
  readonly env?: Readonly<Record<string, string>>
}

const lanes: ReadonlyArray<Lane> = [
  { points: ["before the claim", "claimed", "stored", "recorded", "answered"] },
  { points: ["taken", "handling", "handled", "acknowledging"] },
  { points: ["giving up", "given up"], status: "FAIL", env: { MAX_ATTEMPTS: "2" } }
]

/** How many notifications there are for each kill point and engine, and which of them kill. */
const amount = 64
const killing = [16, 40]

interface Row extends Counts {
  readonly kind: Kind
  readonly point: KillPoint
  readonly kills: number
  readonly requests: number
}

/** Sends notifications, kills at the point, waits until all are settled. */
const runPoint = (inbox: Processes.Inbox, key: Testing.KeyPair, point: KillPoint, status: Lane["status"]) =>
  Effect.gen(function* () {
    const { receiver, handler } = inbox
    const killsBefore = receiver.deaths + handler.deaths
    const outgoing = yield* Sender.make(key, amount, status)
    const ids = outgoing.map(({ id }) => id)
    const tally = new Sender.Tally()
    const send = () => Sender.sendAll(outgoing, inbox.origin, tally)
    yield* Effect.promise(async () => {
      if (point === "answered") {
        await handler.kill()
        await send()
        await receiver.kill()
        receiver.start()
        handler.start()
      } else {
        for (const nth of killing) dieAt(inbox.marks, point, ids[nth]!)
        await send()
      }
      await inbox.settled(ids)
    })
    return { point, ids, kills: receiver.deaths + handler.deaths - killsBefore, requests: tally.requests }
  })

const runLane = (kind: Kind, { points, status, env }: Lane, programs: string, key: Testing.KeyPair) =>
  Effect.gen(function* () {
    const engine = yield* room(kind)
    const inbox = yield* Processes.start(programs, engine, key.publicKey, env)
    const runs = yield* Effect.forEach(points, (point) => runPoint(inbox, key, point, status))
    const letters = yield* Effect.provide(
      DeadLetters.use((service) => service.list({ limit: 10_000 })),
      stores(engine)
    )
    const dead = new Set(letters.map(({ id }) => id))
    // All of it only now: a repetition may come late.
    const journal = yield* Effect.promise(() => inbox.settled([]))
    return runs.map(({ ids, ...run }): Row => ({ kind, ...run, ...count(ids, journal, dead) }))
  }).pipe(Effect.scoped)

const rows: Array<Row> = []

beforeAll(async () => {
  const all = Effect.gen(function* () {
    const programs = yield* bundles
    const key = yield* Testing.generateKeyPair()
    return yield* Effect.all(
      available.flatMap((kind) => lanes.map((lane) => runLane(kind, lane, programs, key))),
      { concurrency: "unbounded" }
    )
  })
  rows.push(...(await Effect.runPromise(Effect.scoped(all))).flat())
}, 600_000)

afterAll(() => {
  const head = [
    "engine",
    "killed when",
    "notifications",
    "kills",
    "requests",
    "handled",
    "dead letters",
    "lost",
    "again",
    "undue"
  ]
  const lines = rows
    .toSorted((a, b) => available.indexOf(a.kind) - available.indexOf(b.kind))
    .map((row) => [
      row.kind,
      row.point,
      row.notifications,
      row.kills,
      row.requests,
      row.handled,
      row.dead,
      row.lost.length,
      row.repeated,
      row.undue.length
    ])
  console.log(table(head, lines))
})

describe.each(available)("processes killed over %s", (kind) => {
  const rowOf = (point: KillPoint): Row => rows.find((row) => row.kind === kind && row.point === point)!

  it.each(lanes.flatMap(({ points }) => points))("%s: nothing is lost, and nothing handled again unduly", (point) => {
    const { kills, notifications, handled, dead, lost, undue } = rowOf(point)
    assert.strictEqual(kills, 2)
    assert.strictEqual(notifications, amount)
    assert.deepStrictEqual(lost, [])
    assert.deepStrictEqual(undue, [])
    const isGivenUp = point === "giving up" || point === "given up"
    assert.deepStrictEqual([handled, dead], isGivenUp ? [0, amount] : [amount, 0])
  })

  it.each(["handled", "acknowledging"] as const)("%s: what was handled and not recorded is handled again", (point) => {
    assert.isAtLeast(rowOf(point).repeated, killing.length)
  })
})

it("more than two thousand notifications in all", () => {
  const all = rows.reduce((sum, { notifications }) => sum + notifications, 0)
  assert.isAbove(all, available.length === 3 ? 2000 : 0)
})
