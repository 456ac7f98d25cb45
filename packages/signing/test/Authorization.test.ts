import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Authorization from "../src/Authorization.ts"
import { arbitrary, base64Of, caseOf, flippedText, headerOf, headers } from "./support.ts"

const vector = caseOf("body-va-application")
const good: Authorization.Authorization = {
  sign_type: "SHA256_WITH_RSA",
  timestamp: vector.timestamp,
  nonce: vector.nonce,
  key_id: vector.key_id,
  signature: vector.signature
}

const refused = (header: string): Authorization.MalformedAuthorization => {
  const result = Authorization.decode(header)
  if (Result.isSuccess(result)) return assert.fail("was accepted")
  assert.instanceOf(result.failure, Authorization.MalformedAuthorization)
  return result.failure
}

/** The text without characters that do not show, by Unicode's own categories. */
const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "_")

const without = (name: keyof Authorization.Authorization): object => {
  const { [name]: _, ...rest } = good
  return rest
}

describe("Authorization.encode", () => {
  it("writes the five keys in the documented order, whatever the object's order and extra keys are", () => {
    const { signature, key_id, nonce, timestamp, sign_type } = good
    const shuffled = { extra: 1, signature, key_id, nonce, timestamp, sign_type }
    assert.strictEqual(Authorization.encode(shuffled), vector.authorization)
  })

  it("has no scheme word, no blank and no line break", () => {
    assert.match(Authorization.encode(good), /^%7B[A-Za-z0-9%._-]*%7D$/)
  })
})

describe("Authorization.decode", () => {
  it.effect.prop(
    "reads what encode wrote",
    {
      timestamp: arbitrary.timestamp,
      nonce: arbitrary.nonce,
      key_id: arbitrary.text,
      sign_type: arbitrary.text,
      signature: arbitrary.bytes
    },
    ({ timestamp, nonce, key_id, sign_type, signature }) =>
      Effect.sync(() => {
        const authorization = {
          sign_type: `S${sign_type}`,
          timestamp,
          nonce,
          key_id: `K${printable(key_id)}`,
          // Base64 of at least four characters
          signature: base64Of(Uint8Array.of(1, 2, 3, ...signature))
        }
        assert.deepStrictEqual(
          Result.getOrThrow(Authorization.decode(Authorization.encode(authorization))),
          authorization
        )
      }),
    { arbitrary: { runs: 500 } }
  )

  it("does not hand on what it does not know", () => {
    const header = headerOf({ ...good, extra: "a", more: null, other: 1.5, yes: true })
    assert.deepStrictEqual(Object.keys(Result.getOrThrow(Authorization.decode(header))), Object.keys(good))
  })

  it("takes the last of a key that stands there twice, as JSON.parse does", () => {
    const inner = vector.authorization_json.slice(1, -1)
    const decoy = `"nonce":"decoy-nonce","timestamp":7,"key_id":{"a":[]},"signature":null,"sign_type":"none"`
    assert.deepStrictEqual(Result.getOrThrow(Authorization.decode(`{${decoy},${inner}}`)), good)
    assert.strictEqual(refused(`{${inner},${decoy}}`).part, "timestamp")
    const other = Result.getOrThrow(Authorization.decode(`{${inner},"nonce":"other-nonce"}`))
    assert.deepStrictEqual(other, { ...good, nonce: "other-nonce" })
  })

  it("keeps a plus sign that is part of a number, in a key that it does not know", () => {
    const json = `${vector.authorization_json.slice(0, -1)},"x":1e+5}`
    for (const header of [json, encodeURIComponent(json), encodeURIComponent(json).replaceAll("%2B", "+")]) {
      assert.deepStrictEqual(Result.getOrThrow(Authorization.decode(header)), good)
    }
  })

  it("takes blanks around the header for nothing", () => {
    assert.deepStrictEqual(Result.getOrThrow(Authorization.decode(` \t${vector.authorization} `)), good)
    const raw = `${vector.authorization_json.slice(0, -1)},"x":"100%"}`
    assert.deepStrictEqual(Result.getOrThrow(Authorization.decode(` \t${raw} `)), good)
  })

  it("reads the header of a form encoder, whose blanks are plus signs", () => {
    const { sign_type, timestamp, nonce, key_id, signature } = good
    const json = `{ "sign_type": "${sign_type}", "timestamp": "${timestamp}", "nonce": "${nonce}", "key_id": "${key_id}", "signature": "${signature}" }`
    const form = new URLSearchParams({ x: json }).toString().slice("x=".length)
    assert.include(form, "%7B+%22")
    assert.deepStrictEqual(Result.getOrThrow(Authorization.decode(form)), good)
  })

  it("accepts nesting of 8 levels, under a key that it does not know, and refuses 9", () => {
    const withExtra = (extra: string) => `${vector.authorization_json.slice(0, -1)},"x":${extra}}`
    for (const [open, close] of [
      ["[", "]"],
      ['{"a":', "}"],
      ['{"__proto__":', "}"],
      ['[1,{"a":', "}]"]
    ] as const) {
      const levels = open.startsWith("[1") ? 2 : 1
      const nested = (depth: number) => `${open.repeat(depth / levels)}1${close.repeat(depth / levels)}`
      // The header itself is the first level.
      const deepest = levels === 2 ? 6 : 7
      assert.deepStrictEqual(Result.getOrThrow(Authorization.decode(withExtra(nested(deepest)))), good)
      const error = refused(withExtra(nested(deepest + levels)))
      assert.deepStrictEqual([error.part, error.rule], ["header", "must not be nested deeper than 8 levels"])
    }
    const wide = `[${"[],{},".repeat(500)}1]`
    assert.deepStrictEqual(Result.getOrThrow(Authorization.decode(withExtra(wide))), good)
  })

  it("accepts a header of 8192 characters and refuses one of 8193", () => {
    const room = Authorization.maxLength - headerOf({ ...good, x: "" }).length
    const longest = headerOf({ ...good, x: "x".repeat(room) })
    assert.strictEqual(longest.length, 8192)
    assert.deepStrictEqual(Result.getOrThrow(Authorization.decode(longest)), good)
    const error = refused(headerOf({ ...good, x: "x".repeat(room + 1) }))
    assert.strictEqual(error.part, "header")
    assert.match(error.rule, /8192/)
  })
})

describe("Authorization.decode refuses", () => {
  const table: ReadonlyArray<readonly [string, string, Authorization.MalformedAuthorization["part"], RegExp]> = [
    ["empty text", "", "header", /not a JSON object/],
    ["blanks", "   ", "header", /not a JSON object/],
    ["text", "Bearer abcdef", "header", /not a JSON object/],
    ["a scheme word before the object", `Basic ${vector.authorization}`, "header", /not a JSON object/],
    ["half an object", vector.authorization_json.slice(0, 100), "header", /not a JSON object/],
    ["half an escape", "%7B%2", "header", /percent/],
    ["escapes that are no UTF-8", "%7B%FF%7D", "header", /percent/],
    ["an array", headerOf([good]), "header", /not a JSON object/],
    ["null", "null", "header", /not a JSON object/],
    ["a number", "12", "header", /not a JSON object/],
    ["a string", headerOf("text" as never), "header", /not a JSON object/],
    ["an object encoded twice", encodeURIComponent(vector.authorization), "header", /not a JSON object/],
    ["an empty object", headerOf({}), "sign_type", /non-empty string/],

    ["no sign_type", headerOf(without("sign_type")), "sign_type", /non-empty string/],
    ["an empty sign_type", headerOf({ ...good, sign_type: "" }), "sign_type", /non-empty string/],
    ["a sign_type of null", headerOf({ ...good, sign_type: null }), "sign_type", /non-empty string/],
    ["a sign_type that is an array", headerOf({ ...good, sign_type: ["SHA256_WITH_RSA"] }), "sign_type", /string/],

    ["no timestamp", headerOf(without("timestamp")), "timestamp", /string/],
    ["a timestamp that is a number", headerOf({ ...good, timestamp: 1714525019235 }), "timestamp", /not a number/],
    ["an empty timestamp", headerOf({ ...good, timestamp: "" }), "timestamp", /digits/],
    ["a negative timestamp", headerOf({ ...good, timestamp: "-1714525019235" }), "timestamp", /digits/],
    ["a timestamp with an exponent", headerOf({ ...good, timestamp: "1e12" }), "timestamp", /digits/],
    ["a timestamp of 17 digits", headerOf({ ...good, timestamp: "17145250192350000" }), "timestamp", /digits/],
    ["a timestamp with a line break", headerOf({ ...good, timestamp: "1714525019235\n" }), "timestamp", /digits/],

    ["no nonce", headerOf(without("nonce")), "nonce", /string/],
    ["a nonce that is a number", headerOf({ ...good, nonce: 12345678 }), "nonce", /string/],
    ["a nonce of 5 characters", headerOf({ ...good, nonce: "a1B2c" }), "nonce", /6 to 32/],
    ["a nonce of 33 characters", headerOf({ ...good, nonce: "a".repeat(33) }), "nonce", /6 to 32/],
    ["LF in the nonce", headerOf({ ...good, nonce: "abc\ndef" }), "nonce", /printable/],
    ["CR in the nonce", headerOf({ ...good, nonce: "abc\rdef" }), "nonce", /printable/],
    ["NUL in the nonce", headerOf({ ...good, nonce: "abc\0def" }), "nonce", /printable/],
    ["DEL in the nonce", headerOf({ ...good, nonce: "abc\u007fdef" }), "nonce", /printable/],

    ["NEL in the nonce", headerOf({ ...good, nonce: "abc\u0085def" }), "nonce", /printable/],
    ["a line separator in the nonce", headerOf({ ...good, nonce: "abc\u2028def" }), "nonce", /printable/],

    ["no key_id", headerOf(without("key_id")), "key_id", /non-empty string/],
    ["an empty key_id", headerOf({ ...good, key_id: "" }), "key_id", /non-empty string/],
    ["a key_id that is a number", headerOf({ ...good, key_id: 7 }), "key_id", /string/],
    ["a line break in key_id", headerOf({ ...good, key_id: "K1\nforged log line" }), "key_id", /printable/],

    ["an escape sequence in key_id", headerOf({ ...good, key_id: "K1\u001b[2J" }), "key_id", /printable/],
    ["a C1 control in key_id", headerOf({ ...good, key_id: "K1\u009b2J" }), "key_id", /printable/],
    ["a line separator in key_id", headerOf({ ...good, key_id: "K1\u2028forged log line" }), "key_id", /printable/],
    ["a paragraph separator in key_id", headerOf({ ...good, key_id: "K1\u2029forged" }), "key_id", /printable/],
    ["text that runs backwards in key_id", headerOf({ ...good, key_id: "K1\u202e1K" }), "key_id", /printable/],
    ["a zero-width space in key_id", headerOf({ ...good, key_id: "K1\u200b" }), "key_id", /printable/],

    ["fields that only __proto__ has", `{"__proto__":${vector.authorization_json}}`, "sign_type", /non-empty/],

    ["no signature", headerOf(without("signature")), "signature", /Base64/],
    ["a signature that is an object", headerOf({ ...good, signature: {} }), "signature", /Base64/],
    ["an empty signature", headerOf({ ...good, signature: "" }), "signature", /Base64/],
    ["a signature of padding", headerOf({ ...good, signature: "====" }), "signature", /Base64/],
    [
      "a signature without padding",
      headerOf({ ...good, signature: good.signature.replace(/=+$/, "") }),
      "signature",
      /padded/
    ],
    ["base64url", headerOf({ ...good, signature: "ab-_".repeat(86) }), "signature", /standard alphabet/],
    ["hexadecimal of odd length", headerOf({ ...good, signature: "abcde" }), "signature", /Base64/],
    [
      "plus signs turned into blanks",
      headerOf({ ...good, signature: good.signature.replace("+", " ") }),
      "signature",
      /Base64/
    ],
    ["a line break in the signature", headerOf({ ...good, signature: `${good.signature}\n` }), "signature", /Base64/],
    [
      "MIME's line breaks",
      headerOf({ ...good, signature: good.signature.replace(/(.{76})/g, "$1\r\n") }),
      "signature",
      /Base64/
    ]
  ]
  for (const [name, header, part, rule] of table) {
    it(name, () => {
      const error = refused(header)
      assert.strictEqual(error.part, part)
      assert.match(error.rule, rule)
      assert.strictEqual(error.message, `Authorization: ${part} ${error.rule}`)
    })
  }

  it("a second spelling of one signature: unused bits behind the padding are zero", () => {
    // 256 bytes end in one byte, written as two characters and ==; four bits of the second are unused.
    const { signature } = good
    assert.match(signature, /[AQgw]==$/)
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    const last = signature.length - 3
    for (let bits = 1; bits < 16; bits++) {
      const other = alphabet[alphabet.indexOf(signature[last]!) + bits]!
      const spelling = `${signature.slice(0, last)}${other}==`
      // node:crypto's lenient reader takes both for the same bytes
      assert.isTrue(Buffer.from(spelling, "base64").equals(Buffer.from(signature, "base64")))
      assert.strictEqual(refused(headerOf({ ...good, signature: spelling })).part, "signature")
    }
    assert.strictEqual(refused(headerOf({ ...good, signature: "AAAAAAB=" })).part, "signature")
    assert.isTrue(Result.isSuccess(Authorization.decode(headerOf({ ...good, signature: "AAAAAAA=" }))))
    assert.isTrue(Result.isSuccess(Authorization.decode(headerOf({ ...good, signature: "AAAA" }))))
  })

  it("quotes without an end, in time that grows with the length only", () => {
    // The best of ten rounds over as many characters, in long headers and in short ones. Were every quote tried
    // as the start of a string, the long ones would take sixteen times as long.
    const best = (length: number): number => {
      const header = '"'.padEnd(length, '\\"')
      let least = Infinity
      for (let round = 0; round < 10; round++) {
        const started = performance.now()
        for (let done = 0; done < 16 * 8192; done += length) assert.strictEqual(refused(header).part, "header")
        least = Math.min(least, performance.now() - started)
      }
      return least
    }
    best(512)
    assert.isBelow(best(8192), 6 * best(512))
  })
})

describe("Authorization.decode never throws", () => {
  const check = (header: string): void => {
    const result = Authorization.decode(header)
    if (Result.isFailure(result)) {
      assert.instanceOf(result.failure, Authorization.MalformedAuthorization)
      return
    }
    const { sign_type, timestamp, nonce, key_id, signature } = result.success
    assert.isNotEmpty(sign_type)
    assert.match(timestamp, /^[0-9]{1,16}$/)
    assert.isTrue(nonce.length >= 6 && nonce.length <= 32)
    assert.isNotEmpty(key_id)
    assert.strictEqual(Buffer.from(signature, "base64").toString("base64"), signature)
  }

  it.effect.prop(
    "for any text",
    { text: arbitrary.text },
    ({ text }) =>
      Effect.sync(() => {
        check(text)
        check(encodeURIComponent(text.toWellFormed()))
        check(`{${text}`)
        check(headerOf({ ...good, [text]: text, nonce: text, key_id: text, signature: text }))
      }),
    { arbitrary: { runs: 500 } }
  )

  it.effect.prop(
    "for any bytes",
    { bytes: arbitrary.bytes },
    ({ bytes }) =>
      Effect.sync(() => {
        check(Buffer.from(bytes).toString("latin1"))
        check(`%7B${[...bytes].map((byte) => `%${byte.toString(16)}`).join("")}`)
      }),
    { arbitrary: { runs: 500 } }
  )

  for (const { id, authorization } of headers.headers) {
    it(`for ${id}, cut off anywhere`, () => {
      for (let end = 0; end < authorization.length; end++) check(authorization.slice(0, end))
      for (let start = 1; start < authorization.length; start += 7) check(authorization.slice(start))
    })

    it.effect.prop(
      `for ${id}, with one character changed, lost or doubled`,
      { place: arbitrary.place, mask: arbitrary.mask },
      ({ place, mask }) =>
        Effect.sync(() => {
          const index = place % authorization.length
          check(flippedText(authorization, index, mask))
          check(authorization.slice(0, index) + authorization.slice(index + 1))
          check(authorization.slice(0, index + 1) + authorization.slice(index))
        }),
      { arbitrary: { runs: 80 } }
    )
  }

  it("for deep nesting", () => {
    check("[".repeat(8192))
    check(`{"a":`.repeat(1600))
    check(encodeURIComponent("{").repeat(2700))
  })
})
