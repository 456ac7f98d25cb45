import { globSync, readFileSync, symlinkSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { root, runTool } from "../check.ts"
import { makeFolder } from "./scratch.ts"

const withEffect = "tsc --noEmit -p tsconfig.json && effect-tsgo diagnostics --project tsconfig.json --strict"

interface Manifest {
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

const read = (file: string) => readFileSync(join(root, file), "utf8")

describe("the typecheck script", () => {
  // The diagnostics alone accept a wrong type, and the compiler alone a floating effect.
  it("of every package and app runs the compiler and Effect's diagnostics", () => {
    const wrong = globSync("{packages,apps}/*/package.json", { cwd: root }).filter((file) => {
      const { scripts, dependencies, devDependencies } = JSON.parse(read(file)) as Manifest
      return "effect" in { ...dependencies, ...devDependencies } && scripts?.["typecheck"] !== withEffect
    })
    expect(wrong).toEqual([])
  })

  const check = (source: string) => {
    const folder = makeFolder({
      "package.json": JSON.stringify({ type: "module" }),
      "tsconfig.base.json": read("tsconfig.base.json"),
      "packages/one/tsconfig.json": read("packages/core/tsconfig.json"),
      "packages/one/src/one.ts": source,
      "node_modules/@types/.keep": ""
    })
    const require = createRequire(join(root, "packages/core/package.json"))
    const link = (name: string) =>
      symlinkSync(join(require.resolve(`${name}/package.json`), ".."), join(folder, "node_modules", name))
    for (const name of ["effect", "typescript", "@types/node"]) link(name)
    return runTool("sh", ["-c", withEffect], { cwd: join(folder, "packages/one") })
  }

  it("accepts what is right", async () => {
    const result = await check(`import * as Effect from "effect/Effect"\nexport const a = Effect.succeed(1)\n`)
    expect(result).toMatchObject({ ok: true })
  })

  it("fails on a wrong type", async () => {
    const { ok, output } = await check(`export const a: number = "1"\n`)
    expect(output).toContain("src/one.ts(1,14): error TS2322")
    expect(ok).toBe(false)
  })

  it("fails on a floating effect", async () => {
    const { ok, output } = await check(
      `import * as Effect from "effect/Effect"\nexport const f = () => {\n  Effect.succeed(1)\n  return 2\n}\n`
    )
    expect(output).toContain("src/one.ts:3:3 - error effect(floatingEffect)")
    expect(ok).toBe(false)
  })
})
