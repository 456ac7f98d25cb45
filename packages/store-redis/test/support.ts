/** The real Redis, a wire to it that a test can cut, and what the log says. */
import { randomUUID } from "node:crypto"
import { type AddressInfo, type Server, type Socket, connect, createServer } from "node:net"
import * as NodeRedis from "@effect/platform-node/NodeRedis"
import { notification as va } from "@paykka/schemas/Va"
import * as Testing from "@paykka/webhook/testing"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Redis from "effect/persistence/Redis"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { createClient } from "redis"

const address = { host: "127.0.0.1", port: 6379 }

const isThere = await new Promise<boolean>((resolve) => {
  const socket = connect(address, () => {
    socket.destroy()
    resolve(true)
  })
  socket.once("error", () => resolve(false))
})
const isRequired = process.env["PAYKKA_REQUIRE_SERVICES"] === "1"
if (!isThere && !isRequired) console.warn("skipped: there is no Redis on 127.0.0.1:6379")

/** True where there is no Redis, unless it is required; then the tests fail. */
export const skip = !isThere && !isRequired

/** A prefix that nobody else has. */
export const makePrefix = (): string => `paykka-test-${randomUUID()}:`

/** Deletes all keys of a prefix. */
export const forget = async (prefix: string): Promise<void> => {
  if (skip) return
  const client = await createClient({ socket: address }).connect()
  for await (const keys of client.scanIterator({ MATCH: `*${prefix}*`, COUNT: 1000 })) {
    if (keys.length > 0) await client.del(keys)
  }
  await client.close()
}

/** A client with a connection of its own, to the real Redis or to another port. */
export const redisAt = (
  port: number = address.port
): Layer.Layer<Redis.Redis | NodeRedis.NodeRedis, Redis.RedisError> =>
  NodeRedis.layer({ disableOfflineQueue: true, socket: { ...address, port } })

/** What was logged. */
export class Log {
  readonly lines: Array<string> = []
  /** In place of all other loggers. */
  readonly layer = Logger.layer([
    Logger.make(({ message, cause }) => {
      const parts = Array.isArray(message) ? message : [message]
      this.lines.push([...parts.map(String), ...(cause.reasons.length > 0 ? [Cause.pretty(cause)] : [])].join(" "))
    })
  ])
  /** What the client says of itself is its own business. */
  get ours(): string {
    return this.lines.filter((line) => !line.startsWith("NodeRedis client error")).join("\n")
  }
}

/** No logs at all. */
export const silent: Layer.Layer<never> = Logger.layer([])

/** Asks until it is so. */
export const until = (what: () => boolean): Effect.Effect<void> =>
  Effect.sync(what).pipe(
    Effect.repeat({ schedule: Schedule.spaced("10 millis"), while: (so) => !so, times: 5000 }),
    Effect.flatMap((so) => (so ? Effect.void : Effect.die(new Error("it never came to be"))))
  )

const platform = Effect.runSync(Effect.cached(Testing.generateKeyPair()))

/** The public half of the platform's key. */
export const platformKey = Effect.map(platform, ({ publicKey }) => publicKey)

/** A notification as the platform signs it. */
export const notify = (request_id: string) =>
  Effect.flatMap(platform, (key) => Testing.sign(va, { request_id, status: "ENABLED" }, { key, merchId: "M1" }))

/** What may go wrong on the way to Redis. */
export interface Wire {
  readonly port: number
  /** Nothing goes through any more, in either direction; the connections stay open, and new ones are taken. */
  readonly hang: () => void
  /** What is sent arrives, and the answers wait, until they are let through. */
  readonly holdAnswers: () => void
  readonly letThrough: () => void
  /** What is sent from now on arrives; the answer to it does not, since the connections break. */
  readonly cutAnswers: () => void
  /** Breaks the connections and refuses new ones. */
  readonly stop: Effect.Effect<void>
  /** All is well again; what hung is broken. */
  readonly mend: Effect.Effect<void>
}

const listen = (server: Server, port: number) =>
  Effect.callback<number>((resume) => {
    server.listen(port, "127.0.0.1", () => resume(Effect.succeed((server.address() as AddressInfo).port)))
  })

/** A wire to the real Redis, on a port of its own. */
export const makeWire: Effect.Effect<Wire, never, Scope.Scope> = Effect.gen(function* () {
  let state: "well" | "hangs" | "answers are cut" = "well"
  const open = new Set<Socket>()
  const answering = new Set<Socket>()
  const breakAll = () => {
    for (const socket of open) socket.destroy()
  }
  const keep = (socket: Socket, other: Socket) => {
    open.add(socket)
    socket.on("error", () => undefined)
    socket.on("close", () => {
      open.delete(socket)
      other.destroy()
    })
  }
  const server = createServer((near) => {
    const far = connect(address)
    keep(near, far)
    keep(far, near)
    answering.add(far)
    far.on("close", () => answering.delete(far))
    near.on("data", (data) => {
      if (state !== "hangs") far.write(data)
    })
    far.on("data", (data) => {
      if (state === "answers are cut") breakAll()
      else if (state === "well") near.write(data)
    })
  })
  const close = Effect.callback<void>((resume) => {
    server.close(() => resume(Effect.void))
    breakAll()
  })
  const port = yield* listen(server, 0)
  yield* Effect.addFinalizer(() => close)
  return {
    port,
    hang: () => {
      state = "hangs"
    },
    holdAnswers: () => {
      for (const socket of answering) socket.pause()
    },
    letThrough: () => {
      for (const socket of answering) socket.resume()
    },
    cutAnswers: () => {
      state = "answers are cut"
    },
    stop: close,
    mend: Effect.suspend(() => {
      state = "well"
      breakAll()
      return server.listening ? Effect.void : Effect.asVoid(listen(server, port))
    })
  }
})
