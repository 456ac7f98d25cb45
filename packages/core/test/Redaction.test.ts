import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Redaction from "../src/Redaction.ts"

/** Digits of a number, told apart from `***`. */
const digits = (value: string): string => value.replaceAll(/\P{N}/gu, "")

describe("text", () => {
  it.each([
    ["IBAN", "DE89370400440532013000"],
    ["IBAN in groups", "DE89 3704 0044 0532 0130 00"],
    ["IBAN with letters", "GB29NWBK60161331926819"],
    ["card", "4111111111111111"],
    ["card in groups", "4111 1111 1111 1111"],
    ["card with dashes", "4111-1111-1111-1111"],
    ["card with dots", "4111.1111.1111.1111"],
    ["card with slashes", "4111/1111/1111/1111"],
    ["card with underscores", "4111_1111_1111_1111"],
    ["card with wide blanks", "4111  1111   1111\t1111"],
    ["card over two lines", "4111 1111\n1111 1111"],
    ["card with hard blanks", "4111\u00a01111\u202f1111\u20091111"],
    ["card with invisible breaks", "4111\u200b1111\u00ad1111\u20601111"],
    ["card, half masked", "4111****11111"],
    ["account behind a name and underscore", "acct_12345678"],
    ["account behind a word", "account12345678"],
    ["account between Chinese letters", "账号6222021234567890不存在"],
    ["Chinese identity card", "11010519491231002X"],
    ["passport", "E12345678"],
    ["passport with letters behind", "12345678AB"],
    ["Indian tax number", "ABCDE1234F"],
    ["Italian tax number", "RSSMRA85T10A562S"],
    ["phone", "+86 (138) 0013-8000"],
    ["phone with commas", "138,0013,8000"],
    ["digit by digit", "6 2 2 2 0 2 1 2 3 4"],
    ["full-width digits", "６２２２０２１２３４５６"],
    ["Arabic digits", "٦٢٢٢٠٢١٢٣٤٥٦"],
    ["Devanagari digits", "६२२२०२१२३४५६"],
    ["mathematical digits", "𝟔𝟐𝟐𝟐𝟎𝟐𝟏𝟐𝟑𝟒"]
  ])("masks: %s", (_, number) => {
    for (const around of [
      (n: string) => n,
      (n: string) => `no ${n} found`,
      (n: string) => `"${n}"`,
      (n: string) => `(${n}).`,
      (n: string) => `x:${n};y`,
      (n: string) => `<b>${n}</b>`,
      (n: string) => `号${n}号`
    ]) {
      const shown = Redaction.text(around(number))
      assert.include(shown, "***")
      assert.isAtMost(digits(shown).length, 0, shown)
    }
  })

  it.each([
    "502 Bad Gateway",
    "HTTP 404: not found",
    "currencies must have 1 to 10 values",
    "only 3 of 12 fields",
    "since 2024",
    "X.509 v3 and SHA256 or base64",
    "端口 8443 无响应",
    ""
  ])("leaves %j as it is", (text) => {
    assert.strictEqual(Redaction.text(text), text)
  })

  it("masks from five digits on", () => {
    assert.strictEqual(Redaction.text("id 12345 or id 1234"), "id *** or id 1234")
  })

  it("masks nothing but the number", () => {
    assert.strictEqual(
      Redaction.text("收款账号6222021234567890不存在, account acct_12345678 of payee is closed (code 7)"),
      "收款账号***不存在, account acct_*** of payee is closed (code 7)"
    )
  })

  it("masks further texts, the longest first, but not the shortest", () => {
    const hidden = ["Zhang", "Zhang Wei", "EUR", "a.cd"]
    assert.strictEqual(Redaction.text("Zhang Wei, Zhang, EUR, abcd", hidden), "***, ***, EUR, abcd")
    // Whatever stands in an expression, and in whatever case the answer repeats it.
    assert.strictEqual(Redaction.text("ZHANG wei; zhang; (A.CD) a.cd abcd", hidden), "***; ***; (***) *** abcd")
    assert.strictEqual(Redaction.text("x [a-z]+/$^{2}|\\ y", ["[A-Z]+/$^{2}|\\"]), "x *** y")
  })

  it("cuts at 200 characters, and looks at little more", () => {
    assert.strictEqual(Redaction.text("é".repeat(201)), `${"é".repeat(200)}…`)
    assert.strictEqual(Redaction.text("é".repeat(200)), "é".repeat(200))
    // Takes hours where the work grows with the square of the length.
    for (const long of ["a", "1", "1 ", " ", "a1", "汉"]) {
      assert.isAtMost(Redaction.text(long.repeat(1_000_000)).length, 201)
      assert.isAtMost(Redaction.beginning(`x${long.repeat(1_000_000)}`).length, 201)
    }
  })

  const anyText = Schema.String
  const run = Schema.String.check(Schema.isPattern(/^[0-9]{7,40}$/))

  it.prop(
    "never shows a run of seven digits or more, whatever stands around it",
    [anyText, run, anyText],
    ([before, number, after]) => {
      const shown = Redaction.text(before + number + after)
      assert.notInclude(shown, number)
      assert.isFalse(/[0-9]{5}/.test(shown), shown)
      assert.isAtMost(shown.length, 201)
    }
  )

  const separator = Schema.Literals([" ", "  ", "-", ".", "/", ", ", "_", "\u00a0", " - ", "\n"])

  it.prop(
    "never shows a number in groups of four",
    [anyText, run, separator, anyText],
    ([before, number, between, after]) => {
      const groups = number.match(/[0-9]{1,4}/g) ?? []
      const shown = Redaction.text(`${before} ${groups.join(between)} ${after}`)
      assert.notInclude(shown, groups.slice(0, 2).join(between))
      assert.notInclude(shown, groups.slice(-2).join(between))
    }
  )

  it.prop(
    "never shows a hidden text",
    [anyText, Schema.String.check(Schema.isMinLength(4)), anyText],
    ([before, hidden, after]) => {
      assert.notInclude(
        Redaction.text(`${before}${hidden}${after}`, [hidden]).replaceAll("***", ""),
        hidden.replaceAll("***", "") || "-"
      )
    }
  )
})

describe("beginning", () => {
  it.each([
    ['{"account_no":"12345678","n":1,"b":true,"x":null}', "{account_no: string, n: number, b: boolean, x: null}"],
    ['{"amount":1200.50}', "{amount: number}"],
    ["[]", "[]"],
    ["[1]", "[number]"],
    ['["Zhang Wei",2]', "[string, …]"],
    ['{"a":{"b":{"c":{"d":1}},"e":[[[1]]]}}', "{a: {b: {c: {…}}, e: [[…]]}}"],
    ["{}", "{}"],
    ["true", "boolean"],
    [
      '{"12345678":"x","Zhang Wei":"x","no 12345678":1,"id12345678":1}',
      "{***: string, ***: string, ***: number, ***: number}"
    ],
    ['{"account_no":"Zhang Wei, ', "{account_no: …"],
    ['[{"name":"Zhang \\" Wei","account_no":12345678,}]', "[name: …, account_no: …"],
    ["  \n <html>\n\n<title>502   Bad Gateway</title>", "<html> <title>502 Bad Gateway</title>"],
    ["account 1234 5678 closed", "account *** closed"],
    ["", ""]
  ])("of %j is %j", (body, expected) => {
    assert.strictEqual(Redaction.beginning(body), expected)
  })

  it("hides what it is told to, in text", () => {
    assert.strictEqual(Redaction.beginning("no payee Zhang Wei", ["Zhang Wei"]), "no payee ***")
  })

  it.prop(
    "of JSON never shows a value, and of anything no long number",
    [Schema.Record(Schema.String, Schema.Unknown), Schema.String],
    ([object, text]) => {
      const secret = "Zhang Wei 6222021234567890"
      for (const body of [
        JSON.stringify({ first: secret, ...object, name: secret }),
        `${JSON.stringify({ name: secret, ...object })}]`,
        `[${JSON.stringify([secret, object])}`,
        `${text}6222021234567890${text}`
      ]) {
        const shown = Redaction.beginning(body)
        assert.isAtMost(shown.length, 201)
        assert.notInclude(shown, "6222021234567890")
        assert.notInclude(shown, "Zhang")
      }
    }
  )
})
