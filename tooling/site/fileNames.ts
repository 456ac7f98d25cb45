/** The name of the file that a block is (` ```ts app.ts `) in place of its language. */
import type { MarkdownRenderer } from "vitepress"

export const fileNames = (md: MarkdownRenderer): void => {
  const { fence } = md.renderer.rules
  if (fence === undefined) throw new Error("there is nothing that renders blocks")
  md.renderer.rules.fence = (tokens, index, ...rest) => {
    const html = fence(tokens, index, ...rest)
    const [, name] = /\s([\w-]*\.[\w.-]+)(?:\s|$)/.exec(tokens[index]?.info ?? "") ?? []
    return name === undefined ? html : html.replace(/(<span class="lang">)[^<]*/, `$1${name}`)
  }
}
