import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Settings from "../src/Settings.ts"

describe("the settings", () => {
  it("are the standard ones where nothing is said, or nothing is in it", () => {
    const settings = Result.getOrThrow(Settings.read({ PAYOUTS_PATIENCE: "" }))
    assert.deepStrictEqual(settings.pauseMillis, [1_000, 300_000])
    assert.deepStrictEqual(
      [settings.sendMillis, settings.settleMillis, settings.patienceMillis],
      [90_000, 120_000, 3_600_000]
    )
    assert.deepStrictEqual(settings.payment.succeeded, [])
    assert.deepStrictEqual(settings.payment.pending, ["PROCESSING"])
  })

  it("take the words for statuses apart at commas", () => {
    const settings = Result.getOrThrow(Settings.read({ PAYOUTS_FAILED_STATUSES: " FAILED, RETURNED ,," }))
    assert.deepStrictEqual(settings.payment.failed, ["FAILED", "RETURNED"])
  })

  for (const wrong of ["soon", "0 seconds", "-1 second", "Infinity"]) {
    it(`name the variable that is no duration: ${wrong}`, () => {
      const read = Settings.read({ PAYOUTS_SETTLE_TIME: wrong })
      assert.isTrue(Result.isFailure(read))
      if (Result.isFailure(read)) {
        assert.strictEqual(
          read.failure.message,
          "PAYOUTS_SETTLE_TIME must be a duration longer than zero, such as 90 seconds"
        )
      }
    })
  }
})
