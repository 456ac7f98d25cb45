import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { all, type Check, root, runTool } from "./check.ts"
import { type Packed, packAll } from "./pack.ts"

/** Whether every door of each tarball has types that tell the truth to ESM consumers and bundlers. */
export const attw: Check = {
  name: "attw",
  run: async () => {
    const packed = await packAll()
    // One after the other: each of them loads a compiler.
    const results = []
    for (const one of packed) {
      results.push(await runTool("attw", [one.tarball, ...options, "--entrypoints", ...entrypoints(one)]))
    }
    return { ...all(results), note: `${packed.length} packages` }
  }
}

const options = ["--profile", "esm-only", "--format", "ascii", "--no-emoji", "--no-color"]

/** attw skips a wildcard such as "./*", which is the door that bundlers use: so each module is named, but those behind a shut door. */
const entrypoints = ({ folder }: Packed): ReadonlyArray<string> => {
  const dist = join(root, folder, "dist")
  if (!existsSync(dist)) return ["."]
  const doors: Record<string, unknown> = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")).exports
  const modules = readdirSync(dist, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".js") && file !== "index.js" && !file.startsWith("internal"))
    .map((file) => file.slice(0, -".js".length))
    .filter((module) => doors[`./${module}`] !== null)
  return [".", ...modules]
}
