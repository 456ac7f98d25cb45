/** A copy of the repository as it is, built, in which a release can be made. */
import { cpSync, existsSync, readFileSync, readdirSync, realpathSync } from "node:fs"
import { dirname, join, relative, sep } from "node:path"
import { root } from "./run.ts"

export interface Manifest {
  readonly name: string
  readonly version: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
  readonly publishConfig?: Readonly<Record<string, unknown>>
}

export const readManifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest

const left = new Set([".git", ".turbo", ".bootstrap", "coverage"])

/** Copies the repository. Of what is installed only the links among the packages come along: packing reads versions through them. */
export const copyTo = (folder: string): void => {
  const isWanted = (path: string): boolean => {
    const parts = relative(root, path).split(sep)
    return !parts.some((part) => left.has(part)) && (!parts.includes("node_modules") || parts[0] === "packages")
  }
  cpSync(root, folder, { recursive: true, verbatimSymlinks: true, filter: isWanted })
}

/** The folders of the published packages. */
export const packagesIn = (folder: string): ReadonlyArray<string> =>
  readdirSync(join(folder, "packages"))
    .map((name) => join(folder, "packages", name))
    .filter((each) => existsSync(join(each, "package.json")))

const isOurs = (name: string): boolean => name.startsWith("@paykka/")

/** What must be installed with a package. */
const needs = ({
  dependencies = {},
  peerDependencies = {},
  peerDependenciesMeta = {}
}: Manifest): ReadonlyArray<string> => [
  ...Object.keys(dependencies),
  ...Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional !== true)
]

/** Where a package is installed for the package in this folder. */
const installedFor = (folder: string, name: string): string => {
  const candidate = join(folder, "node_modules", name)
  if (existsSync(candidate)) return realpathSync(candidate)
  if (folder === dirname(folder)) throw new Error(`${name} is not installed`)
  return installedFor(dirname(folder), name)
}

/** The installed folders of all that these packages need and that is not ours, whatever depth. */
export const othersOf = (names: ReadonlyArray<string>): ReadonlySet<string> => {
  const found = new Set<string>()
  const visit = (folder: string) => {
    for (const name of needs(readManifest(folder))) {
      const installed = installedFor(folder, name)
      if (found.has(installed)) continue
      if (!isOurs(name)) found.add(installed)
      visit(installed)
    }
  }
  for (const name of names) visit(realpathSync(join(root, "packages", name)))
  return found
}
