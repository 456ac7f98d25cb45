/** How many notifications a second an inbox accepts durably, beside the same server without inbox, and with the guard alone. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Servers from "@paykka/tooling-faults/servers"
import { InboxQueue } from "@paykka/webhook/InboxQueue"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { SqlClient } from "effect/sql/SqlClient"
import type { Measured, Order } from "./inbox/sender.ts"
import { type Engine, type Subject, postgres, stores } from "./inbox/subject.ts"
import { body } from "./material.ts"
import * as Processes from "./processes.ts"
import { rotated } from "./rounds.ts"
import { median } from "./statistics.ts"

/** How long to measure, and with how much at once. */
export interface Plan {
  readonly rounds: number
  /** Milliseconds for one server of one round. */
  readonly millis: number
  /** How many notifications are signed for each round; a server that takes them all is done before the time. */
  readonly notifications: number
  readonly connections: number
}

/** What is known of one server: medians over the rounds. */
export interface Row {
  readonly server: string
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  /** Its notifications per second by those of the server without guard and inbox in the same round. */
  readonly ratio: number
  /** How many it accepted in all. */
  readonly accepted: number
}

/** The rows, and which engines were not there. */
export interface Result {
  readonly rows: ReadonlyArray<Row>
  readonly skipped: ReadonlyArray<string>
}

/** What there is for the guard alone, and for the inbox, on each engine: apart, since what one has claimed the other would not take. */
interface Rooms {
  readonly guard: Engine
  readonly inbox: Engine
}

const sqlite = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "paykka-bench-"))),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
  ),
  (folder): Rooms => {
    const room = (name: string): Engine => ({ kind: "SQLite", filename: join(folder, `${name}.db`) })
    return { guard: room("guard"), inbox: room("inbox") }
  }
)

const onServer = ({ name, make }: Servers.Kind) =>
  Effect.gen(function* () {
    const { port, start } = yield* make
    yield* Effect.promise(start)
    if (name === "Redis") {
      const room = (prefix: string): Engine => ({ kind: name, port, prefix })
      return { guard: room("guard:"), inbox: room("inbox:") }
    }
    const room = (schema: string) =>
      SqlClient.use((sql) => sql.unsafe(`CREATE SCHEMA ${schema}`)).pipe(
        Effect.provide(postgres(port)),
        Effect.orDie,
        Effect.as<Engine>({ kind: name, port, schema })
      )
    return { guard: yield* room("guard"), inbox: yield* room("inbox") }
  })

interface Running {
  readonly name: string
  readonly port: number
  readonly measured: Array<Measured>
}

const startServer = (name: string, subject: Subject): Effect.Effect<Running, never, Scope.Scope> =>
  Effect.flatMap(Processes.start("inbox/server.ts", { env: { SUBJECT: JSON.stringify(subject) } }), (child) =>
    Effect.map(Processes.told<number>(child), (port) => ({ name, port, measured: [] }))
  )

const summarise = ({ name, measured }: Running, bare: Running): Row => ({
  server: name,
  perSecond: median(measured.map(({ perSecond }) => perSecond)),
  p50: median(measured.map(({ p50 }) => p50)),
  p99: median(measured.map(({ p99 }) => p99)),
  ratio: median(measured.map(({ perSecond }, round) => perSecond / bare.measured[round]!.perSecond)),
  accepted: measured.reduce((sum, { accepted }) => sum + accepted, 0)
})

/** What was answered with 200 is in the queue, to the last byte: otherwise the figures would be those of something else. */
const checkWork = (engine: Engine) =>
  InboxQueue.use((queue) =>
    queue.take(({ body: kept }) =>
      kept === body.toString("base64") ? Effect.void : Effect.die(new Error("the inbox keeps something else"))
    )
  ).pipe(Effect.provide(stores(engine)), Effect.timeout("30 seconds"), Effect.orDie)

/** Starts all servers, and measures them in turn, in interleaved rounds. */
export const measureInbox = ({ rounds, millis, notifications, connections }: Plan): Promise<Result> =>
  Effect.gen(function* () {
    const here = Servers.servers.filter(({ missing }) => missing === undefined)
    const bare = yield* startServer("no guard, no inbox", { kind: "bare" })
    const servers = [bare]
    const inboxes: Array<Engine> = []
    for (const [name, rooms] of [
      ["SQLite", sqlite],
      ...here.map((kind) => [kind.name, onServer(kind)] as const)
    ] as const) {
      const { guard, inbox } = yield* rooms
      servers.push(yield* startServer(`${name}: guard alone`, { kind: "guard", engine: guard }))
      servers.push(yield* startServer(`${name}: inbox`, { kind: "inbox", engine: inbox }))
      inboxes.push(inbox)
    }
    const sender = yield* Processes.start("inbox/sender.ts")
    const order = <A>(what: Order) => Processes.ask<A>(sender, what)
    // The first round, for which the compilers and the stores warm up, does not count.
    for (let round = 0; round <= rounds; round++) {
      yield* order<string>({ sign: notifications })
      for (const server of rotated(servers, round)) {
        const measured = yield* order<Measured>({ port: server.port, millis, connections })
        if (round > 0) server.measured.push(measured)
      }
    }
    yield* Effect.forEach(inboxes, checkWork, { discard: true })
    return {
      rows: servers.map((server) => summarise(server, bare)),
      skipped: Servers.servers.flatMap(({ name, missing }) => (missing === undefined ? [] : [`${name}: ${missing}`]))
    }
  }).pipe(Effect.scoped, Effect.runPromise)
