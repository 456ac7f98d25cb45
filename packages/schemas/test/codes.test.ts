/** Codes of countries and currencies are checked by their form and nothing else. */
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { CountryCode } from "../src/CountryCode.ts"
import { CurrencyCode } from "../src/CurrencyCode.ts"
import { assertHidden, failureOf } from "./support.ts"

const forms = [
  ["CountryCode", CountryCode, 2, "must be two capital letters, such as DE"],
  ["CurrencyCode", CurrencyCode, 3, "must be three capital letters, such as EUR"]
] as const

for (const [name, schema, length, rule] of forms) {
  describe(name, () => {
    const read = Schema.decodeUnknownResult(schema)
    const letters = (text: string) => text.repeat(length).slice(0, length)

    it(`takes ${length} capital letters, on a list or not`, () => {
      for (const code of ["DE", "HK", "ZZ", "XK", "EUR", "CNH", "ZZZ"].filter((text) => text.length === length)) {
        assert.strictEqual(Result.getOrThrow(read(code)), code)
        assert.strictEqual(Schema.encodeSync(schema)(code), code)
      }
    })

    for (const other of [
      letters("A").slice(1),
      `${letters("A")}A`,
      letters("a"),
      `${letters("A").slice(1)}a`,
      letters("1"),
      letters("É"),
      letters("Ａ"),
      letters("中"),
      ` ${letters("A")}`,
      `${letters("A")}\n`,
      "",
      978,
      null,
      undefined,
      [letters("A")]
    ]) {
      it(`refuses ${JSON.stringify(other)}`, () => {
        assert.isTrue(Result.isFailure(read(other)))
        assert.isTrue(Result.isFailure(Schema.encodeUnknownResult(schema)(other)))
      })
    }

    it("says what is wanted, without what came", () => {
      const error = failureOf(read("qzxj"))
      assert.strictEqual(error.message, rule)
      assertHidden(error, "qzxj")
    })

    it.prop("makes codes", [schema], ([code]) => assert.match(code, length === 2 ? /^[A-Z]{2}$/ : /^[A-Z]{3}$/))
  })
}
