import { describe, expect, it } from "vitest"
import { publicModules } from "../modules.ts"
import { impureCalls, unusedStays } from "../shaking.ts"
import { project } from "./scratch.ts"

const clean = {
  "dist/index.js": `export * as One from "./One.js"\nexport { two } from "./Two.js"`,
  "dist/One.js": `import { two } from "./Two.js"\nexport const one = () => two\nexport const list = /*#__PURE__*/ Object.freeze([])`,
  "dist/Two.js": `export const two = 2\nexport class Three { static #count = 0\n three = parseInt("3") }`
}

const stays = async (files: Readonly<Record<string, string | object>>, bundler: "esbuild" | "rolldown") => {
  const folder = project({ "@paykka/sample": files })
  return unusedStays(folder, await publicModules(folder, ["@paykka/sample"]), bundler)
}

describe.each(["esbuild", "rolldown"] as const)("%s", (bundler) => {
  it("drops what is not used", async () => {
    expect(await stays(clean, bundler)).toEqual([])
  })

  it("keeps what a package does not say to be free of side effects", async () => {
    const files = { ...clean, manifest: { sideEffects: true }, "dist/Two.js": `export const two = globalThis.two?.()` }
    expect(await stays(files, bundler)).toContain(
      "@paykka/sample/One, of which nothing is used, leaves @paykka/sample/dist/Two.js"
    )
  })

  it("keeps what comes with a barrel and not with the module itself", async () => {
    const files = {
      ...clean,
      manifest: { sideEffects: ["./dist/index.js", "./dist/Side.js"] },
      "dist/index.js": `${clean["dist/index.js"]}\nexport { side } from "./Side.js"`,
      "dist/Side.js": `export const side = globalThis.side?.()`
    }
    expect(await stays(files, bundler)).toEqual(
      expect.arrayContaining([
        "One of @paykka/sample brings @paykka/sample/dist/Side.js as well",
        "two of @paykka/sample brings @paykka/sample/dist/Side.js as well"
      ])
    )
  })
})

it("a barrel makes nothing itself", async () => {
  const files = { ...clean, "dist/index.js": `export const own = 1` }
  await expect(stays(files, "esbuild")).rejects.toThrow("@paykka/sample makes own itself")
})

it("finds calls at the top of modules that are not marked pure, and those in the arguments of one that is", async () => {
  const files = {
    ...clean,
    "dist/Two.js": `export const two = parseInt("2")\nexport const three = /*#__PURE__*/ new Map([[3, parseInt("3")]])`
  }
  const folder = project({ "@paykka/sample": files })
  const found = await impureCalls(folder, await publicModules(folder, ["@paykka/sample"]))
  const words = "@paykka/sample/dist/Two.js calls when it is loaded, without a mark that it is pure:"
  expect(found).toEqual([`${words} parseInt("2")`, `${words} parseInt("3")`])

  const spotless = project({ "@paykka/sample": clean })
  expect(await impureCalls(spotless, await publicModules(spotless, ["@paykka/sample"]))).toEqual([])
})
