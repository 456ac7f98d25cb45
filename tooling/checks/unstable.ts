// Which modules of Effect that may change in a minor version we import, and where.
//
// Effect marks every module and every export with a JSDoc tag: `@stability stable | unstable | experimental`.
import { globSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { root } from "./check.ts"

export interface Unstable {
  /** "effect/http/HttpClient", or "effect/Config#nested" for one export of a stable module. */
  readonly name: string
  readonly stability: string
  readonly files: ReadonlyArray<string>
}

/** Modules of Effect that a source text imports, each with the names of the exports that it uses. */
export const effectImports = (source: string) =>
  [...source.matchAll(/^(?:import|export)\s+(?:type\s+)?([^"']*?)\s+from\s+"(effect\/[^"]+)"/gm)].map(
    ([, bindings = "", module = ""]) => {
      const [, alias] = /^\* as (\w+)$/.exec(bindings) ?? []
      const names =
        alias === undefined
          ? bindings
              .replace(/[{}]|\btype\b/g, "")
              .split(",")
              .map((binding) => binding.trim().split(" ")[0] ?? "")
          : [...source.matchAll(new RegExp(`\\b${alias}\\.(\\w+)`, "g"))].map(([, name = ""]) => name)
      return { module, names: [...new Set(names)].filter((name) => name !== "") }
    }
  )

/** The tag of the module itself stands in the first comment that has one, before anything is declared. */
export const moduleStability = (declarations: string): string | undefined =>
  /^(?:\/\/\/[^\n]*\n|\s)*\/\*\*(?:(?!\*\/)[\s\S])*?@stability (\w+)/.exec(declarations)?.[1]

/** The tag of each export, by name. */
export const exportStability = (declarations: string): ReadonlyMap<string, string> =>
  new Map(
    [
      ...declarations.matchAll(
        /@stability (\w+)(?:(?!\*\/)[\s\S])*\*\/\s*export (?:declare )?(?:abstract )?(?:const|let|function|class|interface|type|namespace) (\w+)/g
      )
    ].map(([, stability = "", name = ""]) => [name, stability])
  )

export const findUnstable = (): ReadonlyArray<Unstable> => {
  const found = new Map<string, { readonly stability: string; readonly files: Set<string> }>()
  const add = (name: string, stability: string | undefined, file: string) => {
    if (stability === undefined || stability === "stable") return
    const entry = found.get(name) ?? { stability, files: new Set() }
    found.set(name, entry)
    entry.files.add(file)
  }
  for (const file of globSync("packages/*/src/**/*.ts", { cwd: root })) {
    const source = readFileSync(join(root, file), "utf8")
    for (const { module, names } of effectImports(source)) {
      const declarations = readFileSync(
        createRequire(join(root, file)).resolve(module).replace(/\.js$/, ".d.ts"),
        "utf8"
      )
      const ofModule = moduleStability(declarations)
      add(module, ofModule, file)
      // Some modules have no comment of their own in the declarations; then their exports tell.
      if (ofModule !== undefined && ofModule !== "stable") continue
      const ofExports = exportStability(declarations)
      for (const name of names) add(`${module}#${name}`, ofExports.get(name), file)
    }
  }
  return [...found]
    .map(([name, { stability, files }]) => ({ name, stability, files: [...files].toSorted() }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}
