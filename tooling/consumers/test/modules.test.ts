import { expect, it } from "vitest"
import { commandsOf, publicModules } from "../modules.ts"
import { project } from "./scratch.ts"

const sample = {
  "@paykka/one": {
    "dist/index.js": `export * as Main from "./Main.js"`,
    "dist/Main.js": `import { hidden } from "./internal/hidden.js"\nexport const twice = () => hidden * 2`,
    "dist/deep/Inner.js": `export const inner = 1`,
    "dist/files.js": `export * from "./internal/reading.js"`,
    "dist/internal/hidden.js": `export const hidden = 1`,
    "dist/internal/reading.js": `export { readFileSync } from "node:fs"`,
    "dist/lazy.js": `export const lazy = () => import("node:os")`
  },
  "@paykka/two": {
    "dist/index.js": `export { twice } from "@paykka/one/Main"`
  },
  "@paykka/tool": {
    manifest: { bin: { pay: "./dist/run.js" }, exports: { "./package.json": "./package.json" } },
    "dist/run.js": ""
  }
}

it("finds each module that Node lets people import, what it exports and reaches, and whether it needs Node", async () => {
  const folder = project(sample)
  const found = await publicModules(folder, Object.keys(sample))
  expect(found.map(({ specifier, exports, isPortable }) => [specifier, exports, isPortable])).toEqual([
    ["@paykka/one/Main", ["twice"], true],
    ["@paykka/one/deep/Inner", ["inner"], true],
    ["@paykka/one/files", ["readFileSync"], false],
    ["@paykka/one", ["Main"], true],
    ["@paykka/one/lazy", ["lazy"], true],
    ["@paykka/two", ["twice"], true]
  ])
  const [two] = found.filter(({ specifier }) => specifier === "@paykka/two")
  const files = ["two/dist/index.js", "one/dist/Main.js", "one/dist/internal/hidden.js"]
  expect([...two!.reach].toSorted()).toEqual(files.map((file) => `${folder}/node_modules/@paykka/${file}`).toSorted())
  expect(commandsOf(folder, Object.keys(sample)).map(({ name }) => name)).toEqual(["pay"])
})

it("takes an export from another place than its own for a fault", async () => {
  const manifest = { exports: { "./One": "./dist/One.js", "./two": "./dist/One.js" } }
  const folder = project({ "@paykka/sample": { manifest, "dist/One.js": `export const one = 1` } })
  await expect(publicModules(folder, ["@paykka/sample"])).rejects.toThrow("@paykka/sample/two is exported from another")
})

it("takes a package with nothing to import or to run for a fault", async () => {
  const folder = project({ "@paykka/none": { manifest: { exports: {} }, "dist/index.js": "" } })
  await expect(publicModules(folder, ["@paykka/none"])).rejects.toThrow("@paykka/none has nothing to import or to run")
})
