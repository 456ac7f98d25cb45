import { assert, describe, it } from "@effect/vitest"
import { merchantsOf } from "../src/Notifications.ts"

describe("a notification", () => {
  it("is taken for this merchant or for none that is named, and for no other", () => {
    const isOurs = merchantsOf("M24061911365700670")
    assert.deepStrictEqual(["M24061911365700670", "", "M99999999999999999"].map(isOurs), [true, true, false])
  })
})
