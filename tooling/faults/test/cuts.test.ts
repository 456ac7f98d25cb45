/**
 * Connections to the database cut in the middle of conversations: before a question arrives, in the middle of its answer, and instead of
 * it, so that the database has done what the process does not know of.
 */
import { afterAll, assert, describe, it } from "@effect/vitest"
import * as Testing from "@paykka/webhook/testing"
import * as Effect from "effect/Effect"
import { bundles } from "../bundles.ts"
import { type Counts, count } from "../counts.ts"
import * as Processes from "../processes.ts"
import { available, ports, room } from "../rooms.ts"
import * as Sender from "../sender.ts"
import { table } from "@paykka/tooling-text/table"
import * as Wire from "../wire.ts"

/** SQLite has no connections. */
const kinds = (["PostgreSQL", "Redis"] as const).filter((kind) => available.includes(kind))

const amount = 128
const plan: Wire.Plan = { every: 17, atMost: 30 }

const rows: Array<ReadonlyArray<string | number>> = []

const rowOf = (kind: string, wire: Wire.Wire, counts: Counts, tally: Sender.Tally) => [
  kind,
  ...Wire.breaks.map((each) => wire.broken.get(each) ?? 0),
  counts.notifications,
  counts.handled,
  counts.lost.length,
  counts.repeated,
  counts.undue.length,
  JSON.stringify(Object.fromEntries(tally.answers))
]

afterAll(() => {
  const head = ["engine", ...Wire.breaks, "notifications", "handled", "lost", "again", "undue", "answers"]
  console.log(table(head, rows))
})

describe.concurrent.each(kinds)("connections to %s cut", (kind) => {
  it.live(
    "nothing is lost, and nothing handled again unduly",
    () =>
      Effect.gen(function* () {
        const engine = yield* room(kind)
        const wire = yield* Wire.make(ports[kind])
        const key = yield* Testing.generateKeyPair()
        const inbox = yield* Processes.start(
          yield* bundles,
          { ...engine, port: wire.port } as typeof engine,
          key.publicKey
        )
        const outgoing = yield* Sender.make(key, amount)
        const ids = outgoing.map(({ id }) => id)
        const tally = new Sender.Tally()
        const journal = yield* Effect.promise(async () => {
          await Promise.all([inbox.receiver.ready, inbox.handler.ready])
          wire.begin(plan)
          await Sender.sendAll(outgoing, inbox.origin, tally)
          return inbox.settled(ids)
        })
        const counts = count(ids, journal, new Set())
        rows.push(rowOf(kind, wire, counts, tally))
        assert.deepStrictEqual([counts.lost, counts.undue], [[], []])
        for (const each of Wire.breaks) assert.isAtLeast(wire.broken.get(each) ?? 0, 1, each)
      }).pipe(Effect.scoped),
    180_000
  )
})
