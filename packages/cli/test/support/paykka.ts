/** The built binary as a user runs it: a process of its own, in an empty folder, with an environment that has nothing of this machine's. */
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { onTestFinished } from "vitest"

export const main = fileURLToPath(new URL("../../dist/main.js", import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Around {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  /** What is typed once a text has been printed; stdin stays open. */
  readonly dialogue?: { readonly after: string; readonly type: string }
}

/** A folder of its own. */
export const temporary = () => {
  const path = mkdtempSync(join(tmpdir(), "paykka-cli-"))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** A folder that is gone after the test. */
export const folder = (): string => {
  const { path, remove } = temporary()
  onTestFinished(remove)
  return path
}

export const start = (command: string, args: ReadonlyArray<string>, { cwd, env = {}, input = "", dialogue }: Around) =>
  new Promise<Ended>((resolve, reject) => {
    const { PATH = "" } = process.env
    const child = spawn(command, args, { cwd, env: { PATH, HOME: cwd, XDG_CONFIG_HOME: join(cwd, ".config"), ...env } })
    const out: Array<Buffer> = []
    const err: Array<Buffer> = []
    let isTyped = false
    child.stdout.on("data", (chunk: Buffer) => {
      out.push(chunk)
      if (dialogue === undefined || isTyped || !Buffer.concat(out).toString().includes(dialogue.after)) return
      isTyped = true
      child.stdin.write(dialogue.type)
    })
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk))
    child.on("error", reject)
    child.on("close", (code) =>
      resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() })
    )
    // Who reads no input may have ended before it is written.
    child.stdin.on("error", () => {})
    if (dialogue === undefined) child.stdin.end(input)
  })

/** Runs `paykka`. Neither of its streams is a terminal. */
export const paykka = (args: ReadonlyArray<string>, around: Around): Promise<Ended> =>
  start(process.execPath, [main, ...args], around)
