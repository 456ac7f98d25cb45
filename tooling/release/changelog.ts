/**
 * What changesets writes into the changelogs of the packages, for those who use them: the texts of the changesets, without hashes, and in one
 * line each what is new in the packages that a package needs, since all of them are released together.
 */
import type { ChangelogFunctions } from "@changesets/types"

/** The first paragraph on one line: a sentence that says what is new. */
export const headline = (summary: string): string => (summary.trim().split(/\n\s*\n/)[0] ?? "").replace(/\s+/g, " ")

/** A text as an item of a list; an empty line in it stays empty. */
const item = (text: string): string =>
  text
    .trim()
    .split("\n")
    .map((line, index) => (index === 0 ? `- ${line.trimEnd()}` : line.trim() === "" ? "" : `  ${line.trimEnd()}`))
    .join("\n")

const changelog: ChangelogFunctions = {
  getReleaseLine: ({ summary }) => `${item(summary)}\n\n`,

  getDependencyReleaseLine: (changesets, dependencies) => {
    const [first] = dependencies
    if (first === undefined) return ""
    const news = changesets.map(({ summary, releases }) => {
      const names = releases
        .map(({ name }) => name)
        .filter((name) => dependencies.some((dependency) => dependency.name === name))
      return `  - ${names.map((name) => `\`${name}\``).join(", ")}: ${headline(summary)}`
    })
    return [
      `- Needs ${first.newVersion} of the other packages.${news.length === 0 ? "" : " New in them:"}`,
      ...news
    ].join("\n")
  }
}

export default changelog
