import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import type { Authorization } from "../src/Authorization.ts"
import type { Parts } from "../src/CanonicalString.ts"
import type * as Cause from "../src/Cause.ts"
import * as Explanation from "../src/Explanation.ts"
import * as KeyStore from "../src/KeyStore.ts"
import {
  arbitrary,
  base64Of,
  bodyOf,
  caseOf,
  flipped,
  lines,
  type Party,
  platformKey,
  sampleText,
  signWith,
  utf8
} from "./support.ts"

const path = "/api/v2/merch/va/notify"
const timestamp = "1714533994404"
const nonce = "J5XK9FjkIBNohjrP"
const merchId = "M24061911365700670"
const account = "6222021234567890123"
const json = {
  name: "深圳 [示例] { 贸易 }",
  account_no: account,
  empty: {},
  none: [],
  list: [1, { a: "é🚀" }],
  ok: null
}
const compact = JSON.stringify(json)

interface Mistake {
  /** What was sent. */
  readonly sent?: Partial<Parts>
  /** What was signed, as bytes. */
  readonly signed: Uint8Array
  readonly signer?: Party
  readonly hints?: Partial<Explanation.Question>
}

const parts: Parts = { path, timestamp, nonce, merchId, body: utf8(compact) }
const authorizationOf = (signature: string): Authorization => ({
  sign_type: "SHA256_WITH_RSA",
  timestamp,
  nonce,
  key_id: "P202405010001",
  signature
})

const keys = Effect.gen(function* () {
  const service = yield* KeyStore.make({
    platformKeys: [{ publicKey: sampleText("rsa-3072-public-spki-pem") }, platformKey("platform")]
  })
  return yield* service.platformKeys
})

const explain = ({ sent = {}, signed, signer = "platform", hints = {} }: Mistake) =>
  Effect.gen(function* () {
    const authorization = authorizationOf(signWith(signer, signed))
    return yield* Explanation.explain({ parts: { ...parts, ...sent }, authorization, keys: yield* keys, ...hints })
  })

/** Digits of the body, in pieces that do not stand in a header as well. */
const assertNoBodyDigits = (explanation: Explanation.Explanation): void => {
  const text = Explanation.format(explanation) + JSON.stringify(explanation)
  for (let start = 0; start + 5 <= account.length; start++) assert.notInclude(text, account.slice(start, start + 5))
}

const proves = (
  mistake: Mistake,
  cause: Explanation.Explanation["cause"],
  detail: RegExp,
  differing: ReadonlyArray<string>
) =>
  Effect.gen(function* () {
    const explanation = yield* explain(mistake)
    assert.strictEqual(explanation.cause, cause)
    assert.match(explanation.detail, detail)
    assert.isTrue(explanation.proven)
    assert.deepStrictEqual(
      explanation.lines.map(({ part }) => part),
      ["path", "timestamp", "nonce", "merchId", "body"]
    )
    assert.deepStrictEqual(
      explanation.lines.filter(({ same }) => !same).map(({ part }) => part),
      differing
    )
    assertNoBodyDigits(explanation)
    return explanation
  })

// ---------------------------------------------------------------------------------------------------------
// Mistakes that are proven: they are really signed here, and found
// ---------------------------------------------------------------------------------------------------------

/** The body by other writers of JSON, spelt out by hand where JavaScript has no such writer. */
const escaped = (text: string): string =>
  text.replace(/[^\u0000-\u007f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
const python = `{"name": "深圳 [示例] { 贸易 }", "account_no": "${account}", "empty": {}, "none": [], "list": [1, {"a": "é🚀"}], "ok": null}`
const pythonEscaped = `{"name": "\\u6df1\\u5733 [\\u793a\\u4f8b] { \\u8d38\\u6613 }", "account_no": "${account}", "empty": {}, "none": [], "list": [1, {"a": "\\u00e9\\ud83d\\ude80"}], "ok": null}`
const two = JSON.stringify(json, null, 2)
const four = JSON.stringify(json, null, 4)

const bodies: ReadonlyArray<
  readonly [name: string, sent: string, signed: string, cause: Explanation.Explanation["cause"], detail: RegExp]
> = [
  ["compact for a body indented by two", two, compact, "BodyReserialised", /written again before it was signed$/],
  ["compact for an indented one after a byte order mark", `\uFEFF${two}`, compact, "BodyReserialised", /written again/],
  ["compact for one with blanks", python, compact, "BodyReserialised", /written again/],
  ["raw for one with escapes", escaped(compact), compact, "BodyEscapes", /turned into characters/],
  ["with escapes for a raw one", compact, escaped(compact), "BodyEscapes", /non-ASCII text escaped/],
  ["indented by two", compact, two, "BodyReserialised", /indented by two blanks$/],
  ["indented by two, with escapes", compact, escaped(two), "BodyReserialised", /two blanks, with non-ASCII/],
  ["indented by four", compact, four, "BodyReserialised", /indented by four blanks$/],
  ["indented by four, with escapes", compact, escaped(four), "BodyReserialised", /four blanks, with non-ASCII/],
  ["with blanks after commas and colons", compact, python, "BodyReserialised", /after each comma and colon$/],
  [
    "the same with escapes, as Python writes",
    compact,
    pythonEscaped,
    "BodyReserialised",
    /comma and colon, with non-ASCII/
  ],
  ["with a line feed added", compact, `${compact}\n`, "TrailingNewline", /line feed follows/],
  ["with CR LF added", compact, `${compact}\r\n`, "TrailingNewline", /CR LF follows/],
  ["without the line feed at its end", `${compact}\n`, compact, "TrailingNewline", /without the line break at its end/],
  [
    "without the blanks around it",
    ` \t${compact}\r\n\r\n`,
    compact,
    "TrailingNewline",
    /without the blanks and line breaks/
  ],
  ["without its byte order mark", `\uFEFF${compact}`, compact, "BodyBom", /without its byte order mark/],
  ["a text without its byte order mark", "\uFEFF not JSON ", " not JSON ", "BodyBom", /without its byte order mark/],
  ["with LF for CR LF", two.replaceAll("\n", "\r\n"), two, "BodyLineEnds", /LF instead of CR LF/],
  ["with CR LF for LF", two, two.replaceAll("\n", "\r\n"), "BodyLineEnds", /CR LF instead of LF/],
  ["an empty line for it", compact, "", "BodyEmptyLine", /empty line 5/],
  ["an empty object for it", compact, "{}", "BodyPlaceholder", /^\{\} was signed instead/],
  ["an empty object for nothing", "", "{}", "BodyPlaceholder", /^\{\} was signed instead/]
]

describe("Explanation.explain proves", () => {
  it.effect("that nothing is wrong", () =>
    Effect.gen(function* () {
      const explanation = yield* proves(
        { signed: lines(path, timestamp, nonce, merchId, compact) },
        "None",
        /^the signature is right$/,
        []
      )
      for (const line of explanation.lines) assert.strictEqual(line.expectedBytes, line.signedBytes)
    })
  )

  describe("the body signed in another form:", () => {
    for (const [name, sent, signed, cause, detail] of bodies) {
      it.effect(name, () =>
        Effect.gen(function* () {
          const explanation = yield* proves(
            { sent: { body: utf8(sent) }, signed: lines(path, timestamp, nonce, merchId, signed) },
            cause,
            detail,
            ["body"]
          )
          const line = explanation.lines[4]!
          assert.deepStrictEqual([line.expectedBytes, line.signedBytes], [utf8(sent).length, utf8(signed).length])
        })
      )
    }
  })

  const paths: ReadonlyArray<readonly [string, signed: string, Cause.Code, hints?: Partial<Explanation.Question>]> = [
    ["a slash added", `${path}/`, "PathTrailingSlash"],
    ["a question mark added", `${path}?`, "PathQuery"],
    ["the query added", `${path}?a=1&b=%20`, "PathQuery", { query: "a=1&b=%20" }],
    ["no slash in front", path.slice(1), "PathLeadingSlash"],
    ["an empty path", "", "PathOther"],
    ["the full URL", `https://merchant.example${path}`, "PathHost", { origin: "https://merchant.example" }],
    ["the host in front", `merchant.example${path}`, "PathHost", { origin: "https://merchant.example" }],
    ["a prefix that a proxy takes away", `/hooks${path}`, "PathPrefix", { otherPaths: [`/hooks${path}`] }],
    ["a prefix that a proxy adds", "/v2/merch/va/notify", "PathPrefix"],
    [
      "the path of the documentation",
      "/api/v2/merch/va/notify2",
      "PathOther",
      { otherPaths: ["/elsewhere", "/api/v2/merch/va/notify2"] }
    ]
  ]
  for (const [name, signed, cause, hints = {}] of paths) {
    it.effect(`another path: ${name}`, () =>
      proves(
        { signed: lines(signed, timestamp, nonce, merchId, compact), hints },
        cause,
        new RegExp(`^the path ${JSON.stringify(signed).replace(/[?/.]/g, "\\$&")} was signed$`),
        ["path"]
      )
    )
  }

  it.effect("another path: no slash at the end", () =>
    proves(
      { sent: { path: `${path}/` }, signed: lines(path, timestamp, nonce, merchId, compact) },
      "PathTrailingSlash",
      /notify" was signed$/,
      ["path"]
    )
  )

  it.effect("another path over a body that is no UTF-8, and over none", () => {
    const body = bodyOf(caseOf("body-not-utf8"))!
    return Effect.all([
      proves(
        { sent: { body }, signed: lines(`${path}/`, timestamp, nonce, merchId, body) },
        "PathTrailingSlash",
        /\/" was/,
        ["path"]
      ),
      proves(
        { sent: { body: undefined }, signed: lines(`${path}/`, timestamp, nonce, merchId) },
        "PathTrailingSlash",
        /\/" was/,
        ["path"]
      )
    ])
  })

  it.effect("line 4 empty although the request carries a number", () =>
    proves(
      { signed: lines(path, timestamp, nonce, "", compact) },
      "MerchantLineEmpty",
      /^line 4 was left empty, but the request carries X-Merch-Id$/,
      ["merchId"]
    )
  )

  it.effect("a number in line 4 although the request carries none", () =>
    proves(
      {
        sent: { merchId: undefined },
        signed: lines(path, timestamp, nonce, merchId, compact),
        hints: { otherMerchIds: ["M0", merchId] }
      },
      "MerchantLineOther",
      /^line 4 held "M24061911365700670", but the request carries no X-Merch-Id$/,
      ["merchId"]
    )
  )

  it.effect("another number in line 4", () =>
    proves(
      { signed: lines(path, timestamp, nonce, "M0", compact), hints: { otherMerchIds: [merchId, "M0"] } },
      "MerchantLineOther",
      /^line 4 held "M0", but the request carries another X-Merch-Id$/,
      ["merchId"]
    )
  )

  it.effect("line 4 left out where it should be empty", () =>
    proves(
      { sent: { merchId: "" }, signed: lines(path, timestamp, nonce, compact) },
      "MerchantLineMissing",
      /left out; it stays, empty/,
      ["merchId", "body"]
    )
  )

  it.effect("the last line feed left out where neither number nor body are", () =>
    proves(
      { sent: { merchId: "", body: undefined }, signed: lines(path, timestamp, nonce) },
      "MerchantLineMissing",
      /left out; it stays, empty/,
      ["merchId"]
    )
  )

  it.effect("four lines, without the body", () =>
    proves({ signed: lines(path, timestamp, nonce, merchId) }, "BodyMissing", /only four lines/, ["body"])
  )

  it.effect("four lines where the body has no bytes", () =>
    proves(
      { sent: { body: new Uint8Array() }, signed: lines(path, timestamp, nonce, merchId) },
      "BodyMissing",
      /only four lines/,
      ["body"]
    )
  )

  it.effect("an object signed where there is no body", () =>
    proves(
      { sent: { body: undefined }, signed: lines(path, timestamp, nonce, merchId, "{}") },
      "BodyPlaceholder",
      /there is no body/,
      ["body"]
    )
  )

  it.effect("seconds", () =>
    proves({ signed: lines(path, timestamp.slice(0, 10), nonce, merchId, compact) }, "TimestampSeconds", /in seconds/, [
      "timestamp"
    ])
  )

  it.effect("three lines, as another of PayKKa's interfaces has them", () =>
    proves({ signed: lines(timestamp, nonce, compact) }, "LineOrder", /three lines/, [
      "path",
      "timestamp",
      "nonce",
      "merchId",
      "body"
    ])
  )

  it.effect("three lines, with a body of many lines that stand in the places of others", () =>
    proves({ sent: { body: utf8(four) }, signed: lines(timestamp, nonce, four) }, "LineOrder", /three lines/, [
      "path",
      "timestamp",
      "nonce",
      "merchId",
      "body"
    ])
  )

  it.effect("a line feed after the last line, where there is no body", () =>
    proves(
      { sent: { body: undefined }, signed: lines(path, timestamp, nonce, merchId, "") },
      "BodyEmptyLine",
      /follows the last line/,
      ["body"]
    )
  )

  it.effect("a line feed after a body that is no text", () => {
    const body = bodyOf(caseOf("body-not-utf8"))!
    return proves(
      { sent: { body }, signed: lines(path, timestamp, nonce, merchId, body, "") },
      "TrailingNewline",
      /follows the last line/,
      ["body"]
    )
  })

  it.effect("lines joined by CR LF", () =>
    Effect.gen(function* () {
      const explanation = yield* proves(
        { signed: utf8([path, timestamp, nonce, merchId, compact].join("\r\n")) },
        "LineSeparator",
        /CR LF/,
        ["path", "timestamp", "nonce", "merchId"]
      )
      assert.strictEqual(explanation.lines[1]!.signed, `${timestamp}␍`)
    })
  )

  it.effect("the HTTP method in front", () =>
    proves({ signed: lines("POST", path, timestamp, nonce, merchId, compact) }, "MethodLine", /HTTP method/, [
      "path",
      "timestamp",
      "nonce",
      "merchId",
      "body"
    ])
  )

  it.effect("another key, when it is among those that might have signed", () =>
    Effect.gen(function* () {
      const { platformKeys } = yield* KeyStore.make({ platformKeys: [platformKey("merchant")] })
      const mistake = { signed: lines(path, timestamp, nonce, merchId, compact), signer: "merchant" } as const
      yield* proves(
        { ...mistake, hints: { otherKeys: yield* platformKeys } },
        "WrongKey",
        /^the text is right, but the key "K202405010001" has signed/,
        []
      )

      const unknown = yield* explain(mistake)
      assert.deepStrictEqual([unknown.cause, unknown.proven], ["ForeignKey", false])
    })
  )

  it.effect("two mistakes at once", () =>
    Effect.gen(function* () {
      const { findings } = yield* proves(
        { signed: lines(`${path}/`, timestamp, nonce, "", compact) },
        "PathTrailingSlash",
        /notify\/" was signed; and line 4 was left empty/,
        ["path", "merchId"]
      )
      assert.deepStrictEqual(
        findings.map(({ code, proven }) => [code, proven]),
        [
          ["PathTrailingSlash", true],
          ["MerchantLineEmpty", true]
        ]
      )
    })
  )
})

// ---------------------------------------------------------------------------------------------------------
// What cannot be proven
// ---------------------------------------------------------------------------------------------------------

describe("Explanation.explain leaves open", () => {
  it.effect("what none of the known mistakes explains", () =>
    Effect.gen(function* () {
      for (const signed of [
        utf8("something else"),
        lines(path, timestamp, "another nonce", merchId, compact),
        flipped(utf8(compact), 3, 1)
      ]) {
        const explanation = yield* explain({ signed })
        assert.strictEqual(explanation.cause, "OtherText")
        assert.match(explanation.detail, /made the signature, but .* no known mistake/)
        assert.isFalse(explanation.proven)
        // What was signed is not known: no line is said to differ.
        assert.isTrue(explanation.lines.every(({ same }) => same))
        assertNoBodyDigits(explanation)
      }
    })
  )

  it.effect("a message whose parts are not allowed, and says which one", () =>
    Effect.gen(function* () {
      for (const [sent, rule] of [
        [{ path: `${path}?a=1` }, /^path .*query/],
        [{ timestamp: "now" }, /^timestamp .*digits/],
        [{ nonce: "abc" }, /^nonce .*6 to 32/],
        [{ merchId: "M\n1" }, /^merchId .*CR or LF/]
      ] as const) {
        const explanation = yield* explain({ sent, signed: utf8("x") })
        assert.deepStrictEqual([explanation.cause, explanation.proven, explanation.lines], ["Unknown", false, []])
        assert.match(explanation.detail, rule)
      }
    })
  )

  it.effect("a signature that is no Base64", () =>
    Effect.gen(function* () {
      const authorization = authorizationOf("?? not Base64 ??")
      const explanation = yield* Explanation.explain({ parts, authorization, keys: yield* keys })
      assert.deepStrictEqual([explanation.cause, explanation.proven], ["Unknown", false])
      assert.match(explanation.detail, /not Base64/)
    })
  )

  it.effect("everything when there are no keys", () =>
    Effect.gen(function* () {
      const signed = lines(path, timestamp, nonce, merchId, compact)
      const explanation = yield* explain({ signed, hints: { keys: [] } })
      assert.strictEqual(explanation.cause, "Unknown")
    })
  )
})

// ---------------------------------------------------------------------------------------------------------
// Two strings side by side
// ---------------------------------------------------------------------------------------------------------

const expected = lines(path, timestamp, nonce, merchId, compact)

const compares = (
  signed: Uint8Array,
  cause: Explanation.Explanation["cause"],
  detail: RegExp,
  differing: ReadonlyArray<string>,
  against: Uint8Array = expected
): Explanation.Explanation => {
  const explanation = Explanation.compare(against, signed)
  assert.strictEqual(explanation.cause, cause)
  assert.match(explanation.detail, detail)
  assert.isFalse(explanation.proven)
  assert.deepStrictEqual(
    explanation.lines.filter(({ same }) => !same).map(({ part }) => part),
    differing
  )
  assertNoBodyDigits(explanation)
  return explanation
}

describe("Explanation.compare", () => {
  it("finds nothing in equal strings", () => {
    compares(expected.slice(), "None", /both strings are the same/, [])
  })

  it("names the one line that differs", () => {
    compares(lines(`${path}/`, timestamp, nonce, merchId, compact), "PathTrailingSlash", /notify\/" was signed$/, [
      "path"
    ])
    compares(lines("/hooks/va", timestamp, nonce, merchId, compact), "PathOther", /path differs/, ["path"])
    compares(lines(path, "1714533994405", nonce, merchId, compact), "TimestampDiffers", /timestamp differs/, [
      "timestamp"
    ])
    compares(lines(path, timestamp, "J5XK9FjkIBNohjrp", merchId, compact), "NonceDiffers", /nonce differs/, ["nonce"])
    compares(lines(path, timestamp, nonce, "", compact), "MerchantLineEmpty", /left empty/, ["merchId"])
    compares(lines(path, timestamp, nonce, merchId), "BodyMissing", /only four lines/, ["body"])
    compares(lines(path, timestamp, nonce, merchId, "{}"), "BodyPlaceholder", /^\{\} was signed/, ["body"])
    compares(lines(path, timestamp, nonce, merchId, ""), "BodyEmptyLine", /empty line 5/, ["body"])
  })

  it("says that a body was signed where none is expected", () => {
    compares(expected, "BodyOther", /none is expected/, ["body"], lines(path, timestamp, nonce, merchId))
  })

  it("tells the same JSON in other bytes from another body", () => {
    const shuffled = JSON.stringify(Object.fromEntries(Object.entries(json).toReversed()), null, 1)
    for (const same of [shuffled, `${shuffled}\n`, `\uFEFF${shuffled}`]) {
      compares(lines(path, timestamp, nonce, merchId, same), "BodyReserialised", /same JSON in other bytes/, ["body"])
    }
    for (const [known, cause] of [
      [two, "BodyReserialised"],
      [pythonEscaped, "BodyReserialised"],
      [escaped(compact), "BodyEscapes"],
      [`${compact}\n`, "TrailingNewline"],
      [`\uFEFF${compact}`, "BodyBom"]
    ] as const) {
      compares(lines(path, timestamp, nonce, merchId, known), cause, /was signed|follows/, ["body"])
    }
    for (const other of [
      compact.replace("null", "true"),
      compact.replace('"ok"', '"OK"'),
      compact.replace("[1,", "[2,"),
      compact.slice(0, -1),
      "not JSON"
    ]) {
      compares(lines(path, timestamp, nonce, merchId, other), "BodyOther", /another one/, ["body"])
    }
  })

  it("speaks of the order of the lines when several differ", () => {
    compares(lines(timestamp, nonce, compact), "LineOrder", /three lines were signed/, [
      "path",
      "timestamp",
      "nonce",
      "merchId",
      "body"
    ])
    compares(lines("/a", "1", "abcdef", merchId, compact), "LineOrder", /order/, ["path", "timestamp", "nonce"])
    compares(lines("POST", path, timestamp, nonce, compact), "LineOrder", /order/, [
      "path",
      "timestamp",
      "nonce",
      "merchId"
    ])
  })

  it("names the first of two lines that differ", () => {
    compares(lines(`${path}/`, timestamp, nonce, merchId, "{}"), "PathOther", /path differs/, ["path", "body"])
    compares(lines(path, timestamp, nonce, compact), "MerchantLineMissing", /left out/, ["merchId", "body"])
  })

  it("shows lengths in bytes, and control characters so that they can be seen", () => {
    const { lines: shown } = Explanation.compare(
      lines(path, timestamp, nonce, "付", "a"),
      lines(`\uFEFF${path}`, `${timestamp}\r`, `${nonce}\t`, "\u001b[2J", "a\r\nb\u0000")
    )
    assert.deepStrictEqual(
      shown.map((line) => [line.part, line.expected, line.signed]),
      [
        ["path", path, `⟨BOM⟩${path.replace(/\d/g, "•")}`],
        ["timestamp", timestamp, `${timestamp}␍`],
        ["nonce", nonce, "J•XK•FjkIBNohjrP␉"],
        ["merchId", "付", "⟨1b⟩[•J"],
        ["body", "a", "a␍␊b⟨0⟩"]
      ]
    )
    assert.deepStrictEqual(
      shown.map(({ expectedBytes, signedBytes }) => [expectedBytes, signedBytes]),
      [
        [23, 26],
        [13, 14],
        [16, 17],
        [3, 4],
        [1, 5]
      ]
    )
  })

  it("lets nothing through that steers a terminal or turns a line round", () => {
    const { lines: shown } = Explanation.compare(
      lines(path, timestamp, nonce, "a", "a"),
      lines(path, timestamp, nonce, "\u009b2J\u202e\u{e0001}", "\u2028x\u2029")
    )
    assert.deepStrictEqual(
      shown.slice(3).map(({ signed }) => signed),
      ["⟨9b⟩•J⟨202e⟩⟨e0001⟩", "⟨2028⟩x⟨2029⟩"]
    )
  })

  it("shows a body only around the first difference", () => {
    const long = `${"a".repeat(1000)}X${"b".repeat(1000)}`
    const [, , , , body] = Explanation.compare(
      lines(path, timestamp, nonce, merchId, long),
      lines(path, timestamp, nonce, merchId, long.replace("X", "Y"))
    ).lines
    assert.strictEqual(body!.expected, `…${"a".repeat(24)}X${"b".repeat(23)}…`)
    assert.strictEqual(body!.signed, `…${"a".repeat(24)}Y${"b".repeat(23)}…`)
    assert.strictEqual(body!.expectedBytes, 2001)
  })

  it("masks the digits of a body wherever it stands", () => {
    for (const body of [
      compact,
      two,
      account,
      ` ${account}`,
      `[\n${account}\n]`,
      `[${account},\n${account},\n${account}]`
    ]) {
      const whole = lines(path, timestamp, nonce, merchId, body)
      for (const signed of [
        lines(path, timestamp, nonce, body),
        lines(path, timestamp, body),
        lines(path, body),
        utf8(body),
        lines(timestamp, nonce, body),
        lines(body, path, timestamp, nonce, merchId),
        lines("POST", path, timestamp, nonce, body)
      ]) {
        assertNoBodyDigits(Explanation.compare(whole, signed))
      }
    }
  })

  it.effect.prop(
    "is total, and finds nothing exactly when both are the same",
    { a: arbitrary.bytes, b: arbitrary.bytes },
    ({ a, b }) =>
      Effect.sync(() => {
        for (const [left, right] of [
          [a, b],
          [a, a.slice()],
          [lines(path, a), lines(path, b)],
          [lines("", "", "", "", a), b]
        ] as const) {
          const { cause, lines: all } = Explanation.compare(left, right)
          assert.strictEqual(cause === "None", Buffer.from(left).equals(right))
          assert.strictEqual(all.length, 5)
          assert.isString(Explanation.format(Explanation.compare(left, right)))
        }
      }),
    { arbitrary: { runs: 100 } }
  )
})

describe("Explanation.explain never throws", () => {
  it.effect.prop(
    "whatever the message and the signature are",
    {
      any: Arbitrary.all({
        path: arbitrary.path,
        timestamp: arbitrary.timestamp,
        nonce: arbitrary.nonce,
        merchId: arbitrary.merchId,
        body: arbitrary.bytes
      }),
      text: arbitrary.text,
      bytes: arbitrary.bytes
    },
    ({ any, text, bytes }) =>
      Effect.gen(function* () {
        const signature = base64Of(bytes)
        for (const question of [
          { parts: any, signature },
          { parts: { ...any, body: undefined }, signature },
          { parts: { ...any, body: utf8(text) }, signature: text },
          { parts: { ...any, path: text }, signature },
          { parts: { ...any, timestamp: text }, signature },
          { parts: { ...any, nonce: text, merchId: text }, signature }
        ]) {
          const explanation = yield* Explanation.explain({
            parts: question.parts,
            authorization: authorizationOf(question.signature),
            keys: yield* keys,
            otherPaths: [text],
            otherMerchIds: [text]
          })
          assert.include(["Unknown", "ForeignKey"], explanation.cause)
          assert.isString(Explanation.format(explanation))
        }
      }),
    { arbitrary: { runs: 25 } }
  )

  it.effect.prop(
    "and shows no digits of any body",
    {
      digits: Arbitrary.map(arbitrary.timestamp, (some) => `98765${some}43210`),
      pieces: Arbitrary.array(arbitrary.text, { maxLength: 4 })
    },
    ({ digits, pieces }) =>
      Effect.gen(function* () {
        const body = pieces.join(digits) + digits
        const runs = [...new Set(body.match(/[0-9]{5,}/g))]
        for (const signed of [
          lines(path, timestamp, nonce, body),
          lines(timestamp, nonce, body),
          lines("POST", path, timestamp, nonce, "", body),
          utf8("nothing known")
        ]) {
          const authorization = authorizationOf(signWith("platform", signed))
          const explanation = yield* Explanation.explain({
            parts: { path: "/p", timestamp: "1", nonce: "abcdef", merchId: "", body: utf8(body) },
            authorization,
            keys: yield* keys
          })
          const texts = [
            Explanation.format(explanation),
            Explanation.format(Explanation.compare(lines("/p", "1", "abcdef", "", body), signed))
          ]
          // The headers of what was signed here hold digits of their own.
          const own = [path, timestamp, nonce].join("\n")
          for (const run of runs) if (!own.includes(run)) for (const text of texts) assert.notInclude(text, run)
        }
      }),
    { arbitrary: { runs: 3 } }
  )
})

describe("Explanation.format", () => {
  it("writes the cause, then each line: equal ones by their length, others side by side", () => {
    const text = Explanation.format(Explanation.compare(expected, lines(path, timestamp, nonce, "M0", compact)))
    const [head, ...rest] = text.split("\n")
    assert.match(head!, /^MerchantLineOther: line 4 differs/)
    assert.match(rest[0]!, /= path \(23 bytes\)$/)
    assert.match(rest[1]!, /= timestamp \(13 bytes\)$/)
    assert.match(rest[2]!, /= nonce \(16 bytes\)$/)
    assert.match(rest[3]!, /! merchId$/)
    assert.match(rest[4]!, /expected 18 bytes: M24061911365700670$/)
    assert.match(rest[5]!, /signed +2 bytes: M0$/)
    assert.match(rest[6]!, new RegExp(`= body \\(${utf8(compact).length} bytes\\)$`))
    assert.strictEqual(rest.length, 7)
  })

  it("says when a line is not there", () => {
    const text = Explanation.format(Explanation.compare(expected, lines(path, timestamp, nonce, merchId)))
    assert.match(text, /^BodyMissing: /)
    assert.match(text, /signed +\(no line\)/)
    assert.match(text, /expected \d+ bytes: /)
  })

  it("writes a line as one line, whatever is in it", () => {
    const text = Explanation.format(Explanation.compare(expected, lines(path, timestamp, nonce, merchId, four)))
    assert.strictEqual(text.split(/[\r\n]/).length, 1 + 4 + 3)
  })

  it("cuts off a line that has no end", () => {
    const { lines: shown } = Explanation.compare(expected, utf8(`/${"a".repeat(5000)}`))
    assert.strictEqual(shown[0]!.signed!.length, 512)
    assert.strictEqual(shown[0]!.signedBytes, 5001)
  })
})
