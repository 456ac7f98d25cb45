import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { root, runTool } from "../check.ts"
import { makeFolder } from "./scratch.ts"

const read = (file: string) => readFileSync(join(root, file), "utf8")

it("the lint rules find what they are for, and nothing in what is allowed", async () => {
  const bad: Readonly<Record<string, string>> = {
    "any.ts": `export const a = (x: any) => x`,
    "floating.ts": `const f = async () => 1\nexport const g = () => { f() }`,
    "default.ts": `export default 1`,
    "barrel.ts": `import { Effect } from "effect"\nexport const a = Effect.void`,
    "barrelExport.ts": `export { Effect } from "effect"`,
    "subBarrel.ts": `import { HttpClient } from "effect/http"\nexport const a = HttpClient.get`,
    "builtin.ts": `import { readFile } from "node:fs/promises"\nexport const a = readFile`,
    "platform.ts": `import * as Runtime from "@effect/platform-node/NodeRuntime"\nexport const a = Runtime`,
    "internal/node.ts": `import { Effect } from "effect"\nexport const a = Effect.void`
  }
  const good: Readonly<Record<string, string>> = {
    "deep.ts": `import * as Client from "effect/http/HttpClient"\nimport { pipe } from "effect/Function"\nexport const a = [Client, pipe]`,
    "node.ts": `import { readFile } from "node:fs/promises"\nexport const a = readFile`,
    "node/Files.ts": `import { readFile } from "node:fs/promises"\nexport const a = readFile`,
    "internal/nodeFiles.ts": `import { readFile } from "node:fs/promises"\nexport const a = readFile`
  }
  const sources = Object.entries({ ...bad, ...good }).map(([file, text]) => [`packages/one/src/${file}`, `${text}\n`])
  const folder = makeFolder({
    ...Object.fromEntries(sources),
    "packages/one/test/a.test.ts": `import { Effect } from "effect"\nimport { sep } from "node:path"\nexport default [Effect, sep]\n`,
    ".oxlintrc.json": read(".oxlintrc.json"),
    "tsconfig.base.json": read("tsconfig.base.json"),
    "packages/one/tsconfig.json": `{ "extends": "../../tsconfig.base.json", "compilerOptions": { "noEmit": true } }`
  })
  const { ok, output } = await runTool("oxlint", ["--format", "unix", "packages"], { cwd: folder })
  const found = [...output.matchAll(/^packages\/one\/(\S+?):.*\[Error\/(.+)\]$/gm)].map(
    ([, file, rule]) => `${file} ${rule}`
  )
  expect(found.toSorted()).toEqual([
    "src/any.ts typescript(no-explicit-any)",
    "src/barrel.ts eslint(no-restricted-imports)",
    "src/barrelExport.ts eslint(no-restricted-imports)",
    "src/builtin.ts eslint(no-restricted-imports)",
    "src/default.ts import(no-default-export)",
    "src/floating.ts typescript(no-floating-promises)",
    "src/internal/node.ts eslint(no-restricted-imports)",
    "src/platform.ts eslint(no-restricted-imports)",
    "src/subBarrel.ts eslint(no-restricted-imports)"
  ])
  expect(ok).toBe(false)
})
