/** Rate limits and circuits that processes share over the real Redis, and calls while it is away. */
import { randomUUID } from "node:crypto"
import { type AddressInfo, type Socket, connect, createServer } from "node:net"
import * as NodeRedis from "@effect/platform-node/NodeRedis"
import { afterAll, assert, describe, it } from "@effect/vitest"
import * as CircuitBreaker from "@paykka/core/CircuitBreaker"
import * as Environment from "@paykka/core/Environment"
import * as PaykkaClient from "@paykka/core/PaykkaClient"
import * as Plugin from "@paykka/core/Plugin"
import * as RateLimit from "@paykka/core/RateLimit"
import * as RetryPolicy from "@paykka/core/RetryPolicy"
import * as Va from "@paykka/schemas/Va"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Redis from "effect/persistence/Redis"
import * as Schedule from "effect/Schedule"
import { createClient } from "redis"
import { signer } from "../../../packages/core/test/support/keys.ts"
import * as TestPlatform from "../../../packages/core/test/support/TestPlatform.ts"

const address = { host: "127.0.0.1", port: 6379 }

const isThere = await new Promise<boolean>((resolve) => {
  const socket = connect(address, () => {
    socket.destroy()
    resolve(true)
  })
  socket.once("error", () => resolve(false))
})
const isRequired = process.env["PAYKKA_REQUIRE_SERVICES"] === "1"
const skip = !isThere && !isRequired
if (skip) console.warn("skipped: there is no Redis on 127.0.0.1:6379")

const prefix = `paykka-test-${randomUUID()}:`
afterAll(async () => {
  if (skip) return
  const client = await createClient({ socket: address }).connect()
  for await (const keys of client.scanIterator({ MATCH: `${prefix}*`, COUNT: 1000 })) {
    if (keys.length > 0) await client.del(keys)
  }
  await client.close()
})

/** A client of Redis with a connection of its own, as another process has it. */
const redisAt = (port: number = address.port) =>
  Layer.fresh(NodeRedis.layer({ disableOfflineQueue: true, socket: { ...address, port } }))

/** A platform and a client of it. */
const start = (...answers: ReadonlyArray<TestPlatform.Answer>) =>
  Effect.gen(function* () {
    const platform = yield* TestPlatform.make
    platform.answer(...answers)
    const layer = PaykkaClient.layer({ environment: Environment.local(platform.baseUrl), merchId: "M1" })
    const context = yield* Layer.build(Layer.provide(layer, [signer, FetchHttpClient.layer]))
    const client = Context.get(context, PaykkaClient.PaykkaClient)
    const read = client.execute(Va.inquiry, { request_id: "R-1" }, { retry: RetryPolicy.none })
    return { platform, read }
  })

const using = (plugin: Plugin.Plugin) => Effect.provideService(Plugin.Current, [plugin])

/** A plugin over a connection of its own. */
const rateLimit = (options: RateLimit.Options, name: string, port?: number) =>
  Effect.flatMap(
    Layer.build(Layer.provide(RateLimit.layerRedis({ prefix: `${prefix}${name}:` }), redisAt(port))),
    (context) => Effect.provide(RateLimit.make(options), context)
  )

const circuitBreaker = (options: CircuitBreaker.Options, name: string, port?: number) =>
  Effect.flatMap(
    Layer.build(Layer.provide(CircuitBreaker.layerRedis({ prefix: `${prefix}${name}:` }), redisAt(port))),
    (context) => Effect.provide(CircuitBreaker.make(options), context)
  )

describe.skipIf(skip)("a rate limit over Redis", () => {
  it.live.each(["fixed-window", "token-bucket"] as const)("counts for all that share it (%s)", (algorithm) =>
    Effect.gen(function* () {
      const { platform, read } = yield* start({})
      const options = { limit: 5, window: "1 hour", onExceeded: "fail", algorithm } as const
      const plugins = yield* Effect.replicateEffect(rateLimit(options, `count ${algorithm}`), 3)
      const tags = yield* Effect.forEach(
        plugins.flatMap((plugin) => Array.from({ length: 5 }, () => using(plugin)(read))),
        (call) => Effect.match(call, { onSuccess: () => "Success", onFailure: ({ reason }) => reason._tag }),
        { concurrency: "unbounded" }
      )
      assert.strictEqual(tags.filter((tag) => tag === "Success").length, 5)
      assert.strictEqual(tags.filter((tag) => tag === "RateLimited").length, 10)
      assert.strictEqual(platform.received.length, 5)
    }).pipe(Effect.scoped)
  )

  it.live("lets wait for a turn among all that share it", () =>
    Effect.gen(function* () {
      const { platform, read } = yield* start({})
      const options = { limit: 1, window: "100 millis", onExceeded: "delay" } as const
      const plugins = yield* Effect.replicateEffect(rateLimit(options, "delay"), 2)
      const startedAt = performance.now()
      yield* Effect.all(
        plugins.flatMap((plugin) => Array.from({ length: 3 }, () => using(plugin)(read))),
        { concurrency: "unbounded" }
      )
      // Six turns are five windows; timers may be a millisecond early.
      assert.isAtLeast(performance.now() - startedAt, 490)
      assert.strictEqual(platform.received.length, 6)
    }).pipe(Effect.scoped)
  )

  it.live.each(["fixed-window", "token-bucket"] as const)(
    "gives back the turns that nobody waits for (%s)",
    (algorithm) =>
      Effect.gen(function* () {
        const { read } = yield* start({})
        const name = `back ${algorithm}`
        const options = { limit: 3, window: "1 hour", onExceeded: "delay", maxDelay: 0, algorithm } as const
        const plugin = yield* rateLimit({ ...options, key: () => "k" }, name)
        yield* Effect.replicateEffect(read, 3).pipe(using(plugin))
        for (let i = 0; i < 5; i++) {
          const { reason } = yield* Effect.flip(read).pipe(using(plugin))
          assert.isTrue(reason._tag === "RateLimited" && reason.retryAfterMillis! > 1_000_000)
        }
        const redis = yield* Layer.build(redisAt())
        const left = yield* Context.get(redis, Redis.Redis).send("GET", `${prefix}${name}:k`)
        assert.strictEqual(left, algorithm === "fixed-window" ? "3" : "0")
      }).pipe(Effect.scoped)
  )
})

describe.skipIf(skip)("a circuit over Redis", () => {
  const both = (openDuration: number) => {
    const make = circuitBreaker({ opensAfter: { failures: 2 }, openDuration }, `open for ${openDuration} ms`)
    return Effect.all([make, make])
  }
  const down = { status: 503 }

  it.live("opens for all that share it", () =>
    Effect.gen(function* () {
      const { platform, read } = yield* start(down)
      const [here, there] = yield* both(3_600_000)
      yield* Effect.flip(read).pipe(using(here))
      yield* Effect.flip(read).pipe(using(there))
      for (const plugin of [here, there]) {
        const { message } = yield* Effect.flip(read).pipe(using(plugin))
        assert.match(message, /not sent: the circuit is open for about 3\d{3} s more/)
      }
      assert.strictEqual(platform.received.length, 2)
    }).pipe(Effect.scoped, Effect.provide(Logger.layer([])))
  )

  it.live("closes for all that share it", () =>
    Effect.gen(function* () {
      const { platform, read } = yield* start(down, down, {})
      const [here, there] = yield* both(50)
      yield* Effect.replicateEffect(Effect.flip(read), 2).pipe(using(here))
      yield* Effect.retry(using(there)(read), { schedule: Schedule.spaced("10 millis"), times: 1000 })
      yield* using(here)(read)
      assert.strictEqual(platform.received.length, 4)
    }).pipe(Effect.scoped, Effect.provide(Logger.layer([])))
  )
})

/** A way to Redis, on a port of its own, that can be made silent or be closed. */
const makeWay = Effect.gen(function* () {
  let isSilent = false
  const sockets = new Set<Socket>()
  const keep = (socket: Socket, other: Socket) => {
    sockets.add(socket)
    socket.on("error", () => undefined)
    socket.on("close", () => {
      sockets.delete(socket)
      other.destroy()
    })
    socket.on("data", (data) => {
      if (!isSilent) other.write(data)
    })
  }
  const server = createServer((near) => {
    const far = connect(address)
    keep(near, far)
    keep(far, near)
  })
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  const close = Effect.sync(() => {
    server.close()
    cut()
  })
  const listen = (port: number) =>
    Effect.callback<number>((resume) => {
      server.listen(port, "127.0.0.1", () => resume(Effect.succeed((server.address() as AddressInfo).port)))
    })
  const port = yield* Effect.acquireRelease(listen(0), () => close)
  return {
    port,
    close,
    silence: Effect.sync(() => void (isSilent = true)),
    mend: Effect.suspend(() => {
      isSilent = false
      cut()
      return server.listening ? Effect.void : Effect.asVoid(listen(port))
    })
  }
})

describe.skipIf(skip)("calls while Redis is away", () => {
  const ways = [
    ["refuses connections", "close"],
    ["is silent", "silence"]
  ] as const
  const plugins = [
    [
      "rate limit",
      (port: number, name: string) =>
        rateLimit({ limit: 1, window: "1 hour", onExceeded: "fail", storeTimeout: "300 millis" }, name, port)
    ],
    [
      "circuit breaker",
      (port: number, name: string) =>
        circuitBreaker({ opensAfter: { failures: 1 }, storeTimeout: "300 millis" }, name, port)
    ]
  ] as const
  const cases = plugins.flatMap(([name, make]) => ways.map(([what, how]) => [name, what, how, make] as const))

  it.live.each(cases)("go out under a %s while it %s", ([name, , how, make]) =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const last = () => lines.findLast((line) => line.startsWith("the store of the")) ?? ""
      const logs = Logger.layer([Logger.make(({ message }) => void lines.push(String(message)))])
      yield* Effect.gen(function* () {
        const { platform, read } = yield* start({})
        const way = yield* makeWay
        const plugin = yield* make(way.port, `away ${name} ${how}`)
        // The end of a client waits for ever for answers that were lost, unless it has a connection again.
        const back = Effect.ignore(using(plugin)(read)).pipe(
          Effect.repeat({
            schedule: Schedule.spaced("20 millis"),
            while: () => !last().endsWith("is available again"),
            times: 500
          })
        )
        yield* Effect.addFinalizer(() => Effect.andThen(way.mend, back))
        yield* using(plugin)(read)
        yield* way[how]
        yield* using(plugin)(read)
        yield* using(plugin)(read)
        assert.strictEqual(platform.received.length, 3)
        const said = new RegExp(`^the store of the ${name} is not available \\(.*\\): requests go out all the same$`)
        assert.match(last(), said)
        assert.notInclude(last(), address.host)
      }).pipe(Effect.scoped, Effect.provide(logs))
      assert.strictEqual(last(), `the store of the ${name} is available again`)
    })
  )
})
