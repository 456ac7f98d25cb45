/**
 * What stays of our packages in a bundle though it is not used. Everything that is not ours is left outside: what our modules keep of it is
 * weighed in tooling/bundle.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join, relative, resolve } from "node:path"
import * as esbuild from "esbuild"
import { rolldown } from "rolldown"
import { parseAst } from "rolldown/parseAst"
import { type PublicModule, isOurs, shortName } from "./modules.ts"

/** Bundles each of some programs of a project, and gives the files of ours that have code in its bundle. */
type Keep = (project: string, entries: ReadonlyArray<string>) => Promise<ReadonlyArray<ReadonlyArray<string>>>

const outside = ["effect", "@effect/*", "magic-bytes.js", "node:*"]

const esbuildOptions = {
  bundle: true,
  format: "esm",
  minifySyntax: true,
  external: outside,
  write: false,
  metafile: true,
  logLevel: "silent"
} as const satisfies esbuild.BuildOptions

/** All at once: without splitting each entry has a bundle of its own. */
const byEsbuild: Keep = async (project, entries) => {
  const options = { entryPoints: [...entries], outdir: "out", absWorkingDir: project }
  const { metafile } = await esbuild.build({ ...esbuildOptions, ...options })
  const outputs = new Map(Object.values(metafile.outputs).map((output) => [output.entryPoint, output]))
  return entries.map((entry) =>
    Object.entries(outputs.get(relative(project, entry))!.inputs).flatMap(([file, { bytesInOutput }]) =>
      bytesInOutput > 0 && isOurs(`/${file}`) ? [shortName(`/${file}`)] : []
    )
  )
}

const external = outside.map((name) => new RegExp(`^${name.replace("*", ".*")}(/|$)`))

/** One after the other: the entries of one build would share chunks. */
const byRolldown: Keep = async (project, entries) => {
  const kept: Array<ReadonlyArray<string>> = []
  for (const input of entries) {
    const build = await rolldown({ input, cwd: project, platform: "neutral", external, logLevel: "silent" })
    const { output } = await build.generate({ format: "esm", codeSplitting: false })
    await build.close()
    const { modules } = output[0]
    kept.push(
      Object.keys(modules).flatMap((file) =>
        modules[file]!.renderedLength > 0 && isOurs(file) ? [shortName(file)] : []
      )
    )
  }
  return kept
}

const keepers = { esbuild: byEsbuild, rolldown: byRolldown }

export type Shaker = keyof typeof keepers

/** A name in an `export`: an identifier, or a text. */
type Name = { readonly name: string } | { readonly value: string }

const nameOf = (name: Name): string => ("name" in name ? name.name : name.value)

/** What a barrel exports, and the code that exports the same from where it comes from. */
const reexportsOf = (
  barrel: PublicModule,
  modules: ReadonlyArray<PublicModule>
): ReadonlyArray<{ readonly name: string; readonly direct: string }> =>
  parseAst(readFileSync(barrel.file, "utf8")).body.flatMap((statement) => {
    if (!("source" in statement) || statement.source === null || statement.type === "ImportDeclaration") return []
    const { value } = statement.source
    const source = value.startsWith(".") ? resolve(dirname(barrel.file), value) : value
    const exporting = (what: string, name: string) => ({
      name,
      direct: `export ${what} from ${JSON.stringify(source)}`
    })
    if (statement.type === "ExportNamedDeclaration") {
      return statement.specifiers.map(({ local, exported }) =>
        exporting(`{ ${nameOf(local)} as ${nameOf(exported)} }`, nameOf(exported))
      )
    }
    if (statement.exported !== null)
      return [exporting(`* as ${nameOf(statement.exported)}`, nameOf(statement.exported))]
    const all = modules.find(({ file, specifier }) => file === source || specifier === source)
    return (all?.exports ?? []).map((name) => exporting(`{ ${name} }`, name))
  })

/** Programs, and what is wrong when these files of ours have code in their bundles. */
interface Trial {
  readonly programs: ReadonlyArray<string>
  readonly problem: (...kept: ReadonlyArray<ReadonlyArray<string>>) => string | undefined
}

const without = (files: ReadonlyArray<string>, others: ReadonlyArray<string>): ReadonlyArray<string> =>
  files.filter((file) => !others.includes(file))

const sentence = (files: ReadonlyArray<string>, words: (list: string) => string): string | undefined =>
  files.length === 0 ? undefined : words(files.join(", "))

const trialsOf = (module: PublicModule, modules: ReadonlyArray<PublicModule>): ReadonlyArray<Trial> => {
  const { specifier, file, exports, reach } = module
  const own: ReadonlyArray<Trial> = [
    {
      programs: [`import * as unused from "${specifier}"`],
      problem: (kept = []) => sentence(kept, (list) => `${specifier}, of which nothing is used, leaves ${list}`)
    },
    {
      programs: [`export * as all from "${specifier}"`],
      problem: (kept = []) =>
        sentence(
          without(kept, [...reach].map(shortName)),
          (list) => `${specifier} brings ${list}, which it does not import`
        )
    }
  ]
  if (specifier !== module.package) return own
  const reexports = reexportsOf(module, modules)
  const others = without(
    exports,
    reexports.map(({ name }) => name)
  )
  if (others.length > 0) {
    throw new Error(`${specifier} makes ${others.join(", ")} itself: a barrel exports what others make`)
  }
  const named = reexports.map(({ name, direct }): Trial => ({
    programs: [`export { ${name} } from "${specifier}"`, direct],
    problem: (byBarrel = [], byModule = []) =>
      sentence(
        without(byBarrel, [shortName(file), ...byModule]),
        (list) => `${name} of ${specifier} brings ${list} as well`
      )
  }))
  return [...own, ...named]
}

/**
 * What stays though it is not used, one sentence each: of a module that is imported for nothing any code; of a module that is used whole, code that it
 * does not import; of an export of a barrel, code that is not there when the export comes from its own module.
 */
export const unusedStays = async (
  project: string,
  modules: ReadonlyArray<PublicModule>,
  shaker: Shaker
): Promise<ReadonlyArray<string>> => {
  const folder = join(project, `unused-${shaker}`)
  mkdirSync(folder)
  const trials = modules.flatMap((module) => trialsOf(module, modules))
  const entries = trials
    .flatMap(({ programs }) => programs)
    .map((code, index) => {
      const file = join(folder, `${index}.js`)
      writeFileSync(file, code)
      return file
    })
  const kept = [...(await keepers[shaker](project, entries))]
  return trials.flatMap(({ programs, problem }) => problem(...kept.splice(0, programs.length)) ?? [])
}

/** A node of a syntax tree, whatever it is. */
interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as Node).type === "string"

/** What runs when a module is loaded and may do anything: calls that are not marked pure. */
const callsIn = (code: string, node: Node): ReadonlyArray<Node> => {
  if (/Function|^MethodDefinition$|^PropertyDefinition$/.test(node.type)) return []
  const inner = Object.values(node).flatMap((value: unknown) =>
    (Array.isArray(value) ? value : [value]).filter(isNode).flatMap((child) => callsIn(code, child))
  )
  const isCall = /^(CallExpression|NewExpression|TaggedTemplateExpression|AwaitExpression)$/.test(node.type)
  return isCall && !/\/\* @__PURE__ \*\/ *\(*$/.test(code.slice(0, node.start)) ? [node, ...inner] : inner
}

/**
 * The calls at the top of our modules that a bundler must keep, one sentence each: esbuild bundles all modules for a program that uses nothing
 * of them, as if their packages did not say that they have no side effects.
 */
export const impureCalls = async (
  project: string,
  modules: ReadonlyArray<PublicModule>
): Promise<ReadonlyArray<string>> => {
  const flagless: esbuild.Plugin = {
    name: "flagless",
    setup: (build) => {
      build.onResolve({ filter: /^(\.|@paykka\/)/ }, async ({ path, pluginData, ...rest }) =>
        pluginData === flagless
          ? undefined
          : { ...(await build.resolve(path, { ...rest, pluginData: flagless })), sideEffects: true }
      )
    }
  }
  const contents = modules.map(({ specifier }) => `import "${specifier}"\n`).join("")
  const options = { stdin: { contents, resolveDir: project }, absWorkingDir: project, plugins: [flagless] }
  const { outputFiles } = await esbuild.build({ ...esbuildOptions, ...options })
  const { text } = outputFiles[0]!
  return callsIn(text, parseAst(text) as unknown as Node).map(({ start, end }) => {
    const [file = ""] =
      text
        .slice(0, start)
        .match(/(?<=^\/\/ ).*\.js$/gm)
        ?.slice(-1) ?? []
    const [line] = text.slice(start, end).split("\n", 1)
    return `${shortName(`/${file}`)} calls when it is loaded, without a mark that it is pure: ${line}`
  })
}
