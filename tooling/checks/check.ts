// What a check is, and how a tool is run.
import { spawn } from "node:child_process"
import { existsSync, readdirSync } from "node:fs"
import { delimiter, join } from "node:path"
import { fileURLToPath } from "node:url"
import { stripVTControlCharacters } from "node:util"

export interface Check {
  readonly name: string
  readonly run: () => Promise<Result>
}

export interface Result {
  readonly ok: boolean
  /** Shown when the check failed. */
  readonly output: string
  /** One line worth knowing when it passed. */
  readonly note?: string | undefined
}

export const root = fileURLToPath(new URL("../..", import.meta.url))

/** Folders of the published packages, "packages/core" and so on. */
export const packageFolders = (): ReadonlyArray<string> =>
  readdirSync(join(root, "packages"))
    .map((name) => `packages/${name}`)
    .filter((folder) => existsSync(join(root, folder, "package.json")))

/** Runs a tool of the workspace to its end; passed when its exit code is 0. */
export const runTool = (
  command: string,
  args: ReadonlyArray<string>,
  options: { readonly cwd?: string } = {}
): Promise<Result> =>
  new Promise((resolve) => {
    const child = spawn(command, args, { cwd: options.cwd ?? root, env, stdio: ["ignore", "pipe", "pipe"] })
    let output = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text))
    child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text))
    child.on("error", (error) => resolve({ ok: false, output: `${command} does not start: ${error.message}` }))
    child.on("close", (code) => resolve({ ok: code === 0, output: stripVTControlCharacters(output).trimEnd() }))
  })

/** Several results as one: failed when one of them has. */
export const all = (results: ReadonlyArray<Result>): Result => {
  const failed = results.filter((result) => !result.ok)
  return { ok: failed.length === 0, output: failed.map((result) => result.output).join("\n\n") }
}

const bins = [join(root, "tooling/checks/node_modules/.bin"), join(root, "node_modules/.bin")]

const env: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: [...bins, process.env.PATH].join(delimiter),
  TURBO_TELEMETRY_DISABLED: "1"
}
