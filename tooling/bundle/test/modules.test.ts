import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as esbuild from "esbuild"
import { afterAll, assert, describe, it } from "vitest"
import { moduleName, noSource, shares } from "../modules.ts"

describe("shares", () => {
  // A segment's fields, as steps from the segment before: column, source, line, column of the source, name.
  const sources = ["a.ts", "b.ts"]

  it("gives each byte to the segment that it follows", () => {
    // AAAA: column 0, source 0. CCAA: one column on, one source on. EDAA: two columns on, one source back.
    assert.deepStrictEqual(shares("1223333", { sources, mappings: "AAAA,CCAA,EDAA" }), [
      { source: "a.ts", bytes: 5 },
      { source: "b.ts", bytes: 2 }
    ])
  })

  it("keeps the source over the end of a line and starts its columns anew", () => {
    // Second line: ECAA is column 2, source 1; the two columns before it belong to nobody.
    assert.deepStrictEqual(shares("aaa\n??bbbb\n", { sources, mappings: "AAAA;ECAA" }), [
      { source: "b.ts", bytes: 5 },
      { source: "a.ts", bytes: 4 },
      { source: noSource, bytes: 2 }
    ])
  })

  it("gives what has no source to the bundler", () => {
    // A segment of one field only says where something without a source begins.
    assert.deepStrictEqual(shares("aab", { sources, mappings: "AAAA,E" }), [
      { source: "a.ts", bytes: 2 },
      { source: noSource, bytes: 1 }
    ])
  })

  it("counts bytes, not characters", () => {
    assert.deepStrictEqual(shares("é", { sources, mappings: "AAAA" }), [{ source: "a.ts", bytes: 2 }])
  })

  it("reads steps of more than one digit", () => {
    // gB is 16 as a step: 32 = 16 << 1, written as 0 with more to come, then 1.
    assert.deepStrictEqual(shares(`${"a".repeat(16)}b`, { sources, mappings: "AAAA,gBCAA" }), [
      { source: "a.ts", bytes: 16 },
      { source: "b.ts", bytes: 1 }
    ])
  })

  it("refuses what is not a source map", () => {
    assert.throws(() => shares("a", { sources, mappings: "A!AA" }), SyntaxError)
  })

  describe("against esbuild's own account", () => {
    const folder = mkdtempSync(join(tmpdir(), "paykka-modules-"))
    afterAll(() => rmSync(folder, { recursive: true, force: true }))

    it("agrees on every module of a minified bundle", async () => {
      const line = (name: string, count: number) =>
        Array.from(
          { length: count },
          (_, index) => `console.log("${name}", ${index}, globalThis.${name}${index});`
        ).join("\n")
      writeFileSync(join(folder, "small.js"), `${line("small", 3)}\n`)
      writeFileSync(join(folder, "large.js"), `${line("large", 40)}\n`)
      writeFileSync(join(folder, "entry.js"), `import "./small.js"\nimport "./large.js"\n${line("entry", 10)}\n`)
      const { outputFiles, metafile } = await esbuild.build({
        absWorkingDir: folder,
        entryPoints: ["entry.js"],
        bundle: true,
        minify: true,
        format: "esm",
        outfile: "out.js",
        sourcemap: "external",
        metafile: true,
        write: false
      })
      const [map, code] = outputFiles
      assert(map !== undefined && code !== undefined)
      const expected = metafile.outputs["out.js"]?.inputs ?? {}
      const actual = shares(code.text, JSON.parse(map.text))
      assert.sameMembers(
        actual.map(({ source }) => source),
        Object.keys(expected)
      )
      for (const { source, bytes } of actual) {
        // esbuild does not count the line feed at the end of the file and may count a separator with either neighbour.
        assert.approximately(bytes, expected[source]?.bytesInOutput ?? 0, 1, source)
      }
    })
  })
})

describe("moduleName", () => {
  it.each([
    ["../../x/node_modules/.pnpm/effect@4/node_modules/effect/dist/Effect.js", "effect/dist/Effect.js"],
    ["node_modules/@paykka/va/dist/Va.js", "@paykka/va/dist/Va.js"],
    ["src/webhook-va.ts", "webhook-va.ts"],
    [noSource, noSource]
  ])("of %s is %s", (source, name) => {
    assert.strictEqual(moduleName(source), name)
  })
})
