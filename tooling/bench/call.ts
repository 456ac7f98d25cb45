/** What a signed inquiry costs, beside the same one written by hand; and what Effect's compiler of schemas saves. */
import type { ChildProcess } from "node:child_process"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Name } from "./call/callers.ts"
import type { Allocated, Called, Caller, Order } from "./call/client.ts"
import type { Order as CodingOrder } from "./call/coder.ts"
import * as Processes from "./processes.ts"
import { rotated } from "./rounds.ts"
import { median } from "./statistics.ts"

/** How long to measure. */
export interface Plan {
  readonly rounds: number
  /** Milliseconds for one caller of one round, for each number in flight. */
  readonly millis: number
  /** Milliseconds before the first round, for each number in flight. */
  readonly warmUpMillis: number
  /** Milliseconds for one task of encoding or decoding in one of its rounds. */
  readonly codingMillis: number
  readonly codingRounds: number
}

/** How many calls are under way at any time. */
const inFlight = [1, 16] as const

/** Those who call, the reference of all ratios first. */
const callers: ReadonlyArray<Pick<Caller, "name" | "jit"> & { readonly what: string }> = [
  { name: "crypto.sign", jit: false, what: "by hand, crypto.sign" },
  { name: "crypto.subtle.sign", jit: false, what: "by hand, subtle" },
  { name: "ours", jit: false, what: "ours" },
  { name: "ours", jit: true, what: "ours, schemas compiled" }
]

/** The least share of the reference's calls per second that ours is to reach. */
const targets: Readonly<Record<number, number>> = { 1: 0.85, 16: 1 }

/** One caller with one number in flight: medians over the rounds. */
export interface Row extends Called {
  readonly caller: string
  readonly inFlight: number
  /** Calls per second by those of `by hand, crypto.sign` in the same round. */
  readonly ratio: number
  /** The same, of `by hand, subtle`. */
  readonly ratioOfSubtle: number
  /** The least ratio that is wanted, for ours. */
  readonly target: number | undefined
}

/** What one call of a caller allocates. */
export interface Allocation extends Allocated {
  readonly caller: string
}

/** Microseconds of one encoding or decoding: medians over the rounds. */
export interface Coding {
  readonly task: string
  readonly interpreted: number
  readonly compiled: number
}

/** All that was measured. */
export interface Result {
  readonly rows: ReadonlyArray<Row>
  readonly allocations: ReadonlyArray<Allocation>
  readonly codings: ReadonlyArray<Coding>
}

interface Client {
  readonly name: Name
  readonly jit: boolean
  readonly what: string
  readonly child: ChildProcess
  readonly called: Map<number, Array<Called>>
}

const order = <A>(child: ChildProcess, what: Order): Effect.Effect<A> => Processes.ask<A>(child, what)

const startClients = (
  port: number,
  flags: ReadonlyArray<string> = []
): Effect.Effect<ReadonlyArray<Client>, never, Scope.Scope> =>
  Effect.forEach(callers, ({ what, ...caller }) =>
    Effect.gen(function* () {
      const env = { CALLER: JSON.stringify({ ...caller, port } satisfies Caller) }
      const child = yield* Processes.start("call/client.ts", { env, flags })
      yield* Processes.told(child)
      return { ...caller, what, child, called: new Map(inFlight.map((count) => [count, []])) }
    })
  )

/** All must do the same work: a request whose signature `node:crypto` finds genuine, and the account of the answer. */
const checkWork = (server: ChildProcess, clients: ReadonlyArray<Client>): Effect.Effect<void> =>
  Effect.gen(function* () {
    yield* Processes.ask(server, "verify")
    for (const { child } of clients) yield* order(child, { order: "check" })
    const verified = yield* Processes.ask<number>(server, "trust")
    if (verified !== clients.length) return yield* Effect.die(new Error(`only ${verified} requests were verified`))
  })

const measureCalls = (clients: ReadonlyArray<Client>, { rounds, millis, warmUpMillis }: Plan): Effect.Effect<void> =>
  Effect.gen(function* () {
    for (const { child } of clients) {
      for (const count of inFlight) yield* order(child, { order: "call", millis: warmUpMillis, inFlight: count })
    }
    for (let round = 0; round < rounds; round++) {
      for (const count of rotated(inFlight, round)) {
        for (const { child, called } of rotated(clients, round)) {
          called.get(count)!.push(yield* order<Called>(child, { order: "call", millis, inFlight: count }))
        }
      }
    }
  })

const summarise = (clients: ReadonlyArray<Client>): ReadonlyArray<Row> =>
  inFlight.flatMap((count) => {
    const roundsOf = (name: Name) => clients.find((client) => client.name === name)!.called.get(count)!
    return clients.map(({ name, what, called }): Row => {
      const rounds = called.get(count)!
      const middle = (figure: keyof Called) => median(rounds.map((round) => round[figure]))
      const ratioOf = (reference: ReadonlyArray<Called>) =>
        median(rounds.map(({ perSecond }, round) => perSecond / reference[round]!.perSecond))
      return {
        caller: what,
        inFlight: count,
        perSecond: middle("perSecond"),
        p50: middle("p50"),
        p99: middle("p99"),
        cpu: middle("cpu"),
        ratio: ratioOf(roundsOf("crypto.sign")),
        ratioOfSubtle: ratioOf(roundsOf("crypto.subtle.sign")),
        target: name === "ours" ? targets[count] : undefined
      }
    })
  })

// Room for what a few hundred calls allocate, so that none of it is collected between two looks.
const withoutCollections = ["--expose-gc", "--min-semi-space-size=128", "--max-semi-space-size=128"]

const measureAllocations = (port: number): Effect.Effect<ReadonlyArray<Allocation>> =>
  Effect.gen(function* () {
    const allocations: Array<Allocation> = []
    for (const { what, child } of yield* startClients(port, withoutCollections)) {
      // What the compiler does for code that is called often changes what it allocates.
      yield* order(child, { order: "call", millis: 1200, inFlight: 1 })
      const looks: Array<Allocated> = []
      for (let look = 0; look < 5; look++) looks.push(yield* order<Allocated>(child, { order: "allocate", calls: 200 }))
      allocations.push({
        caller: what,
        heap: median(looks.map(({ heap }) => heap)),
        buffers: median(looks.map(({ buffers }) => buffers))
      })
    }
    return allocations
  }).pipe(Effect.scoped)

const measureCoding = ({ codingMillis, codingRounds }: Plan): Effect.Effect<ReadonlyArray<Coding>> =>
  Effect.gen(function* () {
    const start = (jit: string) =>
      Effect.gen(function* () {
        const child = yield* Processes.start("call/coder.ts", { env: { JIT: jit } })
        const tasks = yield* Processes.told<ReadonlyArray<string>>(child)
        return { child, tasks, measured: new Map(tasks.map((task) => [task, new Array<number>()])) }
      })
    const interpreted = yield* start("off")
    const compiled = yield* start("on")
    // The first round, for which the compilers warm up, does not count.
    for (let round = 0; round <= codingRounds; round++) {
      for (const task of interpreted.tasks) {
        for (const { child, measured } of rotated([interpreted, compiled], round)) {
          const what: CodingOrder = { task, millis: codingMillis }
          const micros = yield* Processes.ask<number>(child, what)
          if (round > 0) measured.get(task)!.push(micros)
        }
      }
    }
    return interpreted.tasks.map((task) => ({
      task,
      interpreted: median(interpreted.measured.get(task)!),
      compiled: median(compiled.measured.get(task)!)
    }))
  }).pipe(Effect.scoped)

/** Starts the server and the callers, sees that they do the same work, and measures them in turn, in interleaved rounds. */
export const measureCall = (plan: Plan): Promise<Result> =>
  Effect.gen(function* () {
    const server = yield* Processes.start("call/server.ts")
    const port = yield* Processes.told<number>(server)
    const rows = yield* Effect.scoped(
      Effect.gen(function* () {
        const clients = yield* startClients(port)
        yield* checkWork(server, clients)
        yield* measureCalls(clients, plan)
        return summarise(clients)
      })
    )
    return { rows, allocations: yield* measureAllocations(port), codings: yield* measureCoding(plan) }
  }).pipe(Effect.scoped, Effect.runPromise)
