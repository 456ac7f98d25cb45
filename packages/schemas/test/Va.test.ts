/** What is special to accounts; what all domains have in common is in `contract/`. */
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Operation from "../src/Operation.ts"
import * as Va from "../src/Va.ts"
import { documentedNotification } from "./contract/facts.ts"
import { failureOf } from "./support.ts"

describe("va.apply", () => {
  const encode = (input: unknown) => Operation.encodeRequest(Va.apply, { request_id: "R-1", ...(input as object) })

  it("holds currencies and country to their form, not to a list", () => {
    for (const input of [{ currencies: ["EUR", "CNH", "ZZZ"] }, { currencies: [] }, { country_code: "ZZ" }]) {
      assert.deepStrictEqual(JSON.parse(Result.getOrThrow(encode(input))), { request_id: "R-1", ...input })
    }
    for (const [input, path] of [
      [{ currencies: ["EUR", "eur"] }, "currencies[1]"],
      [{ currencies: ["EU"] }, "currencies[0]"],
      [{ country_code: "DEU" }, "country_code"],
      [{ country_code: "de" }, "country_code"]
    ] as const) {
      assert.deepStrictEqual(
        failureOf(encode(input)).faults.map((fault) => fault.path),
        [path]
      )
    }
  })
})

describe("va.notification", () => {
  it("has the aliases of all members that the documented example spells otherwise", () => {
    const unknown = Object.keys(documentedNotification.data).filter(
      (name) => !Object.hasOwn(Va.Account.fields, name) && !Object.hasOwn(Va.notification.aliases, name)
    )
    // Their meaning is not given.
    assert.deepStrictEqual(unknown, ["bank", "c_rsc_id"])
    for (const name of Object.values(Va.notification.aliases)) assert.property(Va.Account.fields, name)
  })
})
