/** What comes again: an alarm of an object, whatever happens to it, while there is something to do; and messages of the queue. */
import { assert, describe, it } from "@effect/vitest"
import * as Payout from "@paykka/payouts/Payout"
import * as Result from "effect/Result"
import { vi } from "vitest"
import worker from "../src/main.ts"
import type { Storage } from "../src/ObjectStore.ts"
import { PayoutObject } from "../src/PayoutObject.ts"
import { bindings } from "./bindings.ts"

/** A storage in memory; what that of workerd does is tested there. */
const storageOf = (change: Partial<Payout.Payout>) => {
  const order = Result.getOrThrow(
    Payout.read({ request_id: "P-1", amount: "1.10", currency: "EUR", beneficiary_id: "B-1" })
  )
  const payouts = new Map<string, unknown>([["P-1", { ...Payout.make(order, Date.now()), ...change }]])
  const alarms: Array<number | null> = []
  const storage: Storage = {
    kv: {
      get: (key) => payouts.get(key),
      put: (key, value) => void payouts.set(key, value),
      list: () => payouts
    },
    setAlarm: async (time) => void alarms.push(time),
    deleteAlarm: async () => void alarms.push(null)
  }
  return { storage, alarms, payout: () => payouts.get("P-1") as Payout.Payout }
}

const silent = () => vi.spyOn(console, "error").mockImplementation(() => undefined)

// First, since what was made once is kept.
describe("while a variable cannot be used", () => {
  const broken = { ...bindings, PAYKKA_PRIVATE_KEY: "" }
  const complaint = ["payouts cannot be made: PAYKKA_PRIVATE_KEY must be set"]

  it("messages of the queue wait for minutes before they come again, so that it does not give them up", async () => {
    const error = silent()
    const done: Array<unknown> = []
    const message = {
      id: "m1",
      timestamp: new Date(0),
      body: {},
      attempts: 1,
      ack: () => done.push("ack"),
      retry: (options: object) => done.push(options)
    }
    await worker.queue({ queue: "payouts-inbox", messages: [message, message] }, broken)
    assert.deepStrictEqual(done, [{ delaySeconds: 300 }, { delaySeconds: 300 }])
    assert.deepStrictEqual(error.mock.calls, [complaint])
    error.mockRestore()
  })

  it("an alarm comes again", async () => {
    const error = silent()
    const { storage, alarms, payout } = storageOf({})
    const now = Date.now()
    await new PayoutObject({ storage }, broken).alarm()
    assert.strictEqual(alarms.length, 1)
    assert.isAbove(alarms[0] ?? 0, now)
    assert.strictEqual(payout().version, 0)
    assert.deepStrictEqual(error.mock.calls, [complaint])
    error.mockRestore()
  })
})

describe("an alarm", () => {
  it("comes again when it was early", async () => {
    const next_at = Date.now() + 3_600_000
    const { storage, alarms } = storageOf({ next_at })
    await new PayoutObject({ storage }, bindings).alarm()
    assert.strictEqual(alarms.at(-1), next_at)
  })

  it("does not come again when there is nothing to do any more", async () => {
    const { storage, alarms } = storageOf({ state: "paid", next_at: null })
    await new PayoutObject({ storage }, bindings).alarm()
    assert.isNull(alarms.at(-1))
  })

  it("comes again when the storage fails in between, or the object dies", async () => {
    const error = vi.spyOn(console, "log").mockImplementation(() => undefined)
    const { storage, alarms } = storageOf({})
    const failing = {
      ...storage,
      kv: {
        ...storage.kv,
        put: () => {
          throw new Error("disk full")
        }
      }
    }
    const now = Date.now()
    await new PayoutObject({ storage: failing }, bindings).alarm()
    assert.strictEqual(alarms.length, 1)
    assert.isAbove(alarms[0] ?? 0, now)
    assert.match(String(error.mock.calls[0]), /a payout was not advanced/)
    error.mockRestore()
  })

  it("finds what it was set for by the version before, and does it", async () => {
    const { storage, alarms, payout } = storageOf({ created_at: 0, next_at: 1 })
    await new PayoutObject({ storage }, bindings).alarm()
    // Its patience is over, so that nothing is sent.
    assert.strictEqual(payout().state, "rejected")
    assert.isNull(alarms.at(-1))
  })
})
