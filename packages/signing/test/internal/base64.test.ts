import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as base64 from "../../src/internal/base64.ts"
import { arbitrary, base64Of, bytesOf } from "../support.ts"

/** node:crypto's companion reads nearly everything; what it writes again unchanged is the one spelling. */
const canonical = (text: string): boolean => text !== "" && Buffer.from(text, "base64").toString("base64") === text

const agrees = (text: string): void => {
  const bytes = base64.decode(text)
  if (canonical(text)) assert.deepStrictEqual(bytes, bytesOf(text))
  else assert.isUndefined(bytes)
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
const characters = [...Array.from(alphabet), "=", "-", "_", " ", "\n", "\u0000", "\u007f", "\u00ff", "\u0141", "\ud800"]

describe("base64", () => {
  it("reads and writes the examples of RFC 4648", () => {
    for (const [text, encoded] of [
      ["f", "Zg=="],
      ["fo", "Zm8="],
      ["foo", "Zm9v"],
      ["foob", "Zm9vYg=="],
      ["fooba", "Zm9vYmE="],
      ["foobar", "Zm9vYmFy"]
    ] as const) {
      assert.strictEqual(base64.encode(new TextEncoder().encode(text)), encoded)
      assert.strictEqual(new TextDecoder().decode(base64.decode(encoded)), text)
    }
    assert.strictEqual(base64.encode(new Uint8Array()), "")
    assert.isUndefined(base64.decode(""))
  })

  it("takes one spelling of every last group only", () => {
    for (const a of ["A", "/", "="]) {
      for (const b of characters) {
        for (const c of characters) {
          agrees(`Zm9v${a}${b}${c}=`)
          agrees(`${a}${b}${c}A`)
          agrees(`${c}A${a}${b}`)
        }
        agrees(`${a}${b}==`)
        agrees(`${b}===`)
      }
    }
  })

  it.effect.prop("is what Buffer writes, and reads it back", { bytes: arbitrary.bytes }, ({ bytes }) =>
    Effect.sync(() => {
      assert.strictEqual(base64.encode(bytes), base64Of(bytes))
      if (bytes.length > 0) assert.deepStrictEqual(base64.decode(base64Of(bytes)), new Uint8Array(bytes))
    })
  )

  it.effect.prop(
    "refuses what Buffer would write in another way",
    {
      text: Arbitrary.map(Arbitrary.array(Arbitrary.schema(Schema.Literals(characters)), { maxLength: 16 }), (all) =>
        all.join("")
      ),
      any: arbitrary.text
    },
    ({ text, any }) =>
      Effect.sync(() => {
        agrees(text)
        agrees(any)
      }),
    { arbitrary: { runs: 500 } }
  )
})
