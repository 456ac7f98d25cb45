import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as RequestId from "../src/RequestId.ts"
import { core } from "./contract/facts.ts"

describe("RequestId", () => {
  it("has the contract's limits", () => {
    const { max_length: max = 0, min_length: min = 0 } = core.idempotency.field
    assert.strictEqual(RequestId.maxLength, max)
    const accepts = (length: number) => Result.isSuccess(Schema.decodeResult(RequestId.RequestId)("x".repeat(length)))
    assert.deepStrictEqual([min - 1, min, max, max + 1].map(accepts), [false, true, true, false])
  })
})
