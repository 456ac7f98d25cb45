import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as CodeTable from "../src/CodeTable.ts"
import * as CodeTableCsv from "../src/CodeTableCsv.ts"
import * as CodeTableJson from "../src/CodeTableJson.ts"
import { failureOf } from "./support.ts"

const source = "https://open-cb-paykka.apifox.cn/a-page"
const { industry, newIndustry } = CodeTable

type Parse = typeof CodeTableCsv.parse

const reading =
  (parse: Parse) =>
  (text: string, columns?: CodeTable.Columns, table = newIndustry): ReadonlyArray<CodeTable.Row> =>
    Result.getOrThrow(parse(table, text, { source, columns })).rows

const refusing =
  (parse: Parse) =>
  (text: string, columns?: CodeTable.Columns, table = newIndustry): ReadonlyArray<CodeTable.Fault> => {
    const error = failureOf(parse(table, text, { source, columns }))
    assert.instanceOf(error, CodeTable.InvalidCodeTable)
    assert.strictEqual(error.table, table.id)
    return error.faults
  }

/** The only fault. */
const only = (faults: ReadonlyArray<CodeTable.Fault>): CodeTable.Fault => {
  assert.strictEqual(faults.length, 1)
  return faults[0]!
}

const csv = reading(CodeTableCsv.parse)
const csvFaults = refusing(CodeTableCsv.parse)
const json = reading(CodeTableJson.parse)
const jsonFaults = refusing(CodeTableJson.parse)

const text = Schema.NonEmptyString

/** Rows with different codes and any text in their cells; line breaks, quotes and delimiters among them. */
const someRows: Arbitrary.Arbitrary<ReadonlyArray<CodeTable.Row>> = Arbitrary.map(
  Arbitrary.array(
    Arbitrary.schema(
      Schema.Struct({
        code: Schema.String,
        en: Schema.optionalKey(text),
        zh: Schema.optionalKey(Schema.Union([text, Schema.Literals(["中国\n香港", '"', "a\r\nb", "\r", ",;\t", " "])])),
        parent: Schema.optionalKey(text)
      })
    ),
    { minLength: 1, maxLength: 8 }
  ),
  // A code begins and ends with no blank.
  (rows) => rows.map(({ code, ...rest }, index) => ({ code: `${index}${code}.`, ...rest, source }))
)

const names = ["code", "en", "zh", "parent"] as const

/** CSV as RFC 4180 has it, written without any help. */
const writeCsv = (
  rows: ReadonlyArray<CodeTable.Row>,
  delimiter: string,
  lineBreak: string,
  quoteAll: boolean
): string =>
  [names, ...rows.map((row) => names.map((name) => row[name] ?? ""))]
    .map((cells) =>
      cells
        .map((cell) => (quoteAll || /["\r\n,;\t]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
        .join(delimiter)
    )
    .join(lineBreak)

describe("CodeTableCsv.parse", () => {
  it.prop(
    "reads the rows that were written, whatever is in their cells",
    [
      someRows,
      Schema.Struct({
        delimiter: Schema.Literals([",", ";", "\t"]),
        lineBreak: Schema.Literals(["\n", "\r\n", "\r"]),
        before: Schema.Literals(["", "\uFEFF", "\uFEFF\n"]),
        after: Schema.Literals(["", "end", "ends"]),
        quoteAll: Schema.Boolean
      })
    ],
    ([rows, { delimiter, lineBreak, before, after, quoteAll }]) => {
      const end = { "": "", end: lineBreak, ends: lineBreak.repeat(3) }[after]
      assert.deepStrictEqual(csv(`${before}${writeCsv(rows, delimiter, lineBreak, quoteAll)}${end}`), rows)
    },
    { arbitrary: { runs: 300 } }
  )

  it.prop(
    "tells the line of a repeated code, also behind cells of many lines",
    [someRows, Schema.Literals(["\n", "\r\n", "\r"]), Schema.Natural],
    ([rows, lineBreak, at]) => {
      const repeated = [...rows, rows[at % rows.length]!]
      const written = writeCsv(repeated, ",", lineBreak, true)
      // The lines of an editor, counted in the text itself.
      const lineOf = (index: number) =>
        writeCsv(repeated.slice(0, index), ",", lineBreak, true).split(/\r\n|\r|\n/).length + 1
      const fault = only(csvFaults(written))
      assert.strictEqual(fault.line, lineOf(rows.length))
      assert.strictEqual(fault.column, 1)
      assert.strictEqual(fault.field, "code")
      assert.isTrue(fault.rule.endsWith(` is on line ${lineOf(at % rows.length)} already`), fault.rule)
    }
  )

  it("takes columns in any order, under several names, and leaves others out", () => {
    const rows = [{ code: "01", en: "Farming", zh: "农业", parent: "A", source }]
    for (const header of [
      "zh,CODE,remark,En,Parent",
      " 中文 , Code ,x,English Name,Parent-Code",
      "中文名称,编码,,英文名,上级编码",
      "name_zh,代码,code2,NAME_EN,parent code"
    ]) {
      assert.deepStrictEqual(csv(`${header}\n农业,01,left out,Farming,A`), rows, header)
    }
  })

  it("takes the names that it is given, also one that means something else by itself", () => {
    assert.deepStrictEqual(csv("Id,Name,en\n01,Farming,x", { code: "id", en: "NAME" }), [
      { code: "01", en: "Farming", source }
    ])
    assert.deepStrictEqual(csv("code,id,zh\nA,01,Farming", { code: "id", parent: "code", en: "zh" }), [
      { code: "01", en: "Farming", parent: "A", source }
    ])
  })

  it("finds the delimiter in the header, outside of quotes", () => {
    assert.deepStrictEqual(csv('code;en;"a,b,c,d"\n1;x, y;z'), [{ code: "1", en: "x, y", source }])
    assert.deepStrictEqual(csv("code\ten\n1\tx;y,z"), [{ code: "1", en: "x;y,z", source }])
    assert.deepStrictEqual(csv("code\n1\n\n2\n"), [
      { code: "1", source },
      { code: "2", source }
    ])
  })

  it("leaves out blank lines and blank cells beside the table, as spreadsheets write them", () => {
    assert.deepStrictEqual(csv("\n,,\ncode,en,\n\n1,x,,,\n,,,\n \n2,y,\n"), [
      { code: "1", en: "x", source },
      { code: "2", en: "y", source }
    ])
  })

  it("leaves a code as it is, with its zeros", () => {
    assert.deepStrictEqual(
      csv("code\n0101\n1e5\n-0").map(({ code }) => code),
      ["0101", "1e5", "-0"]
    )
  })

  it("reports all faults at once, in the order of the lines", () => {
    const at = (line: number) => ({ line, column: 2, field: "Code" })
    assert.deepStrictEqual(
      csvFaults('en,Code\nx,11\n"y\nz",11\nx,\nx\nx,12,13\nx,1.5\n"x, 14\n"," 15"', undefined, industry),
      [
        { ...at(3), rule: 'the code "11" is on line 2 already' },
        { ...at(5), rule: "is empty" },
        { line: 6, rule: "the number of cells is 1; that of the header is 2" },
        { line: 7, rule: "the number of cells is 3; that of the header is 2" },
        {
          ...at(8),
          rule: "must be a whole number such as 12, without leading zeros: the codes of this table are integers (inferred)"
        },
        { ...at(9), rule: "must not begin or end with a blank" }
      ]
    )
  })

  it("keeps a hundred faults and counts all", () => {
    const error = failureOf(CodeTableCsv.parse(industry, `code\n${"x\n".repeat(1000)}`, { source }))
    assert.strictEqual(error.faults.length, 100)
    assert.strictEqual(error.count, 1000)
    assert.match(
      error.message,
      /^code table industry: 1000 faults\n {2}line 2, column 1 \(code\): must be .*\n[^]*and 900 more$/
    )
  })

  const headers = [
    ["", undefined, { rule: "the text is empty; it must begin with a header line" }],
    ["\uFEFF\r\n,,\n", undefined, { rule: "the text is empty; it must begin with a header line" }],
    ["code,en\n\n", undefined, { rule: "has a header and no rows" }],
    ["id,en\n1,x", undefined, { line: 1, rule: 'the header has no column "code": name the right one by columns.code' }],
    [
      "\ncode,en\n1,x",
      { zh: "中" },
      { line: 2, rule: 'the header has no column "中": name the right one by columns.zh' }
    ],
    [
      "code,en,English\n1,x,y",
      undefined,
      { line: 1, column: 3, field: "English", rule: "is en as column 2 is: name the right one by columns.en" }
    ]
  ] as const
  for (const [written, columns, fault] of headers) {
    it(`${JSON.stringify(written)}: ${fault.rule}`, () => {
      assert.deepStrictEqual(csvFaults(written, columns), [fault])
    })
  }

  it("says where a text stops being CSV", () => {
    for (const [written, line, column] of [
      ['code,en\n1,x\n2,"y\n3,z\n', 3, 2],
      ['code,en\n"1\n2",x\n3,y"z\n', 4, 2],
      ['code,en\n"1"2,x\n', 2, 1]
    ] as const) {
      const fault = only(csvFaults(written))
      assert.strictEqual(fault.line, line)
      assert.strictEqual(fault.column, column)
      assert.match(fault.rule, /^is not CSV: /)
    }
    const [long] = csvFaults(`code,en\n1,${"x".repeat(2_000_000)}`)
    assert.strictEqual(long?.line, 2)
  })

  it.prop(
    "reads or refuses any text, and throws for none",
    [Schema.String, someRows, Schema.Natural],
    ([noise, rows, at]) => {
      const written = writeCsv(rows, ",", "\n", false)
      const cut = at % written.length
      for (const each of [noise, written.slice(0, cut) + noise + written.slice(cut)]) {
        const result = CodeTableCsv.parse(newIndustry, each, { source })
        if (Result.isFailure(result)) assert.isAbove(result.failure.faults.length, 0)
      }
    }
  )

  it("reads ten thousand rows", () => {
    const written = `code,en\n${Array.from({ length: 10_000 }, (_, index) => `${index},"row\n${index}"`).join("\n")}`
    assert.strictEqual(csv(written).length, 10_000)
  })
})

describe("CodeTableJson.parse", () => {
  it.prop(
    "reads the rows that were written, whatever is in their cells",
    [someRows, Schema.Literals([0, 1, 2]), Schema.Boolean, Schema.Literals(["", "\uFEFF", "\r\n"])],
    ([rows, indent, inObject, before]) => {
      const written = JSON.stringify(inObject ? { title: "x", rows } : rows, null, indent)
      assert.deepStrictEqual(json(`${before}${written}`), rows)
    },
    { arbitrary: { runs: 300 } }
  )

  it.prop(
    "tells line and character of a repeated code",
    [someRows, Schema.Literals(["\n", "\r\n", "\r"]), Schema.Natural],
    ([rows, lineBreak, at]) => {
      const repeated = [...rows, rows[at % rows.length]!]
      const written = JSON.stringify(repeated, null, 2).replaceAll("\n", lineBreak)
      // A line holds one member, so the codes are on the lines that begin so; none of the other members' lines does.
      const lines = written
        .split(lineBreak)
        .flatMap((line, index) => (line.startsWith('    "code": ') ? [index + 1] : []))
      const fault = only(jsonFaults(written))
      assert.strictEqual(fault.line, lines.at(-1))
      assert.strictEqual(fault.column, '    "code": '.length + 1)
      assert.strictEqual(fault.field, "code")
      assert.isTrue(fault.rule.endsWith(` is on line ${lines[at % rows.length]} already`), fault.rule)
    }
  )

  it("takes whole numbers as codes, with every digit", () => {
    assert.deepStrictEqual(
      json('[{"code":12},{"code":-3},{"code":0,"parent":7}]', undefined, industry).map(({ code }) => code),
      ["12", "-3", "0"]
    )
    assert.deepStrictEqual(json('[{"code":9007199254740993,"parent":7}]'), [
      { code: "9007199254740993", parent: "7", source }
    ])
  })

  it("takes null and an empty text for none, names as CSV does, and leaves other members out", () => {
    assert.deepStrictEqual(
      json('[{"编码":"1","EN":null,"name zh":"","parent":"","__proto__":{"en":"x"},"source":"y","rows":[1]}]'),
      [{ code: "1", source }]
    )
    assert.deepStrictEqual(json('{"rows":[{"id":"1","Name":"x","en":"y"}]}', { code: "ID", en: "name" }), [
      { code: "1", en: "x", source }
    ])
    assert.deepStrictEqual(json('{"rows":1,"rows":[{"code":"1"}]}'), [{ code: "1", source }])
  })

  it("reports all faults at once, each with line and character", () => {
    const written = `[
  { "code": 11, "en": "x" },
  { "code": "11" }, 12,
  { "en": "x" },
  { "code": null },
  { "code": true, "en": ["x"], "zh": {} },
  { "code": 13, "en": 1.5, "English": "x" },
  { "code": "a" }
]`
    const notText = "must be a text or a whole number"
    assert.deepStrictEqual(jsonFaults(written, undefined, industry), [
      { line: 3, column: 13, field: "code", rule: 'the code "11" is on line 2 already' },
      { line: 3, column: 21, rule: "must be an object" },
      { line: 4, column: 3, rule: 'has no member "code"' },
      { line: 5, column: 13, field: "code", rule: "is empty" },
      { line: 6, column: 13, field: "code", rule: notText },
      { line: 6, column: 25, field: "en", rule: notText },
      { line: 6, column: 38, field: "zh", rule: notText },
      { line: 7, column: 23, field: "en", rule: notText },
      { line: 7, column: 28, field: "English", rule: "is en a second time in this row" },
      {
        line: 8,
        column: 13,
        field: "code",
        rule: "must be a whole number such as 12, without leading zeros: the codes of this table are integers (inferred)"
      }
    ])
    assert.deepStrictEqual(jsonFaults('[{"code":1}]', { code: "id" }), [
      { line: 1, column: 2, rule: 'has no member "id"' }
    ])
  })

  const noRows = 'must be an array of rows, or an object with an array "rows"'
  for (const [written, fault] of [
    ["[]", { rule: "has no rows" }],
    ['{"rows":[]}', { rule: "has no rows" }],
    ["\n {}", { line: 2, column: 2, rule: noRows }],
    ['{"rows":{"code":"1"}}', { line: 1, column: 1, rule: noRows }],
    ['"code"', { line: 1, column: 1, rule: noRows }],
    ["null", { line: 1, column: 1, rule: noRows }]
  ] as const) {
    it(`${JSON.stringify(written)} ${fault.rule}`, () => {
      assert.deepStrictEqual(jsonFaults(written), [fault])
    })
  }

  // The places are those that people would point at.
  const ends = "; the text ends here"
  const syntax = [
    ["", 1, 1, `expected a value${ends}`],
    ["\uFEFF", 1, 1, `expected a value${ends}`],
    ["[\n", 2, 1, `expected a value${ends}`],
    ['[{"code":1},\n]', 2, 1, "expected a value"],
    ['[{"code":1}\n {"code":2}]', 2, 2, 'expected "," or "]"'],
    ['[{"code":1,\r\n"en" "x"}]', 2, 6, 'expected ":"'],
    ['[{"code":1,\r en: "x"}]', 2, 2, "expected the name of a member, in double quotes"],
    ['[{"code":1,}]', 1, 12, "expected the name of a member, in double quotes"],
    ['[{"code":01}]', 1, 11, 'expected "," or "}"'],
    ["[{\"code\":'1'}]", 1, 10, "expected a value"],
    ['[{"code":tru}]', 1, 10, "expected a value"],
    ['\n\n[{"code":"1}]', 3, 10, `the text that begins here has no closing quote`],
    ['["a\nb"]', 1, 4, "a line break, tab or other control character in a text must be escaped, such as \\n"],
    [String.raw`["a\qb"]`, 1, 5, "is no escape that JSON knows, such as \\n or \\u4e2d"],
    [String.raw`["a\u12g4"]`, 1, 5, "is no escape that JSON knows, such as \\n or \\u4e2d"],
    ['[{"code":1}]\n[', 2, 1, "expected nothing more"],
    ["[\n".repeat(65), 65, 1, "is nested deeper than 64 levels"],
    ["[".repeat(500_000), 1, 65, "is nested deeper than 64 levels"]
  ] as const
  for (const [written, line, column, rule] of syntax) {
    it(`${JSON.stringify(written.slice(0, 40))}: ${line}:${column} ${rule}`, () => {
      assert.deepStrictEqual(jsonFaults(written), [{ line, column, rule: `is not JSON: ${rule}` }])
    })
  }

  it.prop(
    "takes for JSON what JSON.parse takes, and nothing else",
    [
      Schema.Json,
      Schema.Natural,
      Schema.Literals([
        "",
        "0",
        "1",
        "-",
        ".",
        "e",
        '"',
        "\\",
        "\\u",
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        " ",
        "\n",
        "\u00a0",
        "\u001f",
        "true",
        "nul",
        "𝄞"
      ])
    ],
    ([value, at, noise]) => {
      const whole = JSON.stringify([value, "a\\u0000", 1.5e300])
      const cut = at % (whole.length + 1)
      // Something more, something else, or nothing in the place of a character.
      for (const gone of [0, 1]) {
        const written = whole.slice(0, cut) + noise + whole.slice(cut + gone)
        const faults = jsonFaults(written)
        const refused = faults[0]!.rule.startsWith("is not JSON")
        assert.strictEqual(refused, Result.isFailure(Result.try(() => JSON.parse(written) as unknown)), written)
      }
    },
    { arbitrary: { runs: 500 } }
  )
})
