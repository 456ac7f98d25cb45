/** Links of the repository as links of the site. */
import { cpSync, mkdirSync } from "node:fs"
import { dirname, join } from "node:path"
import type { MarkdownRenderer } from "vitepress"
import { pathOf, root, targetOf } from "./pages.ts"

/** The address on the site of a file that is no page; a source is sent as text, since servers do not know what it is. */
const addressOf = (file: string): string => (/\.(?:json|ya?ml)$/.test(file) ? `/${file}` : `/${file}.txt`)

/**
 * Leads links to pages of the site where their file is one; other files of the repository that are linked to come along, as they are.
 * A link that leads nowhere stays as it is: the check of links finds it.
 */
export const makeLinks = (pages: ReadonlySet<string>) => {
  const files = new Set<string>()
  const plugin = (md: MarkdownRenderer): void => {
    md.core.ruler.after("inline", "repository_links", ({ tokens, env }) => {
      const from = (env.realPath ?? env.path).slice(root.length)
      for (const link of tokens.flatMap(({ children }) => children ?? [])) {
        const href = link.type === "link_open" ? link.attrGet("href") : null
        const target = href === null ? undefined : targetOf(from, href)
        if (target === undefined) continue
        if (pages.has(target.file)) {
          link.attrSet("href", `/${pathOf(target.file)}${target.fragment}`)
        } else {
          files.add(target.file)
          link.attrSet("href", addressOf(target.file))
        }
      }
    })
  }
  return {
    plugin,
    /** Copies the files to a built site. */
    copy: (site: string): void => {
      for (const file of files) {
        const to = join(site, addressOf(file))
        mkdirSync(dirname(to), { recursive: true })
        cpSync(join(root, file), to)
      }
    }
  }
}
