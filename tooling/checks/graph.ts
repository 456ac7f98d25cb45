// Walks the built import graph and finds the edges that the floor plan (graph-rules.ts) forbids.
import { existsSync, readFileSync, readdirSync } from "node:fs"
import { isBuiltin } from "node:module"
import { join } from "node:path"
import { type Check, root } from "./check.ts"
import { below, isNodeModule, isNodeOnly, nodePackages, reach, type ReachRule } from "./graph-rules.ts"
import { type Module, type Modules, readModules } from "./modules.ts"

export const graph: Check = {
  name: "graph",
  run: async () => {
    const modules = await readModules(root)
    const problems = [...findProblems(modules), ...manifestProblems(root)]
    return {
      ok: problems.length === 0,
      output: problems.join("\n"),
      note: `${modules.ours.length} modules of ours, ${modules.size - modules.ours.length} of Effect`
    }
  }
}

/** One line for each forbidden edge, path or cycle. */
export const findProblems = (modules: Modules): ReadonlyArray<string> => [
  ...modules.ours.flatMap((module) => edgeProblems(modules, module)),
  ...reach.flatMap((rule) => reachProblems(modules, rule)),
  ...cycleProblems(modules)
]

const edgeProblems = (modules: Modules, module: Module): ReadonlyArray<string> =>
  module.imports.flatMap(({ specifier, target }) => {
    if (target === undefined) return [`${module.id} imports ${specifier}, which is not there`]
    const name = modules.get(target)?.package ?? module.package
    if (name !== "effect" && name !== module.package) return packageProblem(module.package, module.id, specifier, name)
    if (isBuiltin(specifier) && !specifier.startsWith("node:")) {
      return [`${module.id} imports ${specifier}: write node:${specifier}`]
    }
    if (isNodeOnly(target) && !isNodeModule(module.path) && !nodePackages.includes(module.package)) {
      return [`${module.id} imports ${specifier}: only node.js, node/ and internal/node* may know Node`]
    }
    return []
  })

const packageProblem = (from: string, importer: string, specifier: string, to: string): ReadonlyArray<string> => {
  const allowed = below.get(from) ?? []
  if (allowed.includes(to)) return []
  return [
    `${importer} imports ${specifier}: ${from} may import ${allowed.length === 0 ? "no package of ours" : `only ${allowed.join(", ")}`}`
  ]
}

/** The shortest way from each module to what it must not reach; blamed on the nearest module of ours only. */
const reachProblems = (modules: Modules, rule: ReachRule): ReadonlyArray<string> => {
  const isBound = (module: Module | undefined) =>
    module !== undefined &&
    rule.from.includes(module.package) &&
    !isNodeModule(module.path) &&
    !rule.except?.includes(module.id)
  return modules.ours.filter(isBound).flatMap((start) => {
    const way = shortestWay(modules, start, rule.never)
    if (way === undefined || way.slice(1).some((id) => isBound(modules.get(id)))) return []
    // A direct import of Node is an edge problem already.
    if (way.length === 2 && isNodeOnly(way[1] ?? "")) return []
    return [`${start.id} reaches ${way.at(-1)}: ${rule.because}\n    ${way.join(" -> ")}`]
  })
}

const shortestWay = (
  modules: Modules,
  start: Module,
  isGoal: (target: string) => boolean
): ReadonlyArray<string> | undefined => {
  const ways: Array<ReadonlyArray<string>> = [[start.id]]
  const seen = new Set<string>()
  for (const way of ways) {
    const id = way.at(-1) ?? ""
    if (isGoal(id)) return way
    if (seen.has(id)) continue
    seen.add(id)
    for (const { target } of modules.get(id)?.imports ?? []) if (target !== undefined) ways.push([...way, target])
  }
  return undefined
}

/** Each cycle among our own modules, once. */
const cycleProblems = (modules: Modules): ReadonlyArray<string> => {
  const problems: Array<string> = []
  const done = new Set<string>()
  const visit = (module: Module, way: ReadonlyArray<string>) => {
    const start = way.indexOf(module.id)
    if (start >= 0) {
      problems.push(`import cycle: ${[...way.slice(start), module.id].join(" -> ")}`)
      return
    }
    if (done.has(module.id)) return
    for (const { target } of module.imports) {
      const next = target === undefined ? undefined : modules.get(target)
      if (next !== undefined && next.package !== "effect") visit(next, [...way, module.id])
    }
    done.add(module.id)
  }
  for (const module of modules.ours) visit(module, [])
  return problems
}

/** A type leaves no trace in built JavaScript, so what a package declares is held to the same plan; and it must be built. */
export const manifestProblems = (at: string): ReadonlyArray<string> =>
  readdirSync(join(at, "packages")).flatMap((name) => {
    const file = join(at, "packages", name, "package.json")
    if (!existsSync(file)) return []
    if (!below.has(name)) return [`packages/${name} has no place in tooling/checks/graph-rules.ts yet`]
    if (!existsSync(join(at, "packages", name, "dist"))) return [`packages/${name} is not built`]
    const manifest = JSON.parse(readFileSync(file, "utf8")) as Record<string, Record<string, string> | undefined>
    return Object.keys({
      ...manifest["dependencies"],
      ...manifest["peerDependencies"],
      ...manifest["optionalDependencies"]
    })
      .filter((dependency) => dependency.startsWith("@paykka/"))
      .flatMap((dependency) =>
        packageProblem(name, `packages/${name}/package.json`, dependency, dependency.slice("@paykka/".length))
      )
  })
