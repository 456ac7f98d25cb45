/**
 * A process that calls as one caller does, so that what it leaves to the garbage collector is collected in its own time. Reads `CALLER`.
 */
import { deepStrictEqual } from "node:assert"
import { PerformanceObserver } from "node:perf_hooks"
import { setImmediate as turn } from "node:timers/promises"
import { quantile } from "../statistics.ts"
import type { Name } from "./callers.ts"
import { account } from "./messages.ts"

/** What it reads. */
export interface Caller {
  readonly name: Name
  readonly port: number
  /** Whether Effect compiles schemas to code. */
  readonly jit: boolean
}

/** What it is told. */
export type Order =
  /** Call once, and look at the result. */
  | { readonly order: "check" }
  /** Call for so long, with so many calls under way at any time. */
  | { readonly order: "call"; readonly millis: number; readonly inFlight: number }
  /** Call so often, and tell what one call allocates. Needs `--expose-gc`, and a young generation that holds what they all do. */
  | { readonly order: "allocate"; readonly calls: number }

/** What it answers to an order to call. */
export interface Called {
  readonly perSecond: number
  /** Milliseconds from the call to its result. */
  readonly p50: number
  readonly p99: number
  /** Microseconds of processor time for one call, on all threads of the process. */
  readonly cpu: number
}

/** What it answers to an order to allocate: bytes for one call. */
export interface Allocated {
  /** On the heap of JavaScript. */
  readonly heap: number
  /** In buffers beside it. */
  readonly buffers: number
}

const { name, port, jit } = JSON.parse(process.env["CALLER"] ?? "") as Caller
// Before anything that may use a schema.
if (jit) await import("effect/schema/SchemaJITCompiler/enable")
const { make } = await import("./callers.ts")
const call = await make(name, `http://127.0.0.1:${port}`)

const measure = async (millis: number, inFlight: number): Promise<Called> => {
  const times: Array<number> = []
  const cpuBefore = process.cpuUsage()
  const begin = performance.now()
  const loop = async (): Promise<void> => {
    let calledAt = performance.now()
    do {
      await call()
      const now = performance.now()
      times.push(now - calledAt)
      calledAt = now
    } while (calledAt - begin < millis)
  }
  await Promise.all(Array.from({ length: inFlight }, loop))
  const seconds = (performance.now() - begin) / 1000
  const { user, system } = process.cpuUsage(cpuBefore)
  return {
    perSecond: times.length / seconds,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    cpu: (user + system) / times.length
  }
}

/** Between two collections what is allocated is what the heap grows by: so there must be none on the way. */
const allocate = async (calls: number): Promise<Allocated> => {
  let collections = 0
  const observer = new PerformanceObserver((list) => void (collections += list.getEntries().length))
  observer.observe({ entryTypes: ["gc"] })
  // A collection is told of in a later turn.
  const turns = async () => {
    for (let i = 0; i < 5; i++) await turn()
  }
  globalThis.gc?.()
  await turns()
  collections = 0
  const before = process.memoryUsage()
  for (let i = 0; i < calls; i++) await call()
  const after = process.memoryUsage()
  await turns()
  observer.disconnect()
  if (collections > 0) throw new Error("the garbage collector ran between two looks at the heap")
  return {
    heap: (after.heapUsed - before.heapUsed) / calls,
    buffers: (after.arrayBuffers - before.arrayBuffers) / calls
  }
}

const obey = async (order: Order): Promise<unknown> => {
  switch (order.order) {
    case "check":
      deepStrictEqual(await call(), account)
      return "checked"
    case "call":
      return measure(order.millis, order.inFlight)
    case "allocate":
      return allocate(order.calls)
  }
}

process.on("message", async (order: Order) => process.send?.(await obey(order)))
process.once("disconnect", () => process.exit())
process.send?.("ready")
