/** The guard on the real Redis: the suite of all guards, and what may go wrong between it and Redis. */
import * as NodeRedis from "@effect/platform-node/NodeRedis"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { processesSuite } from "@paykka/tooling-conformance/processes"
import { makeDelivery, replayGuardSuite } from "@paykka/tooling-conformance/replayGuard"
import { notification as va } from "@paykka/schemas/Va"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Verifier from "@paykka/signing/Verifier"
import type * as ReplayGuard from "@paykka/webhook/ReplayGuard"
import * as WebHandler from "@paykka/webhook/WebHandler"
import * as Webhook from "@paykka/webhook/Webhook"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redis from "effect/persistence/Redis"
import * as Schedule from "effect/Schedule"
import * as TestClock from "effect/testing/TestClock"
import * as RedisReplayGuard from "../src/RedisReplayGuard.ts"
import { Log, forget, makePrefix, makeWire, notify, platformKey, redisAt, silent, skip } from "./support.ts"

const prefix = makePrefix()
afterAll(() => forget(prefix))

replayGuardSuite("Redis", (options) => RedisReplayGuard.layer({ ...options, prefix }).pipe(Layer.provide(redisAt())), {
  skip
})

processesSuite("Redis", {
  file: new URL("guardServer.ts", import.meta.url),
  env: { PREFIX: prefix },
  skip
})

/** A guard and the client below it. */
const open = (options: RedisReplayGuard.Options = {}, port?: number) =>
  Effect.gen(function* () {
    const context = yield* Layer.build(Layer.provide(redisAt(port), silent))
    const redis = Context.get(context, Redis.Redis)
    const guard = yield* Effect.provideService(RedisReplayGuard.make({ ...options, prefix }), Redis.Redis, redis)
    return { guard, redis }
  })

const tagOf = ({ _tag }: ReplayGuard.Claim) => _tag

const take = (guard: ReplayGuard.Service, delivery: ReplayGuard.Delivery) =>
  Effect.filterOrElse(
    guard.claim(delivery),
    (claim): claim is ReplayGuard.Claimed => claim._tag === "Claimed",
    ({ _tag }) => Effect.die(new Error(`the claim is ${_tag}`))
  )

/** Asks until Redis answers. */
const later = <A>(effect: Effect.Effect<A, ReplayGuard.ReplayGuardUnavailable>) =>
  Effect.retry(effect, { schedule: Schedule.spaced("20 millis"), times: 1000 })

describe.skipIf(skip)("the guard on Redis", () => {
  it.live("leaves it to Redis to forget, by one key for each delivery", () =>
    Effect.gen(function* () {
      const { guard, redis } = yield* open({ lease: "10 seconds", retention: "1 hour" })
      const delivery = makeDelivery()
      const key = `${prefix}delivery:${delivery.id}`
      const claimed = yield* take(guard, delivery)
      const lease = yield* redis.send<number>("PTTL", key)
      assert.isTrue(lease > 0 && lease <= 10_000, `${lease} ms`)
      yield* guard.commit(claimed)
      const retention = yield* redis.send<number>("PTTL", key)
      assert.isTrue(retention > 10_000 && retention <= 3_600_000, `${retention} ms`)
      // What it keeps is neither the merchant's number nor the nonce nor the signature.
      assert.deepStrictEqual(yield* redis.send("HVALS", key), [delivery.signature])
      const other = yield* take(guard, makeDelivery())
      yield* guard.release(other)
      assert.strictEqual(yield* redis.send("EXISTS", `${prefix}delivery:${other.id}`), 0)
    }).pipe(Effect.scoped)
  )

  it.effect("does not mind what time it is here", () =>
    Effect.gen(function* () {
      const { guard } = yield* open()
      const [one, other] = [makeDelivery(), makeDelivery()]
      yield* guard.commit(yield* take(guard, one))
      const claimed = yield* take(guard, other)
      yield* TestClock.adjust("2 days")
      assert.deepStrictEqual([tagOf(yield* guard.claim(one)), tagOf(yield* guard.claim(other))], ["Handled", "Busy"])
      yield* TestClock.setTime(0)
      yield* guard.commit(claimed)
      assert.strictEqual(tagOf(yield* guard.claim(other)), "Handled")
    }).pipe(Effect.scoped)
  )

  it.live("does not need the scripts that Redis has forgotten", () =>
    Effect.gen(function* () {
      const { guard, redis } = yield* open()
      const delivery = makeDelivery()
      const claimed = yield* take(guard, delivery)
      yield* redis.send("SCRIPT", "FLUSH")
      assert.strictEqual(tagOf(yield* guard.claim(delivery)), "Busy")
      yield* redis.send("SCRIPT", "FLUSH")
      yield* guard.commit(claimed)
      yield* redis.send("SCRIPT", "FLUSH")
      assert.strictEqual(tagOf(yield* guard.claim(delivery)), "Handled")
    }).pipe(Effect.scoped)
  )

  it.live("is not available while Redis refuses connections, and is again after", () =>
    Effect.gen(function* () {
      const wire = yield* makeWire
      const { guard } = yield* open({}, wire.port)
      const delivery = makeDelivery()
      const claimed = yield* take(guard, delivery)
      yield* wire.stop
      for (const step of [guard.claim(delivery), guard.commit(claimed), guard.release(claimed)]) {
        const error = yield* Effect.flip(step)
        assert.strictEqual(error._tag, "ReplayGuardUnavailable")
        assert.match(error.message, /^the replay guard is not available: Redis failed \(\w+\)$/)
        assert.isDefined(error.cause)
      }
      yield* wire.mend
      yield* later(guard.commit(claimed))
      assert.strictEqual(tagOf(yield* guard.claim(delivery)), "Handled")
    }).pipe(Effect.scoped)
  )

  it.live("is not available while Redis does not answer, and is again after", () =>
    Effect.gen(function* () {
      const wire = yield* makeWire
      const { guard, redis } = yield* open({}, wire.port)
      const hasty = yield* Effect.provideService(
        RedisReplayGuard.make({ prefix, timeout: "100 millis" }),
        Redis.Redis,
        redis
      )
      const delivery = makeDelivery()
      const claimed = yield* take(guard, delivery)
      wire.hang()
      for (const step of [hasty.claim(delivery), hasty.commit(claimed), hasty.release(claimed)]) {
        const { message } = yield* Effect.flip(step)
        assert.strictEqual(message, "the replay guard is not available: Redis did not answer within 100ms")
      }
      yield* wire.mend
      yield* later(guard.commit(claimed))
      assert.strictEqual(tagOf(yield* guard.claim(delivery)), "Handled")
    }).pipe(Effect.scoped)
  )

  it.live("holds for the lease what was claimed by somebody who never heard of it", () =>
    Effect.gen(function* () {
      const wire = yield* makeWire
      const { guard } = yield* open({ lease: "500 millis" }, wire.port)
      const delivery = makeDelivery()
      // The connection is there and well.
      yield* guard.claim(makeDelivery())
      wire.cutAnswers()
      const { message } = yield* Effect.flip(guard.claim(delivery))
      assert.match(message, /^the replay guard is not available: Redis failed \(\w+\)$/)
      yield* wire.mend
      const claims: Array<string> = []
      const claimed = yield* later(guard.claim(delivery)).pipe(
        Effect.tap((claim) => Effect.sync(() => claims.push(claim._tag))),
        Effect.repeat({ schedule: Schedule.spaced("20 millis"), while: ({ _tag }) => _tag !== "Claimed", times: 1000 })
      )
      assert.strictEqual(claimed._tag, "Claimed")
      assert.deepStrictEqual(
        [...new Set(claims.slice(0, -1))].filter((tag) => tag !== "Busy"),
        []
      )
    }).pipe(Effect.scoped)
  )

  it.live("gives a delivery to one of many while connections are killed", () =>
    Effect.gen(function* () {
      const admin = yield* open()
      const others = yield* Effect.all(Array.from({ length: 4 }, () => open()))
      const kill = Effect.gen(function* () {
        for (const { redis } of others) {
          yield* redis.send<number>("CLIENT", "ID").pipe(
            Effect.flatMap((id) => admin.redis.send("CLIENT", "KILL", "ID", String(id))),
            // It may be about to connect again.
            Effect.ignore
          )
        }
      })
      const deliveries = Array.from({ length: 8 }, makeDelivery)
      const claims: Array<ReplayGuard.Claim> = []
      yield* Effect.all(
        [
          Effect.repeat(kill, { schedule: Schedule.spaced("5 millis"), times: 20 }),
          ...others.flatMap(({ guard }) =>
            deliveries.map((delivery) =>
              Effect.repeat(
                Effect.tap(later(guard.claim(delivery)), (claim) => Effect.sync(() => claims.push(claim))),
                { times: 20 }
              )
            )
          )
        ],
        { concurrency: "unbounded", discard: true }
      )
      const claimed = claims.flatMap((claim) => (claim._tag === "Claimed" ? [claim.id] : []))
      // One at most: the answer to a claim may be what was lost.
      assert.strictEqual(new Set(claimed).size, claimed.length)
      assert.isTrue(claims.every(({ _tag }) => _tag === "Claimed" || _tag === "Busy"))
      assert.strictEqual(tagOf(yield* later(others[0]!.guard.claim(makeDelivery()))), "Claimed")
    }).pipe(Effect.scoped)
  )

  it.live("takes no time that Redis cannot keep", () =>
    Effect.gen(function* () {
      for (const options of [{ lease: 2 ** 53 }, { retention: 2 ** 53 }, { lease: 0 }, { retention: Infinity }]) {
        const defect = yield* RedisReplayGuard.make(options).pipe(
          Effect.provide(redisAt()),
          Effect.catchDefect(Effect.succeed)
        )
        assert.match(String(defect), /^Error: (lease|retention) (is longer than Redis can keep|must be finite)/)
      }
    })
  )
})

describe.skipIf(skip)("a webhook under the guard on Redis", () => {
  const webhook = (handled: Array<string | undefined>) =>
    Webhook.make({
      notifications: [va],
      handlers: { "va.notification": ({ data }) => Effect.sync(() => handled.push(data.request_id)) }
    })

  const start = (redis: Layer.Layer<Redis.Redis, Redis.RedisError>, log: Log) =>
    Effect.gen(function* () {
      const handled: Array<string | undefined> = []
      const keys = KeyStore.layer({ platformKeys: [{ publicKey: yield* platformKey }] })
      const guard = RedisReplayGuard.layer({ prefix, timeout: "1 second" }).pipe(Layer.provide(redis))
      const handler = WebHandler.make(
        webhook(handled),
        Layer.mergeAll(Layer.provide(Verifier.layer(), keys), guard).pipe(Layer.provideMerge(log.layer))
      )
      yield* Effect.addFinalizer(() => Effect.promise(handler.dispose))
      const send = (request: Request) =>
        Effect.promise(async () => {
          const response = await handler.fetch(request)
          assert.strictEqual(await response.text(), "{}")
          return response.status
        })
      return { handled, send }
    })

  const stopped = (wire: { readonly stop: Effect.Effect<void> }) => wire.stop
  const hanging = (wire: { readonly hang: () => void }) => Effect.sync(() => wire.hang())
  const cut = (wire: { readonly cutAnswers: () => void }) => Effect.sync(() => wire.cutAnswers())

  it.live.each([
    ["refuses connections", stopped, /Redis failed \(\w+\)/],
    ["does not answer", hanging, /Redis did not answer within 1s/],
    ["breaks its connections", cut, /Redis failed \(\w+\)/]
  ] as const)("answers 503 while Redis %s, handles nothing, and handles it when Redis is back", ([, fault, said]) =>
    Effect.gen(function* () {
      const log = new Log()
      const wire = yield* makeWire
      const { handled, send } = yield* start(redisAt(wire.port), log)
      assert.strictEqual(yield* send((yield* notify("before")).request()), 200)
      yield* fault(wire)
      const signed = yield* notify("meanwhile")
      const refused = yield* Effect.all([send(signed.request()), send(signed.request())], { concurrency: 2 })
      assert.deepStrictEqual(refused, [503, 503])
      assert.deepStrictEqual(handled, ["before"])
      assert.match(log.ours, said)
      assert.notInclude(log.ours, "127.0.0.1")
      yield* wire.mend
      // A claim whose answer was lost holds for the lease, a minute: another notification shows that Redis is back.
      const again = fault === cut ? yield* notify("after") : signed
      const status = yield* Effect.suspend(() => send(again.request())).pipe(
        Effect.repeat({ schedule: Schedule.spaced("50 millis"), while: (each) => each === 503, times: 200 })
      )
      assert.strictEqual(status, 200)
      assert.strictEqual(handled.length, 2)
      assert.strictEqual(yield* send(again.request()), 200)
      assert.strictEqual(handled.length, 2)
    }).pipe(Effect.scoped)
  )

  it.live("answers 503 where there was no Redis from the start, and handles when it comes", () =>
    Effect.gen(function* () {
      const log = new Log()
      const wire = yield* makeWire
      yield* wire.stop
      const { handled, send } = yield* start(redisAt(wire.port), log)
      const signed = yield* notify("early")
      assert.deepStrictEqual([yield* send(signed.request()), yield* send(signed.request())], [503, 503])
      assert.deepStrictEqual(handled, [])
      yield* wire.mend
      assert.strictEqual(yield* send(signed.request()), 200)
      assert.deepStrictEqual(handled, ["early"])
    }).pipe(Effect.scoped)
  )

  it.live("answers 503 where Redis takes a connection and says nothing from the start", () =>
    Effect.gen(function* () {
      const wire = yield* makeWire
      wire.hang()
      const redis = NodeRedis.layer({ socket: { host: "127.0.0.1", port: wire.port, socketTimeout: 200 } })
      const { handled, send } = yield* start(redis, new Log())
      const signed = yield* notify("mute")
      assert.strictEqual(yield* send(signed.request()), 503)
      assert.deepStrictEqual(handled, [])
      yield* wire.mend
      assert.strictEqual(yield* send(signed.request()), 200)
      assert.deepStrictEqual(handled, ["mute"])
    }).pipe(Effect.scoped)
  )
})
