import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import * as RequestId from "../src/RequestId.ts"
import * as JumpClock from "./support/JumpClock.ts"

describe("RequestId", () => {
  it.effect("has 32 hexadecimal digits, the first 12 of them the time", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.UTC(2023, 10, 14, 22, 13, 20))
      // 1700000000000 in hexadecimal.
      assert.match(yield* RequestId.make, /^018bcfe56800[0-9a-f]{20}$/)
    })
  )

  it.effect("sorts by the time of its making", () =>
    Effect.gen(function* () {
      const made: Array<string> = []
      for (const millis of [0, 1, 15, 16, 255, 999_999_999_999, 1_700_000_000_000, 253_402_300_799_999]) {
        yield* TestClock.setTime(millis)
        made.push(yield* RequestId.make)
      }
      assert.deepStrictEqual(made.toSorted(), made)
    })
  )

  it.effect("is another one each time", () =>
    Effect.gen(function* () {
      const made = yield* Effect.all(Array.from({ length: 1000 }, () => RequestId.make))
      assert.strictEqual(new Set(made).size, 1000)
    })
  )

  it.effect("keeps its length between two milliseconds", () =>
    Effect.gen(function* () {
      const { run } = JumpClock.make(1_700_000_000_000.75)
      assert.match(yield* run(RequestId.make), /^018bcfe56800[0-9a-f]{20}$/)
    })
  )
})
