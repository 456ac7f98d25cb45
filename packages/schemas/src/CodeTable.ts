/**
 * The eight code tables of the documentation's appendix, as data.
 *
 * No row of any of them is public, so each is empty until it is given rows, from PayKKa's pages or its integration contact:
 * by `CodeTableCsv`, by `CodeTableJson` or by {@link withRows}. An empty table refuses nothing.
 *
 * Facts: `contract/appendix.yaml`.
 */
import * as Data from "effect/Data"
import * as Result from "effect/Result"
import * as Json from "./Json.ts"
import type { Codec, Fault as ValueFault, Operation } from "./Operation.ts"
import type { Provenance } from "./Provenance.ts"
import * as Shape from "./Shape.ts"

/** A code with its names. */
export interface Row {
  /** The code as text, also where it is sent as an integer. */
  readonly code: string
  /** The English name. */
  readonly en?: string | undefined
  /** The Chinese name. */
  readonly zh?: string | undefined
  /** The code of the upper level, in a table of two levels; it need not be a row itself. */
  readonly parent?: string | undefined
  /** Where the row comes from: the address of PayKKa's page, or `standard:<package>@<version>`. */
  readonly source: string
}

/** What the codes of a table are on the wire. */
export interface Key {
  readonly type: "string" | "integer" | "unknown"
  /** How sure the type is. No table's is more than inferred, but that of the countries. */
  readonly provenance: Provenance
}

/** A table. */
export interface CodeTable {
  /** The id by which fields name it (`Field.ofTable`), for example `industry`. */
  readonly id: string
  readonly title: { readonly en: string; readonly zh: string }
  readonly key: Key
  /** Without repeated codes, when made by {@link withRows} or a loader. */
  readonly rows: ReadonlyArray<Row>
}

/** Accounts that can be opened. Key unknown; linked to `currencies` of `va.apply` by inference. */
export const collectionAccountCodes: CodeTable = {
  id: "collection_account_codes",
  title: { en: "Open the collection account code table", zh: "开通收款账户码表" },
  key: { type: "unknown", provenance: "unknown" },
  rows: []
}

/** Categories of goods. Integers by inference; linked to `goods_info.category` of orders by inference. */
export const productCategory: CodeTable = {
  id: "product_category",
  title: { en: "Product Category", zh: "商品品类" },
  key: { type: "integer", provenance: "inferred" },
  rows: []
}

/** Categories of business. Key unknown; no field can be linked to it. */
export const businessCategories: CodeTable = {
  id: "business_categories",
  title: { en: "Business categories", zh: "经营品类" },
  key: { type: "unknown", provenance: "unknown" },
  rows: []
}

/** Provinces and cities. Texts by inference; linked to the addresses of onboarding by inference. Two levels by its title. */
export const provinceCity: CodeTable = {
  id: "province_city",
  title: { en: "Province and city code", zh: "省市编码" },
  key: { type: "string", provenance: "inferred" },
  rows: []
}

/** Banks. Key unknown; no field can be linked to it. */
export const bankCode: CodeTable = {
  id: "bank_code",
  title: { en: "Bank code", zh: "银行编码" },
  key: { type: "unknown", provenance: "unknown" },
  rows: []
}

/** Industries. Integers by inference; linked to `industry` of onboarding and payees by inference. */
export const industry: CodeTable = {
  id: "industry",
  title: { en: "industry", zh: "行业" },
  key: { type: "integer", provenance: "inferred" },
  rows: []
}

/** Industries of the newer documentation. Texts of two levels (one main, several sub) by inference, as are its links. */
export const newIndustry: CodeTable = {
  id: "new_industry",
  title: { en: "new industry", zh: "新行业" },
  key: { type: "string", provenance: "inferred" },
  rows: []
}

/**
 * Countries and regions. Texts of at most two characters: documented. That it follows ISO 3166-1 is likely and not known;
 * `Iso3166.table` takes its place where the standard will do.
 */
export const countryCode: CodeTable = {
  id: "country_code",
  title: { en: "Country code", zh: "国家地区代码" },
  key: { type: "string", provenance: "documented" },
  rows: []
}

/** The eight tables in the order of the documentation, for tools. */
export const tables: ReadonlyArray<CodeTable> = [
  collectionAccountCodes,
  productCategory,
  businessCategories,
  provinceCity,
  bankCode,
  industry,
  newIndustry,
  countryCode
]

/** Where something stands: in a row that was given as a value, or in a text. */
export interface Place {
  /** The row's number, from 1. */
  readonly row?: number | undefined
  /** The line of the text, from 1. */
  readonly line?: number | undefined
  /** From 1: in CSV the number of the cell, in JSON that of the character in its line. */
  readonly column?: number | undefined
  /** The column's header or the member's name, as the text has it. */
  readonly field?: string | undefined
}

/** What is wrong with a table, and where. */
export interface Fault extends Place {
  readonly rule: string
}

// Texts of foreign files: short, and on one line.
const short = (text: string): string => (text.length > 32 ? `${text.slice(0, 32)}…` : text).replace(/\s+/g, " ")

const show = ({ row, line, column, field, rule }: Fault): string => {
  const at = [
    row === undefined ? "" : `row ${row}`,
    line === undefined ? "" : `line ${line}`,
    column === undefined ? "" : `column ${column}`
  ].filter((part) => part !== "")
  const name = field === undefined ? "" : ` (${short(field)})`
  return at.length === 0 ? `${rule}${name}` : `${at.join(", ")}${name}: ${rule}`
}

/** An error keeps so many faults: of a file of the wrong kind each line may have one. */
export const maxFaults = 100

/** Rows that are no table. */
export class InvalidCodeTable
  extends /*#__PURE__*/ Data.TaggedError("InvalidCodeTable")<{
    /** The table's id. */
    readonly table: string
    /** All faults, or the first {@link maxFaults}. */
    readonly faults: ReadonlyArray<Fault>
    /** How many faults there are. */
    readonly count: number
  }>
{
  override get message(): string {
    const more = this.count - this.faults.length
    return [
      `code table ${this.table}: ${this.count === 1 ? "1 fault" : `${this.count} faults`}`,
      ...this.faults.map(show),
      ...(more === 0 ? [] : [`and ${more} more`])
    ].join("\n  ")
  }
}

/** What a file's columns (in JSON: members) are called, where the names are none of those that are known. */
export interface Columns {
  readonly code?: string | undefined
  readonly en?: string | undefined
  readonly zh?: string | undefined
  readonly parent?: string | undefined
}

/** How a file is read, by `CodeTableCsv` or `CodeTableJson`. */
export interface FileOptions {
  /** Where the rows come from: the address of PayKKa's page, for example. */
  readonly source: string
  /**
   * Names of columns. Known without, in capitals or not, with blank, hyphen or underscore: `code` 编码 代码;
   * `en` `english` `english name` `name en` 英文 英文名 英文名称; `zh` `chinese` `chinese name` `name zh` 中文 中文名 中文名称;
   * `parent` `parent code` 上级 上级编码 父级编码. Other columns are left out.
   */
  readonly columns?: Columns | undefined
}

/** A row and where its code stands, for a loader. */
export interface Placed {
  readonly row: Row
  readonly at: Place
}

// The one way to write an integer: two spellings of a code would be two rows.
const isInteger = (code: string): boolean => Number.isSafeInteger(Number(code)) && String(Number(code)) === code

const codeRule = (code: string, { type, provenance }: Key): string | undefined => {
  if (typeof code !== "string") return "must be a text"
  if (code.trim() === "") return "is empty"
  if (code !== code.trim()) return "must not begin or end with a blank"
  if (type !== "integer" || isInteger(code)) return undefined
  return `must be a whole number such as 12, without leading zeros: the codes of this table are integers (${provenance})`
}

/**
 * As {@link withRows}, for a loader that knows where the rows stand in a text: faults are told by line and column, together
 * with those that the loader has `found` itself.
 */
export const withPlacedRows = (
  table: CodeTable,
  placed: ReadonlyArray<Placed>,
  found: ReadonlyArray<Fault> = []
): Result.Result<CodeTable, InvalidCodeTable> => {
  const faults = [...found]
  const first = new Map<string, Place>()
  for (const { row, at } of placed) {
    const earlier = first.get(row.code)
    const rule = codeRule(row.code, table.key)
    if (rule !== undefined) faults.push({ ...at, rule })
    else if (earlier === undefined) first.set(row.code, at)
    else {
      const place = earlier.line === undefined ? `in row ${earlier.row}` : `on line ${earlier.line}`
      faults.push({ ...at, rule: `the code "${short(row.code)}" is ${place} already` })
    }
  }
  if (faults.length === 0) return Result.succeed({ ...table, rows: placed.map(({ row }) => row) })
  faults.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0))
  return Result.fail(
    new InvalidCodeTable({ table: table.id, faults: faults.slice(0, maxFaults), count: faults.length })
  )
}

/**
 * The table with these rows instead of its own. Fails with all faults at once: a code that is empty, that begins or ends
 * with a blank, that stands twice, or that is no integer where the codes are integers.
 */
export const withRows = (table: CodeTable, rows: ReadonlyArray<Row>): Result.Result<CodeTable, InvalidCodeTable> =>
  withPlacedRows(
    table,
    rows.map((row, index) => ({ row, at: { row: index + 1 } }))
  )

const indexes = /*#__PURE__*/ new WeakMap<ReadonlyArray<Row>, ReadonlyMap<string, Row>>()

/** The rows by their codes, made on the first question. */
const indexOf = ({ rows }: CodeTable): ReadonlyMap<string, Row> => {
  const known = indexes.get(rows)
  if (known !== undefined) return known
  const index = new Map(rows.map((row) => [row.code, row]))
  indexes.set(rows, index)
  return index
}

/** The row of a code, given as text or as the number of the wire. */
export const find = (table: CodeTable, code: string | number): Row | undefined => indexOf(table).get(String(code))

/** The rows under a code, in a table of two levels; without a code, the rows of the upper level. */
export const children = (table: CodeTable, parent?: string | number): ReadonlyArray<Row> => {
  const code = parent === undefined ? undefined : String(parent)
  return table.rows.filter((row) => row.parent === code)
}

// As people type: without capitals, accents and full width. Chinese is written without blanks, so any part of a name
// counts, not only the beginning of a word.
const plain = (text: string): string => text.normalize("NFKD").toLowerCase().replace(/\p{M}/gu, "")

/**
 * The rows whose name has each of the words of `text` in it, in the order of the table; all rows for an empty text.
 *
 * Capitals, accents and full-width forms make no difference (`CURACAO` finds `Curaçao`). Without a language either name
 * counts. The code is no name: see {@link find}.
 */
export const search = (table: CodeTable, text: string, language?: "en" | "zh"): ReadonlyArray<Row> => {
  const words = plain(text)
    .split(/\s+/)
    .filter((word) => word !== "")
  const matches = (name = ""): boolean => {
    const readable = plain(name)
    return words.every((word) => readable.includes(word))
  }
  return table.rows.filter((row) =>
    language === undefined ? matches(row.en) || matches(row.zh) : matches(row[language])
  )
}

const plural = (rows: number): string => (rows === 1 ? "1 row" : `${rows} rows`)

/** What a code breaks that is not in the table. */
const missingRule = ({ id, rows }: CodeTable): string => {
  const [source, ...others] = new Set(rows.map((row) => row.source))
  const more = others.length === 0 ? "" : ` and ${others.length} more`
  return `is not in table ${id} (${plural(rows.length)} from ${source}${more})`
}

const isCode = (value: unknown): value is string | number | bigint =>
  typeof value === "string" || typeof value === "number" || typeof value === "bigint"

/**
 * A check of requests against tables, for the option `check` of a client: reports each code that is not in its table, with
 * path and rule, never the value.
 *
 * Fields whose table is not among those given, or has no rows, are not checked; nor is what does not have the form that
 * the schema wants. Of several tables with one id the last that has rows counts.
 */
export const checker = (
  given: ReadonlyArray<CodeTable>
): ((operation: Pick<Operation, "request">, input: unknown) => ReadonlyArray<ValueFault>) => {
  const byId = new Map(
    given
      .filter(({ rows }) => rows.length > 0)
      .map((table) => [table.id, { codes: indexOf(table), rule: missingRule(table) }])
  )
  const shapes = new WeakMap<Codec, Shape.Shape>()
  const shapeOf = (schema: Codec): Shape.Shape => {
    const known = shapes.get(schema) ?? Shape.of(schema)
    shapes.set(schema, known)
    return known
  }

  const check = (shape: Shape.Shape, value: unknown, path: string): ReadonlyArray<ValueFault> => {
    const { items, fields = [], table } = shape
    if (Array.isArray(value)) {
      return items === undefined ? [] : value.flatMap((item, index) => check(items, item, `${path}[${index}]`))
    }
    if (Json.isObject(value)) {
      return fields.flatMap((field) =>
        check(field.shape, value[field.name], path === "" ? field.name : `${path}.${field.name}`)
      )
    }
    const rows = table === undefined ? undefined : byId.get(table)
    if (rows === undefined || !isCode(value) || rows.codes.has(String(value))) return []
    return [{ path, rule: rows.rule }]
  }

  return ({ request }, input) => check(shapeOf(request), input, "")
}
