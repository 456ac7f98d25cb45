import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as CanonicalString from "../src/CanonicalString.ts"
import { arbitrary, lines, utf8 } from "./support.ts"

const parts: CanonicalString.Parts = {
  path: "/api/v2/merch/va/apply",
  timestamp: "1714525019235",
  nonce: "GAq00Ygt4kXo2ypU",
  merchId: "M24061911365700670",
  body: utf8("{}")
}

const refused = (change: Partial<CanonicalString.Parts>): CanonicalString.InvalidPart => {
  const result = CanonicalString.encode({ ...parts, ...change })
  if (Result.isSuccess(result)) return assert.fail("was accepted")
  assert.instanceOf(result.failure, CanonicalString.InvalidPart)
  return result.failure
}

describe("CanonicalString.encode", () => {
  const variants: ReadonlyArray<readonly [string, Partial<CanonicalString.Parts>, string]> = [
    ["five lines", {}, "/api/v2/merch/va/apply\n1714525019235\nGAq00Ygt4kXo2ypU\nM24061911365700670\n{}"],
    [
      "four lines without a body",
      { body: undefined },
      "/api/v2/merch/va/apply\n1714525019235\nGAq00Ygt4kXo2ypU\nM24061911365700670"
    ],
    [
      "line 4 empty without a merchant",
      { merchId: undefined },
      "/api/v2/merch/va/apply\n1714525019235\nGAq00Ygt4kXo2ypU\n\n{}"
    ],
    [
      "the same for an empty merchant",
      { merchId: "" },
      "/api/v2/merch/va/apply\n1714525019235\nGAq00Ygt4kXo2ypU\n\n{}"
    ],
    [
      "neither body nor merchant",
      { merchId: undefined, body: undefined },
      "/api/v2/merch/va/apply\n1714525019235\nGAq00Ygt4kXo2ypU\n"
    ],
    [
      "a body of no bytes is a body",
      { body: new Uint8Array() },
      "/api/v2/merch/va/apply\n1714525019235\nGAq00Ygt4kXo2ypU\nM24061911365700670\n"
    ]
  ]
  for (const [name, change, expected] of variants) {
    it(name, () => {
      const bytes = Result.getOrThrow(CanonicalString.encode({ ...parts, ...change }))
      assert.deepStrictEqual(bytes, utf8(expected))
    })
  }

  it("leaves merchId out as well as undefined", () => {
    const { merchId: _, ...rest } = parts
    assert.deepStrictEqual(
      Result.getOrThrow(CanonicalString.encode(rest)),
      lines(parts.path, parts.timestamp, parts.nonce, "", "{}")
    )
  })

  it.effect.prop(
    "joins any valid parts as they are, body bytes untouched",
    {
      path: arbitrary.path,
      timestamp: arbitrary.timestamp,
      nonce: arbitrary.nonce,
      merchId: arbitrary.merchId,
      body: arbitrary.bytes
    },
    ({ path, timestamp, nonce, merchId, body }) =>
      Effect.sync(() => {
        const copy = new Uint8Array(body)
        const result = CanonicalString.encode({ path, timestamp, nonce, merchId, body })
        assert.deepStrictEqual(Result.getOrThrow(result), lines(path, timestamp, nonce, merchId, body))
        assert.deepStrictEqual(body, copy)
      }),
    { arbitrary: { runs: 300 } }
  )

  it.effect.prop(
    "is injective in everything before the body: different heads give different bytes",
    { a: arbitrary.path, b: arbitrary.path, merchA: arbitrary.merchId, merchB: arbitrary.merchId },
    ({ a, b, merchA, merchB }) =>
      Effect.sync(() => {
        const left = Result.getOrThrow(CanonicalString.encode({ ...parts, path: a, merchId: merchA }))
        const right = Result.getOrThrow(CanonicalString.encode({ ...parts, path: b, merchId: merchB }))
        assert.strictEqual(Buffer.from(left).equals(right), a === b && merchA === merchB)
      }),
    { arbitrary: { runs: 300 } }
  )
})

describe("CanonicalString refuses", () => {
  const table: ReadonlyArray<readonly [string, Partial<CanonicalString.Parts>, CanonicalString.PartName, RegExp]> = [
    ["LF in the path", { path: "/api\n/va" }, "path", /CR or LF/],
    ["CR in the path", { path: "/api\r/va" }, "path", /CR or LF/],
    ["LF at the end of the path", { path: "/api/va\n" }, "path", /CR or LF/],
    ["a query", { path: "/api/va?x=1" }, "path", /query/],
    ["an empty query", { path: "/api/va?" }, "path", /query/],
    ["a fragment", { path: "/api/va#top" }, "path", /fragment/],
    ["a URL", { path: "https://open-fat.cb.paykka.com/api/va" }, "path", /scheme or host/],
    ["a host", { path: "open-fat.cb.paykka.com/api/va" }, "path", /start with \//],
    ["a host after two slashes", { path: "//open-fat.cb.paykka.com/api/va" }, "path", /host/],
    ["a relative path", { path: "api/va" }, "path", /start with \//],
    ["an empty path", { path: "" }, "path", /start with \//],
    ["half a surrogate pair in the path", { path: "/\ud83d" }, "path", /Unicode/],
    ["an empty timestamp", { timestamp: "" }, "timestamp", /digits/],
    ["a timestamp with a sign", { timestamp: "+1714525019235" }, "timestamp", /digits/],
    ["a timestamp with a fraction", { timestamp: "1714525019.235" }, "timestamp", /digits/],
    ["a timestamp as a date", { timestamp: "2024-05-01T00:56:59Z" }, "timestamp", /digits/],
    ["a line break behind the timestamp", { timestamp: "1714525019235\n" }, "timestamp", /digits/],
    ["digits of another script", { timestamp: "١٧١٤٥٢٥٠١٩٢٣٥" }, "timestamp", /digits/],
    ["a timestamp of 17 digits", { timestamp: "17145250192350000" }, "timestamp", /digits/],
    ["a nonce of 5 characters", { nonce: "a1B2c" }, "nonce", /6 to 32/],
    ["a nonce of 33 characters", { nonce: "0f8fad5bd9cb469fa16570867728950e1" }, "nonce", /6 to 32/],
    ["an empty nonce", { nonce: "" }, "nonce", /6 to 32/],
    ["LF in the nonce", { nonce: "GAq00Y\ngt4kXo" }, "nonce", /CR or LF/],
    ["CR in the nonce", { nonce: "GAq00Y\rgt4kXo" }, "nonce", /CR or LF/],
    ["half a surrogate pair in the nonce", { nonce: "GAq00Y\udc00" }, "nonce", /Unicode/],
    ["LF in the merchant number", { merchId: "M1\n{}" }, "merchId", /CR or LF/],
    ["CR in the merchant number", { merchId: "M1\r" }, "merchId", /CR or LF/],
    ["half a surrogate pair in the merchant number", { merchId: "M\ud800" }, "merchId", /Unicode/]
  ]
  for (const [name, change, part, rule] of table) {
    it(name, () => {
      const error = refused(change)
      assert.strictEqual(error.part, part)
      assert.match(error.rule, rule)
      assert.strictEqual(error.message, `${part} ${error.rule}`)
      // The value may be anybody's data; the message names the rule only.
      const value = change[part]
      if (typeof value === "string" && value.length > 6) assert.notInclude(error.message, value)
    })
  }

  it("accepts the edges: nonces of 6 and 32 characters, timestamps of 1 and 16 digits, the path /", () => {
    for (const change of [
      { nonce: "a1B2c3" },
      { nonce: "0f8fad5bd9cb469fa16570867728950e" },
      { timestamp: "0" },
      { timestamp: "1714525019235000" },
      { path: "/" }
    ]) {
      assert.isTrue(Result.isSuccess(CanonicalString.encode({ ...parts, ...change })))
    }
  })

  it.effect.prop(
    "never throws, whatever a part is",
    { text: arbitrary.text },
    ({ text }) =>
      Effect.sync(() => {
        for (const part of ["path", "timestamp", "nonce", "merchId"] as const) {
          const result = CanonicalString.encode({ ...parts, [part]: text })
          if (Result.isFailure(result)) assert.strictEqual(result.failure.part, part)
        }
      }),
    { arbitrary: { runs: 500 } }
  )
})
