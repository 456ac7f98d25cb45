import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { budgets } from "../../bundle/budgets.ts"
import { root } from "../../checks/check.ts"

it("docs/edge.md has the limits of the bundles that a check holds, and sizes within them", () => {
  const page = readFileSync(join(root, "docs/edge.md"), "utf8")
  const rows = [...page.matchAll(/^\|.*\| (\d+) +\| (\d+) +\|$/gm)].map(([, size, limit]) => ({
    size: Number(size),
    limit: Number(limit)
  }))
  expect(rows.map(({ limit }) => limit)).toEqual(budgets.map(({ limitKb }) => limitKb))
  for (const { size, limit } of rows) expect(size).toBeLessThanOrEqual(limit)
})
