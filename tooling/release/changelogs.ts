/** What a user may expect of a changeset, and of the changelog that it becomes a part of. */
import { parseChangesetFile } from "@changesets/parse"
import { headline } from "./changelog.ts"

/** A text, and the file that it is in. */
export interface Text {
  readonly file: string
  readonly text: string
}

const longest = 160

/** What is wrong with changesets, before they are used. */
export const changesetFaults = (changesets: ReadonlyArray<Text>): ReadonlyArray<string> =>
  changesets.flatMap(({ file, text }) => {
    const { summary, releases } = parseChangesetFile(text)
    const first = headline(summary)
    return [
      ...(releases.length === 0 ? ["names no package"] : []),
      ...(/^(?![-*#]).*[.:]$/.test(first) ? [] : ["does not begin with a sentence that says what is new"]),
      ...(first.length > longest
        ? [`begins with a paragraph of ${first.length} characters; ${longest} are the most`]
        : []),
      ...(/^\s*[-*] `@paykka\/[a-z-]+`:/m.test(summary)
        ? ["tells packages apart in a list: write a changeset for each"]
        : []),
      ...(commit.test(summary) ? ["names a commit"] : [])
    ].map((fault) => `${file} ${fault}`)
  })

/** A hash in the forms in which tools write it: `1a2b3c4: `, `[1a2b3c4]`, `(1a2b3c4)`, or whole. */
const commit = /(?:^|\s)[0-9a-f]{7,12}: |[[(][0-9a-f]{7,12}[\])]|\b[0-9a-f]{40}\b/m

/** A package's changelog, and what must be in it. */
export interface Changelog extends Text {
  readonly name: string
  /** The version that its newest part is about. */
  readonly version: string
  /** The changesets that name the package, and are told there. */
  readonly changesets: ReadonlyArray<Text>
}

/** What is wrong with the newest part of a changelog. */
export const changelogFaults = ({ file, text, name, version, changesets }: Changelog): ReadonlyArray<string> => {
  const [title, newest = ""] = text.split(/^## /m)
  const read = newest.replace(/\s+/g, " ")
  return [
    ...(title?.trim() === `# ${name}` ? [] : [`does not begin with "# ${name}"`]),
    ...(newest.startsWith(`${version}\n`) ? [] : [`does not tell of ${version} first`]),
    ...changesets
      .map((changeset) => headline(parseChangesetFile(changeset.text).summary))
      .filter((each) => !read.includes(each))
      .map((each) => `lacks "${each}"`),
    ...(commit.test(newest) ? ["names a commit"] : []),
    ...(/undefined|\[object|Updated dependencies/.test(newest) ? ["has what only a machine writes"] : []),
    ...(/[ \t]$/m.test(newest) ? ["has blanks at the end of a line"] : [])
  ].map((fault) => `${file} ${fault}`)
}

/** The newest part of a changelog, but for what is new in other packages. */
const ownNews = ({ text }: Text): string => {
  const [, newest = ""] = text.split(/^## /m)
  const [, ...parts] = newest.split(/^### /m)
  return parts
    .map((part) => part.replace(/^- Needs .*(?:\n {2}.*)*/m, "").trim())
    .filter((part) => part.includes("\n"))
    .map((part) => `### ${part}`)
    .join("\n\n")
}

/** All that is new, package by package, each text once: for the release's page. */
export const notes = (changelogs: ReadonlyArray<Changelog>): string =>
  [...Map.groupBy(changelogs, ownNews)]
    .toSorted(([a], [b]) => Number(a === "") - Number(b === ""))
    .map(([news, all]) => {
      const names = all.map(({ name }) => `\`${name}\``).join(", ")
      return news === "" ? `Without changes of their own: ${names}.` : `## ${names}\n\n${news}`
    })
    .join("\n\n")
