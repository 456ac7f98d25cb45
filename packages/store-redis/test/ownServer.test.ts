/** What a Redis of our own must be started, filled, killed or set up for: a node of a cluster, no room, a crash. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { type AddressInfo, createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { makeLetter } from "@paykka/tooling-conformance/deadLetters"
import { makeStored } from "@paykka/tooling-conformance/inbox"
import { makeDelivery } from "@paykka/tooling-conformance/replayGuard"
import * as DeadLetters from "@paykka/webhook/DeadLetters"
import * as InboxQueue from "@paykka/webhook/InboxQueue"
import * as ReplayGuard from "@paykka/webhook/ReplayGuard"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redis from "effect/persistence/Redis"
import * as Schedule from "effect/Schedule"
import * as RedisDeadLetters from "../src/RedisDeadLetters.ts"
import * as RedisInboxQueue from "../src/RedisInboxQueue.ts"
import * as RedisReplayGuard from "../src/RedisReplayGuard.ts"
import { redisAt, silent } from "./support.ts"

const program = process.env["REDIS_SERVER"] ?? "redis-server"
const isInstalled = spawnSync(program, ["--version"]).status === 0
const isRequired = process.env["PAYKKA_REQUIRE_SERVICES"] === "1"
if (!isInstalled && !isRequired) console.warn("skipped: redis-server is not installed")

const freePort = Effect.callback<number>((resume) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address() as AddressInfo
    server.close(() => resume(Effect.succeed(port)))
  })
})

const often = { schedule: Schedule.spaced("50 millis"), times: 400 }

/** Starts a server in a folder of its own; `start` starts it again there, and waits until it answers. */
const makeServer = (...settings: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const folder = mkdtempSync(join(tmpdir(), "paykka-redis-"))
    const port = yield* freePort
    let server: ChildProcess | undefined
    const kill = Effect.callback<void>((resume) => {
      if (server === undefined || server.exitCode !== null || server.signalCode !== null) return resume(Effect.void)
      server.once("exit", () => resume(Effect.void))
      server.kill("SIGKILL")
    })
    yield* Effect.addFinalizer(() =>
      Effect.andThen(
        kill,
        Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
      )
    )
    const ping = Redis.Redis.use((redis) => redis.send("PING")).pipe(
      Effect.provide(Layer.provide(Layer.fresh(redisAt(port)), silent))
    )
    const start = Effect.suspend(() => {
      const address = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder]
      server = spawn(program, [...address, ...settings], { stdio: "ignore" })
      return Effect.retry(ping, often)
    })
    yield* start
    return { port, kill, start }
  })

const stores = Layer.mergeAll(
  RedisReplayGuard.layer(),
  RedisDeadLetters.layer(),
  RedisInboxQueue.layer({ pollInterval: "20 millis", retry: Schedule.spaced("10 millis") })
)

const runAt = (
  port: number,
  use: (services: {
    readonly redis: Redis.Redis["Service"]
    readonly guard: ReplayGuard.Service
    readonly letters: DeadLetters.Service
    readonly queue: InboxQueue.Service
  }) => Effect.Effect<void, unknown>
) =>
  Effect.gen(function* () {
    const [redis, guard] = [yield* Redis.Redis, yield* ReplayGuard.ReplayGuard]
    const [letters, queue] = [yield* DeadLetters.DeadLetters, yield* InboxQueue.InboxQueue]
    yield* use({ redis, guard, letters, queue })
  }).pipe(Effect.provide(stores.pipe(Layer.provideMerge(redisAt(port)), Layer.provide(silent))))

const take = (guard: ReplayGuard.Service, delivery: ReplayGuard.Delivery) =>
  Effect.filterOrElse(
    guard.claim(delivery),
    (claim): claim is ReplayGuard.Claimed => claim._tag === "Claimed",
    ({ _tag }) => Effect.die(new Error(`the claim is ${_tag}`))
  )

describe.skipIf(!isInstalled && !isRequired)("a Redis of our own", () => {
  it.live("does as a node of a cluster, which takes the keys of one slot at a time only", () =>
    Effect.gen(function* () {
      const cluster = ["--cluster-enabled", "yes", "--cluster-port", String(yield* freePort), "--save", ""]
      const { port } = yield* makeServer(...cluster)
      yield* runAt(port, ({ redis, guard, letters, queue }) =>
        Effect.gen(function* () {
          yield* redis.send("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
          yield* Effect.repeat(redis.send<string>("CLUSTER", "INFO"), {
            ...often,
            while: (info) => !info.includes("cluster_state:ok")
          })
          // It does refuse what is not on one slot.
          assert.include(String((yield* Effect.flip(redis.send("MGET", "a", "b"))).cause), "CROSSSLOT")

          const delivery = makeDelivery()
          yield* guard.release(yield* take(guard, delivery))
          yield* guard.commit(yield* take(guard, delivery))
          assert.strictEqual((yield* guard.claim(delivery))._tag, "Handled")

          yield* letters.put(makeLetter("one"))
          assert.deepStrictEqual(yield* letters.list(), [makeLetter("one")])
          yield* letters.remove("one")

          yield* queue.offer(makeStored("one"))
          yield* Effect.flip(queue.take(() => Effect.fail("not yet")))
          const holder = yield* Effect.forkChild(queue.take(() => Effect.never))
          yield* Effect.sleep("100 millis")
          yield* Fiber.interrupt(holder)
          yield* queue.take((_, attempts) => Effect.sync(() => assert.strictEqual(attempts, 2)))
        })
      )
    }).pipe(Effect.scoped)
  )

  it.live("says that it has no room, and takes more when it has", () =>
    Effect.gen(function* () {
      const { port } = yield* makeServer("--save", "", "--maxmemory-policy", "noeviction")
      yield* runAt(port, ({ redis, guard, letters, queue }) =>
        Effect.gen(function* () {
          const delivery = makeDelivery()
          const claimed = yield* take(guard, delivery)
          yield* redis.send("CONFIG", "SET", "maxmemory", "1")
          for (const step of [
            Effect.asVoid(guard.claim(makeDelivery())),
            letters.put(makeLetter("one")),
            queue.offer(makeStored("one"))
          ] satisfies ReadonlyArray<Effect.Effect<void, Error>>) {
            const { message } = yield* Effect.flip<void, Error, never>(step)
            assert.match(message, /: Redis failed \(OOM\)$/)
          }
          // It has not forgotten what it knew.
          assert.strictEqual((yield* guard.claim(delivery))._tag, "Busy")
          yield* redis.send("CONFIG", "SET", "maxmemory", "0")
          yield* guard.commit(claimed)
          yield* queue.offer(makeStored("one"))
          yield* queue.take(() => Effect.void)
        })
      )
    }).pipe(Effect.scoped)
  )

  it.live("knows all after it was killed, where it writes each command to its log at once", () =>
    Effect.gen(function* () {
      const { port, kill, start } = yield* makeServer("--appendonly", "yes", "--appendfsync", "always")
      yield* runAt(port, ({ guard, letters, queue }) =>
        Effect.gen(function* () {
          const [handled, claimed] = [makeDelivery(), makeDelivery()]
          yield* guard.commit(yield* take(guard, handled))
          const held = yield* take(guard, claimed)
          yield* letters.put(makeLetter("one"))
          yield* queue.offer(makeStored("one"))
          yield* kill
          assert.match((yield* Effect.flip(guard.claim(handled))).message, /: Redis failed \(\w+\)$/)
          yield* start
          const claim = yield* Effect.retry(guard.claim(handled), often)
          assert.strictEqual(claim._tag, "Handled")
          assert.strictEqual((yield* guard.claim(claimed))._tag, "Busy")
          yield* guard.commit(held)
          assert.strictEqual((yield* guard.claim(claimed))._tag, "Handled")
          assert.deepStrictEqual(yield* letters.list(), [makeLetter("one")])
          yield* queue.take(({ id }) => Effect.sync(() => assert.strictEqual(id, "one")))
        })
      )
    }).pipe(Effect.scoped)
  )
})
