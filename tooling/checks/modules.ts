// The built modules of our packages and of Effect, and who imports whom.
import { existsSync, readFileSync, readdirSync, realpathSync } from "node:fs"
import { createRequire, isBuiltin } from "node:module"
import { dirname, join, relative, sep } from "node:path"
import { init, parse } from "es-module-lexer"

export interface Module {
  /** How people name it: "signing/KeyStore.js", "effect/http/HttpClient.js". */
  readonly id: string
  /** "signing", or "effect". */
  readonly package: string
  /** Inside dist: "KeyStore.js". */
  readonly path: string
  readonly imports: ReadonlyArray<Import>
}

export interface Import {
  readonly specifier: string
  /** The id of a module of ours or of Effect; the specifier itself for everything else; undefined when nothing is there. */
  readonly target: string | undefined
}

export interface Modules {
  readonly get: (id: string) => Module | undefined
  readonly ours: ReadonlyArray<Module>
  readonly size: number
}

/** Reads what is built under `root`/packages, and from there whatever is reached in the installed Effect. */
export const readModules = async (root: string): Promise<Modules> => {
  await init
  const packages = realpathSync(join(root, "packages"))
  const found = new Map<string, Module>()
  const waiting = readdirSync(packages).flatMap((name) => builtFiles(join(packages, name, "dist")))
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    const place = locate(packages, file)
    if (place === undefined || found.has(place.id)) continue
    const imports = specifiers(file).map((specifier): Import => {
      const target = resolve(specifier, file)
      if (target === undefined || target === specifier) return { specifier, target }
      const placed = locate(packages, target)
      if (placed === undefined) return { specifier, target: specifier }
      waiting.push(target)
      return { specifier, target: placed.id }
    })
    found.set(place.id, { ...place, imports })
  }
  const ours = [...found.values()].filter((module) => module.package !== "effect")
  return { get: (id) => found.get(id), ours: ours.toSorted((a, b) => (a.id < b.id ? -1 : 1)), size: found.size }
}

const builtFiles = (dist: string): ReadonlyArray<string> =>
  existsSync(dist)
    ? readdirSync(dist, { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".js"))
        .map((file) => join(dist, file))
    : []

/** Static imports and re-exports, and `import("…")` of a literal. */
const specifiers = (file: string): ReadonlyArray<string> => {
  const [imports] = parse(readFileSync(file, "utf8"), file)
  return imports.flatMap(({ n }) => (n === undefined ? [] : [n]))
}

/** A file of ours or of Effect; the specifier itself when it is neither; undefined when nothing is there. */
const resolve = (specifier: string, from: string): string | undefined => {
  if (isBuiltin(specifier)) return specifier
  if (!specifier.startsWith(".") && !/^(effect|@paykka\/[^/]+)(\/|$)/.test(specifier)) return specifier
  try {
    const file = specifier.startsWith(".") ? join(dirname(from), specifier) : createRequire(from).resolve(specifier)
    return realpathSync(file)
  } catch {
    return undefined
  }
}

const locate = (packages: string, file: string): Omit<Module, "imports"> | undefined => {
  const [, effectPath] = /\/node_modules\/effect\/dist\/(.+)$/.exec(file.split(sep).join("/")) ?? []
  if (effectPath !== undefined) return { id: `effect/${effectPath}`, package: "effect", path: effectPath }
  const [name = "", dist, ...rest] = relative(packages, file).split(sep)
  if (name === ".." || dist !== "dist") return undefined
  const path = rest.join("/")
  return { id: `${name}/${path}`, package: name, path }
}
