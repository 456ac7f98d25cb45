/** A user's empty project outside the repository: packed packages installed, one program, the compiler as users set it. */
import { execFile } from "node:child_process"
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const here = fileURLToPath(new URL(".", import.meta.url))
const root = join(here, "../..")
const PATH = [join(root, "node_modules/.bin"), process.env["PATH"]].join(delimiter)

/** What a command printed; rejects with all it said when it fails. */
const run = (
  command: string,
  args: ReadonlyArray<string>,
  cwd: string,
  env: Readonly<Record<string, string>> = {}
): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(command, [...args], { cwd, env: { PATH, HOME: process.env["HOME"], ...env } }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new Error(`${command} ${args.join(" ")}: ${error.message}\n${stdout}\n${stderr}`))
    })
  })

interface Manifest {
  readonly name: string
  readonly version: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest

/** The packed packages, and what else they need. */
export interface Packed {
  readonly folder: string
  readonly peersOf: (name: string) => ReadonlyArray<string>
  readonly tarballOf: (name: string) => string
  /** The installed folders of all that is not ours, by name: Effect, and what our packages depend on, whatever depth. */
  readonly others: ReadonlyMap<string, string>
}

/** Where a package is installed for the package in this folder. */
const installedFor = (folder: string, name: string): string => {
  const candidate = join(folder, "node_modules", name)
  if (existsSync(candidate)) return realpathSync(candidate)
  if (folder === dirname(folder)) throw new Error(`${name} is not installed`)
  return installedFor(dirname(folder), name)
}

const collect = (folder: string, names: ReadonlyArray<string>, others: Map<string, string>): void => {
  for (const name of names) {
    const found = installedFor(folder, name)
    const known = others.get(name)
    if (known !== undefined && known !== found) throw new Error(`${name} is needed in two versions`)
    if (known !== undefined) continue
    others.set(name, found)
    collect(found, Object.keys(manifestOf(found).dependencies ?? {}), others)
  }
}

const isForeign = (name: string): boolean => !name.startsWith("@paykka/")

/** Packs all packages, and finds what else they need, so that nothing has to be fetched. */
export const pack = async (): Promise<Packed> => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "paykka-consumers-")))
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
  const tarballs = join(folder, "tarballs")
  await run("pnpm", ["--filter", "./packages/*", "pack", "--pack-destination", tarballs], root)

  const others = new Map<string, string>()
  const manifests = new Map(
    readdirSync(join(root, "packages")).map((name) => {
      const packageFolder = join(root, "packages", name)
      const manifest = manifestOf(packageFolder)
      const { dependencies = {}, peerDependencies = {} } = manifest
      collect(packageFolder, Object.keys({ ...dependencies, ...peerDependencies }).filter(isForeign), others)
      return [manifest.name, manifest] as const
    })
  )
  return {
    folder,
    others,
    peersOf: (name) => Object.keys(manifests.get(name)?.peerDependencies ?? {}),
    tarballOf: (name) => {
      const version = manifests.get(name)?.version
      if (version === undefined) throw new Error(`${name} is not packed`)
      return join(tarballs, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`)
    }
  }
}

const tsconfig = {
  compilerOptions: {
    target: "ES2024",
    lib: ["ES2024", "DOM", "DOM.Iterable"],
    module: "NodeNext",
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
    types: []
  },
  include: ["*.ts"]
}

/** A project with one domain package. */
export interface Project {
  /** Names of the packages that are installed. */
  readonly installed: () => ReadonlyArray<string>
  /** Type-checks the program; rejects with what the compiler says. */
  readonly typecheck: () => Promise<string>
  /** Runs the program, gives the JSON that it prints. */
  readonly run: (env: Readonly<Record<string, string>>) => Promise<unknown>
}

/** Installs a domain package and its peers, and copies its program. */
export const create = async (packed: Packed, domain: string): Promise<Project> => {
  const name = `@paykka/${domain}`
  const folder = join(packed.folder, domain)
  mkdirSync(folder)
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }))
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(tsconfig))
  copyFileSync(join(here, "programs", `${domain}.ts`), join(folder, "program.ts"))
  // A workspace of its own, in which what is not ours comes from where it is installed.
  const overrides = Object.fromEntries([...packed.others].map(([other, installed]) => [other, `file:${installed}`]))
  writeFileSync(join(folder, "pnpm-workspace.yaml"), JSON.stringify({ packages: ["."], overrides }))
  const wanted = [name, ...packed.peersOf(name)].map((each) => packed.others.get(each) ?? packed.tarballOf(each))
  await run("pnpm", ["add", "--offline", "--ignore-scripts", ...wanted.map((path) => `file:${path}`)], folder)
  return {
    installed: () =>
      readdirSync(join(folder, "node_modules"))
        .filter((entry) => !entry.startsWith("."))
        .flatMap((entry) =>
          entry.startsWith("@")
            ? readdirSync(join(folder, "node_modules", entry)).map((inner) => `${entry}/${inner}`)
            : [entry]
        )
        .toSorted(),
    typecheck: () => run("tsc", ["-p", "tsconfig.json", "--pretty", "false"], folder),
    run: async (env) => JSON.parse(await run("node", ["program.ts"], folder, env)) as unknown
  }
}
