/** Dead letters on the real Redis: the suite of all stores, and what may go wrong between them and Redis. */
import { afterAll, assert, describe, it } from "@effect/vitest"
import { deadLettersSuite, makeLetter } from "@paykka/tooling-conformance/deadLetters"
import * as DeadLetters from "@paykka/webhook/DeadLetters"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redis from "effect/persistence/Redis"
import * as RedisDeadLetters from "../src/RedisDeadLetters.ts"
import { forget, makePrefix, makeWire, redisAt, silent, skip } from "./support.ts"

const prefix = makePrefix()
afterAll(() => forget(prefix))

deadLettersSuite("Redis", () => RedisDeadLetters.layer({ prefix }).pipe(Layer.provide(redisAt())), { skip })

describe.skipIf(skip)("the dead letters on Redis", () => {
  const own = makePrefix()
  afterAll(() => forget(own))

  const open = (options: RedisDeadLetters.Options = {}, port?: number) =>
    Effect.gen(function* () {
      const layer = RedisDeadLetters.layer({ prefix: own, ...options })
      const context = yield* Layer.build(Layer.provideMerge(layer, Layer.provide(redisAt(port), silent)))
      return { letters: Context.get(context, DeadLetters.DeadLetters), redis: Context.get(context, Redis.Redis) }
    })

  it.live("are all listed where there is no limit, none where it is zero, and leave nothing behind", () =>
    Effect.gen(function* () {
      const { letters, redis } = yield* open()
      const ids = ["a", "b", "c"]
      yield* Effect.forEach(ids, (id) => letters.put(makeLetter(id)))
      assert.deepStrictEqual(yield* letters.list({ limit: Infinity }), ids.map(makeLetter))
      assert.deepStrictEqual(yield* letters.list({ limit: 0 }), [])
      yield* Effect.forEach(ids, letters.remove)
      assert.deepStrictEqual(yield* letters.list(), [])
      assert.deepStrictEqual(yield* redis.send("KEYS", `*${own}*`), [])
    }).pipe(Effect.scoped)
  )

  it.live("do not hide what is not theirs", () =>
    Effect.gen(function* () {
      const { letters, redis } = yield* open()
      yield* letters.put(makeLetter("ours"))
      yield* redis.send("HSET", `{${own}dead-letters}:letters`, "ours", '{"password":"hunter2"}')
      for (const step of [Effect.asVoid(letters.get("ours")), Effect.asVoid(letters.list())]) {
        const { message } = yield* Effect.flip(step)
        assert.match(message, /^the dead letters are not available: \S+:letters holds what is no dead letter$/)
      }
      yield* letters.remove("ours")
    }).pipe(Effect.scoped)
  )

  it.live("are not available while Redis is not", () =>
    Effect.gen(function* () {
      const wire = yield* makeWire
      const { letters } = yield* open({ timeout: "100 millis" }, wire.port)
      const steps = [
        letters.put(makeLetter("d")),
        Effect.asVoid(letters.get("d")),
        Effect.asVoid(letters.list()),
        letters.remove("d")
      ]
      wire.hang()
      for (const step of steps) {
        const { message } = yield* Effect.flip(step)
        assert.strictEqual(message, "the dead letters are not available: Redis did not answer within 100ms")
      }
      yield* wire.stop
      for (const step of steps) {
        const { message } = yield* Effect.flip(step)
        assert.match(message, /^the dead letters are not available: Redis failed \(\w+\)$/)
      }
    }).pipe(Effect.scoped)
  )
})
