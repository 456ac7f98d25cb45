/** A cell of a table. */
export type Cell = string | number

const isNumber = (cell: Cell): boolean => /^(?:[<>]=? )?-?[\d.,]+$/.test(String(cell))

/** Text in columns: a column of numbers is set to the right, every other one to the left. */
export const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<Cell>>): string => {
  const columns = head.map((name, column) => {
    const cells = rows.map((row) => row[column] ?? "")
    return {
      width: Math.max(...[name, ...cells].map((cell) => String(cell).length)),
      isRight: cells.length > 0 && cells.every(isNumber)
    }
  })
  return [head, ...rows]
    .map((cells) =>
      columns
        .map(({ width, isRight }, column) => {
          const text = String(cells[column] ?? "")
          return isRight ? text.padStart(width) : text.padEnd(width)
        })
        .join("  ")
        .trimEnd()
    )
    .join("\n")
}
