/** A worker for tests: an object that takes steps of its store, as they are told by HTTP. */
import type { Payout } from "@paykka/payouts/Payout"
import type { PayoutStore, StoreUnavailable } from "@paykka/payouts/PayoutStore"
import * as Effect from "effect/Effect"
import type { PayoutNamespace } from "../src/Env.ts"
import * as ObjectStore from "../src/ObjectStore.ts"

/** A step of the store. */
export type Step =
  | { readonly op: "insert" | "save"; readonly payout: Payout }
  | { readonly op: "get"; readonly requestId: string }
  | { readonly op: "due"; readonly now: number; readonly limit: number }

/** What came of it, and when the object then wakes up. */
export interface Taken {
  readonly result: unknown
  readonly alarm: number | null
}

type Storage = ObjectStore.Storage & { getAlarm(): Promise<number | null> }

export class StoreObject {
  readonly #storage: Storage

  constructor({ storage }: { readonly storage: Storage }) {
    this.#storage = storage
  }

  // Without it none can be set.
  alarm(): void {}

  async fetch(request: Request): Promise<Response> {
    const store = ObjectStore.make(this.#storage)
    const taken: Array<Taken> = []
    for (const step of (await request.json()) as ReadonlyArray<Step>) {
      const result = (await Effect.runPromise(take(store, step))) ?? null
      taken.push({ result, alarm: await this.#storage.getAlarm() })
    }
    return Response.json(taken)
  }
}

/** Takes a step. */
export const take = (
  store: PayoutStore["Service"],
  step: Step
): Effect.Effect<Payout | ReadonlyArray<string> | undefined, StoreUnavailable> => {
  switch (step.op) {
    case "insert":
    case "save":
      return store[step.op](step.payout)
    case "get":
      return store.get(step.requestId)
    case "due":
      return store.due(step.now, step.limit)
  }
}

export default {
  fetch: async (request: Request, { PAYOUT }: { readonly PAYOUT: PayoutNamespace }): Promise<Response> =>
    PAYOUT.get(PAYOUT.idFromName(new URL(request.url).pathname)).fetch("https://object.invalid/", {
      method: "POST",
      body: await request.text()
    })
}
