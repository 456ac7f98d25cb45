import { assert, describe, it } from "@effect/vitest"
import * as Descriptions from "../src/Descriptions.ts"
import { calls, dataFields, notices } from "./contract/facts.ts"
import { walk } from "./contract/values.ts"

const messages = [
  ...calls.flatMap(({ contract: { id, request, response } }) => [
    { id, part: "request", fields: request } as const,
    { id, part: "response", fields: response } as const
  ]),
  ...notices.map(({ contract }) => ({ id: contract.id, part: "data", fields: dataFields(contract) }) as const)
]

describe("find", () => {
  it.each(messages)("has the contract's words for each field: $id, $part", ({ id, part, fields }) => {
    for (const [path, field] of walk(fields)) {
      const { desc } = field as { readonly desc?: string }
      assert.strictEqual(Descriptions.find(id, part, path.replaceAll("[0]", "[]")), desc, path)
    }
  })

  it("finds nothing where there is nothing", () => {
    assert.isUndefined(Descriptions.find("va.apply", "request", "shoe_size"))
    assert.isUndefined(Descriptions.find("va.apply", "response", "request_id"))
    assert.isUndefined(Descriptions.find("va.gone", "request", "request_id"))
    // The body of another operation, of which this one has a field more.
    assert.isDefined(Descriptions.find("assessment.update", "request", "merch_id"))
    assert.isUndefined(Descriptions.find("onboarding.update", "request", "merch_id"))
  })
})
