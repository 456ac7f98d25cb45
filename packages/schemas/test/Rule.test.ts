import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Operation from "../src/Operation.ts"
import * as Rule from "../src/Rule.ts"
import { assertHidden, failureOf } from "./support.ts"

const names = ["a", "b", "c"] as const

const Fields = Schema.Struct({
  a: Schema.optional(Schema.String),
  b: Schema.optional(Schema.String),
  c: Schema.optional(Schema.String),
  other: Schema.optional(Schema.String)
})

/** All requests in which some of the fields are given, the others left out or undefined. */
const requests = [...Array(8).keys()].flatMap((bits) => {
  const given = names.filter((_, index) => (bits >> index) % 2 === 1)
  const left = Object.fromEntries(given.map((name) => [name, ""]))
  const undefinedOthers = Object.fromEntries(names.map((name) => [name, left[name]]))
  return [left, undefinedOthers, { ...undefinedOthers, other: "x" }].map((request) => ({
    request,
    given: given.length
  }))
})

const rules = [
  ["exactlyOneOf", Rule.exactlyOneOf, (given: number) => given === 1, "give exactly one of a and b and c"],
  ["atLeastOneOf", Rule.atLeastOneOf, (given: number) => given >= 1, "give a or b or c"]
] as const

for (const [name, rule, holds, text] of rules) {
  describe(`Rule.${name}`, () => {
    const request = Fields.check(rule(...names))

    it("counts what is given; undefined is not", () => {
      assert.lengthOf(requests, 24)
      for (const { request: input, given } of requests) {
        const faults = Result.match(Operation.encodeValue({ request }, input), {
          onSuccess: () => [],
          onFailure: (error) => error.faults
        })
        // At the first of the fields, since a fault has one place.
        assert.deepStrictEqual(faults, holds(given) ? [] : [{ path: "a", rule: text }])
        assert.strictEqual(Result.isSuccess(Schema.decodeResult(request)(input)), holds(given))
      }
    })

    it("shows no value", () => {
      const input = name === "exactlyOneOf" ? { a: "Zq7", b: "Zq7" } : { other: "Zq7" }
      assertHidden(failureOf(Operation.encodeValue({ request }, input)), "Zq7")
    })

    it("does not hide what else is wrong", () => {
      const { faults } = failureOf(Operation.encodeValue({ request }, { other: 1, d: 1 }))
      assert.includeMembers(
        faults.map(({ path }) => path),
        ["other", "d"]
      )
    })
  })
}
