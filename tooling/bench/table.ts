/** Text in columns: the first to the left, the others to the right. */
export const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const lines = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)))
  return lines
    .map((cells) =>
      widths
        .map((width, column) =>
          column === 0 ? (cells[column] ?? "").padEnd(width) : (cells[column] ?? "").padStart(width)
        )
        .join("  ")
        .trimEnd()
    )
    .join("\n")
}
