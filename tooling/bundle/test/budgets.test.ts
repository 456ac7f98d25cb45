import { assert, describe, it } from "vitest"
import { budgets, kb, verdict } from "../budgets.ts"

describe("verdict", () => {
  const budget = { fixture: "x", targetKb: 22, limitKb: 26 }

  it.each([
    [0, "within target"],
    [22_000, "within target"],
    [22_001, "over target"],
    [26_000, "over target"],
    [26_001, "over limit"]
  ])("%i bytes are %s", (bytes, said) => {
    assert.strictEqual(verdict(bytes, budget), said)
  })
})

describe("kb", () => {
  it.each([
    [0, "0.0"],
    [22_000, "22.0"],
    [22_001, "22.1"],
    [21_901, "22.0"],
    [21_900, "21.9"],
    // 1 kB is 1000 bytes: 26 KiB are 26 624 bytes.
    [26_624, "26.7"]
  ])("%i bytes are %s", (bytes, text) => {
    assert.strictEqual(kb(bytes), text)
  })
})

describe("the budgets", () => {
  it("want less than they allow", () => {
    for (const { targetKb, limitKb } of budgets) assert.isBelow(targetKb, limitKb)
  })
})
