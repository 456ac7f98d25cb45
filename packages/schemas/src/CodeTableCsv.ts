/**
 * Code tables from CSV text (RFC 4180): a header line, then a row a line, with comma, semicolon or tab between the cells.
 *
 * Stands on `effect/encoding/Csv`, which may change in a minor version of Effect.
 */
import * as Channel from "effect/Channel"
import * as Effect from "effect/Effect"
import * as Csv from "effect/encoding/Csv"
import * as Result from "effect/Result"
import {
  type CodeTable,
  type Fault,
  type FileOptions,
  type InvalidCodeTable,
  type Placed,
  withPlacedRows
} from "./CodeTable.ts"
import * as columns from "./internal/codeColumns.ts"

/** The cells of a record and the line on which it begins. */
interface Line {
  readonly line: number
  readonly cells: ReadonlyArray<string>
}

const lineBreaks = /\r\n|\r|\n/g
const isBlank = (text: string): boolean => text.trim() === ""

/** The one of the three that the header line has most of, outside of quotes. */
const delimiterOf = (text: string): string => {
  const [header = ""] = text.trimStart().split(/[\r\n]/, 1)
  const bare = header.replace(/"[^"]*"/g, "")
  const count = (delimiter: string) => bare.split(delimiter).length
  return [",", ";", "\t"].reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best))
}

/** All records, blank ones too: each begins on the line after the one before has ended. */
const readLines = (text: string): Result.Result<ReadonlyArray<Line>, Csv.CsvError> => {
  const records = Channel.succeed([text] as const).pipe(
    Channel.pipeTo(Csv.decodeString({ delimiter: delimiterOf(text) })),
    Channel.runCollect,
    Effect.result,
    Effect.runSync
  )
  return Result.map(records, (chunks) => {
    let line = 1
    return chunks.flat().map((cells) => {
      const begins = line
      line += 1 + cells.reduce((sum, cell) => sum + (cell.match(lineBreaks)?.length ?? 0), 0)
      return { line: begins, cells }
    })
  })
}

/** Which cell of a record is what, by the header. */
const readHeader = (
  { line, cells }: Line,
  given: FileOptions["columns"]
): { readonly cellOf: ReadonlyMap<columns.Kind, number>; readonly faults: ReadonlyArray<Fault> } => {
  const kindOf = columns.kindOf(given)
  const cellOf = new Map<columns.Kind, number>()
  const faults: Array<Fault> = []
  for (const [index, name] of cells.entries()) {
    const kind = kindOf(name)
    if (kind === undefined) continue
    const earlier = cellOf.get(kind)
    if (earlier === undefined) cellOf.set(kind, index)
    else {
      const rule = `is ${kind} as column ${earlier + 1} is: name the right one by columns.${kind}`
      faults.push({ line, column: index + 1, field: name, rule })
    }
  }
  for (const kind of columns.kinds) {
    // The code must be there; another only when it was asked for.
    if (cellOf.has(kind) || (kind !== "code" && given?.[kind] === undefined)) continue
    faults.push({
      line,
      rule: `the header has no column ${columns.wanted(kind, given)}: name the right one by columns.${kind}`
    })
  }
  return { cellOf, faults }
}

/**
 * The table with the rows of a CSV text instead of its own.
 *
 * The first line that is not blank is the header; blank lines are left out. Cells may be quoted and then hold delimiters, line
 * breaks and doubled quotes; a byte order mark is skipped. Cells are taken as they are; an empty one is the same as none.
 *
 * Fails with all faults at once, each with its line and the number of its cell: those of `CodeTable.withRows`, a header
 * without a code column, a row with more or fewer cells than the header, no rows at all. Text that is no CSV fails with
 * the first fault alone.
 */
export const parse = (
  table: CodeTable,
  text: string,
  options: FileOptions
): Result.Result<CodeTable, InvalidCodeTable> => {
  const fail = (fault: Fault) => withPlacedRows(table, [], [fault])
  const lines = readLines(text)
  if (Result.isFailure(lines)) {
    const { line, column, message } = lines.failure
    return fail({ line, column, rule: `is not CSV: ${message}` })
  }
  const [head, ...body] = lines.success.filter(({ cells }) => !cells.every(isBlank))
  if (head === undefined) return fail({ rule: "the text is empty; it must begin with a header line" })
  const { cellOf, faults: headerFaults } = readHeader(head, options.columns)
  const codeCell = cellOf.get("code")
  if (codeCell === undefined) return withPlacedRows(table, [], headerFaults)

  const width = head.cells.length
  const faults = [...headerFaults]
  const placed: Array<Placed> = []
  for (const { line, cells } of body) {
    // A spreadsheet may have blank cells beside its table.
    if (cells.length < width || !cells.slice(width).every(isBlank)) {
      faults.push({ line, rule: `the number of cells is ${cells.length}; that of the header is ${width}` })
      continue
    }
    placed.push({
      row: columns.row((kind) => cells[cellOf.get(kind) ?? -1], options.source),
      at: { line, column: codeCell + 1, field: head.cells[codeCell] }
    })
  }
  if (body.length === 0) faults.push({ rule: "has a header and no rows" })
  return withPlacedRows(table, placed, faults)
}
