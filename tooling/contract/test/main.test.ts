import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { assert, it } from "vitest"

it("prints JSON lines: the operations, then the differences, then the counts", () => {
  const main = fileURLToPath(new URL("../main.ts", import.meta.url))
  const { stdout } = spawnSync(process.execPath, [main, "--check", "--json"], { encoding: "utf8" })
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
  const rows = lines.filter(({ fields }) => fields !== undefined)
  const reasons = lines.filter(({ reason }) => reason !== undefined)
  const { operations, known, explained, unexplained } = lines.at(-1)!
  assert.deepStrictEqual([operations, known, explained, unexplained], [rows.length, rows.length, reasons.length, 0])
  assert.hasAllKeys(rows[0], ["operation", "path", "request", "response", "fields"])
})
