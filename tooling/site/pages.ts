/** Which markdown files are pages of the site, and in what order the navigation has them. */
import { existsSync, globSync, readFileSync, statSync } from "node:fs"
import { dirname, join, normalize } from "node:path"
import { fileURLToPath } from "node:url"

export const root = fileURLToPath(new URL("../..", import.meta.url))

/** A file is in the first section that names it; a pattern takes what no section names. */
const sections = [
  { title: "Start", files: ["README.md", "docs/README.md", "docs/getting-started.md", "docs/migrating.md"] },
  {
    title: "Guides",
    files: [
      "docs/keys.md",
      "docs/testing.md",
      "docs/webhooks.md",
      "docs/retries.md",
      "docs/edge.md",
      "docs/observability.md",
      "docs/plugins.md",
      "docs/code-tables.md",
      "docs/*.md"
    ]
  },
  {
    title: "Reference",
    files: ["docs/configuration.md", "docs/errors.md", "docs/signing.md", "docs/wire.md", "docs/contract.md"]
  },
  { title: "Packages", files: ["packages/*/README.md"] },
  { title: "Programs", files: ["apps/*/README.md"] },
  {
    title: "Project",
    files: ["docs/performance.md", "docs/decisions.md", "contract/README.md", "CONTRIBUTING.md", "AGENTS.md"]
  }
] as const

/** All markdown files of the repository, relative to the root. */
export const markdownFiles = (): ReadonlyArray<string> =>
  globSync("**/*.md", { cwd: root, exclude: (name) => /^(?:node_modules|dist|\.turbo|\.bootstrap)$/.test(name) })

/** A page: its markdown file, relative to the root, and its first heading. */
export interface Page {
  readonly file: string
  readonly title: string
}

export interface Section {
  readonly title: string
  readonly pages: ReadonlyArray<Page>
}

const titleOf = (file: string): string => {
  const [, heading] = /^# (.+)$/m.exec(readFileSync(join(root, file), "utf8")) ?? []
  if (heading === undefined) throw new Error(`${file} has no heading`)
  return heading.replaceAll("`", "")
}

const isPattern = (file: string): boolean => file.includes("*")

/** The navigation. Throws where a file that is named does not exist. */
export const navigation = (): ReadonlyArray<Section> => {
  const named = new Set<string>(sections.flatMap(({ files }) => files.filter((file) => !isPattern(file))))
  const expand = (file: string): ReadonlyArray<string> =>
    isPattern(file)
      ? globSync(file, { cwd: root })
          .filter((found) => !named.has(found))
          .toSorted()
      : [file]
  return sections.map(({ title, files }) => ({
    title,
    pages: files.flatMap(expand).map((file) => ({ file, title: titleOf(file) }))
  }))
}

/** The path of a page on the site, as if it were a markdown file there: a README is the page of its folder. */
export const pathOf = (file: string): string => file.replace(/(^|\/)README\.md$/, "$1index.md")

/** What a link leads to. */
export interface Target {
  /** The file, relative to the root; for a folder its README. */
  readonly file: string
  /** With its `#`, or empty. */
  readonly fragment: string
}

/** Where a relative link of a file leads, or undefined where it is none or its file does not exist. */
export const targetOf = (from: string, href: string): Target | undefined => {
  if (/^(?:[a-z][a-z0-9+.-]*:|\/|#)/i.test(href)) return undefined
  const [path = "", ...fragment] = href.split("#")
  const file = normalize(join(dirname(from), decodeURI(path)))
  const target = statSync(join(root, file), { throwIfNoEntry: false })?.isDirectory() ? join(file, "README.md") : file
  if (target.startsWith("..") || !existsSync(join(root, target))) return undefined
  return { file: target, fragment: fragment.length === 0 ? "" : `#${fragment.join("#")}` }
}
