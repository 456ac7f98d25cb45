/** Every example of the READMEs, run as it stands. */
import { execFile } from "node:child_process"
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { root } from "../../checks/check.ts"
import { fences } from "../../checks/examples.ts"
import { cases } from "../cases.ts"
import type { Example, Outcome } from "../run.ts"

const here = fileURLToPath(new URL("..", import.meta.url))

const files = ["README.md", ...globSync("packages/*/README.md", { cwd: root }).toSorted()]
const found = files.flatMap((file) =>
  fences(file, readFileSync(join(root, file), "utf8")).map((fence, index) => ({ ...fence, index }))
)
const runnable = found.filter(({ file }) => typeof cases[file] !== "string")

describe("examples of the READMEs", () => {
  let modules: string
  let directory: string
  let outcomes: ReadonlyArray<Outcome>

  beforeAll(async () => {
    mkdirSync(join(here, "dist"), { recursive: true })
    // Inside this room, so that packages are found as in a user's project; Node itself takes the types away.
    modules = mkdtempSync(join(here, "dist/run-"))
    directory = mkdtempSync(join(tmpdir(), "paykka-readmes-"))
    const examples = runnable.map(({ file, line, index, code }): Example => {
      const path = join(modules, `${file.replaceAll("/", "-")}.${line}.ts`)
      writeFileSync(path, `${code}\n`)
      return { file, line, index, path }
    })
    const list = join(modules, "examples.json")
    writeFileSync(list, JSON.stringify(examples))
    // Less than the limit of the hook, which would leave it running.
    const limits = { timeout: 50_000, killSignal: "SIGKILL" } as const
    const { stdout } = await promisify(execFile)(process.execPath, [join(here, "run.ts"), list], {
      cwd: directory,
      ...limits
    })
    outcomes = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Outcome)
  })

  afterAll(() => {
    for (const folder of [modules, directory]) rmSync(folder, { recursive: true, force: true })
  })

  it("are in both dialects", () => {
    const dialects = (file: string) =>
      found.filter((fence) => fence.file === file).map(({ code }) => /from "@paykka\/sdk"/.test(code))
    const withPrograms = files.filter((file) => dialects(file).length > 0)
    const oneSided = withPrograms.filter((file) => new Set(dialects(file)).size < 2)
    // What only Effect's programs use: several processes that share a store of theirs.
    assert.deepStrictEqual(oneSided, ["packages/store-cloudflare/README.md", "packages/store-redis/README.md"])
  })

  it("are all known here, and no more than there are", () => {
    const known = Object.entries(cases).flatMap(([file, list]) =>
      typeof list === "string" ? [] : list.map((_, index) => `${file} ${index}`)
    )
    assert.sameMembers(
      known,
      runnable.map(({ file, index }) => `${file} ${index}`)
    )
  })

  it.each(runnable.map(({ file, line, index }) => [`${file}:${line}`, file, line, index] as const))(
    "%s does what it says",
    (_, file, line, index) => {
      const outcome = outcomes.find((each) => each.file === file && each.line === line)
      assert(outcome !== undefined, "it was not run")
      assert.strictEqual(outcome.failure, undefined, outcome.printed)
      for (const said of (cases[file] as ReadonlyArray<{ readonly says: ReadonlyArray<RegExp> }>)[index]!.says) {
        assert.match(outcome.printed, said, outcome.printed)
      }
    }
  )
})
