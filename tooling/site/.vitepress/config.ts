import { slug } from "github-slugger"
import { defineConfig } from "vitepress"
import { fileNames } from "../fileNames.ts"
import { makeLinks } from "../repositoryLinks.ts"
import { type Page, markdownFiles, navigation, pathOf, root } from "../pages.ts"

const sections = navigation()
const pages = new Set(sections.flatMap((section) => section.pages.map(({ file }) => file)))
const links = makeLinks(pages)

const item = ({ file, title }: Page) => ({ text: title, link: `/${pathOf(file)}` })

export default defineConfig({
  title: "PayKKa SDK",
  description: "A TypeScript SDK for the PayKKa cross-border OpenAPI",
  lang: "en",
  srcDir: root,
  // Only what is in the navigation is a page.
  srcExclude: markdownFiles().filter((file) => !pages.has(file)),
  rewrites: pathOf,
  outDir: "dist",
  cacheDir: "dist/.cache",
  head: [["link", { rel: "icon", href: "data:," }]],
  markdown: {
    // The same anchors as where the repository is read.
    anchor: { slugify: (text) => slug(text) },
    // Syntax that markdown elsewhere does not have.
    attrs: false,
    container: false,
    emoji: false,
    include: false,
    snippet: false,
    config: (md) => {
      links.plugin(md)
      fileNames(md)
    }
  },
  vite: {
    plugins: [
      {
        // The pages lie outside this folder, where no Vue is installed.
        name: "vue-of-the-site",
        enforce: "pre",
        resolveId(id, importer) {
          return /^vue(?:\/|$)/.test(id) && importer?.endsWith(".md")
            ? this.resolve(id, import.meta.filename)
            : undefined
        }
      }
    ]
  },
  buildEnd: ({ outDir }) => links.copy(outDir),
  themeConfig: {
    search: { provider: "local" },
    outline: [2, 3],
    sidebar: sections.map((section) => ({ text: section.title, items: section.pages.map(item) })),
    nav: [
      { text: "Getting started", link: "/docs/getting-started.md" },
      { text: "Errors", link: "/docs/errors.md" },
      { text: "Contract", link: "/docs/contract.md" }
    ]
  }
})
