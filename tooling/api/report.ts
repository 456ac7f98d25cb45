/**
 * The public declarations of a package as one text: module by module, without comments, each declaration at the place of its name, so that
 * a difference of two reports is a difference for users.
 *
 * A module under `internal/` is in it with what the public ones refer to, since that is what their types consist of.
 */
import { parseSync } from "oxc-parser"

/** The declarations of a package's modules (the text of their `.d.ts`), by name: "Va", "node", "internal/dispatch". */
export type Modules = ReadonlyMap<string, string>

/** What a package demands of its users: shown above the declarations. */
export interface Demands {
  readonly engines: Readonly<Record<string, string>>
  readonly peerDependencies: Readonly<Record<string, string>>
}

interface Binding {
  /** The module that it is imported from, if that is one of the package. */
  readonly module: string | undefined
  /** The name that it has there; undefined for all of them. */
  readonly name: string | undefined
}

interface Statement {
  /** Names that it declares. */
  readonly names: ReadonlyArray<string>
  /** Names that occur in it. */
  readonly uses: ReadonlySet<string>
  /** What it binds from other modules, by local name. */
  readonly imports: ReadonlyMap<string, Binding>
  /** What it names of other modules: exports again, or takes by a type that is an import. */
  readonly brings: ReadonlyArray<Binding>
  readonly text: string
  /** Orders the statements of a module. */
  readonly key: string
}

const isNode = (value: unknown): value is Readonly<Record<string, unknown>> & { readonly type: string } =>
  typeof value === "object" && value !== null && "type" in value

const nameOf = (node: unknown): string => (isNode(node) ? String(node["name"] ?? node["value"]) : "")

interface Mentioned {
  readonly names: Set<string>
  /** The specifiers of types such as `import("./internal/dispatch.ts").Handlers`. */
  readonly specifiers: Set<string>
}

/** All names in a syntax tree, whatever they stand for: one too many does no harm. */
const mentionedIn = (value: unknown, found: Mentioned): Mentioned => {
  if (Array.isArray(value)) for (const each of value) mentionedIn(each, found)
  else if (isNode(value)) {
    if (value.type === "Identifier") found.names.add(nameOf(value))
    if (value.type === "TSImportType") found.specifiers.add(nameOf(value["source"]))
    for (const each of Object.values(value)) mentionedIn(each, found)
  }
  return found
}

/** "./internal/dispatch.ts" of "Webhook" is "internal/dispatch". */
const moduleOf = (specifier: string, from: string): string | undefined =>
  specifier.startsWith(".")
    ? new URL(specifier, `file:///${from}`).pathname.slice(1).replace(/\.(d\.ts|ts|js)$/, "")
    : undefined

const statementsOf = (module: string, source: string): ReadonlyArray<Statement> => {
  const { program, comments, errors } = parseSync(`${module}.d.ts`, source, { lang: "dts" })
  const [error] = errors
  if (error !== undefined) throw new Error(`${module}.d.ts: ${error.message}`)

  const textOf = (start: number, end: number): string =>
    comments
      .filter((comment) => comment.start >= start && comment.end <= end)
      .reduceRight(
        (text, comment) => text.slice(0, comment.start - start) + text.slice(comment.end - start),
        source.slice(start, end)
      )
      // Where a comment was.
      .replace(/\n\s*\n/g, "\n")

  return program.body.flatMap((node): ReadonlyArray<Statement> => {
    const { names: uses, specifiers: mentioned } = mentionedIn(node, { names: new Set(), specifiers: new Set() })
    const statement = {
      names: [],
      uses,
      imports: new Map(),
      brings: [...mentioned].map((specifier) => ({ module: moduleOf(specifier, module), name: undefined })),
      text: textOf(node.start, node.end)
    }
    switch (node.type) {
      case "ImportDeclaration": {
        const from = moduleOf(node.source.value, module)
        const imports = new Map(
          node.specifiers.map((each): readonly [string, Binding] => [
            each.local.name,
            { module: from, name: each.type === "ImportSpecifier" ? nameOf(each.imported) : undefined }
          ])
        )
        return [{ ...statement, imports, key: `0 ${node.source.value}` }]
      }
      case "ExportAllDeclaration": {
        const brings = [{ module: moduleOf(node.source.value, module), name: undefined }]
        return [{ ...statement, brings, key: `1 ${node.source.value}` }]
      }
      case "ExportNamedDeclaration": {
        const { declaration, source: origin, specifiers } = node
        if (declaration !== null) return [{ ...statement, ...declared(declaration) }]
        // `export {}` only says that the file is a module.
        if (specifiers.length === 0) return []
        const from = origin === null ? undefined : moduleOf(origin.value, module)
        const brings = specifiers.map((each) => ({ module: from, name: nameOf(each.local) }))
        return [
          {
            ...statement,
            brings,
            names: specifiers.map((each) => nameOf(each.exported)),
            key: `1 ${origin?.value ?? ""}`
          }
        ]
      }
      default:
        return [{ ...statement, ...declared(node) }]
    }
  })
}

/** Overloads have one key, and so keep their order. */
const declared = (declaration: unknown): { readonly names: ReadonlyArray<string>; readonly key: string } => {
  if (!isNode(declaration)) return { names: [], key: "2" }
  const declarations = declaration["declarations"]
  const ids = Array.isArray(declarations)
    ? declarations.map((each: unknown) => (isNode(each) ? each["id"] : undefined))
    : [declaration["id"]]
  const names = ids.map(nameOf)
  return { names, key: `2 ${names[0] ?? ""}` }
}

const isInternal = (module: string): boolean => module.startsWith("internal/")

/** The statements that users can see: all of the public modules, and what these refer to in the others. */
const visible = (all: ReadonlyMap<string, ReadonlyArray<Statement>>): ReadonlySet<Statement> => {
  const seen = new Set<Statement>()
  const follow = ({ module, name }: Binding) => {
    if (module === undefined || !isInternal(module)) return
    for (const statement of all.get(module) ?? []) {
      // `export *` declares no name, and may have this one.
      const isStar = statement.names.length === 0 && statement.brings.length > 0
      if (name === undefined || isStar || statement.names.includes(name)) visit(module, statement)
    }
  }
  const visit = (module: string, statement: Statement) => {
    if (seen.has(statement)) return
    seen.add(statement)
    for (const binding of statement.brings) follow(binding)
    for (const other of all.get(module) ?? []) {
      if (other.names.some((name) => statement.uses.has(name))) visit(module, other)
      for (const [local, binding] of other.imports) {
        if (!statement.uses.has(local)) continue
        seen.add(other)
        follow(binding)
      }
    }
  }
  for (const [module, statements] of all)
    if (!isInternal(module)) for (const statement of statements) visit(module, statement)
  return seen
}

const byKey = (a: Statement, b: Statement): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)

/** `index` first: it is what people import. */
const inOrder = (modules: Modules): ReadonlyArray<readonly [string, string]> =>
  [...modules].toSorted(([a], [b]) => {
    const rank = (name: string) => `${name === "index" ? 0 : isInternal(name) ? 2 : 1} ${name}`
    return rank(a) < rank(b) ? -1 : 1
  })

const demanded = ({ engines, peerDependencies }: Demands): string =>
  Object.entries({ ...engines, ...peerDependencies })
    .map(([name, range]) => `\`${name}\` ${range.replace(/^workspace:.*/, "of the same release")}`)
    .join(", ")

/** The report of a package, before it is formatted. */
export const report = (name: string, demands: Demands, modules: Modules): string => {
  const all = new Map(inOrder(modules).map(([module, source]) => [module, statementsOf(module, source)]))
  const shown = visible(all)
  const sections = [...all].flatMap(([module, statements]) => {
    const texts = statements.filter((statement) => shown.has(statement)).toSorted(byKey)
    return texts.length === 0 ? [] : [`## ${module}`, ["```ts", ...texts.map(({ text }) => text), "```"].join("\n")]
  })
  return [
    `# The API of ${name}`,
    "Written by `npm run api` from what is built: the declarations of all modules, without their comments.",
    `Needs ${demanded(demands)}.`,
    ...sections
  ].join("\n\n")
}
