/** Where payouts are kept. */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Payout } from "./Payout.ts"

/** The store cannot be reached, or did not confirm. */
export class StoreUnavailable extends Data.TaggedError("StoreUnavailable")<{
  readonly detail: string
  readonly cause?: unknown
}> {
  override get message(): string {
    return `the store of payouts is not available: ${this.detail}`
  }
}

/** The service. What has succeeded survives the death of the process. */
export interface Service {
  /** Keeps a new payout; gives the one that is there already under its `request_id`, and then changes nothing. */
  readonly insert: (payout: Payout) => Effect.Effect<Payout | undefined, StoreUnavailable>
  readonly get: (requestId: string) => Effect.Effect<Payout | undefined, StoreUnavailable>
  /**
   * Replaces the payout of the version that is given by this one, whose version is then one more; gives what is kept, or undefined where
   * it has another version. One step, whoever else saves.
   */
  readonly save: (payout: Payout) => Effect.Effect<Payout | undefined, StoreUnavailable>
  /** The `request_id`s of those whose `next_at` is not after `now`, the longest due first. */
  readonly due: (now: number, limit: number) => Effect.Effect<ReadonlyArray<string>, StoreUnavailable>
}

/** Where payouts are kept. See {@link Service}. */
export class PayoutStore extends Context.Service<PayoutStore, Service>()("@paykka/payouts/PayoutStore") {}

/** In memory: for tests, and as the model of what every store must do. */
export const layerMemory: Layer.Layer<PayoutStore> = /*#__PURE__*/ Layer.sync(PayoutStore, () => {
  const payouts = new Map<string, Payout>()
  return {
    insert: (payout) =>
      Effect.sync(() => {
        const { request_id } = payout.order
        const kept = payouts.get(request_id)
        if (kept === undefined) payouts.set(request_id, payout)
        return kept
      }),
    get: (requestId) => Effect.sync(() => payouts.get(requestId)),
    save: (payout) =>
      Effect.sync(() => {
        const { request_id } = payout.order
        if (payouts.get(request_id)?.version !== payout.version) return undefined
        const kept = { ...payout, version: payout.version + 1 }
        payouts.set(request_id, kept)
        return kept
      }),
    due: (now, limit) =>
      Effect.sync(() =>
        [...payouts.values()]
          .filter(({ next_at }) => next_at !== null && next_at <= now)
          .toSorted((a, b) => (a.next_at ?? 0) - (b.next_at ?? 0))
          .slice(0, limit)
          .map(({ order }) => order.request_id)
      )
  }
})
