/** What the packed packages let people import: derived from their manifests and files, so that nothing is forgotten. */
import { readFileSync, readdirSync, realpathSync } from "node:fs"
import { createRequire, isBuiltin } from "node:module"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { init, parse } from "es-module-lexer"
import { manifestOf } from "./project.ts"

/** A module that people can import. */
export interface PublicModule {
  readonly package: string
  /** `@paykka/va/Va`, or `@paykka/va` for the barrel. */
  readonly specifier: string
  readonly file: string
  /** Names of its values. */
  readonly exports: ReadonlyArray<string>
  /** Files of ours that it imports, directly or not, itself among them. */
  readonly reach: ReadonlySet<string>
  /** Whether it runs where there is no Node: its imports never reach a module of Node's. */
  readonly isPortable: boolean
}

/** A command that a package installs. */
export interface Command {
  readonly package: string
  readonly name: string
  readonly file: string
}

/** A package's place in a project. */
export const folderOf = (project: string, name: string): string => realpathSync(join(project, "node_modules", name))

/** A file's name without the folders of the project: `@paykka/va/dist/Va.js`. */
export const shortName = (file: string): string =>
  file.slice(file.lastIndexOf("/node_modules/") + "/node_modules/".length)

/** Whether a file is one of our packages'. */
export const isOurs = (file: string): boolean => shortName(file).startsWith("@paykka/")

/** What Node resolves a specifier to in a project; undefined for what the package does not export. */
const resolveIn = (project: string, specifier: string): string | undefined => {
  try {
    return realpathSync(createRequire(join(project, "x.js")).resolve(specifier))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_PACKAGE_PATH_NOT_EXPORTED") return undefined
    throw error
  }
}

/** The static imports of a file of ours or of Effect; what other files import is not looked at. */
const makeImports = () => {
  const known = new Map<string, ReadonlyArray<string>>()
  return (file: string): ReadonlyArray<string> => {
    const found = known.get(file)
    if (found !== undefined) return found
    const isFollowed = /^(@paykka|@effect|effect)\//.test(shortName(file))
    const [imports] = isFollowed ? parse(readFileSync(file, "utf8"), file) : [[]]
    const require = createRequire(file)
    // A dynamic import runs when a program asks for it.
    const targets = imports.flatMap(({ n, d }) =>
      n === undefined || d !== -1 ? [] : [isBuiltin(n) ? n : realpathSync(require.resolve(n))]
    )
    known.set(file, targets)
    return targets
  }
}

const reachOf = (file: string, importsOf: (file: string) => ReadonlyArray<string>): ReadonlySet<string> => {
  const found = new Set<string>()
  const waiting = [file]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(next)) continue
    found.add(next)
    if (!isBuiltin(next)) waiting.push(...importsOf(next))
  }
  return found
}

/** What a manifest exports by name, but for data. */
const namedExports = (name: string, folder: string): ReadonlyArray<string> =>
  Object.entries(manifestOf(folder).exports ?? {}).flatMap(([path, target]) =>
    target === null || path.includes("*") || path.endsWith(".json") ? [] : [name + path.slice(1)]
  )

/**
 * The modules of the packages that are installed in a project. Each `.js` file of a package is one if Node lets it be imported as
 * `<package>/<its path in dist>` (`index.js`: as `<package>`). A package with neither a module nor a command is a fault, and so is an
 * export from another place.
 */
export const publicModules = async (
  project: string,
  names: ReadonlyArray<string>
): Promise<ReadonlyArray<PublicModule>> => {
  await init
  const importsOf = makeImports()
  const found: Array<PublicModule> = []
  for (const name of names) {
    const folder = folderOf(project, name)
    const files = readdirSync(join(folder, "dist"), { recursive: true, encoding: "utf8" })
    const own = files.toSorted().flatMap((path) => {
      if (!path.endsWith(".js")) return []
      const file = join(folder, "dist", path)
      const specifier = path === "index.js" ? name : `${name}/${path.slice(0, -".js".length)}`
      return resolveIn(project, specifier) === file ? [{ specifier, file }] : []
    })
    if (own.length === 0 && commandsOf(project, [name]).length === 0) {
      throw new Error(`${name} has nothing to import or to run`)
    }
    const elsewhere = namedExports(name, folder).find(
      (specifier) => !own.some((module) => module.specifier === specifier)
    )
    if (elsewhere !== undefined) throw new Error(`${elsewhere} is exported from another place than its own in dist`)
    for (const { specifier, file } of own) {
      const reached = reachOf(file, importsOf)
      const values = (await import(pathToFileURL(file).href)) as object
      found.push({
        package: name,
        specifier,
        file,
        exports: Object.keys(values).toSorted(),
        reach: new Set([...reached].filter(isOurs)),
        isPortable: ![...reached].some((target) => isBuiltin(target))
      })
    }
  }
  return found
}

/** The commands of the packages that are installed in a project. */
export const commandsOf = (project: string, names: ReadonlyArray<string>): ReadonlyArray<Command> =>
  names.flatMap((name) => {
    const folder = folderOf(project, name)
    const { bin = {} } = manifestOf(folder)
    const commands = typeof bin === "string" ? { [name.slice(name.indexOf("/") + 1)]: bin } : bin
    return Object.entries(commands).map(([command, file]) => ({
      package: name,
      name: command,
      file: join(folder, file)
    }))
  })
