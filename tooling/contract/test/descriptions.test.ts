import * as Descriptions from "@paykka/schemas/Descriptions"
import * as Shape from "@paykka/schemas/Shape"
import { assert, describe, it } from "vitest"
import { code } from "../code-facts.ts"
import { parse, texts } from "../contract.ts"
import { describe as describeBy, messages } from "../descriptions.ts"

const contract = parse(texts())
const all = messages(contract)
const meaningOf = describeBy(contract)

describe("the meanings of fields", () => {
  it("are those of the contract, and none is found that it does not have", () => {
    const shapes = [
      ...code.operations.flatMap(({ id, request, response }) => [
        { id, part: "request", shape: Shape.of(request) } as const,
        { id, part: "response", shape: Shape.of(response) } as const
      ]),
      ...code.notifications.map(({ id, data }) => ({ id, part: "data", shape: Shape.of(data) }) as const)
    ]
    let found = 0
    for (const { id, part, shape } of shapes) {
      for (const [path] of Shape.fields(shape)) {
        const meaning = meaningOf(id, part, path)
        assert.strictEqual(Descriptions.find(id, part, path), meaning, `${id} ${part} ${path}`)
        if (meaning !== undefined) found++
      }
    }
    assert.isAbove(found, 0)
  })

  it("of a shared body are written once", () => {
    assert.deepStrictEqual(all["onboarding.update request"], { like: "onboarding.apply request", fields: {} })
    assert.deepStrictEqual(all["assessment.apply request"], { like: "onboarding.apply request", fields: {} })
    assert.deepStrictEqual(Object.keys(all["assessment.update request"]!.fields).toSorted(), [
      "business",
      "contact_person",
      "license",
      "merch_id"
    ])
  })

  it("are one step away at most, and of fields that the message has", () => {
    for (const [name, { like }] of Object.entries(all)) {
      if (like === undefined) continue
      assert.isUndefined(all[like]!.like, name)
      const [id = "", part = ""] = name.split(" ")
      for (const path of Object.keys(all[like]!.fields)) assert.isDefined(meaningOf(id, part, path), path)
    }
  })

  it("are those of a message only where that has no field more, and where it saves some", () => {
    const text = (names: string) =>
      names
        .split("")
        .map((name) => `{name: ${name}, type: string, required: true, provenance: inferred, desc: about ${name}}`)
        .join(", ")
    const operation = (id: string, names: string) =>
      `- {id: thing.${id}, direction: outbound, request: [${text(names)}], response: []}`
    const made = parse({
      core: "domain: core",
      appendix: "tables: []",
      thing: `operations:\n${[
        operation("whole", "abcd"),
        operation("more", "abcde"),
        operation("less", "abc"),
        operation("few", "ab"),
        operation("fewer", "ab")
      ].join("\n")}`
    })
    const about = (names: string) => Object.fromEntries(names.split("").map((name) => [name, `about ${name}`]))
    assert.deepStrictEqual(messages(made), {
      "thing.whole request": { fields: about("abcd") },
      "thing.more request": { like: "thing.whole request", fields: about("e") },
      "thing.less request": { fields: about("abc") },
      "thing.few request": { fields: about("ab") },
      "thing.fewer request": { fields: about("ab") }
    })
  })
})
