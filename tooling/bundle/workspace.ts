/** A user's project outside the repository: the packed packages installed, the fixtures as its sources. */
import { execFileSync } from "node:child_process"
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync
} from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const here = fileURLToPath(new URL(".", import.meta.url))
const root = join(here, "../..")

/** The project. Its folder vanishes with this process. */
export interface UserProject {
  readonly folder: string
  /** The source file of a fixture. */
  readonly source: (fixture: string) => string
}

const run = (command: string, args: ReadonlyArray<string>): void => {
  const PATH = [join(root, "node_modules/.bin"), process.env["PATH"]].join(delimiter)
  execFileSync(command, args, { cwd: root, env: { ...process.env, PATH }, stdio: ["ignore", "ignore", "inherit"] })
}

const link = (target: string, path: string): void => {
  if (existsSync(path)) return
  // Of a name with a scope.
  mkdirSync(dirname(path), { recursive: true })
  symlinkSync(realpathSync(target), path, "junction")
}

/**
 * Packs every package, unpacks it as `npm install` would, and links `effect` and what the packages depend on beside it, as pnpm does in a user's project.
 * Needs no network.
 */
export const create = (): UserProject => {
  // The real path: bundlers resolve links, and the names of modules are compared with it.
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "paykka-bundle-")))
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }))

  const tarballs = join(folder, "tarballs")
  mkdirSync(tarballs)
  run("pnpm", ["--filter", "./packages/*", "pack", "--pack-destination", tarballs])

  const modules = join(folder, "node_modules")
  for (const [index, name] of readdirSync(tarballs).entries()) {
    const unpacked = join(folder, `unpacked-${index}`)
    mkdirSync(unpacked)
    run("tar", ["-xzf", join(tarballs, name), "-C", unpacked])
    const manifest = JSON.parse(readFileSync(join(unpacked, "package/package.json"), "utf8")) as {
      readonly name: string
      readonly dependencies?: Readonly<Record<string, string>>
    }
    if (!existsSync(join(unpacked, "package/dist"))) throw new Error(`${manifest.name} is not built: npm run build`)
    cpSync(join(unpacked, "package"), join(modules, manifest.name), { recursive: true })
    const own = join(root, "packages", manifest.name.slice("@paykka/".length), "node_modules")
    for (const other of Object.keys(manifest.dependencies ?? {}).filter((each) => !each.startsWith("@paykka/"))) {
      link(join(own, other), join(modules, other))
    }
  }
  link(dirname(fileURLToPath(import.meta.resolve("effect/package.json"))), join(modules, "effect"))

  cpSync(join(here, "fixtures"), join(folder, "src"), { recursive: true })
  return { folder, source: (fixture) => join(folder, "src", `${fixture}.ts`) }
}
