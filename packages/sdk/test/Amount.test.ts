import { inspect } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { Amount } from "../src/index.ts"

const units = Schema.BigInt.check(Schema.isBetweenBigInt({ minimum: -(10n ** 40n), maximum: 10n ** 40n }))
const decimals = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 30 }))

/** A number of units as a decimal text: by BigInt, and nothing of ours. */
const written = (value: bigint, places: number): string => {
  const scale = 10n ** BigInt(places)
  const size = value < 0n ? -value : value
  const fraction = places === 0 ? "" : `.${String(size % scale).padStart(places, "0")}`
  return `${value < 0n ? "-" : ""}${size / scale}${fraction}`
}

/** Units at more decimals. */
const at = (value: bigint, places: number, more: number): bigint => value * 10n ** BigInt(more - places)

describe("Amount", () => {
  it.prop(
    "calculates as BigInt does, with as many decimals as the longest",
    [units, decimals, units, decimals],
    ([a, p, b, q]) => {
      const [x, y] = [written(a, p), written(b, q)]
      const places = Math.max(p, q)
      const [left, right] = [at(a, p, places), at(b, q, places)]
      assert.strictEqual<string>(Amount.add(x, y), written(left + right, places))
      assert.strictEqual<string>(Amount.subtract(x, y), written(left - right, places))
      assert.strictEqual<string>(Amount.sum([x, y, x]), written(left + right + left, places))
      assert.strictEqual<string>(Amount.negate(x), written(-a, p))
      assert.strictEqual(Amount.compare(x, y), left < right ? -1 : left > right ? 1 : 0)
    },
    { arbitrary: { runs: 300 } }
  )

  it.prop(
    "counts in minor units, and loses no digit",
    [units, decimals, decimals],
    ([value, places, wanted]) => {
      const text = written(value, places)
      assert.strictEqual<string>(Amount.fromMinorUnits(value, places), text)
      const scale = 10n ** BigInt(Math.max(places - wanted, 0))
      if (value % scale === 0n) {
        assert.strictEqual(Amount.toMinorUnits(text, wanted), at(value, places, Math.max(wanted, places)) / scale)
      } else {
        assert.throws(() => Amount.toMinorUnits(text, wanted), Amount.InvalidAmount)
      }
    },
    { arbitrary: { runs: 300 } }
  )

  it("takes texts, whole numbers and bigints", () => {
    assert.deepStrictEqual<ReadonlyArray<string>>(
      [Amount.parse("1200.50"), Amount.parse(12), Amount.parse(-12n), Amount.sum([]), Amount.add(1, "0.50")],
      ["1200.50", "12", "-12", "0", "1.50"]
    )
    assert.deepStrictEqual(["2", "10", "1.5"].toSorted(Amount.compare), ["1.5", "2", "10"])
  })

  it("reads numbers of answers to the last digit", () => {
    // As the SDK gives the numbers of records that it does not know: what a double would lose stays as its digits.
    const raw = (JSON as unknown as { readonly rawJSON: (text: string) => unknown }).rawJSON("9007199254740993.10")
    assert.strictEqual<string>(Amount.fromJson(raw), "9007199254740993.10")
    assert.strictEqual<string>(Amount.fromJson(12.5), "12.5")
    assert.throws(() => Amount.fromJson({ amount: 1 }), Amount.InvalidAmount)
  })

  it("throws what says what is wanted, and not what was given", () => {
    for (const input of [
      "1e5",
      "1,5",
      " 1",
      "",
      "01",
      0.5,
      Number.NaN,
      2 ** 60,
      null,
      undefined,
      {},
      "9".repeat(101)
    ]) {
      for (const calculate of [
        () => Amount.parse(input as string),
        () => Amount.add("1", input as string),
        () => Amount.subtract(input as string, "1"),
        () => Amount.negate(input as string),
        () => Amount.compare("1", input as string),
        () => Amount.toMinorUnits(input as string, 2)
      ]) {
        assert.throws(calculate, Amount.InvalidAmount, "must")
      }
    }
    assert.throws(() => Amount.add("9".repeat(100), "1"), Amount.InvalidAmount, "must not have more than 100 digits")
    assert.throws(() => Amount.fromMinorUnits(1.5, 2), Amount.InvalidAmount)
    assert.throws(() => Amount.toMinorUnits("1.005", 2), Amount.InvalidAmount, "must not have more than 2 decimals")
  })

  it("throws errors that print as such", () => {
    try {
      Amount.add("1", "4417 1234")
      assert.fail("it was added")
    } catch (error) {
      assert.instanceOf(error, Error)
      const printed = inspect(error)
      assert.include(printed, "InvalidAmount: must be a decimal text")
      assert.include(printed, "Amount.test.ts")
      assert.notInclude(printed, "4417")
      assert.deepInclude(JSON.parse(JSON.stringify(error)), { name: "InvalidAmount", message: error.message })
    }
  })
})
