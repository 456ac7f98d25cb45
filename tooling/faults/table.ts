/** Text in columns: words to the left, numbers to the right. */
export const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string | number>>): string => {
  const lines = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...lines.map((cells) => String(cells[column]).length)))
  const isNumber = head.map((_, column) => rows.every((cells) => typeof cells[column] === "number"))
  return lines
    .map((cells) =>
      cells
        .map((cell, column) => String(cell)[isNumber[column] ? "padStart" : "padEnd"](widths[column]!))
        .join("  ")
        .trimEnd()
    )
    .join("\n")
}
