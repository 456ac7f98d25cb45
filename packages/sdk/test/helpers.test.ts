import { inspect } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { PaykkaError, hongKongLicense, isRelatable, mainlandLicense, makeRequestId, relate } from "../src/index.ts"

describe("makeRequestId", () => {
  it("makes numbers that fit, differ, and sort by time", async () => {
    const ids: Array<string> = []
    for (let i = 0; i < 3; i++) {
      ids.push(makeRequestId())
      const now = Date.now()
      while (Date.now() === now) await new Promise((resolve) => setImmediate(resolve))
    }
    for (const id of ids) assert.match(id, /^[0-9a-f]{32}$/)
    assert.deepStrictEqual(ids.toSorted(), ids)
    assert.strictEqual(new Set(ids).size, 3)
  })
})

describe("relate", () => {
  const division = {
    recv_order_no: "R-1",
    amount: "1200.50",
    orders: [
      { contract_order_no: "C-1", amount: 1000 },
      { contract_order_no: "C-2", amount: "200.50" }
    ]
  }

  it("makes the message of a settlement", () => {
    assert.deepStrictEqual<unknown>(relate(division), {
      recv_order_no: "R-1",
      relate_list: [
        { contract_order_no: "C-1", amount: "1000" },
        { contract_order_no: "C-2", amount: "200.50" }
      ]
    })
  })

  it("throws with every fault, and before anything is sent", () => {
    try {
      relate({ ...division, recv_order_no: "", amount: "1200.51" })
      assert.fail("it was related")
    } catch (error) {
      assert.instanceOf(error, PaykkaError)
      assert.strictEqual(error.reason._tag, "InvalidRequest")
      assert.include(error.message, "recv_order_no must not be empty; orders must add up to the received amount")
      assert.include(inspect(error), "helpers.test.ts")
    }
  })
})

describe("what needs no Effect", () => {
  it("is here too", () => {
    assert.isTrue(isRelatable({ status: "PENDING_RELATE" }))
    assert.isFalse(isRelatable({}))
    const registration = {
      ent_name: "Sample",
      ent_name_en: "Sample",
      found_date: "2019-08-24",
      registered_currency: "HKD",
      registered_capital: 10_000,
      address: { address1: "1 Sample Road" }
    }
    assert.deepStrictEqual([mainlandLicense(registration).region, hongKongLicense(registration).region], ["CN", "HK"])
  })
})
