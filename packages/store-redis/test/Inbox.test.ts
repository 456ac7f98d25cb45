/** An inbox that does all on Redis: guard, queue and dead letters. */
import { afterAll, assert, describe, it } from "@effect/vitest"
import { notification as va } from "@paykka/schemas/Va"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Verifier from "@paykka/signing/Verifier"
import * as Inbox from "@paykka/webhook/Inbox"
import * as ReplayGuard from "@paykka/webhook/ReplayGuard"
import type * as Testing from "@paykka/webhook/testing"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as RedisDeadLetters from "../src/RedisDeadLetters.ts"
import * as RedisInboxQueue from "../src/RedisInboxQueue.ts"
import * as RedisReplayGuard from "../src/RedisReplayGuard.ts"
import { Log, forget, makePrefix, makeWire, notify, platformKey, redisAt, skip, until } from "./support.ts"

const prefixes: Array<string> = []
const fresh = (): string => {
  const prefix = makePrefix()
  prefixes.push(prefix)
  return prefix
}
afterAll(() => Promise.all(prefixes.map(forget)))

describe.skipIf(skip)("an inbox on Redis", () => {
  const incoming = ({ path, headers, body }: Testing.Signed) => ({
    path,
    authorization: headers["Authorization"],
    merchId: headers["X-Merch-Id"],
    body
  })

  const ids = (count: number) => Array.from({ length: count }, (_, nth) => `R-${String(nth).padStart(4, "0")}`)

  /** An inbox of a process with one connection; it does all on Redis. */
  const openInbox = (
    prefix: string,
    handle: (id: string) => Effect.Effect<void, unknown>,
    options: {
      readonly port?: number
      readonly guard?: Layer.Layer<ReplayGuard.ReplayGuard>
      readonly lease?: Duration.Input
      readonly lockExpiration?: Duration.Input
      readonly log?: Log
    } = {}
  ) =>
    Effect.gen(function* () {
      const { port, guard, lease, lockExpiration, log = new Log() } = options
      const keys = KeyStore.layer({ platformKeys: [{ publicKey: yield* platformKey }] })
      const redis = Layer.provide(redisAt(port), log.layer)
      const context = yield* Layer.build(
        Layer.mergeAll(
          guard ?? Layer.provide(RedisReplayGuard.layer({ prefix, lease }), redis),
          Layer.provide(RedisInboxQueue.layer({ prefix, lockExpiration, pollInterval: "20 millis" }), redis),
          Layer.provide(RedisDeadLetters.layer({ prefix }), redis),
          Layer.provide(Verifier.layer(), keys)
        ).pipe(Layer.provideMerge(log.layer))
      )
      return yield* Effect.provideContext(
        Effect.map(
          Inbox.make({
            notifications: [va],
            concurrency: 4,
            maxAttempts: 1000,
            handlers: { "va.notification": ({ data }) => handle(data.request_id ?? "") }
          }),
          ({ receive, run }) => ({
            receive: (signed: Testing.Signed) =>
              Effect.map(Effect.provideContext(receive(incoming(signed)), context), ({ status }) => status),
            run: Effect.provideContext(run, context)
          })
        ),
        context
      )
    })

  it.live("handles each of 1,000 notifications once, four at a time", () =>
    Effect.gen(function* () {
      const all = ids(1000)
      const signed = yield* Effect.forEach(all, notify)
      const seen: Array<string> = []
      const inbox = yield* openInbox(fresh(), (id) => Effect.sync(() => void seen.push(id)))
      const running = yield* Effect.forkChild(inbox.run)
      // Each of them comes twice.
      const statuses = yield* Effect.forEach([...signed, ...signed], inbox.receive, { concurrency: 16 })
      assert.deepStrictEqual([...new Set(statuses)], [200])
      yield* until(() => seen.length >= all.length)
      yield* Effect.sleep("200 millis")
      yield* Fiber.interrupt(running)
      assert.deepStrictEqual(seen.toSorted(), all)
    }).pipe(Effect.scoped)
  )

  it.live("keeps what is not handled for the next who connects", () =>
    Effect.gen(function* () {
      const prefix = fresh()
      const all = ids(20)
      yield* Effect.gen(function* () {
        const inbox = yield* openInbox(prefix, () => Effect.fail("nobody runs it"))
        for (const id of all) assert.strictEqual(yield* inbox.receive(yield* notify(id)), 200)
      }).pipe(Effect.scoped)
      const seen: Array<string> = []
      const inbox = yield* openInbox(prefix, (id) => Effect.sync(() => void seen.push(id)))
      const running = yield* Effect.forkChild(inbox.run)
      yield* until(() => seen.length >= all.length)
      yield* Fiber.interrupt(running)
      assert.deepStrictEqual(seen.toSorted(), all)
    }).pipe(Effect.scoped)
  )

  it.live("loses none of 120 notifications while its connection breaks over and over", () =>
    Effect.gen(function* () {
      const all = ids(120)
      const signed = yield* Effect.forEach(all, notify)
      const wire = yield* makeWire
      const seen: Array<string> = []
      const inbox = yield* openInbox(
        fresh(),
        (id) =>
          Effect.andThen(
            Effect.sleep("10 millis"),
            Effect.sync(() => void seen.push(id))
          ),
        // What the platform has to wait for, where a connection breaks at the wrong moment.
        { port: wire.port, lease: "500 millis", lockExpiration: "1 second" }
      )
      const running = yield* Effect.forkChild(inbox.run)
      const breaking = yield* Effect.forkChild(
        Effect.repeat(
          Effect.gen(function* () {
            yield* Effect.sleep("60 millis")
            wire.cutAnswers()
            yield* Effect.sleep("20 millis")
            yield* wire.mend
          }),
          { times: 20 }
        )
      )
      // The platform sends again what was not answered with 200.
      yield* Effect.forEach(
        signed,
        (notification) =>
          Effect.suspend(() => inbox.receive(notification)).pipe(
            Effect.repeat({ schedule: Schedule.spaced("20 millis"), while: (each) => each !== 200, times: 1000 }),
            Effect.tap((status) => Effect.sync(() => assert.strictEqual(status, 200)))
          ),
        { concurrency: 16, discard: true }
      )
      yield* Fiber.join(breaking)
      yield* until(() => new Set(seen).size === all.length)
      yield* Fiber.interrupt(running)
      assert.deepStrictEqual([...new Set(seen)].toSorted(), all)
      console.log(`inbox on Redis, connection broken: ${all.length} handled, ${seen.length - all.length} of them again`)
    }).pipe(Effect.scoped)
  )

  it.live("answers 503 while Redis is away and keeps nothing, then 200", () =>
    Effect.gen(function* () {
      const wire = yield* makeWire
      const log = new Log()
      const seen: Array<string> = []
      const inbox = yield* openInbox(fresh(), (id) => Effect.sync(() => void seen.push(id)), {
        port: wire.port,
        guard: ReplayGuard.layerMemory(),
        log
      })
      const running = yield* Effect.forkChild(inbox.run)
      const signed = yield* notify("R")
      yield* wire.stop
      assert.strictEqual(yield* inbox.receive(signed), 503)
      assert.match(log.ours, /the inbox's queue is not available: Redis failed \(\w+\)/)
      yield* wire.mend
      const status = yield* Effect.suspend(() => inbox.receive(signed)).pipe(
        Effect.repeat({ schedule: Schedule.spaced("20 millis"), while: (each) => each !== 200, times: 1000 })
      )
      assert.strictEqual(status, 200)
      yield* until(() => seen.length > 0)
      yield* Fiber.interrupt(running)
      assert.deepStrictEqual(seen, ["R"])
    }).pipe(Effect.scoped)
  )
})
