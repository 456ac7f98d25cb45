/**
 * Whether a change of a package's report is told to its users by a changeset.
 *
 * Compared is with the commit at which the current branch left the base branch; on the base branch itself with the commit before. What has
 * changed since then, committed or not, has to be named by a changeset that was written (or edited) since then as well: an older one, which waits
 * for its release, knew nothing of it.
 */
import { execFile } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { parseChangesetFile } from "@changesets/parse"

/** What was found, and what it was compared with. */
export interface Verdict {
  /** One line for each package whose change nobody tells. */
  readonly problems: ReadonlyArray<string>
  /** What the reports were compared with, or why they were not. */
  readonly note: string
}

/** What git prints; undefined when it fails. */
type Git = (...args: ReadonlyArray<string>) => Promise<string | undefined>

const gitIn =
  (folder: string): Git =>
  (...args) =>
    new Promise((resolve) => {
      execFile("git", args, { cwd: folder, maxBuffer: 2 ** 26 }, (error, stdout) =>
        resolve(error === null ? stdout.trimEnd() : undefined)
      )
    })

/** The commit to compare with, or why there is none. */
const baseOf = async (git: Git, branch: string): Promise<{ readonly commit: string } | { readonly none: string }> => {
  const head = await git("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
  if (head === undefined) return { none: "there is no git history" }
  for (const ref of [`refs/remotes/origin/${branch}`, `refs/heads/${branch}`]) {
    const fork = await git("merge-base", "HEAD", ref)
    if (fork !== undefined && fork !== head) return { commit: fork }
  }
  const before = await git("rev-parse", "--verify", "--quiet", "HEAD^1^{commit}")
  return before === undefined ? { none: "the git history here has one commit only" } : { commit: before }
}

const lines = (text: string | undefined): ReadonlyArray<string> =>
  (text ?? "").split("\n").filter((line) => line !== "")

const versionIn = (manifest: string): string => (JSON.parse(manifest) as { readonly version: string }).version

/** Looks at the reports (`packages/<name>/api.md`) and the changesets of a repository, as they are on disk. */
export const untold = async (root: string): Promise<Verdict> => {
  const read = (file: string) => readFileSync(join(root, file), "utf8")
  const git = gitIn(root)
  const { baseBranch } = JSON.parse(read(".changeset/config.json")) as { readonly baseBranch: string }
  const base = await baseOf(git, baseBranch)
  if ("none" in base) return { problems: [], note: `not compared with what was: ${base.none}` }

  const places = ["--", ".changeset/*.md", "packages/*/api.md"]
  const changed = [
    ...lines(await git("diff", "--name-only", "--no-renames", "--diff-filter=AM", base.commit, ...places)),
    ...lines(await git("ls-files", "--others", "--exclude-standard", ...places))
  ].filter((file) => existsSync(join(root, file)))
  const told = changed
    .filter((file) => file.startsWith(".changeset/") && !file.endsWith("/README.md"))
    .flatMap((file) => parseChangesetFile(read(file)).releases.map(({ name }) => name))

  const problems: Array<string> = []
  for (const file of changed.filter((each) => each.endsWith("/api.md"))) {
    const manifest = file.replace(/api\.md$/, "package.json")
    const { name, version } = JSON.parse(read(manifest)) as { readonly name: string; readonly version: string }
    if (told.includes(name)) continue
    const then = await git("show", `${base.commit}:${manifest}`)
    const reported = (await git("cat-file", "-e", `${base.commit}:${file}`)) !== undefined
    // It was released in between, and its changesets were used up by that; or reports have only just been introduced.
    if (then !== undefined && (versionIn(then) !== version || !reported)) continue
    problems.push(`${file} ${then === undefined ? "is new" : "has changed"}, and no new changeset names ${name}`)
  }
  return { problems, note: `compared with ${base.commit.slice(0, 7)}` }
}
