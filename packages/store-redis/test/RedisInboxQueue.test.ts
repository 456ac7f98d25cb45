/** The inbox's queue on the real Redis: the suite of all queues, and what may go wrong between it and Redis. */
import { afterAll, assert, describe, it } from "@effect/vitest"
import { inboxQueueSuite, makeStored } from "@paykka/tooling-conformance/inbox"
import * as InboxQueue from "@paykka/webhook/InboxQueue"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redis from "effect/persistence/Redis"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as RedisInboxQueue from "../src/RedisInboxQueue.ts"
import { Log, forget, makePrefix, makeWire, redisAt, skip, until } from "./support.ts"

const prefixes: Array<string> = []
const fresh = (): string => {
  const prefix = makePrefix()
  prefixes.push(prefix)
  return prefix
}
afterAll(() => Promise.all(prefixes.map(forget)))

const shared = fresh()

inboxQueueSuite(
  "Redis",
  (options) =>
    RedisInboxQueue.layer({ ...options, prefix: shared, pollInterval: "20 millis" }).pipe(Layer.provide(redisAt())),
  { skip }
)

/** Quick to look and to recover, and quick to fail. */
const quick = {
  pollInterval: "20 millis",
  lockExpiration: "300 millis",
  timeout: "500 millis",
  retry: Schedule.spaced("20 millis")
} as const

const openQueue = (options: RedisInboxQueue.Options, port?: number, log = new Log()) =>
  Effect.map(
    Layer.build(
      RedisInboxQueue.layer({ ...quick, ...options }).pipe(Layer.provide(redisAt(port)), Layer.provide(log.layer))
    ),
    Context.get(InboxQueue.InboxQueue)
  )

describe.skipIf(skip)("the inbox's queue on Redis", () => {
  it.live("gives again what a dead process had taken, though Redis failed in between", () =>
    Effect.gen(function* () {
      const prefix = fresh()
      const log = new Log()
      const wire = yield* makeWire
      const survivor = yield* openQueue({ prefix }, wire.port, log)
      const seen: Array<string> = []
      // Redis may be gone before what was handled is acknowledged: the inbox then tries again.
      const take = survivor.take(({ id }, attempts) => Effect.sync(() => seen.push(`${id} ${attempts}`)))
      yield* Effect.forkChild(Effect.forever(Effect.catch(take, () => Effect.sleep("20 millis"))))
      yield* survivor.offer(makeStored("before"))
      yield* until(() => seen.includes("before 1"))
      yield* wire.stop
      // Long enough for the survivor to look for dead processes, in vain.
      yield* Effect.sleep("300 millis")
      const itsWire = yield* makeWire
      const dead = yield* openQueue({ prefix }, itsWire.port)
      yield* dead.offer(makeStored("taken"))
      const taken = yield* Deferred.make<void>()
      yield* Effect.forkChild(dead.take(() => Effect.andThen(Deferred.succeed(taken, undefined), Effect.never)))
      yield* Deferred.await(taken)
      // As dead as can be told from outside.
      yield* itsWire.stop
      yield* wire.mend
      yield* until(() => seen.includes("taken 2"))
      assert.match(log.ours, /^the inbox waits for Redis: Redis failed \(\w+\)$/m)
      assert.notInclude(log.ours, "127.0.0.1")
    }).pipe(Effect.scoped)
  )

  it.live("renews the lock of what is held", () =>
    Effect.gen(function* () {
      const prefix = fresh()
      const queue = yield* openQueue({ prefix, lockExpiration: "3 seconds" })
      const redis = yield* Effect.map(Layer.build(redisAt()), Context.get(Redis.Redis))
      yield* queue.offer(makeStored("long"))
      const taken = yield* Deferred.make<void>()
      const holder = yield* Effect.forkChild(
        queue.take(() => Effect.andThen(Deferred.succeed(taken, undefined), Effect.never))
      )
      yield* Deferred.await(taken)
      const lock = yield* redis.send<string>("HGET", `{${prefix}inbox}:paykka-inbox:owners`, "long")
      const left = redis.send<number>("PTTL", lock)
      const first = yield* left
      assert.isTrue(first <= 3000, `${first} ms`)
      let least = first
      yield* left.pipe(
        Effect.repeat({
          schedule: Schedule.spaced("50 millis"),
          while: (now) => {
            least = Math.min(least, now)
            return now <= least
          },
          times: 1000
        })
      )
      yield* Fiber.interrupt(holder)
    }).pipe(Effect.scoped)
  )

  it.live.each([
    ["refuses connections", "stop", /^the inbox's queue is not available: Redis failed \(\w+\)$/],
    ["does not answer", "hang", /^the inbox's queue is not available: Redis did not answer within 500ms$/]
  ] as const)("says so where Redis %s when the outcome is to be kept, and gives it again", ([, fault, said]) =>
    Effect.gen(function* () {
      const wire = yield* makeWire
      const queue = yield* openQueue({ prefix: fresh() }, wire.port)
      yield* queue.offer(makeStored("one"))
      const fail = fault === "stop" ? wire.stop : Effect.sync(wire.hang)
      const error = yield* Effect.flip(queue.take(() => fail))
      assert.strictEqual(error._tag, "InboxQueueUnavailable")
      assert.match(error.message, said)
      assert.match((yield* Effect.flip(queue.offer(makeStored("two")))).message, said)
      yield* wire.mend
      const again = yield* Deferred.make<number>()
      yield* queue.take(({ id }, attempts) => Deferred.succeed(again, id === "one" ? attempts : 0))
      assert.isAtLeast(yield* Deferred.await(again), 2)
    }).pipe(Effect.scoped)
  )

  it.live("does not start with a prefix that Redis would take for a pattern", () =>
    Effect.gen(function* () {
      const said = yield* openQueue({ prefix: "shop*:" }).pipe(
        Effect.as("started"),
        Effect.catchDefect((error) => Effect.succeed(String(error)))
      )
      assert.match(said, /prefix must be without/)
    }).pipe(Effect.scoped)
  )

  it.live("does not take what a handler dies of for a failure of Redis", () =>
    Effect.gen(function* () {
      const queue = yield* openQueue({ prefix: fresh() })
      yield* queue.offer(makeStored("one"))
      const died = yield* queue.take(() => Effect.die("a bug")).pipe(Effect.catchDefect(Effect.succeed))
      assert.strictEqual(died, "a bug")
      const again = yield* Deferred.make<number>()
      yield* queue.take((_, attempts) => Deferred.succeed(again, attempts))
      assert.strictEqual(yield* Deferred.await(again), 2)
    }).pipe(Effect.scoped)
  )

  it.live("comes to its end while Redis is away", () =>
    Effect.gen(function* () {
      const wire = yield* makeWire
      const scope = yield* Scope.make()
      const queue = yield* Effect.provideService(openQueue({ prefix: fresh() }, wire.port), Scope.Scope, scope)
      yield* queue.offer(makeStored("one"))
      const taken = yield* Deferred.make<void>()
      const holder = yield* Effect.forkChild(
        queue.take(() => Effect.andThen(Deferred.succeed(taken, undefined), Effect.never))
      )
      yield* Deferred.await(taken)
      yield* wire.stop
      yield* Fiber.interrupt(holder)
      yield* Scope.close(scope, Exit.void)
    }).pipe(Effect.scoped)
  )

  it.live("comes to its end while Redis is away, with what it took for somebody who waits no more", () =>
    Effect.gen(function* () {
      const prefix = fresh()
      const log = new Log()
      const redis = yield* Effect.map(Layer.build(redisAt()), Context.get(Redis.Redis))
      const other = yield* openQueue({ prefix })
      const wire = yield* makeWire
      const scope = yield* Scope.make()
      const queue = yield* Effect.provideService(openQueue({ prefix }, wire.port, log), Scope.Scope, scope)
      const waiting = yield* Effect.forkChild(queue.take(() => Effect.die("it is handed out")))
      yield* Effect.sleep("100 millis")
      wire.holdAnswers()
      yield* other.offer(makeStored("one"))
      yield* Effect.repeat(redis.send<number>("HLEN", `{${prefix}inbox}:paykka-inbox:pending`), {
        schedule: Schedule.spaced("10 millis"),
        while: (taken) => taken === 0,
        times: 1000
      })
      yield* Fiber.interrupt(waiting)
      wire.letThrough()
      // Its answer comes after that which was held.
      yield* queue.offer(makeStored("one"))
      yield* wire.stop
      yield* Scope.close(scope, Exit.void)
      assert.match(log.ours, /^the inbox has ended without Redis: Redis failed \(\w+\)$/m)
      const again = yield* Deferred.make<number>()
      yield* other.take((_, attempts) => Deferred.succeed(again, attempts))
      assert.isAtLeast(yield* Deferred.await(again), 2)
    }).pipe(Effect.scoped)
  )

  it.live("forgets what was handled when the retention is over", () =>
    Effect.gen(function* () {
      const prefix = fresh()
      const take = (queue: InboxQueue.Service) => queue.take(() => Effect.void)
      const first = yield* openQueue({ prefix })
      yield* first.offer(makeStored("one"))
      yield* take(first)
      // It forgets when it starts.
      const second = yield* openQueue({ prefix, retention: "1 millis" })
      yield* Effect.raceFirst(
        take(second),
        Effect.forever(Effect.andThen(second.offer(makeStored("one")), Effect.sleep("20 millis")))
      )
    }).pipe(Effect.scoped)
  )
})
