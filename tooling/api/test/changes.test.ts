import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { untold } from "../changes.ts"

const makeFolder = (): string => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "paykka-api-")))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A repository of two packages, one commit on `main`. */
const makeRepository = () => {
  const root = makeFolder()
  const git = (...args: ReadonlyArray<string>) => {
    const identity = ["-c", "user.name=Test", "-c", "user.email=test@example.test", "-c", "commit.gpgsign=false"]
    execFileSync("git", [...identity, ...args], { cwd: root, stdio: "pipe" })
  }
  const write = (files: Readonly<Record<string, string>>) => {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, file)), { recursive: true })
      writeFileSync(join(root, file), text)
    }
  }
  const commit = (files: Readonly<Record<string, string>> = {}) => {
    write(files)
    git("add", "--all")
    git("commit", "--quiet", "--allow-empty", "--message", "A change")
  }
  git("init", "--quiet", "--initial-branch", "main")
  commit({
    ".changeset/config.json": JSON.stringify({ baseBranch: "main" }),
    ".changeset/README.md": "# Changesets\n",
    ".changeset/old.md": changeset("va", "core"),
    ...files("va"),
    ...files("core")
  })
  return { root, git, write, commit, found: async () => (await untold(root)).problems }
}

const changeset = (...names: ReadonlyArray<string>) =>
  `---\n${names.map((name) => `"@paykka/${name}": minor\n`).join("")}---\n\nSomething new.\n`

const files = (name: string, version = "0.0.0") => ({
  [`packages/${name}/package.json`]: JSON.stringify({ name: `@paykka/${name}`, version }),
  [`packages/${name}/api.md`]: `# The API of @paykka/${name}\n`
})

const changedVa = { "packages/va/api.md": "# Another API\n" }

const vaIsUntold = ["packages/va/api.md has changed, and no new changeset names @paykka/va"]

describe("a changed report", () => {
  it("needs a changeset before it is committed", async () => {
    const { write, commit, found } = makeRepository()
    commit()
    write(changedVa)
    expect(await found()).toEqual(vaIsUntold)
    write({ ".changeset/new.md": changeset("va") })
    expect(await found()).toEqual([])
  })

  it("needs a changeset on a branch, in whichever commit", async () => {
    const { git, commit, found } = makeRepository()
    git("switch", "--quiet", "--create", "topic")
    commit(changedVa)
    commit()
    expect(await found()).toEqual(vaIsUntold)
    commit({ ".changeset/new.md": changeset("va") })
    commit()
    expect(await found()).toEqual([])
  })

  it("needs one that names the package", async () => {
    const { git, commit, found } = makeRepository()
    git("switch", "--quiet", "--create", "topic")
    commit({ ...changedVa, ".changeset/new.md": changeset("core"), ".changeset/README.md": changeset("va") })
    expect(await found()).toEqual(vaIsUntold)
  })

  it("is told by an older changeset only when that was edited with it", async () => {
    const { git, commit, found } = makeRepository()
    git("switch", "--quiet", "--create", "topic")
    commit(changedVa)
    expect(await found()).toEqual(vaIsUntold)
    commit({ ".changeset/old.md": `${changeset("va")}\nAnd more.\n` })
    expect(await found()).toEqual([])
  })

  it("is compared with where the branch left, not with what became of main", async () => {
    const { git, commit, found } = makeRepository()
    git("switch", "--quiet", "--create", "topic")
    commit()
    git("switch", "--quiet", "main")
    commit(changedVa)
    git("switch", "--quiet", "topic")
    expect(await found()).toEqual([])
  })

  it("is compared with the commit before, on main", async () => {
    const { commit, found } = makeRepository()
    commit(changedVa)
    expect(await found()).toEqual(vaIsUntold)
    commit()
    expect(await found()).toEqual([])
  })

  it("is compared with the main of origin, where the clone has no other", async () => {
    const { root, git, commit } = makeRepository()
    git("switch", "--quiet", "--create", "topic")
    commit(changedVa)
    commit()
    const clone = join(makeFolder(), "clone")
    execFileSync("git", ["clone", "--quiet", "--branch", "topic", `file://${root}`, clone], { stdio: "pipe" })
    expect((await untold(clone)).problems).toEqual(vaIsUntold)
  })

  it("needs none when the package was released since", async () => {
    const { git, commit, found } = makeRepository()
    git("switch", "--quiet", "--create", "topic")
    commit({ ...files("va", "0.1.0"), ...changedVa })
    expect(await found()).toEqual([])
  })
})

describe("a new package", () => {
  it("needs a changeset", async () => {
    const { git, commit, found } = makeRepository()
    git("switch", "--quiet", "--create", "topic")
    commit(files("cli"))
    expect(await found()).toEqual(["packages/cli/api.md is new, and no new changeset names @paykka/cli"])
    commit({ ".changeset/cli.md": changeset("cli") })
    expect(await found()).toEqual([])
  })

  it("is not what only has its first report", async () => {
    const { root, git, commit, found } = makeRepository()
    rmSync(join(root, "packages/va/api.md"))
    commit()
    git("switch", "--quiet", "--create", "topic")
    commit(changedVa)
    expect(await found()).toEqual([])
  })
})

describe("without a history", () => {
  it("says so in a shallow clone", async () => {
    const { root, commit } = makeRepository()
    commit(changedVa)
    const clone = join(makeFolder(), "clone")
    execFileSync("git", ["clone", "--quiet", "--depth", "1", `file://${root}`, clone], { stdio: "pipe" })
    expect(await untold(clone)).toEqual({
      problems: [],
      note: "not compared with what was: the git history here has one commit only"
    })
  })

  it("says so in a folder that is no repository", async () => {
    const { root } = makeRepository()
    rmSync(join(root, ".git"), { recursive: true })
    expect(await untold(root)).toEqual({ problems: [], note: "not compared with what was: there is no git history" })
  })
})
