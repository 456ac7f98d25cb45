/** What every queue of the inbox must do, on its real engine. */
import { randomBytes } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import * as InboxQueue from "@paykka/webhook/InboxQueue"
import type { Stored } from "@paykka/webhook/Stored"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"

/** A queue of an engine, with its own connection; all that are made share the store. */
export type MakeQueue = (options: InboxQueue.Options) => Layer.Layer<InboxQueue.InboxQueue, unknown>

/** A notification of that id. */
export const makeStored = (id: string, body = '{"data":{"request_id":"R-1"}}'): Stored => ({
  id,
  path: "/hooks/va",
  merchId: "",
  authorization: {
    sign_type: "SHA256withRSA",
    timestamp: "1795598950381",
    nonce: 'no"nce\\ 🏦 数',
    key_id: "platform",
    signature: "c2lnbmF0dXJl"
  },
  key: { fingerprint: "ab:cd" },
  body: Buffer.from(body).toString("base64"),
  receivedAt: 1_795_598_950_381.5
})

/** Where the suite runs. */
export interface Settings {
  readonly skip?: boolean
  /** How many connections share the queue. One for a queue in the memory of a process. */
  readonly connections?: number
  /** How many notifications are handled at once by all connections. */
  readonly notifications?: number
}

/** Declares the tests of a queue. */
export const inboxQueueSuite = (
  engine: string,
  make: MakeQueue,
  { skip = false, connections = 4, notifications = 1000 }: Settings = {}
): void => {
  describe.skipIf(skip)(`the inbox's queue of ${engine}`, () => {
    const fresh = (): InboxQueue.Options => ({
      name: `test-${randomBytes(8).toString("hex")}`,
      retry: Schedule.spaced("10 millis")
    })
    const connect = (options: InboxQueue.Options) =>
      Effect.map(Layer.build(make(options)), (context) => Context.get(context, InboxQueue.InboxQueue))
    const run = (use: (queue: InboxQueue.Service) => Effect.Effect<void, unknown>) => () =>
      Effect.provide(InboxQueue.InboxQueue.use(use), make(fresh()))

    /** What came, and for which time. */
    const next = (queue: InboxQueue.Service) =>
      Effect.gen(function* () {
        let came: readonly [stored: Stored, attempts: number] | undefined
        yield* queue.take((...args) => Effect.sync(() => void (came = args)))
        if (came === undefined) return yield* Effect.die(new Error("nothing came"))
        return came
      })
    const nextId = (queue: InboxQueue.Service) => Effect.map(next(queue), ([{ id }]) => id)

    /** Takes one and holds it until the fiber is interrupted. */
    const hold = (queue: InboxQueue.Service) =>
      Effect.gen(function* () {
        const held = yield* Deferred.make<string>()
        const fiber = yield* Effect.forkChild(
          queue.take(({ id }) => Effect.andThen(Deferred.succeed(held, id), Effect.never))
        )
        return { id: yield* Deferred.await(held), fiber }
      })

    it.live(
      "gives what was kept, to the last byte, in the order of arrival",
      run((queue) =>
        Effect.gen(function* () {
          const all = Array.from({ length: 20 }, (_, nth) => makeStored(`n${19 - nth}`))
          const large = makeStored("large", randomBytes(512 * 1024).toString("hex"))
          for (const stored of [...all, large]) yield* queue.offer(stored)
          for (const stored of [...all, large]) assert.deepStrictEqual(yield* next(queue), [stored, 1])
        })
      )
    )

    it.live(
      "keeps one of an id, also when it has been handled",
      run((queue) =>
        Effect.gen(function* () {
          yield* queue.offer(makeStored("one"))
          yield* queue.offer(makeStored("one", "another body"))
          yield* queue.offer(makeStored("two"))
          assert.deepStrictEqual(yield* next(queue), [makeStored("one"), 1])
          assert.strictEqual(yield* nextId(queue), "two")
          yield* queue.offer(makeStored("one"))
          yield* queue.offer(makeStored("three"))
          assert.strictEqual(yield* nextId(queue), "three")
        })
      )
    )

    it.live(
      "gives again what failed, and counts",
      run((queue) =>
        Effect.gen(function* () {
          yield* queue.offer(makeStored("one"))
          const failed = yield* Effect.flip(queue.take(({ id }, attempts) => Effect.fail(`no ${id} ${attempts}`)))
          assert.strictEqual(failed, "no one 1")
          assert.deepStrictEqual(yield* next(queue), [makeStored("one"), 2])
        })
      )
    )

    it.live(
      "gives again what was interrupted, and does not count it",
      run((queue) =>
        Effect.gen(function* () {
          yield* queue.offer(makeStored("one"))
          const { fiber } = yield* hold(queue)
          yield* Fiber.interrupt(fiber)
          assert.deepStrictEqual(yield* next(queue), [makeStored("one"), 1])
          // Nor does one that waits lose what comes later.
          const waiting = yield* Effect.forkChild(next(queue))
          yield* Effect.sleep("50 millis")
          yield* Fiber.interrupt(waiting)
          yield* queue.offer(makeStored("two"))
          assert.deepStrictEqual(yield* next(queue), [makeStored("two"), 1])
        })
      )
    )

    it.live("gives what one holds to nobody else, and to another when the first goes away", () =>
      Effect.gen(function* () {
        const options = fresh()
        const first = yield* connect(options)
        const second = connections === 1 ? first : yield* connect(options)
        yield* first.offer(makeStored("one"))
        const { id, fiber } = yield* hold(first)
        assert.strictEqual(id, "one")
        yield* first.offer(makeStored("two"))
        assert.strictEqual(yield* nextId(second), "two")
        yield* Fiber.interrupt(fiber)
        assert.deepStrictEqual(yield* next(second), [makeStored("one"), 1])
      }).pipe(Effect.scoped)
    )

    it.live(`has each of ${notifications} handled once, by 4 at once over ${connections} connections`, () =>
      Effect.gen(function* () {
        const options = fresh()
        const queues = yield* Effect.all(Array.from({ length: connections }, () => connect(options)))
        const ids = Array.from({ length: notifications }, (_, nth) => String(nth).padStart(5, "0"))
        const seen: Array<string> = []
        const done = yield* Deferred.make<void>()
        const worker = (nth: number) =>
          Effect.forever(
            queues[nth % connections]!.take(({ id }, attempts) =>
              Effect.suspend(() => {
                seen.push(attempts === 1 ? id : `${id} again`)
                return seen.length === ids.length ? Deferred.succeed(done, undefined) : Effect.void
              })
            )
          )
        const workers = yield* Effect.forkChild(
          Effect.all(
            Array.from({ length: 4 }, (_, nth) => worker(nth)),
            { concurrency: "unbounded" }
          )
        )
        yield* Effect.forEach(ids, (id, nth) => queues[nth % connections]!.offer(makeStored(id)), { concurrency: 16 })
        yield* Deferred.await(done)
        yield* Fiber.interrupt(workers)
        assert.deepStrictEqual(seen.toSorted(), ids)
      }).pipe(Effect.scoped)
    )
  })
}
