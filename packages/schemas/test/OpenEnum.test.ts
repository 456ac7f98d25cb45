import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as OpenEnum from "../src/OpenEnum.ts"
import { assertHidden, failureOf } from "./support.ts"
import { same } from "./types.ts"

const Status = OpenEnum.make(["ENABLED", "CLOSED"])

describe("OpenEnum", () => {
  it.prop("accepts any text and keeps it", [Schema.String], ([text]) => {
    assert.strictEqual(Schema.decodeSync(Status)(text), text)
    assert.strictEqual(Schema.encodeSync(Status)(text), text)
  })

  it("accepts the known values", () => {
    for (const value of ["ENABLED", "CLOSED"]) assert.strictEqual(Schema.decodeSync(Status)(value), value)
  })

  it("refuses what is no text, without showing it", () => {
    for (const value of [71234, null, undefined, true, ["ENABLED"], { value: "71234" }]) {
      assertHidden(failureOf(Schema.decodeUnknownResult(Status)(value)), "71234")
      assert.isTrue(Result.isFailure(Schema.encodeUnknownResult(Status)(value)))
    }
  })

  it("names the known values in its type: editors offer them, all other texts pass", () => {
    // Not just string: a union that TypeScript does not reduce to it.
    type Open = "ENABLED" | "CLOSED" | (string & {})
    assert.isTrue(same<typeof Status.Type, Open>(true))
    assert.isTrue(same<typeof Status.Encoded, Open>(true))
    const values: ReadonlyArray<typeof Status.Type> = ["ENABLED", "SUSPENDED"]
    assert.lengthOf(values, 2)
    // @ts-expect-error -- a text all the same
    const number: typeof Status.Type = 1
    assert.isNumber(number)
  })
})

describe("OpenEnum.listed", () => {
  const Term = OpenEnum.listed(["FOB", "CIF"])

  it.prop("accepts any text at run time and keeps it", [Schema.String], ([text]) => {
    assert.strictEqual<string>(Schema.decodeSync(Term)(text), text)
    assert.strictEqual(Schema.encodeUnknownSync(Term)(text), text)
  })

  it("refuses what is no text, without showing it", () => {
    for (const value of [71234, null, undefined, true, ["FOB"]]) {
      assertHidden(failureOf(Schema.encodeUnknownResult(Term)(value)), "71234")
    }
  })

  it("holds a program to the list, but for what it calls unlisted", () => {
    assert.isTrue(same<typeof Term.Type, "FOB" | "CIF">(true))
    assert.isTrue(same<typeof Term.Encoded, string>(true))
    const terms: ReadonlyArray<typeof Term.Type> = ["FOB", OpenEnum.unlisted("DAP")]
    assert.deepStrictEqual<ReadonlyArray<string>>(terms, ["FOB", "DAP"])
    assert.deepStrictEqual(
      terms.map((term) => Schema.encodeSync(Term)(term)),
      ["FOB", "DAP"]
    )
    // @ts-expect-error -- misspelt
    const misspelt: typeof Term.Type = "FOBB"
    assert.isString(misspelt)
    // @ts-expect-error -- a text, not anything
    assert.strictEqual<unknown>(OpenEnum.unlisted(1), 1)
  })
})
