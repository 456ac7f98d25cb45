import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { expect, it, onTestFinished } from "vitest"
import * as DeadLinks from "../deadLinks.ts"

const folderOf = (files: Readonly<Record<string, string>>): string => {
  const folder = mkdtempSync(join(tmpdir(), "paykka-links-"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  return folder
}

it("finds dead files, folders and headings in markdown, and asks no other host", async () => {
  const folder = folderOf({
    "README.md": [
      "# First `one`",
      "[page](docs/page.md) [folder](docs) [heading](docs/page.md#a-heading) [here](#first-one)",
      "[elsewhere](https://host.invalid/page)",
      "[dead](docs/none.md) [dead](none) [dead](docs/page.md#none) [dead](#none)"
    ].join("\n\n"),
    "docs/page.md": "# Page\n\n## A heading\n\n[back](../README.md#first-one) [dead](../docs/README.md)\n"
  })
  const { dead } = await DeadLinks.ofRepository(folder, ["README.md", "docs/page.md"])
  expect(dead).toEqual([
    "README.md: README.md#none",
    "README.md: docs/none.md",
    "README.md: docs/page.md#none",
    "README.md: none",
    "docs/page.md: docs/README.md"
  ])
})

it("finds dead pages and headings of a site, wherever they stand", async () => {
  const page = (text: string) => `<!doctype html><title>Page</title>${text}`
  const folder = folderOf({
    "index.html": page('<h1 id="top">Top</h1><a href="/a.html">a</a><a href="#top">here</a>'),
    "a.html": page('<a href="/">home</a><a href="/#none">dead</a><a href="/b.html">dead</a>')
  })
  const { followed, dead } = await DeadLinks.ofSite(folder)
  expect(dead).toEqual(["a.html: #none", "a.html: b.html"])
  expect(followed).toBeGreaterThan(2)
})
