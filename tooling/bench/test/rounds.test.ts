import { setImmediate as turn } from "node:timers/promises"
import { assert, describe, it } from "vitest"
import { measure, rotated, type Side, throughput } from "../rounds.ts"

/** Notes when an operation begins and how many are under way then. */
const watched = (inFlight: number) => {
  const seen = { begun: 0, ended: 0, most: 0 }
  const side: Side = {
    what: "watched",
    inFlight,
    operation: async () => {
      seen.begun++
      seen.most = Math.max(seen.most, seen.begun - seen.ended)
      await turn()
      seen.ended++
    }
  }
  return { seen, side }
}

describe("throughput", () => {
  it("keeps as many operations under way as it is told, and waits for the last", async () => {
    const { seen, side } = watched(8)
    assert.isAbove(await throughput(side, 20), 0)
    assert.strictEqual(seen.most, 8)
    assert.strictEqual(seen.ended, seen.begun)
  })

  it("counts what was done in the time that it took", async () => {
    const { seen, side } = watched(3)
    let firstBegun = 0
    let lastEnded = 0
    const timed: Side = {
      ...side,
      operation: async () => {
        firstBegun ||= performance.now()
        await side.operation()
        lastEnded = performance.now()
      }
    }
    const calledAt = performance.now()
    const perMilli = (await throughput(timed, 20)) / 1000
    const calledFor = performance.now() - calledAt
    // Its own time lies between that of the operations and that of the whole call.
    assert.isAtLeast(perMilli * calledFor, seen.ended)
    assert.isAtMost(perMilli * (lastEnded - firstBegun), seen.ended)
  })

  it("passes on the failure of an operation", async () => {
    const failing: Side = { what: "failing", inFlight: 2, operation: () => Promise.reject(new Error("refused")) }
    const outcome = await throughput(failing, 20).then(
      () => "measured",
      (error: Error) => error.message
    )
    assert.strictEqual(outcome, "refused")
  })
})

describe("rotated", () => {
  it("lets each be the first in its turn, and keeps who follows whom", () => {
    const list = ["a", "b", "c"]
    assert.deepStrictEqual(
      [0, 1, 2, 3].map((round) => rotated(list, round).join("")),
      ["abc", "bca", "cab", "abc"]
    )
    assert.deepStrictEqual(list, ["a", "b", "c"])
  })
})

describe("measure", () => {
  it("warms both sides up, then alternates who goes first", async () => {
    const order: Array<string> = []
    const side = (what: string): Side => ({
      what,
      inFlight: 1,
      operation: async () => {
        if (order.at(-1) !== what) order.push(what)
        await turn()
      }
    })
    const rounds = await measure(side("ours"), side("reference"), { rounds: 3, millis: 2, warmUpMillis: 2 })
    assert.strictEqual(rounds.length, 3)
    // Warm-up: ours, reference. Rounds: ours, reference | reference, ours | ours, reference; repeats run together.
    assert.deepStrictEqual(order, ["ours", "reference", "ours", "reference", "ours", "reference"])
  })

  it("gives each figure to its side, whoever went first", async () => {
    const slow: Side = {
      what: "slow",
      inFlight: 1,
      operation: async () => {
        for (let i = 0; i < 50; i++) await turn()
      }
    }
    const quick: Side = { what: "quick", inFlight: 1, operation: () => undefined }
    const rounds = await measure(slow, quick, { rounds: 2, millis: 5, warmUpMillis: 1 })
    for (const { ours, reference } of rounds) assert.isBelow(ours, reference)
  })
})
