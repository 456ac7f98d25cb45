/** What is said of a failure: enough to begin with, and no address and no password. */
import { type AddressInfo, connect, createServer } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redis from "effect/persistence/Redis"
import { describe as describeFailure, within } from "../../src/internal/command.ts"
import { redisAt, skip } from "../support.ts"

const describing = <A>(effect: Effect.Effect<A, Redis.RedisError>) =>
  Effect.map(Effect.flip(effect), ({ cause }) => describeFailure(cause))

/** The error of a port where nobody listens. */
const refused = Effect.callback<Error>((resume) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const address = server.address() as AddressInfo
    server.close(() => {
      connect({ host: address.address, port: address.port }).once("error", (error) => resume(Effect.succeed(error)))
    })
  })
})

describe("describe", () => {
  it.live("tells the code of a connection", () =>
    Effect.gen(function* () {
      const cause = yield* refused
      assert.include(cause.message, "127.0.0.1")
      assert.strictEqual(describeFailure(cause), "Redis failed (ECONNREFUSED)")
    })
  )

  it.live.skipIf(skip)("tells the first word of what Redis says", () =>
    Effect.gen(function* () {
      const redis = yield* Redis.Redis
      assert.strictEqual(yield* describing(redis.send("AUTH", "merchant", "hunter2")), "Redis failed (WRONGPASS)")
      assert.strictEqual(yield* describing(redis.send("EVAL", "hunter2", "0")), "Redis failed (ERR)")
      assert.strictEqual(yield* describing(redis.send("EVALSHA", "0".repeat(40), "0")), "Redis failed (NOSCRIPT)")
    }).pipe(Effect.provide(redisAt()))
  )

  it.effect("tells the kind of any other error, and nothing of what is none", () =>
    Effect.sync(() => {
      class SocketGone extends Error {}
      const url = "redis://merchant:hunter2@10.0.0.1"
      assert.strictEqual(describeFailure(new SocketGone(url)), "Redis failed (SocketGone)")
      assert.strictEqual(describeFailure(url), "Redis failed")
      assert.strictEqual(describeFailure(undefined), "Redis failed")
    })
  )

  it.live("tells how long it waited", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* describing(within("20 millis")(Effect.never)), "Redis did not answer within 20ms")
    })
  )
})
