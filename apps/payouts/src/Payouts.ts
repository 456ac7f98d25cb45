/** The service: takes orders, does what is next for each payout, and takes note of what PayKKa tells. */
import type { Balance } from "@paykka/balance/Balance"
import type { Forex } from "@paykka/forex/Forex"
import type { Payment } from "@paykka/payment/Payment"
import * as LifeCycle from "@paykka/schemas/LifeCycle"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Payout from "./Payout.ts"
import { PayoutStore, type StoreUnavailable } from "./PayoutStore.ts"
import { Current } from "./Settings.ts"
import * as steps from "./steps.ts"

/** The service. */
export interface Service {
  /**
   * Keeps an order, and does not pay it yet. The same order again gives the payout as it is; another one under the same `request_id` is not
   * taken (`isSame` is false).
   */
  readonly submit: (
    order: Payout.Order
  ) => Effect.Effect<{ readonly payout: Payout.Payout; readonly isSame: boolean }, StoreUnavailable>
  readonly find: (requestId: string) => Effect.Effect<Payout.Payout | undefined, StoreUnavailable>
  /**
   * Does what is next for a payout that is due, until it has to wait for something. Whoever calls it at once, in whichever process: one
   * does it. Gives the payout as it then is; undefined where there is none.
   */
  readonly advance: (requestId: string) => Effect.Effect<Payout.Payout | undefined, StoreUnavailable>
  /** Advances what is due, so many at a time; tells how many there were. */
  readonly advanceDue: (limit: number) => Effect.Effect<number, StoreUnavailable>
  /** Takes note of what PayKKa has told of a payment. What is older than what is known changes nothing, nor does what is not ours. */
  readonly told: (requestId: string, told: LifeCycle.Told) => Effect.Effect<void, StoreUnavailable>
}

/** The service. See {@link Service}. */
export class Payouts extends Context.Service<Payouts, Service>()("@paykka/payouts/Payouts") {}

const counter = Metric.counter("payouts_transitions", {
  description: "Payouts that have come into a state, by state",
  incremental: true
})

const count = (state: Payout.State): Effect.Effect<void> => Metric.update(Metric.withAttributes(counter, { state }), 1)

const make = Effect.gen(function* () {
  const store = yield* PayoutStore
  const settings = yield* Current
  const services = yield* Effect.context<Balance | Forex | Payment | Current>()
  const [firstPause, longestPause] = settings.pauseMillis

  /** Saves a change of a payout; fails where somebody else has changed it. */
  const save = (payout: Payout.Payout, change: Payout.Change) =>
    Effect.gen(function* () {
      const updated_at = yield* Clock.currentTimeMillis
      const kept = yield* store.save({ ...payout, ...change, updated_at })
      if (kept === undefined) return yield* Effect.fail(new steps.Superseded())
      if (kept.state !== payout.state) yield* count(kept.state)
      return kept
    })

  /** When to look again, after a look that has found something or not. */
  const pauseAfter = (payout: Payout.Payout, found: Payout.Change | undefined, now: number): Payout.Change => {
    const moved = found?.state !== undefined && found.state !== payout.state
    if (moved && Payout.isAtRest({ ...payout, ...found })) return { looks: 0, next_at: null }
    // What is converted is paid at once.
    if (moved && found.state === "converted") return { looks: 0, next_at: now }
    const looks = moved ? 0 : payout.looks + 1
    return { looks, next_at: now + Math.min(longestPause, firstPause * 2 ** Math.min(looks, 30)) }
  }

  const advance = (requestId: string): Effect.Effect<Payout.Payout | undefined, StoreUnavailable> =>
    Effect.gen(function* () {
      const payout = yield* store.get(requestId)
      const now = yield* Clock.currentTimeMillis
      if (payout === undefined || payout.next_at === null || payout.next_at > now) return payout
      // Whoever saves this first does it. Should its process die, another one comes when all that it can have sent is over.
      let current = yield* save(payout, { next_at: now + 2 * settings.sendMillis })
      const keep: steps.Keep = (change) => Effect.map(save(current, change), (kept) => (current = kept))
      const found = yield* Effect.provideContext(steps.step(current, keep), services)
      const after = pauseAfter(payout, found, yield* Clock.currentTimeMillis)
      const next = yield* keep({ ...found, ...after })
      return next.next_at !== null && next.next_at <= (yield* Clock.currentTimeMillis)
        ? yield* advance(requestId)
        : next
    }).pipe(Effect.catchTag("Superseded", () => store.get(requestId)))

  const told: Service["told"] = (requestId, news) =>
    Effect.gen(function* () {
      const payout = yield* store.get(requestId)
      if (payout === undefined) {
        return yield* Effect.logInfo("a notification of a payment that is not ours", { request_id: requestId })
      }
      if (!LifeCycle.supersedes(settings.payment, payout.told, news)) return
      const change = steps.ofStatus(settings, news)
      const now = yield* Clock.currentTimeMillis
      yield* save(payout, { ...change, ...pauseAfter(payout, change, now) })
    }).pipe(
      // Somebody has changed it in between: look again at what it is now.
      Effect.catchTag("Superseded", () => Effect.suspend(() => told(requestId, news)))
    )

  return Payouts.of({
    submit: (order) =>
      Effect.gen(function* () {
        const payout = Payout.make(order, yield* Clock.currentTimeMillis)
        const kept = yield* store.insert(payout)
        if (kept !== undefined) return { payout: kept, isSame: Payout.isSameOrder(kept.order, order) }
        yield* count(payout.state)
        return { payout, isSame: true }
      }),
    find: store.get,
    advance,
    advanceDue: (limit) =>
      Effect.gen(function* () {
        const due = yield* store.due(yield* Clock.currentTimeMillis, limit)
        yield* Effect.forEach(due, advance, { concurrency: limit, discard: true })
        return due.length
      }),
    told
  })
})

/** The layer of the service. */
export const layer: Layer.Layer<Payouts, never, PayoutStore | Current | Balance | Forex | Payment> = Layer.effect(
  Payouts,
  make
)
