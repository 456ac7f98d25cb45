// A throw-away workspace around the real script, and a fake `npx` in front of the real one.
import { spawn, type ChildProcess } from "node:child_process"
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { onTestFinished } from "vitest"

const bootstrap = fileURLToPath(new URL("..", import.meta.url))

export interface Workspace {
  readonly root: string
  readonly write: (file: string, text: string) => void
  readonly read: (file: string) => string
  /** How often the fake npx was called. */
  readonly installs: () => number
  readonly start: (args: ReadonlyArray<string>, env?: NodeJS.ProcessEnv) => ChildProcess
  readonly run: (args: ReadonlyArray<string>, env?: NodeJS.ProcessEnv) => Promise<Ended>
}

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** `npx` stands for a shell script that plays npx and pnpm; without it the real npx runs. */
export const makeWorkspace = (npx?: string): Workspace => {
  const root = mkdtempSync(join(tmpdir(), "paykka-bootstrap-"))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))

  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text, { mode: 0o755 })
  }
  cpSync(bootstrap, join(root, "tooling/bootstrap"), {
    recursive: true,
    filter: (source) => !/\/(node_modules|test)$/.test(source)
  })
  write("package.json", JSON.stringify({ name: "scratch", private: true, packageManager: "pnpm@12.21.0" }))
  write("pnpm-workspace.yaml", "packages:\n  - packages/*\n  - apps/*\n  - tooling/*\n")
  write("pnpm-lock.yaml", "lockfileVersion: '9.0'\n")
  write("packages/one/package.json", `{"name":"one"}`)
  write("apps/walkthrough/src/main.ts", "process.stdout.write(JSON.stringify(process.argv.slice(2)))\n")
  if (npx !== undefined) write("fake/npx", npx)

  const start = (args: ReadonlyArray<string>, env: NodeJS.ProcessEnv = {}) =>
    spawn(process.execPath, [join(root, "tooling/bootstrap/run.mjs"), ...args], {
      cwd: tmpdir(),
      env: { PATH: `${join(root, "fake")}${delimiter}${process.env.PATH}`, HOME: join(root, "home"), ...env },
      stdio: ["ignore", "pipe", "pipe"]
    })

  return {
    root,
    write,
    start,
    read: (file) => readFileSync(join(root, file), "utf8"),
    installs: () =>
      existsSync(join(root, "installs")) ? readFileSync(join(root, "installs"), "utf8").trim().split("\n").length : 0,
    run: (args, env) => ended(start(args, env))
  }
}

export const ended = (child: ChildProcess): Promise<Ended> =>
  new Promise((resolve) => {
    let stdout = ""
    let stderr = ""
    child.stdout?.setEncoding("utf8").on("data", (text) => (stdout += text))
    child.stderr?.setEncoding("utf8").on("data", (text) => (stderr += text))
    child.on("close", (code) => resolve({ code, stdout, stderr }))
  })

/** Resolves when the child has said `text` on stderr. */
export const printed = (child: ChildProcess, text: string): Promise<void> =>
  new Promise((resolve) => {
    let stderr = ""
    child.stderr?.setEncoding("utf8").on("data", (chunk) => {
      stderr += chunk
      if (stderr.includes(text)) resolve()
    })
  })

/** An install that works: it records its arguments and leaves the tools that the tasks call. */
export const goodInstall = `#!/bin/sh
echo "$@" >> installs
echo "noise of pnpm"
mkdir -p node_modules/.bin
printf '#!/bin/sh\\necho noise of turbo; exit \${TURBO_EXIT:-0}\\n' > node_modules/.bin/turbo
chmod +x node_modules/.bin/turbo
`
