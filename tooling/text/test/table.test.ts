import { assert, it } from "@effect/vitest"
import { table } from "../table.ts"

it("sets numbers to the right and words to the left, each column as wide as its widest cell", () => {
  const text = table(
    ["engine", "lost", "ratio", "target", "answers"],
    [
      ["SQLite", 0, "0.21", ">= 0.80", "200"],
      ["PostgreSQL", 12, "-1.5", ">= 10.00", "none"]
    ]
  )
  assert.deepStrictEqual(text.split("\n"), [
    "engine      lost  ratio    target  answers",
    "SQLite         0   0.21   >= 0.80  200",
    "PostgreSQL    12   -1.5  >= 10.00  none"
  ])
})

it("shows the head alone, and lets cells be missing", () => {
  assert.strictEqual(table(["a", "b"], []), "a  b")
  assert.strictEqual(table(["a", "b"], [["x"]]), "a  b\nx")
})
