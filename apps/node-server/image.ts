/**
 * Makes what the container image holds: the service as one file that needs nothing but Node, and its source map.
 *
 *   node image.ts <folder>
 *
 * The packages must be built. The folder is made; it must be empty.
 */
import { mkdirSync, readdirSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { rolldown } from "rolldown"

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error("which folder? node image.ts <folder>")
mkdirSync(folder, { recursive: true })
if (readdirSync(folder).length > 0) throw new Error(`${folder} is not empty`)

const build = await rolldown({
  input: fileURLToPath(new URL("src/main.ts", import.meta.url)),
  platform: "node",
  external: /^node:/
})
const { output } = await build.write({
  dir: folder,
  format: "esm",
  entryFileNames: "main.mjs",
  sourcemap: true,
  codeSplitting: false
})
await build.close()
const [{ imports, dynamicImports }] = output
const strangers = [...imports, ...dynamicImports].filter((name) => !name.startsWith("node:"))
if (strangers.length > 0) throw new Error(`the file would need ${strangers.join(", ")}`)
