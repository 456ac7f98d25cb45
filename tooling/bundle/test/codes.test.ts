import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, assert, describe, it } from "vitest"
import { byEsbuild, byRolldown } from "../bundlers.ts"

// What the data of the standards and the tables' own code look like in a bundle, minified or not.
const traces = {
  countries: "安道尔",
  currencies: "UAE Dirham",
  tables: "商品品类",
  csv: "is not CSV",
  json: "is not JSON: "
}
type Trace = keyof typeof traces

const folder = mkdtempSync(join(tmpdir(), "paykka-codes-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What of it is in the bundle of a program. */
const bundled = async (code: string): Promise<Record<"rolldown" | "esbuild", ReadonlyArray<string>>> => {
  const entry = join(folder, "entry.js")
  writeFileSync(
    entry,
    code.replace(/"(@paykka[^"]*)"/g, (_, name: string) => JSON.stringify(fileURLToPath(import.meta.resolve(name))))
  )
  // esbuild writes letters beyond ASCII as escapes.
  const has = (text: string) =>
    Object.entries(traces)
      .filter(([, trace]) =>
        text.replace(/\\u([0-9a-f]{4})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16))).includes(trace)
      )
      .map(([name]) => name)
  const [rolldown, esbuild] = await Promise.all([byRolldown(entry), byEsbuild(entry)])
  return { rolldown: has(rolldown.code), esbuild: has(esbuild.code) }
}

describe("a bundle has of the code tables what is used", () => {
  const cases: ReadonlyArray<readonly [code: string, ...traces: ReadonlyArray<Trace>]> = [
    [`import * as Order from "@paykka/schemas/Order"; console.log(Order.create)`],
    [`import { Order } from "@paykka/schemas"; console.log(Order.create)`],
    [`import * as CodeTable from "@paykka/schemas/CodeTable"; console.log(CodeTable.checker([CodeTable.industry]))`],
    [`import * as CodeTable from "@paykka/schemas/CodeTable"; console.log(CodeTable.tables)`, "tables"],
    [`import * as Csv from "@paykka/schemas/CodeTableCsv"; console.log(Csv.parse)`, "csv"],
    [`import * as Json from "@paykka/schemas/CodeTableJson"; console.log(Json.parse)`, "json"],
    [`import { Iso3166 } from "@paykka/schemas"; console.log(Iso3166.table)`, "countries"],
    [`import { Iso4217 } from "@paykka/schemas"; console.log(Iso4217.minorUnits("EUR"))`, "currencies"],
    [`import * as Iso3166 from "@paykka/schemas/Iso3166"; console.log(Iso3166.source)`]
  ]
  it.each(cases)("%s", async (code, ...expected) => {
    assert.deepStrictEqual(await bundled(code), { rolldown: expected, esbuild: expected })
  })
})
