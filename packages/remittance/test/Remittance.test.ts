import * as Notification from "@paykka/schemas/Notification"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Remittance from "../src/Remittance.ts"

describe("Remittance", () => {
  it("reads a receipt, with all that comes along", () => {
    const { data } = Notification.readEnvelope({
      type: "MERCH",
      data: { recv_order_no: "V-1", status: "PENDING_RELATE", amount: 12 }
    })
    const receipt: Remittance.Receipt = Result.getOrThrow(Notification.decodeData(Remittance.notification, data))
    assert.deepStrictEqual(receipt, { recv_order_no: "V-1", status: "PENDING_RELATE", amount: 12 })
    assert.isTrue(Remittance.isRelatable(receipt))
  })

  it("knows the two statuses in which settlement may be applied for, and trusts no other", () => {
    // The precondition on the page of tradesettle.apply: contract/tradesettle.yaml, notes.
    const statuses = ["PENDING_RELATE", "CHECK_REJECTED", "CHECKING", "", "pending_relate"]
    assert.deepStrictEqual(
      statuses.filter((status) => Remittance.isRelatable({ status })),
      ["PENDING_RELATE", "CHECK_REJECTED"]
    )
    assert.isFalse(Remittance.isRelatable({}))
  })
})
