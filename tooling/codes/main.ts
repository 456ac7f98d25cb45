/**
 * `node tooling/codes/main.ts [--check]`: writes the data modules of ISO 3166 and ISO 4217 and the licences that go with
 * them. With `--check` nothing is written; exits with 1 when a file is not what would be written.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { countrySource, rows as countryRows } from "./countries.ts"
import { currencySource, published, rows as currencyRows } from "./currencies.ts"
import type { Source } from "./source.ts"

const { values: args } = parseArgs({ options: { check: { type: "boolean", default: false } } })

const row = (values: ReadonlyArray<string | number | null>): string =>
  `  [${values.map((value) => JSON.stringify(value)).join(", ")}]`

/** A data module: one row a line. */
const dataModule = (
  { title, label }: Source,
  constants: Readonly<Record<string, string>>,
  type: string,
  rows: ReadonlyArray<ReadonlyArray<string | number | null>>
): string =>
  [
    `// Written by tooling/codes from ${title}, whose licence is in THIRD-PARTY-NOTICES.txt. Not to be edited.`,
    "",
    ...Object.entries({ source: label, ...constants }).map(
      ([name, value]) => `export const ${name} = ${JSON.stringify(value)}`
    ),
    "",
    `export type Row = ${type}`,
    "",
    "export const rows: ReadonlyArray<Row> = [",
    rows.map(row).join(",\n"),
    "]",
    ""
  ].join("\n")

const notices = (sources: ReadonlyArray<Source>): string =>
  [
    "This package contains data of:",
    ...sources.map(({ title, licence }) => `\n${"-".repeat(80)}\n${title}\n${"-".repeat(80)}\n\n${licence}`),
    ""
  ].join("\n")

const files: Readonly<Record<string, string>> = {
  "src/internal/iso3166.ts": dataModule(
    countrySource,
    {},
    "readonly [alpha2: string, alpha3: string, numeric: string, en: string, zh: string]",
    countryRows()
  ),
  "src/internal/iso4217.ts": dataModule(
    currencySource,
    { published: published() },
    "readonly [code: string, numeric: string, minorUnits: number | null, en: string]",
    currencyRows()
  ),
  "THIRD-PARTY-NOTICES.txt": notices([currencySource, countrySource])
}

const schemas = new URL("../../packages/schemas/", import.meta.url)

const current = (url: URL): string | undefined => {
  try {
    return readFileSync(url, "utf8")
  } catch {
    return undefined
  }
}

const stale = Object.entries(files).filter(([file, text]) => current(new URL(file, schemas)) !== text)

for (const [file, text] of stale) {
  const url = new URL(file, schemas)
  if (args.check) console.error(`${fileURLToPath(url)} is stale: run \`npx pnpm exec node tooling/codes/main.ts\``)
  else writeFileSync(url, text)
}
if (args.check && stale.length > 0) process.exitCode = 1
