import { execFileSync } from "node:child_process"
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as CodeTable from "@paykka/schemas/CodeTable"
import * as CodeTableJson from "@paykka/schemas/CodeTableJson"
import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { folder, paykka } from "./support/paykka.ts"

const csv = `code,en,zh\n1,Farming,农业\n2,"Mining, and quarries",采矿业\n`

describe("paykka codes", () => {
  it("keeps a table that a program reads, and finds its rows", async () => {
    const cwd = folder()
    const codes = (args: ReadonlyArray<string>, input = "") => paykka(["codes", ...args], { cwd, input })
    const source = "mail of our contact"
    const imported = await codes(["import", "industry", "-", "--source", source, "--json"], csv)
    const file = "paykka-codes/industry.json"
    expect([imported.code, JSON.parse(imported.stdout)]).toEqual([
      0,
      { table: "industry", rows: 2, added: 2, removed: 0, changed: 0, file }
    ])
    const text = readFileSync(join(cwd, file), "utf8")
    const table = Result.getOrThrow(CodeTableJson.parse(CodeTable.industry, text, { source }))
    expect(table.rows).toEqual([
      { code: "1", en: "Farming", zh: "农业", source },
      { code: "2", en: "Mining, and quarries", zh: "采矿业", source }
    ])
    const [byName, byCode, byStandard, minor, none, listed] = await Promise.all([
      codes(["search", "采矿"]),
      codes(["search", "--table", "industry", "2", "--json"]),
      codes(["search", "--table", "iso3166", "deutschland"]),
      codes(["search", "jpy"]),
      codes(["search", "nothing", "like", "that"]),
      codes(["list", "--json"])
    ])
    expect(byName.stdout).toBe("industry  2  Mining, and quarries  采矿业\n")
    expect(JSON.parse(byCode.stdout)).toEqual([
      { table: "industry", code: "2", en: "Mining, and quarries", zh: "采矿业", source }
    ])
    expect([byStandard.code, byStandard.stdout]).toEqual([1, ""])
    expect(minor.stdout).toMatch(/^iso4217 {2}JPY {2}Yen$/m)
    expect([none.code, none.stdout]).toEqual([1, ""])
    expect(none.stderr).toBe('error: nothing is called "nothing like that" in industry, iso3166, iso4217\n')
    const tables = JSON.parse(listed.stdout) as ReadonlyArray<{ readonly id: string; readonly rows: number }>
    expect(tables.map(({ id, rows }) => [id, rows])).toEqual(
      CodeTable.tables.map(({ id }) => [id, id === "industry" ? 2 : 0])
    )
    expect(tables.find(({ id }) => id === "industry")).toMatchObject({ source, fields: expect.any(Array) })
  })

  it("replaces rows only where that is said, and tells what is different", async () => {
    const cwd = folder()
    const codes = (args: ReadonlyArray<string>, input: string) =>
      paykka(["codes", "import", "industry", "-", "--source", "x", ...args], { cwd, input })
    await codes([], csv)
    const before = readFileSync(join(cwd, "paykka-codes/industry.json"), "utf8")
    const next = `code;english name\n2;Mining\n3;Fishing\n`
    const refused = await codes([], next)
    const checked = await codes(["--check"], next)
    expect([refused.code, refused.stderr]).toEqual([
      2,
      "error: paykka-codes/industry.json is there already\nhint: give --replace, or another --folder\n"
    ])
    expect(checked.stdout).toMatch(/^changes +1 added, 1 removed, 1 changed$/m)
    expect(readFileSync(join(cwd, "paykka-codes/industry.json"), "utf8")).toBe(before)
    expect((await codes(["--replace"], next)).stdout).toMatch(/^changes +1 added, 1 removed, 1 changed$/m)
    expect(readdirSync(join(cwd, "paykka-codes"))).toEqual(["industry.json"])
    // What somebody broke is said of the file, and replaced like any other.
    writeFileSync(join(cwd, "paykka-codes/industry.json"), "{")
    const broken = await paykka(["codes", "search", "mining"], { cwd })
    expect([broken.code, broken.stderr]).toEqual([
      2,
      "error: paykka-codes/industry.json is no file of paykka codes import\nhint: import the table again, with --replace\n"
    ])
    expect((await codes(["--replace"], next)).code).toBe(0)
  })

  it("reads what spreadsheets write", async () => {
    const cwd = folder()
    const encoded = (encoding: string): Buffer => execFileSync("iconv", ["-f", "UTF-8", "-t", encoding], { input: csv })
    writeFileSync(join(cwd, "gb.csv"), encoded("GB18030"))
    // With its mark, as "Unicode text" of a spreadsheet.
    writeFileSync(join(cwd, "utf16.csv"), Buffer.concat([Buffer.from([0xff, 0xfe]), encoded("UTF-16LE")]))
    writeFileSync(join(cwd, "utf8.csv"), `\uFEFF${csv.replaceAll("\n", "\r\n")}`)
    writeFileSync(join(cwd, "other.csv"), "id,name,up\nA,Farming,\nA01,Wheat,A\n")
    const read = (file: string, ...args: ReadonlyArray<string>) =>
      paykka(["codes", "import", "new_industry", file, "--source", "x", "--folder", `of-${file}`, ...args], { cwd })
    const ended = await Promise.all([
      read("gb.csv"),
      read("gb.csv", "--encoding", "gb18030"),
      read("utf16.csv"),
      read("utf8.csv"),
      read("other.csv", "--column", "code=id", "--column", "en=name", "--column", "parent=up")
    ])
    expect(ended.map(({ code }) => code)).toEqual([2, 0, 0, 0, 0])
    expect(ended[0].stderr).toContain("gb.csv is not utf-8\nhint: ")
    expect(ended[4].stdout).toContain("2, 1 of them with a parent")
    const rows = (file: string) =>
      (JSON.parse(readFileSync(join(cwd, `of-${file}`, "new_industry.json"), "utf8")) as { rows: unknown }).rows
    expect([rows("gb.csv"), rows("utf16.csv")]).toEqual([rows("utf8.csv"), rows("utf8.csv")])
    expect(rows("other.csv")).toEqual([
      { code: "A", en: "Farming" },
      { code: "A01", en: "Wheat", parent: "A" }
    ])
  })

  it("tells all that is wrong, by line and column, and writes nothing", async () => {
    const cwd = folder()
    const codes = (args: ReadonlyArray<string>, input = "") => paykka(["codes", ...args], { cwd, input })
    const ended = await Promise.all([
      codes(["import", "industry", "-", "--source", "x"], "code,en\n01,Farming\n2\n2,Mining\n2,Fishing\n"),
      codes(["import", "industry", "-", "--source", "x", "--json"], "[{}]"),
      codes(["import", "industri", "-", "--source", "x"], csv),
      codes(["import", "industry", "nowhere.csv", "--source", "x"]),
      codes(["import", "industry", "-"], csv),
      codes(["import", "industry", "-", "--source", " "], csv),
      codes(["import", "industry", "-", "--source", "x", "--column", "name=en"], csv),
      codes(["search", "--table", "bank_code", "x"]),
      codes(["search", "--table", "nothing", "x"]),
      codes(["search"])
    ])
    expect(ended.map(({ code, stdout }) => [code, stdout.split("\n")[0]])).toEqual(ended.map(() => [2, ""]))
    const [faulty, asJson, misspelt, noFile, noSource, blank, kind, empty, unknown] = ended
    expect(faulty.stderr.split("\n").slice(0, 4)).toEqual([
      "error: stdin is no table industry",
      expect.stringMatching(/^ {2}line 2, column 1 \(code\): must be a whole number/),
      "  line 3: the number of cells is 1; that of the header is 2",
      '  line 5, column 1 (code): the code "2" is on line 4 already'
    ])
    expect(JSON.parse(asJson.stderr)).toMatchObject({ error: { table: "industry", count: 1, faults: [{ line: 1 }] } })
    expect(misspelt.stderr).toBe('error: there is no table "industri"\nhint: did you mean industry?\n')
    expect(noFile.stderr).toContain("nowhere.csv cannot be read (ENOENT)")
    expect(noSource.stderr).toContain("--source")
    expect(blank.stderr).toContain("--source must say where the rows come from")
    expect(kind.stderr).toContain("the kinds are code, en, zh, parent")
    expect(empty.stderr).toContain("table bank_code has no rows in paykka-codes")
    expect(unknown.stderr).toContain('there is no table "nothing"')
    expect(readdirSync(cwd)).toEqual([])
  })
})
