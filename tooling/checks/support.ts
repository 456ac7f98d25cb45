// docs/support.md states versions. They are those of the manifests, and the unstable modules those that are imported.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { type Check, packageFolders, root } from "./check.ts"
import { findUnstable, type Unstable } from "./unstable.ts"

/** What the manifests say. */
export interface Facts {
  readonly packages: ReadonlyArray<{
    readonly name: string
    readonly engines: Readonly<Record<string, string>>
    readonly peerDependencies?: Readonly<Record<string, string>>
    readonly devDependencies: Readonly<Record<string, string>>
  }>
  /** The pinned Node. */
  readonly node: string
  /** Pinned versions of what several packages need. */
  readonly catalog: Readonly<Record<string, string>>
  readonly unstable: ReadonlyArray<Unstable>
}

/** Declarations are plain enough for it; no manifest says so. */
const leastTypeScript = "5.9"

/** ">=22.19" and "^4.1.0" in words. */
const inWords = (range: string): string => {
  const [, sign, version = ""] = /^(>=|\^)(\d+(?:\.\d+)*)$/.exec(range) ?? []
  if (sign === undefined) throw new Error(`docs/support.md has no words for the range ${range}`)
  return sign === ">=" ? `${version} and newer` : `${version} and newer, before ${Number.parseInt(version) + 1}`
}

const one = (what: string, found: ReadonlyArray<string | undefined>): string => {
  const different = [...new Set(found.filter((each) => each !== undefined))]
  if (different.length !== 1) throw new Error(`${what} should be the same everywhere: ${different.join(", ")}`)
  return different[0] ?? ""
}

type Row = ReadonlyArray<string>

/** The rows that the page must have. */
const wantedRows = ({ packages, node, catalog, unstable }: Facts): ReadonlyArray<Row> => {
  const peers = new Set(packages.flatMap((each) => Object.keys(each.peerDependencies ?? {})))
  const foreign = [...peers].filter((name) => !name.startsWith("@paykka/"))
  const users = Map.groupBy(
    unstable.flatMap(({ name, files }) =>
      files.map((file) => ({ module: name.replace(/^effect\/|#.*$/g, ""), user: file.split("/")[1] ?? "" }))
    ),
    ({ user }) => user
  )
  return [
    [
      "Node",
      inWords(
        one(
          "engines.node",
          packages.map(({ engines }) => engines["node"])
        )
      ),
      node
    ],
    ["TypeScript", `${leastTypeScript} and newer`, catalog["typescript"] ?? ""],
    ...foreign.map((name) => {
      const pinned = packages
        .map(({ devDependencies }) => devDependencies[name])
        .filter((range) => range !== "catalog:")
      return [
        `\`${name}\``,
        inWords(
          one(
            `the range of ${name}`,
            packages.map(({ peerDependencies }) => peerDependencies?.[name])
          )
        ),
        one(`the version of ${name}`, [catalog[name], ...pinned])
      ]
    }),
    ...[...users].map(([user, uses]) => [
      `\`@paykka/${user}\``,
      [...new Set(uses.map(({ module }) => module))]
        .toSorted()
        .map((module) => `\`${module}\``)
        .join(", ")
    ])
  ]
}

const rowsOf = (markdown: string): ReadonlyArray<Row> =>
  markdown
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) =>
      line
        .slice(1, -1)
        .split("|")
        .map((cell) => cell.trim())
    )

/** One line for each row that the page lacks, and for each peer or package of which it says something else. */
export const supportProblems = (page: string, facts: Facts): ReadonlyArray<string> => {
  const wanted = wantedRows(facts).map((row) => row.join(" | "))
  const found = rowsOf(page)
    .filter(([what = ""]) => /^(Node|TypeScript|`@?[a-z/-]+`)$/.test(what))
    .map((row) => row.join(" | "))
  return [
    ...wanted.filter((row) => !found.includes(row)).map((row) => `docs/support.md lacks | ${row} |`),
    ...found.filter((row) => !wanted.includes(row)).map((row) => `docs/support.md has | ${row} |, which is not so`)
  ]
}

const readJson = (file: string) => JSON.parse(readFileSync(join(root, file), "utf8")) as never

/** The catalog of pnpm-workspace.yaml: its last block of plain lines. */
const readCatalog = (): Facts["catalog"] => {
  const [, block = ""] =
    /^catalog:\n((?: {2}.+\n?)+)/m.exec(readFileSync(join(root, "pnpm-workspace.yaml"), "utf8")) ?? []
  return Object.fromEntries(
    [...block.matchAll(/^ {2}"?([^":]+)"?: (\S+)$/gm)].map(([, name = "", version = ""]) => [name, version])
  )
}

export const support: Check = {
  name: "support",
  run: async () => {
    const { optionalDependencies } = readJson("package.json") as {
      readonly optionalDependencies: Record<string, string>
    }
    const facts: Facts = {
      packages: packageFolders().map((folder) => readJson(`${folder}/package.json`)),
      node: one("the pinned Node", Object.values(optionalDependencies)),
      catalog: readCatalog(),
      unstable: findUnstable()
    }
    const problems = supportProblems(readFileSync(join(root, "docs/support.md"), "utf8"), facts)
    return { ok: problems.length === 0, output: problems.join("\n"), note: `${wantedRows(facts).length} rows` }
  }
}
