import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { assert, beforeEach, describe, it, onTestFinished } from "vitest"
import { code, codeFacts } from "../code-facts.ts"
import { compare, explain } from "../compare.ts"
import { contractFacts } from "../contract-facts.ts"
import { parse, texts } from "../contract.ts"
import { differences } from "../differences.ts"
import { files, stale, write } from "../files.ts"

describe("what is written", () => {
  const wanted = { "a.md": "# A\n", "b.json": "{}\n" }
  let folder: URL
  const path = (file: string): string => new URL(file, folder).pathname

  beforeEach(() => {
    const made = mkdtempSync(join(tmpdir(), "paykka-contract-"))
    onTestFinished(() => rmSync(made, { recursive: true, force: true }))
    folder = pathToFileURL(`${made}/`)
  })

  it("is stale where it is missing or another text, be it by one character", () => {
    assert.deepStrictEqual(stale(wanted, folder), ["a.md", "b.json"])
    writeFileSync(path("a.md"), wanted["a.md"])
    assert.deepStrictEqual(stale(wanted, folder), ["b.json"])
    writeFileSync(path("b.json"), "{}")
    assert.deepStrictEqual(stale(wanted, folder), ["b.json"])
    writeFileSync(path("b.json"), wanted["b.json"])
    assert.deepStrictEqual(stale(wanted, folder), [])
  })

  it("is written once, and then not stale", () => {
    assert.deepStrictEqual(write(wanted, folder), ["a.md", "b.json"])
    assert.strictEqual(readFileSync(path("a.md"), "utf8"), wanted["a.md"])
    assert.deepStrictEqual(stale(wanted, folder), [])
    assert.deepStrictEqual(write(wanted, folder), [])
  })
})

describe("the files of the repository", () => {
  const contract = parse(texts())
  const make = (of: typeof contract) =>
    files(of, code, explain(compare(contractFacts(of), codeFacts(code)), differences))

  it("are the same each time they are made", async () => {
    assert.deepStrictEqual(await make(contract), await make(parse(texts())))
  })

  it("follow a word of the contract, all three", async () => {
    const word = "the caller's unique request number"
    const changed = parse(
      Object.fromEntries(
        Object.entries(texts()).map(([name, text]) => [name, text.replaceAll(word, "a number of one's own")])
      )
    )
    const [before, after] = [await make(contract), await make(changed)]
    for (const file of Object.keys(before)) assert.notStrictEqual(after[file], before[file], file)
  })

  it("show every operation, and say of every field how sure it is and what it means", async () => {
    const page = (await make(contract))["docs/contract.md"]!
    for (const { id, path } of [...code.operations, ...code.notifications]) {
      assert.include(page, `\n### ${id}\n`)
      assert.include(page, path)
    }
    const rows = page
      .split("\n")
      .filter((line) => /^\| `[a-z0-9_.[\]]+` +\| (string|integer|number|boolean|object|array|binary)/.test(line))
    assert.isAbove(rows.length, 100)
    for (const row of rows) {
      assert.match(row, /\| (documented|third-party|inferred) +\|/)
      assert.notMatch(row, /\| +\|$/)
    }
  })
})
