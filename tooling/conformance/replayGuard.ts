/** What every replay guard must do, on its real engine. */
import { randomBytes } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import * as ReplayGuard from "@paykka/webhook/ReplayGuard"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"

/** A guard of an engine, with its own connections; every one that is made shares the store. */
export type MakeGuard = (options?: ReplayGuard.Options) => Layer.Layer<ReplayGuard.ReplayGuard, unknown>

const hex = (): string => randomBytes(32).toString("hex")

/** A delivery that no other test knows. */
export const makeDelivery = (): ReplayGuard.Delivery => ({ id: hex(), signature: hex() })

const tagOf = (claim: ReplayGuard.Claim) => claim._tag

/** A claim that must be ours. */
const take = (guard: ReplayGuard.Service, delivery: ReplayGuard.Delivery) =>
  Effect.flatMap(guard.claim(delivery), (claim) =>
    claim._tag === "Claimed" ? Effect.succeed(claim) : Effect.die(new Error(`the claim is ${claim._tag}`))
  )

/** Asks until the claim is ours; the engine's time cannot be put forward. */
const takeLater = (guard: ReplayGuard.Service, delivery: ReplayGuard.Delivery) =>
  take(guard, delivery).pipe(
    Effect.catchDefect(Effect.fail),
    Effect.retry({ schedule: Schedule.spaced("20 millis"), times: 1000 })
  )

/** Where the suite runs. */
export interface Settings {
  readonly skip?: boolean
  /** How many connections ask at once. One for a guard that lives in the memory of a process. */
  readonly connections?: number
}

/** Declares the tests of a guard. */
export const replayGuardSuite = (
  engine: string,
  make: MakeGuard,
  { skip = false, connections = 4 }: Settings = {}
): void => {
  describe.skipIf(skip)(`the replay guard of ${engine}`, () => {
    const run =
      (use: (guard: ReplayGuard.Service) => Effect.Effect<void, unknown>, settings?: ReplayGuard.Options) => () =>
        Effect.provide(ReplayGuard.ReplayGuard.use(use), make(settings))

    it.live(
      "lets a delivery be handled once, and again when it was given up",
      run((guard) =>
        Effect.gen(function* () {
          const delivery = makeDelivery()
          const first = yield* take(guard, delivery)
          assert.strictEqual(tagOf(yield* guard.claim(delivery)), "Busy")
          yield* guard.release(first)
          const second = yield* take(guard, delivery)
          assert.notStrictEqual(second.token, first.token)
          assert.isTrue(yield* guard.commit(second))
          assert.strictEqual(tagOf(yield* guard.claim(delivery)), "Handled")
          // Too late for either: it is handled.
          yield* guard.release(second)
          assert.isFalse(yield* guard.commit(first))
          assert.strictEqual(tagOf(yield* guard.claim(delivery)), "Handled")
        })
      )
    )

    it.live(
      "knows a nonce that comes with another signature, until it is given up",
      run((guard) =>
        Effect.gen(function* () {
          const delivery = makeDelivery()
          const other = { ...delivery, signature: hex() }
          const claimed = yield* take(guard, delivery)
          assert.strictEqual(tagOf(yield* guard.claim(other)), "Conflict")
          yield* guard.release(claimed)
          yield* guard.commit(yield* take(guard, other))
          assert.strictEqual(tagOf(yield* guard.claim(delivery)), "Conflict")
          assert.strictEqual(tagOf(yield* guard.claim(other)), "Handled")
        })
      )
    )

    it.live(
      "keeps deliveries apart",
      run((guard) =>
        Effect.gen(function* () {
          const [one, other] = [makeDelivery(), makeDelivery()]
          const claimed = yield* take(guard, one)
          yield* take(guard, other)
          yield* guard.commit(claimed)
          assert.deepStrictEqual(
            [tagOf(yield* guard.claim(one)), tagOf(yield* guard.claim(other))],
            ["Handled", "Busy"]
          )
        })
      )
    )

    it.live(
      "frees a claim that nobody finished, and lets its old holder do nothing to it",
      run(
        (guard) =>
          Effect.gen(function* () {
            const delivery = makeDelivery()
            const dead = yield* take(guard, delivery)
            const heir = yield* takeLater(guard, delivery)
            assert.notStrictEqual(heir.token, dead.token)
            yield* guard.release(dead)
            assert.isFalse(yield* guard.commit(dead))
            // Whoever asks next is told Busy, or gets it when this lease is over too: never that it is handled.
            assert.notStrictEqual(tagOf(yield* guard.claim(delivery)), "Handled")
          }),
        { lease: "150 millis" }
      )
    )

    it.live(
      "frees it for another signature too",
      run(
        (guard) =>
          Effect.gen(function* () {
            const delivery = makeDelivery()
            yield* take(guard, delivery)
            yield* takeLater(guard, { ...delivery, signature: hex() })
          }),
        { lease: "150 millis" }
      )
    )

    it.live(
      "does not take a commit after the lease's end",
      run(
        (guard) =>
          Effect.gen(function* () {
            const delivery = makeDelivery()
            const late = yield* take(guard, delivery)
            yield* Effect.sleep("60 millis")
            assert.isFalse(yield* guard.commit(late))
            assert.strictEqual(tagOf(yield* guard.claim(delivery)), "Claimed")
          }),
        { lease: "1 millis" }
      )
    )

    it.live(
      "forgets what was handled when the retention is over",
      run(
        (guard) =>
          Effect.gen(function* () {
            const delivery = makeDelivery()
            yield* guard.commit(yield* take(guard, delivery))
            yield* takeLater(guard, delivery)
          }),
        { retention: "150 millis" }
      )
    )

    it.live(`gives each of 16 notifications to one of 64 that ask at once, over ${connections} connections`, () =>
      Effect.gen(function* () {
        const contexts = yield* Effect.all(Array.from({ length: connections }, () => Layer.build(make())))
        const guards = contexts.map((context) => Context.get(context, ReplayGuard.ReplayGuard))
        const deliveries = Array.from({ length: 16 }, makeDelivery)
        const asked = Array.from({ length: 64 }, (_, nth) => guards[nth % connections]!)
        const claims = yield* Effect.all(
          asked.flatMap((guard) => deliveries.map((delivery) => guard.claim(delivery))),
          { concurrency: "unbounded" }
        )
        const claimed = claims.filter((claim) => claim._tag === "Claimed")
        assert.deepStrictEqual(claimed.map(({ id }) => id).toSorted(), deliveries.map(({ id }) => id).toSorted())
        assert.isTrue(claims.every(({ _tag }) => _tag === "Claimed" || _tag === "Busy"))
        for (const claim of claimed) yield* guards[1 % connections]!.commit(claim)
        const again = yield* Effect.all(
          asked.flatMap((guard) => deliveries.map((delivery) => guard.claim(delivery))),
          { concurrency: "unbounded" }
        )
        assert.isTrue(again.every(({ _tag }) => _tag === "Handled"))
      }).pipe(Effect.scoped)
    )
  })
}
