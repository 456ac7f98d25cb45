/** The matrix as a table, and its place in the documentation. */
import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { type Failure, type Fate, failures } from "./failures.ts"

const file = fileURLToPath(new URL("../../../docs/retries.md", import.meta.url))
const begin = "<!-- matrix: written by tooling/calls/matrix/write.ts from the cases of its test -->"
const end = "<!-- /matrix -->"

const fateText = ({ requests, reason, retryable }: Fate): string =>
  `${requests} × ${reason === "interrupted" ? reason : `\`${reason}\``}${retryable ? ", retryable" : ""}`

const isSame = ({ read, write }: Failure): boolean => fateText(read) === fateText(write)

/** The table, as the formatter leaves it. */
const table = (): string => {
  const rows = [
    ["every request fails with", "a read", "a create or update"],
    ...failures.map((failure) => [
      failure.name,
      fateText(failure.read),
      isSame(failure) ? "the same" : fateText(failure.write)
    ])
  ]
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const line = (cells: ReadonlyArray<string>) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`
  const [head, ...body] = rows
  return [line(head!), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n")
}

const parts = (): readonly [before: string, after: string] => {
  const text = readFileSync(file, "utf8")
  const [before, rest, ...more] = text.split(begin)
  const after = rest?.split(end)[1]
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error(`${file} has no place for the matrix`)
  return [before, after]
}

const withTable = (): string => {
  const [before, after] = parts()
  return `${before}${begin}\n\n${table()}\n\n${end}${after}`
}

/** Whether the documentation shows the matrix as it is tried. */
export const isUpToDate = (): boolean => readFileSync(file, "utf8") === withTable()

/** Writes the matrix into the documentation. */
export const write = (): void => writeFileSync(file, withTable())
