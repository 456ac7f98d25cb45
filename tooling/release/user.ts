/** A user's empty project: installs from the registry, has one program, runs it. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { type Place, run } from "./run.ts"
import { readManifest } from "./workspace.ts"

/** Makes the project in a folder: `npm install <wanted>`, which brings the peers, and the program beside it. */
export const install = async (place: Place, wanted: string, program: string): Promise<void> => {
  mkdirSync(place.cwd, { recursive: true })
  writeFileSync(join(place.cwd, "package.json"), JSON.stringify({ name: "user", private: true, type: "module" }))
  await run("npm", ["install", wanted], place)
  copyFileSync(fileURLToPath(new URL(`programs/${program}.ts`, import.meta.url)), join(place.cwd, "program.ts"))
}

/** What is wrong with what was installed: others of ours than these, another version, a part of the package that is missing. */
export const installFaults = (folder: string, names: ReadonlyArray<string>, version: string): ReadonlyArray<string> => {
  const scope = join(folder, "node_modules/@paykka")
  const found = readdirSync(scope).map((name) => `@paykka/${name}`)
  const faults = found.flatMap((name) => {
    const installed = join(folder, "node_modules", name)
    const lacking = ["README.md", "AGENTS.md", "CHANGELOG.md", "LICENSE"].filter(
      (file) => !existsSync(join(installed, file))
    )
    const { version: is } = readManifest(installed)
    return [
      ...(is === version ? [] : [`${name} has the version ${is}, not ${version}`]),
      ...lacking.map((file) => `${name} lacks ${file}`)
    ]
  })
  const wanted = names.toSorted().join(", ")
  return found.toSorted().join(", ") === wanted
    ? faults
    : [`installed were ${found.join(", ")}, and not ${wanted}`, ...faults]
}
