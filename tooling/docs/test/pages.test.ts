/** The blocks of the documentation that say so are run, as they stand. */
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { root } from "../../checks/check.ts"
import { blocks, documents } from "../../checks/examples.ts"
import { runPage } from "../runPage.ts"
import { stepsOf } from "../steps.ts"

const pages = globSync([...documents], { cwd: root })
  .filter((file) => !file.includes("node_modules"))
  .toSorted()
  .map((file) => ({ file, page: stepsOf(blocks(file, readFileSync(join(root, file), "utf8"))) }))
  .filter(({ page }) => page.steps.length > 0)

describe("what the documentation says to run", () => {
  it("is there", () => {
    expect(pages.map(({ file }) => file)).toEqual(
      expect.arrayContaining(["docs/getting-started.md", "docs/signing.md"])
    )
  })

  for (const { file, page } of pages) {
    it.concurrent(file, async () => {
      for (const reason of await runPage(page)) console.log(`${file}: left out: ${reason}`)
    })
  }
})
