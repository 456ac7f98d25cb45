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

/** A program that runs. */
export interface Running {
  readonly stdout: () => string
  readonly stderr: () => string
  /** Waits until it has printed what is wanted, on any stream. Fails when it ends before. */
  readonly printed: (wanted: string | RegExp) => Promise<RegExpExecArray>
  readonly type: (text: string) => void
  /** Types the last of its input. */
  readonly close: (text?: string) => void
  /** What Ctrl-C does, and what it ends with. */
  readonly interrupt: () => Promise<Ended>
  /** Death without a warning. */
  readonly kill: () => void
  readonly ended: Promise<Ended>
}

/** A text as the pattern that finds it. */
export const literal = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")

/** Starts a program, and leaves its stdin open. */
export const launch = (command: string, args: ReadonlyArray<string>, { cwd, env = {} }: Around): Running => {
  const { PATH = "" } = process.env
  const child = spawn(command, args, { cwd, env: { PATH, HOME: cwd, XDG_CONFIG_HOME: join(cwd, ".config"), ...env } })
  const chunks = { stdout: [] as Array<Buffer>, stderr: [] as Array<Buffer> }
  const stdout = () => Buffer.concat(chunks.stdout).toString()
  const stderr = () => Buffer.concat(chunks.stderr).toString()
  const watchers = new Set<() => void>()
  for (const name of ["stdout", "stderr"] as const) {
    child[name].on("data", (chunk: Buffer) => {
      chunks[name].push(chunk)
      for (const watch of watchers) watch()
    })
  }
  // Who reads no input may have ended before it is written.
  child.stdin.on("error", () => {})
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject)
    child.on("close", (code) => resolve({ code, stdout: stdout(), stderr: stderr() }))
  })
  return {
    stdout,
    stderr,
    printed: (wanted) =>
      new Promise((resolve, reject) => {
        const pattern = typeof wanted === "string" ? new RegExp(literal(wanted)) : wanted
        const watch = () => {
          const found = pattern.exec(stdout()) ?? pattern.exec(stderr())
          if (found === null) return
          watchers.delete(watch)
          resolve(found)
        }
        watchers.add(watch)
        watch()
        void ended.then(({ code }) => reject(new Error(`ended with ${code}: ${stdout()}${stderr()}`)), reject)
      }),
    type: (text) => {
      child.stdin.write(text)
    },
    close: (text = "") => {
      child.stdin.end(text)
    },
    interrupt: () => {
      child.kill("SIGINT")
      return ended
    },
    kill: () => {
      child.kill("SIGKILL")
    },
    ended
  }
}
/** Runs a program to its end. */
export const start = async (command: string, args: ReadonlyArray<string>, around: Around): Promise<Ended> => {
  const { input = "", dialogue } = around
  const child = launch(command, args, around)
  if (dialogue === undefined) child.close(input)
  else {
    // What never comes is no failure: the program may have another end.
    child.printed(dialogue.after).then(
      () => child.type(dialogue.type),
      () => {}
    )
  }
  return child.ended
}

/** Runs `paykka`. Neither of its streams is a terminal. */
export const paykka = (args: ReadonlyArray<string>, around: Around): Promise<Ended> =>
  start(process.execPath, [main, ...args], around)
