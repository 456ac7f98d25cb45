// What the manifest and the tarball of every published package must be, whichever packages there are.
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs"
import { basename, dirname, join, normalize, relative } from "node:path"
import { isDeepStrictEqual } from "node:util"
import { rolldown } from "rolldown"
import { type Check, packageFolders, root, runTool } from "./check.ts"
import { packAll } from "./pack.ts"

interface Manifest extends Readonly<Record<string, unknown>> {
  readonly name: string
  readonly version: string
  readonly description?: string
  readonly keywords?: ReadonlyArray<string>
  readonly files?: ReadonlyArray<string>
  readonly scripts?: Readonly<Record<string, string>>
  /** Commands: the built files that they are, "./dist/main.js". */
  readonly bin?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/** A published package: what it declares, and what npm would deliver. */
export interface Published {
  /** "packages/core". */
  readonly folder: string
  readonly manifest: Manifest
  /** The modules in `src`, without ".ts": "node", "internal/der". */
  readonly sources: ReadonlyArray<string>
  /** The folder of the unpacked tarball. */
  readonly content: string
}

const repository = (
  JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    readonly repository: { readonly type: string; readonly url: string }
  }
).repository

/** Where people find the repository; `repository` of the root's package.json is the one place that says it. */
const pages = repository.url.replace(/^git\+/, "").replace(/\.git$/, "")

/** The Node that is supported: docs/support.md. */
const nodeRange = ">=22.19"

/** What is the same in all manifests, but for the folder's name; `npm run check -- --manifests` writes it. */
export const fieldsOf = (
  folder: string,
  { bin = {} }: Pick<Manifest, "bin"> = {}
): Readonly<Record<string, unknown>> => ({
  name: `@paykka/${basename(folder)}`,
  homepage: `${pages}/tree/main/${folder}#readme`,
  bugs: { url: `${pages}/issues` },
  license: "MIT",
  repository: { ...repository, directory: folder },
  type: "module",
  // A command is all side effect.
  sideEffects: Object.keys(bin).length === 0 ? false : Object.values(bin),
  exports: {
    ".": { types: "./dist/index.d.ts", default: "./dist/index.js" },
    "./*": { types: "./dist/*.d.ts", default: "./dist/*.js" },
    "./internal/*": null,
    "./index": null,
    // Nobody imports a command: it would run.
    ...Object.fromEntries(Object.values(bin).map((file) => [`./${basename(file, ".js")}`, null])),
    "./package.json": "./package.json"
  },
  // No registry here: it would outrank the one that a rehearsal publishes to.
  publishConfig: { access: "public" },
  engines: { node: nodeRange }
})

const commonKeywords = ["cross-border", "paykka", "payments", "sdk", "typescript"]

const commonFiles = ["dist", "src", "AGENTS.md", "CHANGELOG.md"]

/** Packages that are there to bring the others along. Everywhere else ours are peers, since a service's key is its identity. */
const bringsOurs = ["sdk"]

/** Scripts that npm runs in a user's project, or while publishing. */
const lifeCycleScripts = /^(pre|post)?(install|pack|prepare|publish|publishOnly)$|^prepublishOnly$/

/** Functions that do nothing but make a value, wherever they are called. */
const pureFunctions = ["Effect.fnUntraced", "Duration.hours", "Duration.minutes"]

type Rule = (one: Published, all: ReadonlyArray<Published>) => ReadonlyArray<string> | Promise<ReadonlyArray<string>>

const shown = (value: unknown): string => JSON.stringify(value) ?? "nothing"

const difference = <A>(from: ReadonlyArray<A>, without: ReadonlyArray<A>): ReadonlyArray<A> =>
  from.filter((each) => !without.includes(each))

const sameFields: Rule = ({ folder, manifest }) =>
  Object.entries(fieldsOf(folder, manifest))
    .filter(([field, wanted]) => !isDeepStrictEqual(manifest[field], wanted))
    .map(([field, wanted]) => `"${field}" is ${shown(manifest[field])} instead of ${shown(wanted)}`)

const sameVersion: Rule = ({ manifest }, [first]) =>
  manifest.version === first?.manifest.version
    ? []
    : [`"version" is ${manifest.version}; ${first?.manifest.name} has ${first?.manifest.version}`]

const ownWords: Rule = ({ manifest: { description = "", keywords = [] } }, all) => [
  ...(description === "" || all.filter(({ manifest }) => manifest.description === description).length > 1
    ? [`"description" is missing, or another package's`]
    : []),
  ...difference(commonKeywords, keywords).map((word) => `"keywords" lacks ${shown(word)}`),
  ...(difference(keywords, commonKeywords).length === 0 ? [`"keywords" has none of its own`] : []),
  ...(isDeepStrictEqual(keywords, [...new Set(keywords)].toSorted()) ? [] : [`"keywords" is not in order`])
]

const listedFiles: Rule = ({ manifest }) =>
  difference(commonFiles, manifest.files ?? []).map((file) => `"files" lacks ${shown(file)}`)

/** A command is one program with all that it needs in it: npx fetches nothing else, and nobody is there to bring its peers. */
const isCommand = ({ bin }: Manifest): boolean => bin !== undefined

const programsOf = ({ bin = {} }: Manifest): ReadonlyArray<string> => Object.values(bin).map((file) => normalize(file))

/** The sources that are built one by one: of a command only those that a program may import. */
const modulesOf = (manifest: Manifest, sources: ReadonlyArray<string>): ReadonlyArray<string> =>
  isCommand(manifest)
    ? sources.filter((name) => !name.startsWith("internal/") && !programsOf(manifest).includes(`dist/${name}.js`))
    : sources

const dependencies: Rule = ({ folder, manifest }, all) => {
  const { dependencies: plain = {}, devDependencies: dev = {}, peerDependencies: peers = {} } = manifest
  if (isCommand(manifest)) {
    return Object.keys({ ...plain, ...peers }).map((name) => `"${name}" must be bundled, and so in "devDependencies"`)
  }
  const others = all.map((other) => other.manifest.peerDependencies ?? {})
  return [
    ...(peers["effect"] === undefined ? [`"effect" is no peer`] : []),
    ...Object.entries({ ...plain, ...peers })
      .filter(([name, range]) =>
        name.startsWith("@paykka/") ? range !== "workspace:^" : !/^\^\d+\.\d+\.\d+$/.test(range)
      )
      .map(([name, range]) => `the range of "${name}" is ${range}`),
    ...Object.entries(peers).flatMap(([name, range]) => [
      ...(dev[name] === undefined ? [`the peer "${name}" is not in "devDependencies", so no test has it`] : []),
      ...others.flatMap((other) =>
        other[name] === undefined || other[name] === range
          ? []
          : [`the range of "${name}" is ${range}; elsewhere ${other[name]}`]
      )
    ]),
    ...Object.keys(plain)
      .filter((name) => name === "effect" || (name.startsWith("@paykka/") && !bringsOurs.includes(basename(folder))))
      .map((name) => `"${name}" must be a peer`)
  ]
}

const isFile = (content: string, file: string): boolean => existsSync(join(content, file))

const list = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))

const tarballFiles: Rule = ({ manifest, sources, content }) => {
  const built = modulesOf(manifest, sources).flatMap((name) =>
    [".js", ".js.map", ".d.ts", ".d.ts.map"].map((end) => `dist/${name}${end}`)
  )
  const wanted = [
    "package.json",
    "README.md",
    "AGENTS.md",
    "LICENSE",
    ...sources.map((name) => `src/${name}.ts`),
    ...built,
    ...(isCommand(manifest) ? [...programsOf(manifest), "dist/LICENSES.txt"] : []),
    // The changelog is made by the first release.
    ...difference(manifest.files ?? [], ["dist", "src", "CHANGELOG.md"])
  ]
  const found = list(content).filter((file) => !(isCommand(manifest) && file.startsWith("dist/internal/")))
  return [
    ...difference(wanted, found).map((file) => `the tarball lacks ${file}`),
    ...difference(found, [...wanted, "CHANGELOG.md"]).map(
      (file) => `the tarball has ${file}${file.startsWith("dist/") ? ", of which there is no source: delete dist" : ""}`
    )
  ]
}

const tarballManifest: Rule = ({ content }) => {
  const manifest = JSON.parse(readFileSync(join(content, "package.json"), "utf8")) as Manifest
  return [
    ...["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"].flatMap((group) =>
      Object.entries((manifest[group] ?? {}) as Readonly<Record<string, string>>)
        .filter(([, range]) => /^(workspace|catalog|link|file):/.test(range))
        .map(([name, range]) => `the packed ${group} have "${name}": "${range}"`)
    ),
    ...Object.keys(manifest.scripts ?? {})
      .filter((name) => lifeCycleScripts.test(name))
      .map((name) => `the script "${name}" would run at its users'`)
  ]
}

/** Debuggers and "go to definition" end in the TypeScript sources, which are shipped. */
const maps: Rule = ({ content }) =>
  list(content)
    .filter((file) => file.endsWith(".map"))
    .flatMap((file) => {
      const map = JSON.parse(readFileSync(join(content, file), "utf8")) as {
        readonly file: string
        readonly sourceRoot?: string
        readonly sources: ReadonlyArray<string>
      }
      const from = join(dirname(file), map.sourceRoot ?? "")
      const code = file.slice(0, -".map".length)
      return [
        ...map.sources
          .filter((source) => source.includes(":") || !isFile(content, join(from, source)))
          .map((source) => `${file} leads to ${source}, which is not in the tarball`),
        ...(map.sources.length === 0 ? [`${file} leads nowhere`] : []),
        ...(isFile(content, code) &&
        readFileSync(join(content, code), "utf8").endsWith(`sourceMappingURL=${basename(file)}`)
          ? []
          : [`${code} does not name its map`])
      ]
    })

const isWithin = (path: string): boolean => !path.startsWith("/") && !relative(".", path).startsWith("..")

const agents: Rule = ({ manifest, content }) => {
  if (!isFile(content, "AGENTS.md")) return []
  const text = readFileSync(join(content, "AGENTS.md"), "utf8")
  const lines = text.trimEnd().split("\n")
  const named = [...text.matchAll(/\]\((?!https?:)([^)#]+)|`((?:src|dist)\/[\w./-]+)`/g)].map(
    ([, link, path]) => link ?? path ?? ""
  )
  return [
    ...(lines[0] === `# ${manifest.name}` ? [] : [`AGENTS.md does not begin with "# ${manifest.name}"`]),
    ...(lines.length < 10 || lines.length > 25 ? [`AGENTS.md has ${lines.length} lines, not 10 to 25`] : []),
    ...named
      .filter((path) => !isWithin(path) || !isFile(content, path))
      .map((path) => `AGENTS.md names ${path}, which is not in the tarball`)
  ]
}

/** `"sideEffects": false` is a promise: of a module that nobody uses, a bundler must have nothing to keep. */
const noSideEffects: Rule = async ({ manifest, sources, content }) => {
  const found = modulesOf(manifest, sources).map(async (name) => {
    const module = join(content, "dist", `${name}.js`)
    if (!existsSync(module)) return []
    const build = await rolldown({
      input: "entry",
      external: (id) => id !== module && id !== "entry",
      plugins: [
        {
          name: "entry",
          resolveId: (id) => (id === "entry" ? id : null),
          load: (id) => (id === "entry" ? `import ${shown(module)}` : null)
        }
      ],
      // Asked of this module alone, as if it had promised nothing. A read of a property does nothing.
      treeshake: { moduleSideEffects: () => true, propertyReadSideEffects: false, manualPureFunctions: pureFunctions },
      logLevel: "silent"
    })
    const { output } = await build.generate({ format: "esm", minify: { compress: true, mangle: false } })
    await build.close()
    const kept = output[0].code.replace(/\bimport\s*"[^"]*";?/g, "").trim()
    return kept === "" ? [] : [`${name} does something as soon as it is loaded: ${kept.slice(0, 200)}`]
  })
  return (await Promise.all(found)).flat()
}

const rules: ReadonlyArray<Rule> = [
  sameFields,
  sameVersion,
  ownWords,
  listedFiles,
  dependencies,
  tarballFiles,
  tarballManifest,
  maps,
  agents,
  noSideEffects
]

/** One line for each broken rule. */
export const manifestProblems = async (all: ReadonlyArray<Published>): Promise<ReadonlyArray<string>> => {
  const found = all.flatMap((one) =>
    rules.map(async (rule) => (await rule(one, all)).map((problem) => `${one.folder}: ${problem}`))
  )
  return (await Promise.all(found)).flat()
}

const manifestFile = (folder: string): string => join(root, folder, "package.json")

const readManifest = (folder: string): Manifest => JSON.parse(readFileSync(manifestFile(folder), "utf8")) as Manifest

const published = async (): Promise<ReadonlyArray<Published>> =>
  (await packAll()).map(({ folder, content }) => ({
    folder,
    manifest: readManifest(folder),
    sources: list(join(root, folder, "src")).map((file) => file.replace(/\.ts$/, "")),
    content
  }))

/** Writes into each manifest what is the same in all, and leaves the rest. */
export const writeManifests = async (): Promise<void> => {
  const written = packageFolders().map((folder) => {
    const manifest = readManifest(folder)
    const files = [...commonFiles, ...difference(manifest.files ?? [], commonFiles)]
    const merged = { ...manifest, ...fieldsOf(folder, manifest), files }
    writeFileSync(manifestFile(folder), `${JSON.stringify(merged, null, 2)}\n`)
    return manifestFile(folder)
  })
  // It puts the fields in their usual order.
  const { ok, output } = await runTool("oxfmt", written)
  if (!ok) throw new Error(output)
}

export const manifests: Check = {
  name: "manifests",
  run: async () => {
    const all = await published()
    const problems = await manifestProblems(all)
    return { ok: problems.length === 0, output: problems.join("\n"), note: `${all.length} packages` }
  }
}
