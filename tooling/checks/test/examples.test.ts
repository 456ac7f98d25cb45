import { describe, expect, it } from "vitest"
import { compile, fences } from "../examples.ts"

const markdown = [
  "# Title",
  "",
  "```ts",
  "const a: number = 1",
  "```",
  "",
  "```ts no-check",
  "const b: number = …",
  "```",
  "",
  "```sh",
  "npm start",
  "```",
  "",
  "````md",
  "```ts",
  "not an example, but a text about one",
  "```",
  "````",
  "",
  "- in a list:",
  "  ```typescript",
  "  const c = 3",
  "  ```"
].join("\n")

describe("fences", () => {
  it("finds the ts fences with their lines, and those that ask not to be checked", () => {
    expect(fences("docs/a.md", markdown)).toEqual([
      { file: "docs/a.md", line: 3, code: "const a: number = 1", checked: true },
      { file: "docs/a.md", line: 7, code: "const b: number = …", checked: false },
      { file: "docs/a.md", line: 22, code: "  const c = 3", checked: true }
    ])
  })

  it("finds the name of a fence that others import", () => {
    const [named, unchecked] = fences("docs/a.md", "```ts a.ts\n```\n```ts no-check b.ts\n```")
    expect([named?.name, named?.checked]).toEqual(["a.ts", true])
    expect([unchecked?.name, unchecked?.checked]).toEqual(["b.ts", false])
  })

  it("refuses a fence that is never closed: it would swallow every example below it", () => {
    expect(() => fences("docs/a.md", "# Title\n\n```ts\nconst a = 1\n")).toThrow(
      "docs/a.md:3: this fence is never closed"
    )
  })
})

describe("compile", () => {
  const example = (line: number, ...code: ReadonlyArray<string>) => ({
    file: "docs/a.md",
    line,
    code: code.join("\n"),
    checked: true
  })

  it("accepts examples that use Effect and Node, each a module of its own", async () => {
    const hello = [
      `import * as Effect from "effect/Effect"`,
      `const main = Effect.log(process.env["HOME"] ?? "")`,
      `await Effect.runPromise(main)`
    ]
    expect(await compile([example(3, ...hello), example(30, ...hello)])).toBe("")
  })

  it("lets an example import another one of its folder by name, and reports errors under the markdown's line", async () => {
    const named = { ...example(3, `export const a: number = "1"`), name: "a.ts" }
    const output = await compile([named, example(30, `import { a } from "./a.ts"`, `const b: string = a`)])
    expect(output).toMatch(/^docs\/a\.md:4:14: error TS2322/m)
    expect(output).toMatch(/^docs\/a\.md:32:7: error TS2322/m)
    await expect(compile([named, { ...named, line: 40 }])).rejects.toThrow("EEXIST")
  })

  it("reports the markdown's file and line for a type error", async () => {
    const output = await compile([example(10, `const a = 1`, `const b: string = a`)])
    expect(output).toMatch(/^docs\/a\.md:12:7: error TS2322: Type 'number' is not assignable/m)
  })

  it("reports an import that does not exist", async () => {
    const output = await compile([example(1, `import { nothing } from "@paykka/nowhere"`)])
    expect(output).toMatch(/^docs\/a\.md:2:25: error TS2307/m)
  })

  it("reports an effect that never runs", async () => {
    const output = await compile([example(20, `import * as Effect from "effect/Effect"`, `Effect.log("lost")`)])
    expect(output).toMatch(/^docs\/a\.md:22:1.*floatingEffect/m)
  })
})
