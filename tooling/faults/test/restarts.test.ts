/**
 * The database killed and started again while notifications are at each step between receipt and handling: once for a moment, once for
 * longer than what is taken is locked. What was answered with 200 is handled all the same.
 */
import { afterAll, assert, describe, it } from "@effect/vitest"
import * as Testing from "@paykka/webhook/testing"
import * as Effect from "effect/Effect"
import { setTimeout as sleep } from "node:timers/promises"
import { bundles } from "../bundles.ts"
import { type Counts, count } from "../counts.ts"
import { lockMillis } from "../engines/settings.ts"
import * as Processes from "../processes.ts"
import { ports, room, skip } from "../rooms.ts"
import * as Sender from "../sender.ts"
import { servers } from "../servers.ts"
import { type Step, haltAt, isHalted, release } from "../steps.ts"
import { table } from "@paykka/tooling-text/table"

for (const { name, missing } of servers) if (missing !== undefined) skip(`${name} cannot be restarted: ${missing}`)

/** All steps but those of dead letters. No more of the process that handles than it has workers. */
const halts: ReadonlyArray<Step> = ["claimed", "stored", "recorded", "taken", "handling", "handled", "acknowledging"]

const amount = 64
const outages = { "for a moment": 0, "for longer than the lock": lockMillis + 1500 }
type Outage = keyof typeof outages

const rows: Array<Counts & { readonly name: string; readonly outage: string; readonly answers: string }> = []

afterAll(() => {
  const head = ["engine", "database killed", "notifications", "handled", "lost", "again", "undue", "answers"]
  const lines = rows.map(({ name, outage, notifications, handled, lost, repeated, undue, answers }) => [
    name,
    outage,
    notifications,
    handled,
    lost.length,
    repeated,
    undue.length,
    answers
  ])
  console.log(table(head, lines))
})

describe.concurrent.each(servers)("$name restarted", ({ name, missing, make }) => {
  it.live.skipIf(missing !== undefined)(
    "nothing is lost, and nothing handled again unduly",
    () =>
      Effect.gen(function* () {
        const server = yield* make
        yield* Effect.promise(server.start)
        const engine = yield* room(name, { ...ports, [name]: server.port })
        const key = yield* Testing.generateKeyPair()
        const inbox = yield* Processes.start(yield* bundles, engine, key.publicKey)
        const { marks, until } = inbox

        for (const outage of Object.keys(outages) as ReadonlyArray<Outage>) {
          const outgoing = yield* Sender.make(key, amount)
          const ids = outgoing.map(({ id }) => id)
          const halted = halts.map((step, nth) => ({ step, id: ids[nth * 5]! }))
          for (const { step, id } of halted) haltAt(marks, step, id)
          const tally = new Sender.Tally()
          const journal = yield* Effect.promise(async () => {
            const sent = Sender.sendAll(outgoing, inbox.origin, tally)
            await until("halted", () => halted.every(({ step, id }) => isHalted(marks, step, id)))
            await server.kill()
            for (const { step, id } of halted) release(marks, step, id)
            const requests = tally.requests
            await until("noticed that the database is away", () => tally.requests >= requests + 10)
            await sleep(outages[outage])
            await server.start()
            await sent
            return inbox.settled(ids)
          })
          const counts = count(ids, journal, new Set())
          rows.push({ name, outage, ...counts, answers: JSON.stringify(Object.fromEntries(tally.answers)) })
        }
        for (const { lost, undue } of rows.filter((row) => row.name === name)) {
          assert.deepStrictEqual([lost, undue], [[], []])
        }
      }).pipe(Effect.scoped),
    180_000
  )
})
