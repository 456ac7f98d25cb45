/** A user's empty project outside the repository, and packages installed there from their tarballs, without any network. */
import {
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
import { dirname, join } from "node:path"
import { here, root, run } from "./command.ts"

export interface Manifest {
  readonly name: string
  readonly version: string
  readonly exports?: Readonly<Record<string, unknown>>
  readonly bin?: string | Readonly<Record<string, string>>
  readonly engines?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}

export const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest

/** The packed packages, and what else they need. */
export interface Packed {
  /** Vanishes with this process. */
  readonly folder: string
  /** Names of our packages. */
  readonly names: ReadonlyArray<string>
  readonly tarballOf: (name: string) => string
  /** Packages with their peers, and theirs; optional ones of ours only `withOptional`. */
  readonly withPeers: (
    names: ReadonlyArray<string>,
    options?: { readonly withOptional: boolean }
  ) => ReadonlyArray<string>
  /** Packages of ours that come with these, as their dependencies. */
  readonly dependenciesOf: (names: ReadonlyArray<string>) => ReadonlyArray<string>
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

const isForeign = (name: string): boolean => !name.startsWith("@paykka/")

const requiredPeers = ({ peerDependencies = {}, peerDependenciesMeta = {} }: Manifest): ReadonlyArray<string> =>
  Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional !== true)

/** All that is reached from these, themselves among it. */
const closure = (
  from: ReadonlyArray<string>,
  next: (name: string) => ReadonlyArray<string>,
  found: Set<string> = new Set()
): ReadonlyArray<string> => {
  for (const name of from) {
    if (found.has(name)) continue
    found.add(name)
    closure(next(name), next, found)
  }
  return [...found]
}

const collect = (folder: string, names: ReadonlyArray<string>, others: Map<string, string>): void => {
  for (const name of names) {
    const found = installedFor(folder, name)
    const known = others.get(name)
    if (known !== undefined && known !== found) throw new Error(`${name} is needed in two versions`)
    if (known !== undefined) continue
    others.set(name, found)
    const manifest = manifestOf(found)
    collect(found, [...Object.keys(manifest.dependencies ?? {}), ...requiredPeers(manifest)], others)
  }
}

/** Packs all packages, and finds what else they need, so that nothing has to be fetched. */
export const pack = async (): Promise<Packed> => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "paykka-consumers-")))
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
  const tarballs = join(folder, "tarballs")
  await run("pnpm", ["--filter", "./packages/*", "pack", "--pack-destination", tarballs], root)

  const others = new Map<string, string>()
  // Programs that run on Node are compiled with Node's types.
  collect(here, ["@types/node"], others)
  const manifests = new Map(
    readdirSync(join(root, "packages")).map((name) => {
      const packageFolder = join(root, "packages", name)
      const manifest = manifestOf(packageFolder)
      const { dependencies = {}, peerDependencies = {} } = manifest
      collect(packageFolder, Object.keys({ ...dependencies, ...peerDependencies }).filter(isForeign), others)
      return [manifest.name, manifest] as const
    })
  )
  const peersOf = (name: string, withOptional: boolean): ReadonlyArray<string> => {
    const own = manifests.get(name)
    if (own === undefined) return requiredPeers(manifestOf(others.get(name)!))
    return withOptional ? Object.keys(own.peerDependencies ?? {}) : requiredPeers(own)
  }
  const ours = (names: Readonly<Record<string, string>> = {}) => Object.keys(names).filter((name) => !isForeign(name))
  return {
    folder,
    names: [...manifests.keys()],
    others,
    withPeers: (names, { withOptional } = { withOptional: false }) =>
      closure(names, (name) => peersOf(name, withOptional)),
    dependenciesOf: (names) =>
      closure(
        names.filter((name) => manifests.has(name)),
        (name) => ours(manifests.get(name)?.dependencies)
      ),
    tarballOf: (name) => {
      const version = manifests.get(name)?.version
      if (version === undefined) throw new Error(`${name} is not packed`)
      return join(tarballs, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`)
    }
  }
}

/** Makes an empty project and installs packages in it, ours from their tarballs. Gives its folder. What they depend on comes with them. */
export const install = async (packed: Packed, project: string, names: ReadonlyArray<string>): Promise<string> => {
  const folder = join(packed.folder, project)
  mkdirSync(folder)
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }))
  // A workspace of its own, in which what is not ours comes from where it is installed.
  const from = (name: string) => `file:${packed.others.get(name) ?? packed.tarballOf(name)}`
  const available = new Set([...packed.others.keys(), ...names, ...packed.dependenciesOf(names)])
  const overrides = Object.fromEntries([...available].map((name) => [name, from(name)]))
  writeFileSync(join(folder, "pnpm-workspace.yaml"), JSON.stringify({ packages: ["."], overrides }))
  await run("pnpm", ["add", "--offline", "--ignore-scripts", ...names.map(from)], folder)
  return folder
}
