import { assert, describe, it } from "vitest"
import { isMet, median, quantile, summarise } from "../statistics.ts"

describe("median", () => {
  it("is the middle value of an odd number of values, in any order", () => {
    assert.strictEqual(median([9, 1, 5]), 5)
    assert.strictEqual(median([7]), 7)
  })

  it("is the mean of the two middle values of an even number", () => {
    assert.strictEqual(median([10, 1, 4, 2]), 3)
  })

  it("sorts numbers, not their texts, and leaves the input as it was", () => {
    const values = [100, 9, 20]
    assert.strictEqual(median(values), 20)
    assert.deepStrictEqual(values, [100, 9, 20])
  })

  it("refuses to make up a value", () => {
    assert.throws(() => median([]), RangeError)
  })
})

describe("quantile", () => {
  const hundred = Array.from({ length: 100 }, (_, nth) => 100 - nth)

  it("is the smallest value that the share does not exceed", () => {
    assert.deepStrictEqual([quantile(hundred, 0.5), quantile(hundred, 0.99), quantile(hundred, 1)], [50, 99, 100])
    assert.deepStrictEqual([quantile([3, 1, 2], 0.5), quantile([3, 1, 2], 0.99), quantile([7], 0)], [2, 3, 7])
  })

  it("refuses to make up a value", () => {
    assert.throws(() => quantile([], 0.5), RangeError)
  })
})

describe("summarise", () => {
  // A machine that is ten times slower in one round: the ratio of that round says as much as any other.
  const rounds = [
    { ours: 90, reference: 100 },
    { ours: 8, reference: 10 },
    { ours: 70, reference: 100 }
  ]

  it("takes the ratio within each round, then the median", () => {
    assert.deepStrictEqual(summarise(rounds).ratio, { median: 0.8, min: 0.7, max: 0.9 })
  })

  it("takes the median of each side", () => {
    const { ours, reference } = summarise(rounds)
    assert.deepStrictEqual([ours, reference], [70, 100])
  })
})

describe("isMet", () => {
  const of = (ours: number) => summarise([{ ours, reference: 100 }])

  it("is met at the target and above, not below", () => {
    assert.isTrue(isMet(of(75), 0.75))
    assert.isTrue(isMet(of(76), 0.75))
    assert.isFalse(isMet(of(74), 0.75))
  })
})
