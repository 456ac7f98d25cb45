/** The guard on real Durable Objects, in workerd. */
import { assert, describe, it } from "@effect/vitest"
import { makeDelivery, replayGuardSuite } from "@paykka/tooling-conformance/replayGuard"
import * as ReplayGuard from "@paykka/webhook/ReplayGuard"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { createHash } from "node:crypto"
import { afterAll } from "vitest"
import type { ObjectNamespace } from "../src/Bindings.ts"
import * as CloudflareReplayGuard from "../src/CloudflareReplayGuard.ts"
import { account, guardOf, start, until } from "./support.ts"

const worker = await start()
afterAll(worker.stop)
const guard = guardOf(worker)

replayGuardSuite("Cloudflare", guard)

describe("the guard of Cloudflare", () => {
  it.live("64 deliveries of each of two notifications that arrive at once: handled once each, all answered 200", () =>
    Effect.gen(function* () {
      const signed = [yield* account("one", "/direct"), yield* account("two", "/direct")]
      const statuses = yield* Effect.all(
        Array.from({ length: 128 }, (_, nth) => worker.notify(signed[nth % 2]!)),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual([...new Set(statuses)], [200])
      assert.deepStrictEqual((yield* worker.seen).handled.toSorted(), ["one", "two"])
    })
  )

  it.live("lets a notification come again whose handler failed", () =>
    Effect.gen(function* () {
      const signed = yield* account("flaky-1", "/direct")
      assert.strictEqual(yield* worker.notify(signed), 500)
      assert.strictEqual(yield* worker.notify(signed), 200)
      assert.strictEqual(yield* worker.notify(signed), 200)
      assert.strictEqual((yield* worker.seen).tried["flaky-1"], 2)
    })
  )

  it.live("answers 503 while the object is away, and handles nothing", () =>
    Effect.gen(function* () {
      const signed = yield* account("unguarded", "/unguarded")
      assert.strictEqual(yield* worker.notify(signed), 503)
      assert.isUndefined((yield* worker.seen).tried["unguarded"])
      yield* until(Effect.sync(worker.log), (log) =>
        log.includes(
          "PayKKa notification put off: the replay guard is not available: its Durable Object failed: Durable Object storage is away"
        )
      )
    })
  )

  it.live("goes on when an object is thrown out of memory", () =>
    Effect.gen(function* () {
      const { claim, commit } = yield* ReplayGuard.ReplayGuard
      const [handled, held] = [makeDelivery(), makeDelivery()]
      const claimed = yield* claim(handled)
      if (claimed._tag !== "Claimed") return assert.fail(claimed._tag)
      yield* commit(claimed)
      assert.strictEqual((yield* claim(held))._tag, "Claimed")
      for (let shard = 0; shard < 16; shard++) {
        const evicted = yield* Effect.exit(worker.json(`/object?name=shard-${shard}&path=/evict`))
        assert.isTrue(Exit.isFailure(evicted))
      }
      assert.strictEqual((yield* claim(handled))._tag, "Handled")
      assert.strictEqual((yield* claim(held))._tag, "Busy")
    }).pipe(Effect.provide(guard()))
  )

  /** Asks an object itself, one that no other test uses. */
  const asking = (name: string) => (request: object) => worker.json(`/object?name=${name}&path=/`, request)

  it.live("gives a claim again to who asks again with its token, as after a lost answer", () =>
    Effect.gen(function* () {
      const ask = asking("again")
      const claim = { op: "claim", ...makeDelivery(), lease: 60_000 }
      assert.deepStrictEqual(
        [
          yield* ask({ ...claim, token: "one" }),
          yield* ask({ ...claim, token: "two" }),
          yield* ask({ ...claim, token: "one" })
        ],
        [{ _tag: "Claimed" }, { _tag: "Busy" }, { _tag: "Claimed" }]
      )
    })
  )

  it.live("lets the lease end without its alarm", () =>
    Effect.gen(function* () {
      const ask = asking("late")
      // The alarm is set for the first one's end.
      yield* ask({ op: "claim", ...makeDelivery(), token: "long", lease: 60_000 })
      const delivery = makeDelivery()
      const claim = { op: "claim", ...delivery, lease: 1 }
      const late = { id: delivery.id, token: "late" }
      for (const [end, answer] of [
        [{ op: "commit", ...late, retention: 60_000 }, "Lost"],
        [{ op: "release", ...late }, "Done"]
      ] as const) {
        assert.deepStrictEqual(yield* ask({ ...claim, token: "late" }), { _tag: "Claimed" })
        yield* Effect.sleep("20 millis")
        assert.deepStrictEqual(yield* ask(end), { _tag: answer })
        assert.deepStrictEqual(yield* ask({ ...claim, token: "heir" }), { _tag: "Claimed" })
        yield* Effect.sleep("20 millis")
      }
    })
  )

  it.live("deletes what is over, and then rests", () =>
    Effect.gen(function* () {
      const { claim, commit } = yield* ReplayGuard.ReplayGuard
      // All in one object, which no other test uses.
      const deliveries = Array.from({ length: 8 }, () => {
        const delivery = makeDelivery()
        return { ...delivery, id: `00000063${delivery.id.slice(8)}` }
      })
      const state = worker.json("/object?name=shard-99&path=/state") as Effect.Effect<{
        readonly rows: number
        readonly alarm: number | null
      }>
      for (const delivery of deliveries.slice(4)) {
        const claimed = yield* claim(delivery)
        if (claimed._tag === "Claimed") yield* commit(claimed)
      }
      for (const delivery of deliveries.slice(0, 4)) yield* claim(delivery)
      yield* until(state, ({ rows, alarm }) => rows === 0 && alarm === null)
      yield* claim(deliveries[0]!)
      assert.notStrictEqual((yield* state).alarm, null)
    }).pipe(Effect.provide(guardOf(worker, 100)({ lease: "200 millis", retention: "400 millis" })))
  )

  it.live("is not built on KV, and says why", () =>
    Effect.gen(function* () {
      const { defect } = (yield* worker.json("/kv")) as { readonly defect: string }
      assert.match(
        defect,
        /^Error: the replay guard was given a KV namespace, which is not atomic: .*Durable Object namespace$/
      )
    })
  )

  it.live("does not take the objects of another class for its own", () =>
    Effect.gen(function* () {
      const { failure } = (yield* worker.json("/swapped")) as { readonly failure: string }
      assert.strictEqual(
        failure,
        "the replay guard is not available: its Durable Object failed: it answered 400; is its class the right one?"
      )
    })
  )
})

/** A namespace whose objects answer as told; the names of those that were asked. */
const told = (answer: (call: number) => Promise<string>) => {
  const names: Array<string> = []
  const namespace: ObjectNamespace = {
    idFromName: (name) => name,
    get: (id) => ({
      fetch: async () => {
        names.push(id.toString())
        const text = await answer(names.length)
        return { status: 200, text: async () => text }
      }
    })
  }
  return { names, namespace }
}

describe("what asks the objects", () => {
  const claim = (namespace: ObjectNamespace, options: Partial<CloudflareReplayGuard.Options> = {}) =>
    Effect.flatMap(CloudflareReplayGuard.make({ namespace, ...options }), (made) => made.claim(makeDelivery()))
  const passing = (also: object = {}) =>
    Object.assign(new Error("Network connection lost."), { retryable: true, ...also })

  it.effect("asks again where Cloudflare says that it pays, with the same token", () =>
    Effect.gen(function* () {
      const bodies: Array<string> = []
      const namespace: ObjectNamespace = {
        idFromName: (name) => name,
        get: () => ({
          fetch: async (_, { body }) => {
            if (bodies.push(body) < 3) throw passing()
            return { status: 200, text: async () => '{"_tag":"Claimed"}' }
          }
        })
      }
      const fiber = yield* Effect.forkChild(claim(namespace))
      yield* TestClock.adjust("4 seconds")
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "Claimed")
      assert.deepStrictEqual([bodies.length, new Set(bodies).size], [3, 1])
    })
  )

  it.effect("asks three times at most, and once where it would only add to the load or the object's code failed", () =>
    Effect.gen(function* () {
      for (const [error, asked] of [
        [passing(), 3],
        [passing({ overloaded: true }), 1],
        [new Error("no such table"), 1]
      ] as const) {
        const { names, namespace } = told(() => Promise.reject(error))
        const fiber = yield* Effect.forkChild(Effect.flip(claim(namespace)))
        yield* TestClock.adjust("4 seconds")
        const failure = yield* Fiber.join(fiber)
        assert.strictEqual(
          failure.message,
          `the replay guard is not available: its Durable Object failed: ${error.message}`
        )
        assert.strictEqual(Redacted.value(failure.cause!), error)
        assert.strictEqual(names.length, asked)
      }
    })
  )

  it.effect("gives up after its timeout", () =>
    Effect.gen(function* () {
      const { namespace } = told(() => new Promise(() => undefined))
      const fiber = yield* Effect.forkChild(Effect.flip(claim(namespace)))
      yield* TestClock.adjust("4999 millis")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      assert.include((yield* Fiber.join(fiber)).message, "did not answer in time")
    })
  )

  it.effect("believes no answer that is none", () =>
    Effect.gen(function* () {
      for (const answer of ["null", "{}", '{"_tag":"Done"}', "<html>"]) {
        const { namespace } = told(async () => answer)
        const failure = yield* Effect.flip(claim(namespace))
        assert.strictEqual(failure._tag, "ReplayGuardUnavailable", answer)
      }
    })
  )

  it.effect("spreads deliveries over as many objects as it is told", () =>
    Effect.gen(function* () {
      for (const [options, objects] of [
        [{}, 16],
        [{ shards: 1 }, 1],
        [{ shards: 40 }, 40]
      ] as const) {
        const { names, namespace } = told(async () => '{"_tag":"Busy"}')
        const made = yield* CloudflareReplayGuard.make({ namespace, ...options })
        for (let nth = 0; nth < 1000; nth++) {
          const id = createHash("sha256").update(String(nth)).digest("hex")
          yield* made.claim({ id, signature: "" })
          yield* made.commit({ _tag: "Claimed", id, token: "" })
          assert.strictEqual(names.at(-1), names.at(-2))
        }
        assert.strictEqual(new Set(names).size, objects)
      }
    })
  )

  it.effect("is not built of what it cannot use", () =>
    Effect.gen(function* () {
      const { namespace } = told(async () => "")
      const why = (options: CloudflareReplayGuard.Options) =>
        Effect.map(Effect.exit(CloudflareReplayGuard.make(options)), (exit) =>
          Exit.isFailure(exit) ? String(Cause.squash(exit.cause)) : "built"
        )
      assert.match(yield* why({ namespace: undefined as never }), /lacks the binding, or names it otherwise$/)
      assert.match(yield* why({ namespace: {} as never }), /something that is no Durable Object namespace$/)
      for (const shards of [0, -1, 1.5, Number.NaN, Infinity]) {
        assert.match(yield* why({ namespace, shards }), /shards must be a whole number, at least 1$/)
      }
      assert.match(yield* why({ namespace, lease: 0 }), /lease must be finite and at least a millisecond$/)
      assert.strictEqual(yield* why({ namespace }), "built")
    })
  )
})
