/** Payouts in the storage of a Durable Object, and its alarm at the time when the first of them is due. */
import type { Payout } from "@paykka/payouts/Payout"
import { type PayoutStore, StoreUnavailable } from "@paykka/payouts/PayoutStore"
import * as Effect from "effect/Effect"

/** What is needed of the storage of an object that was migrated with `new_sqlite_classes`. */
export interface Storage {
  readonly kv: {
    get(key: string): unknown
    put(key: string, value: unknown): void
    list(): Iterable<[string, unknown]>
  }
  setAlarm(time: number): Promise<void>
  deleteAlarm(): Promise<void>
}

const all = ({ kv }: Storage): ReadonlyArray<Payout> => Array.from(kv.list(), ([, payout]) => payout as Payout)

const dueFirst = (payouts: ReadonlyArray<Payout>) =>
  payouts
    .flatMap(({ order, next_at }) => (next_at === null ? [] : [{ requestId: order.request_id, at: next_at }]))
    .toSorted((a, b) => a.at - b.at)

// What is due already is about to be done. The alarm stands behind it.
const standBy = 1000

/** Sets the alarm to when the first payout is due, or none. */
export const arm = (storage: Storage): Promise<void> => {
  const [first] = dueFirst(all(storage))
  if (first === undefined) return storage.deleteAlarm()
  const now = Date.now()
  return storage.setAlarm(first.at > now ? first.at : now + standBy)
}

const step = <A>(act: () => A | Promise<A>): Effect.Effect<A, StoreUnavailable> =>
  Effect.tryPromise({
    try: async () => act(),
    catch: (cause) => new StoreUnavailable({ detail: "the storage of its Durable Object failed", cause })
  })

/**
 * The store of an object.
 *
 * What a step writes is one transaction with the alarm, since nothing is waited for in between. Nothing that an object sends leaves it before what
 * it has written is on disk: so what moves money is recorded before it is sent.
 */
export const make = (storage: Storage): PayoutStore["Service"] => {
  const { kv } = storage
  const get = (requestId: string) => kv.get(requestId) as Payout | undefined
  const put = async (payout: Payout) => {
    kv.put(payout.order.request_id, payout)
    await arm(storage)
    return payout
  }
  return {
    insert: (payout) =>
      step(async () => {
        const kept = get(payout.order.request_id)
        if (kept === undefined) await put(payout)
        return kept
      }),
    get: (requestId) => step(() => get(requestId)),
    save: (payout) =>
      step(() =>
        get(payout.order.request_id)?.version === payout.version
          ? put({ ...payout, version: payout.version + 1 })
          : undefined
      ),
    due: (now, limit) =>
      step(() =>
        dueFirst(all(storage))
          .filter(({ at }) => at <= now)
          .slice(0, limit)
          .map(({ requestId }) => requestId)
      )
  }
}
