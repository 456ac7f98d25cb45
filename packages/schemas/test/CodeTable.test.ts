import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Yaml from "effect/encoding/Yaml"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Catalogue from "../src/Catalogue.ts"
import * as CodeTable from "../src/CodeTable.ts"
import * as Iso3166 from "../src/Iso3166.ts"
import * as Onboarding from "../src/Onboarding.ts"
import type { Operation } from "../src/Operation.ts"
import * as Order from "../src/Order.ts"
import * as Shape from "../src/Shape.ts"
import { assertHidden, failureOf } from "./support.ts"

const appendix = Yaml.parse(readFileSync(new URL("../../../contract/appendix.yaml", import.meta.url), "utf8")) as {
  readonly tables: ReadonlyArray<{
    readonly id: string
    readonly title_en: string
    readonly title_zh: string
    readonly rows: number
    readonly used_by: ReadonlyArray<{
      readonly operations: ReadonlyArray<string>
      readonly field: string
      readonly type: string
    }>
    readonly key_format: { readonly type: string; readonly provenance: string }
  }>
}

const page = "https://open-cb-paykka.apifox.cn/a-page"
const row = (code: string, rest: Partial<CodeTable.Row> = {}): CodeTable.Row => ({ code, source: page, ...rest })

const withRows = (table: CodeTable.CodeTable, rows: ReadonlyArray<CodeTable.Row>): CodeTable.CodeTable =>
  Result.getOrThrow(CodeTable.withRows(table, rows))

const faultsOf = (result: Result.Result<unknown, CodeTable.InvalidCodeTable>): ReadonlyArray<CodeTable.Fault> => {
  const error = failureOf(result)
  assert.instanceOf(error, CodeTable.InvalidCodeTable)
  return error.faults
}

describe("the eight tables", () => {
  it("are those of the contract, and as empty", () => {
    assert.deepStrictEqual(
      CodeTable.tables,
      appendix.tables.map(({ id, title_en, title_zh, key_format: { type, provenance } }) => ({
        id,
        title: { en: title_en, zh: title_zh },
        key: { type, provenance } as CodeTable.Key,
        rows: []
      }))
    )
    assert.isTrue(appendix.tables.every(({ rows }) => rows === 0))
  })

  it("are what fields of messages name", () => {
    const ids = CodeTable.tables.map(({ id }) => id)
    const named = Catalogue.operations
      .flatMap(({ request }) => Shape.fields(Shape.of(request)))
      .flatMap(([, { shape }]) => shape.table ?? shape.items?.table ?? [])
    assert.isAbove(named.length, 20)
    for (const id of named) assert.include(ids, id)
  })
})

describe("withRows", () => {
  it("replaces the rows and leaves the table that it was given", () => {
    const rows = [row("01"), row("02", { en: "Two", zh: "二", parent: "01" })]
    assert.deepStrictEqual(withRows(CodeTable.newIndustry, rows), { ...CodeTable.newIndustry, rows })
    assert.deepStrictEqual(CodeTable.newIndustry.rows, [])
    assert.deepStrictEqual(withRows(withRows(CodeTable.newIndustry, rows), []).rows, [])
  })

  it("reports all faults at once, each with its row", () => {
    const rows = ["11", "", " 12", "12\n", "A", "011", "1.5", "-0", "1e3", "9007199254740993", "11", "12", "12"]
    const error = failureOf(
      CodeTable.withRows(
        CodeTable.industry,
        rows.map((code) => row(code))
      )
    )
    const integer =
      "must be a whole number such as 12, without leading zeros: the codes of this table are integers (inferred)"
    const blank = "must not begin or end with a blank"
    assert.deepStrictEqual(error.faults, [
      { row: 2, rule: "is empty" },
      { row: 3, rule: blank },
      { row: 4, rule: blank },
      ...[5, 6, 7, 8, 9, 10].map((number) => ({ row: number, rule: integer })),
      { row: 11, rule: 'the code "11" is in row 1 already' },
      { row: 13, rule: 'the code "12" is in row 12 already' }
    ])
    assert.strictEqual(error.count, 11)
    assert.strictEqual(error.table, "industry")
    assert.deepStrictEqual(error.message.split("\n").slice(0, 2), [
      "code table industry: 11 faults",
      "  row 2: is empty"
    ])
  })

  it("wants integers only where the codes are known to be such", () => {
    for (const table of CodeTable.tables) {
      const accepted = Result.isSuccess(CodeTable.withRows(table, [row("A 1")]))
      assert.strictEqual(accepted, table.key.type !== "integer", table.id)
      assert.isTrue(
        Result.isSuccess(
          CodeTable.withRows(
            table,
            ["0", "12", "-3"].map((code) => row(code))
          )
        ),
        table.id
      )
    }
  })

  it("refuses a code that is no text, for programs without types", () => {
    const rows = [{ code: 12, source: page }] as unknown as ReadonlyArray<CodeTable.Row>
    assert.deepStrictEqual(faultsOf(CodeTable.withRows(CodeTable.industry, rows)), [{ row: 1, rule: "must be a text" }])
  })

  it("keeps the first hundred faults and counts all", () => {
    const error = failureOf(
      CodeTable.withRows(
        CodeTable.industry,
        Array.from({ length: 250 }, () => row(""))
      )
    )
    assert.strictEqual(error.faults.length, CodeTable.maxFaults)
    assert.strictEqual(error.count, 250)
    const lines = error.message.split("\n")
    assert.strictEqual(lines[0], "code table industry: 250 faults")
    assert.strictEqual(lines.at(-1), "  and 150 more")
  })

  it("shows a long code in short, on one line", () => {
    const code = `a\nb${"c".repeat(1000)}`
    const [fault] = faultsOf(CodeTable.withRows(CodeTable.bankCode, [row(code), row(code)]))
    assert.strictEqual(fault?.rule, `the code "a b${"c".repeat(29)}…" is in row 1 already`)
  })
})

/** Rows with different codes. */
const someRows: Arbitrary.Arbitrary<ReadonlyArray<CodeTable.Row>> = Arbitrary.map(
  Arbitrary.array(
    Arbitrary.schema(
      Schema.Struct({
        en: Schema.optionalKey(Schema.String),
        zh: Schema.optionalKey(Schema.Literals(["中国", "中国香港", "香港", "德国", ""])),
        parent: Schema.optionalKey(Schema.Literals(["0", "1", "2"]))
      })
    ),
    { maxLength: 12 }
  ),
  (rows) => rows.map((rest, index) => row(String(index), rest))
)

describe("find", () => {
  it.prop("finds each row by its code, as text or number, and no other", [someRows, Schema.Int], ([rows, number]) => {
    const table = withRows(CodeTable.industry, rows)
    for (const each of rows) {
      assert.strictEqual(CodeTable.find(table, each.code), each)
      assert.strictEqual(CodeTable.find(table, Number(each.code)), each)
    }
    assert.strictEqual(
      CodeTable.find(table, number),
      rows.find(({ code }) => code === String(number))
    )
  })

  it("is exact", () => {
    const table = withRows(CodeTable.newIndustry, [row("0101"), row("Ab")])
    for (const code of ["101", 101, "ab", "0101 ", "", "__proto__", "constructor"]) {
      assert.isUndefined(CodeTable.find(table, code))
    }
    assert.isUndefined(CodeTable.find(CodeTable.newIndustry, "0101"))
  })
})

describe("children", () => {
  it.prop("share the rows out among the parents and the upper level", [someRows], ([rows]) => {
    const table = withRows(CodeTable.newIndustry, rows)
    const shared = [undefined, "0", 1, 2].flatMap((parent) => CodeTable.children(table, parent))
    assert.sameMembers(shared, [...rows])
    for (const child of CodeTable.children(table, 1)) assert.strictEqual(child.parent, "1")
  })
})

describe("search", () => {
  const countries = (text: string, language?: "en" | "zh") =>
    CodeTable.search(Iso3166.table, text, language).map(({ code }) => code)

  it("makes no difference of capitals, accents and width", () => {
    assert.deepStrictEqual(countries("CURACAO"), ["CW"])
    assert.deepStrictEqual(countries("curaçao"), ["CW"])
    assert.deepStrictEqual(countries("ａｌａｎｄ　ｉｓｌａｎｄｓ"), ["AX"])
    assert.deepStrictEqual(countries("TÜRKIYE"), ["TR"])
  })

  it("wants each word, in any order", () => {
    assert.deepStrictEqual(countries("  kingdom  united "), ["GB"])
    assert.deepStrictEqual(countries("kingdom republic"), [])
  })

  it("finds any part of a Chinese name", () => {
    assert.deepStrictEqual(countries("澳门"), ["MO"])
    assert.includeMembers(countries("几内亚"), ["GN", "GQ", "GW", "PG"])
  })

  it("looks at one language when told", () => {
    assert.deepStrictEqual(countries("德国", "zh"), ["DE"])
    assert.deepStrictEqual(countries("德国", "en"), [])
    assert.deepStrictEqual(countries("germany", "zh"), [])
    // Words of one name, not some of the one and some of the other.
    assert.deepStrictEqual(countries("germany 德国"), [])
  })

  it.prop("finds each row by its names and by any part of them", [someRows, Schema.Natural], ([rows, at]) => {
    const table = withRows(CodeTable.newIndustry, rows)
    for (const each of rows) {
      for (const language of ["en", "zh"] as const) {
        const name = each[language] ?? ""
        const start = name === "" ? 0 : at % name.length
        for (const text of [name, name.toUpperCase(), name.slice(start), name.slice(0, start)]) {
          assert.include(CodeTable.search(table, text, language), each)
          assert.include(CodeTable.search(table, text), each)
        }
      }
    }
  })

  it.prop("keeps the order of the table, and all rows for an empty text", [someRows, Schema.String], ([rows, text]) => {
    const table = withRows(CodeTable.newIndustry, rows)
    const found = CodeTable.search(table, text)
    assert.deepStrictEqual(
      found,
      rows.filter((each) => found.includes(each))
    )
    assert.deepStrictEqual(CodeTable.search(table, " "), rows)
    // Either language is one or the other.
    assert.sameMembers(
      [...found],
      [...new Set([...CodeTable.search(table, text, "en"), ...CodeTable.search(table, text, "zh")])]
    )
  })
})

/** An input with one value at a path such as `stakeholder_list[].nationality`. */
const inputAt = (path: string, value: unknown): unknown => {
  const [, name, list, rest] = /^([^.[]+)(\[\])?\.?(.*)$/.exec(path) ?? []
  if (name === undefined) return value
  const inner = rest === undefined || rest === "" ? value : inputAt(rest, value)
  return { [name]: list === undefined ? inner : [inner] }
}

const operation = (id: string): Operation | undefined => Catalogue.operations.find((each) => each.id === id)

describe("checker", () => {
  const filled = CodeTable.tables.map((table) => withRows(table, [row("77"), row("78")]))
  const check = CodeTable.checker(filled)

  // Where the contract says that a table is used; not what the descriptors say.
  const uses = appendix.tables.flatMap(({ id, used_by }) =>
    used_by.flatMap(({ operations, field, type }) =>
      operations
        .filter((name) => operation(name) !== undefined)
        // This one field may follow two tables, by the contract; its descriptor names that of the countries.
        .filter((name) => !(id === "collection_account_codes" && name === "va.apply" && field === "country_code"))
        .map((name) => ({ id, name, path: type.startsWith("array") && !field.endsWith("[]") ? `${field}[]` : field }))
    )
  )

  it("looks at each field that the contract links to a table", () => {
    assert.isAbove(uses.length, 30)
    for (const { id, name, path } of uses) {
      const of = operation(name)!
      assert.deepStrictEqual(
        check(of, inputAt(path, "XX")),
        [{ path: path.replaceAll("[]", "[0]"), rule: `is not in table ${id} (2 rows from ${page})` }],
        `${name} ${path}`
      )
      for (const code of ["77", 78, 78n]) assert.deepStrictEqual(check(of, inputAt(path, code)), [], `${name} ${path}`)
    }
  })

  it("compares numbers with the codes of integers", () => {
    assert.deepStrictEqual(check(Order.create, { goods_info: { category: 77 } }), [])
    assert.deepStrictEqual(check(Order.create, { goods_info: { category: 7 } }), [
      { path: "goods_info.category", rule: `is not in table product_category (2 rows from ${page})` }
    ])
  })

  it("reports each wrong code of a list", () => {
    const faults = check(Onboarding.apply, {
      business: { sub_industry: ["77", "1", "78", "2"] },
      stakeholder_list: [{ nationality: "77" }, { nationality: "DE" }]
    })
    // In the order of the schema's fields, which is not of interest.
    assert.sameMembers(
      faults.map(({ path }) => path),
      ["business.sub_industry[1]", "business.sub_industry[3]", "stakeholder_list[1].nationality"]
    )
  })

  it("leaves alone what has no table, an empty one, or none among those given", () => {
    const input = { buyer_country: "XX", buyer_name: "XX", goods_info: { category: 7 } }
    assert.deepStrictEqual(CodeTable.checker([])(Order.create, input), [])
    assert.deepStrictEqual(CodeTable.checker(CodeTable.tables)(Order.create, input), [])
    assert.deepStrictEqual(
      CodeTable.checker([filled.find(({ id }) => id === "product_category")!])(Order.create, input).map(
        ({ path }) => path
      ),
      ["goods_info.category"]
    )
  })

  it("takes the last table with rows of one id, and names its sources", () => {
    const mine = withRows(CodeTable.countryCode, [row("DE"), row("FR", { source: "a" }), row("IT", { source: "b" })])
    const input = { buyer_country: "XK" }
    assert.deepStrictEqual(CodeTable.checker([CodeTable.countryCode, Iso3166.table])(Order.create, input), [
      {
        path: "buyer_country",
        rule: "is not in table country_code (249 rows from standard:i18n-iso-countries@7.14.0)"
      }
    ])
    assert.deepStrictEqual(CodeTable.checker([Iso3166.table, mine, CodeTable.countryCode])(Order.create, input), [
      { path: "buyer_country", rule: `is not in table country_code (3 rows from ${page} and 2 more)` }
    ])
    const one = withRows(CodeTable.countryCode, [row("DE")])
    assert.match(CodeTable.checker([one])(Order.create, input)[0]?.rule ?? "", /\(1 row from /)
  })

  it("never shows the value", () => {
    const secret = "6222021234567890123"
    for (const { name, path } of uses) assertHidden(check(operation(name)!, inputAt(path, secret)), secret)
  })

  it.prop("never throws, whatever the input", [Schema.Unknown, Schema.Natural], ([value, at]) => {
    const { name, path } = uses[at % uses.length]!
    const parents = path.split(/(?=[.[])/).map((_, index, parts) => parts.slice(0, index + 1).join(""))
    for (const input of [value, ...parents.map((parent) => inputAt(parent, value))]) {
      assert.isArray(check(operation(name)!, input))
    }
  })

  it("does not follow a cycle", () => {
    const input: Record<string, unknown> = { buyer_country: "XX" }
    input["goods_info"] = input
    assert.deepStrictEqual(
      check(Order.create, input).map(({ path }) => path),
      ["buyer_country"]
    )
  })
})
