/** Code tables from JSON text: an array of objects, or an object with such an array as its `rows`. */
import * as Result from "effect/Result"
import {
  type CodeTable,
  type Fault,
  type FileOptions,
  type InvalidCodeTable,
  type Place,
  type Placed,
  withPlacedRows
} from "./CodeTable.ts"
import * as columns from "./internal/codeColumns.ts"
import * as tree from "./internal/jsonTree.ts"

/** Tells line and column of offsets that do not go back. */
const counter = (text: string): ((at: number) => { readonly line: number; readonly column: number }) => {
  const breaks = /\r\n|\r|\n/g
  let line = 1
  let begins = 0
  let next = breaks.exec(text)
  return (at) => {
    while (next !== null && next.index < at) {
      line++
      begins = next.index + next[0].length
      next = breaks.exec(text)
    }
    return { line, column: at - begins + 1 }
  }
}

/** The array of rows. */
const rowsOf = (root: tree.Node): ReadonlyArray<tree.Node> | undefined => {
  const value = root.type === "object" ? root.members.findLast(({ name }) => name === "rows")?.value : root
  return value?.type === "array" ? value.items : undefined
}

/** A cell's text: empty for null, undefined for what is no cell. Codes may be written as numbers. */
const textOf = (node: tree.Node): string | undefined => {
  if (node.type === "text" || (node.type === "number" && /^-?[0-9]+$/.test(node.text))) return node.text
  return node.type === "word" && node.text === "null" ? "" : undefined
}

/**
 * The table with the rows of a JSON text instead of its own: `[{ "code": "101", "en": "…", "zh": "…" }]`, or an object whose
 * `rows` is such an array.
 *
 * Codes may be texts or whole numbers. Null, an empty text and a missing member are the same; a byte order mark is skipped.
 *
 * Fails with all faults at once, each with its line and character: those of `CodeTable.withRows`, a row that is no object,
 * has no code or has one member twice, no rows at all. Text that is no JSON fails with the first fault alone.
 */
export const parse = (
  table: CodeTable,
  text: string,
  options: FileOptions
): Result.Result<CodeTable, InvalidCodeTable> => {
  // The mark has no place in a line.
  const json = text.startsWith("\uFEFF") ? text.slice(1) : text
  const placeOf = counter(json)
  const fail = (fault: Fault) => withPlacedRows(table, [], [fault])

  const root = tree.parse(json)
  if (Result.isFailure(root)) {
    const { at, rule } = root.failure
    return fail({ ...placeOf(at), rule: `is not JSON: ${rule}` })
  }
  const rows = rowsOf(root.success)
  if (rows === undefined) {
    return fail({ ...placeOf(root.success.at), rule: 'must be an array of rows, or an object with an array "rows"' })
  }
  if (rows.length === 0) return fail({ rule: "has no rows" })

  const kindOf = columns.kindOf(options.columns)
  const faults: Array<Fault> = []
  const placed: Array<Placed> = []
  for (const row of rows) {
    const at: Place = placeOf(row.at)
    if (row.type !== "object") {
      faults.push({ ...at, rule: "must be an object" })
      continue
    }
    const cells = new Map<columns.Kind, string | undefined>()
    let code: Place | undefined
    for (const { name, at: begins, value } of row.members) {
      const kind = kindOf(name)
      if (kind === undefined) continue
      const nameAt = { ...placeOf(begins), field: name }
      const valueAt = { ...placeOf(value.at), field: name }
      if (cells.has(kind)) {
        faults.push({ ...nameAt, rule: `is ${kind} a second time in this row` })
        continue
      }
      const cell = textOf(value)
      cells.set(kind, cell)
      if (cell === undefined) faults.push({ ...valueAt, rule: "must be a text or a whole number" })
      else if (kind === "code") code = valueAt
    }
    if (code !== undefined) placed.push({ row: columns.row((kind) => cells.get(kind), options.source), at: code })
    else if (!cells.has("code")) {
      faults.push({ ...at, rule: `has no member ${columns.wanted("code", options.columns)}` })
    }
  }
  return withPlacedRows(table, placed, faults)
}
