/** Snippets as programs: written to dist/, compiled as their readers would, run in processes of their own. */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { runTool } from "../checks/check.ts"

const here = fileURLToPath(new URL(".", import.meta.url))

/** Writes files to a new folder inside dist/, and gives its path. Packages resolve as those of this workspace. */
export const write = (files: Readonly<Record<string, string>>): string => {
  mkdirSync(join(here, "dist"), { recursive: true })
  const folder = mkdtempSync(join(here, "dist/app-"))
  for (const [file, content] of Object.entries(files)) {
    const path = join(folder, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, `${content}\n`)
  }
  return folder
}

/** Removes a folder that was written. */
export const remove = (folder: string): void => rmSync(folder, { recursive: true, force: true })

/** Compiles the modules of a folder, each to JavaScript beside it. Types are the matter of `npm run check -- --only examples`. */
export const compile = async (folder: string): Promise<void> => {
  const compilerOptions = {
    target: "ES2024",
    module: "NodeNext",
    rewriteRelativeImportExtensions: true,
    experimentalDecorators: true,
    noCheck: true,
    types: []
  }
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }))
  const { ok, output } = await runTool("tsc", ["-p", "tsconfig.json"], { cwd: folder })
  if (!ok) throw new Error(output)
}

/** Builds a Next application. */
export const buildNext = async (folder: string): Promise<void> => {
  const { code, output } = await run(folder, [next, "build"], {}).closed
  if (code !== 0) throw new Error(output)
}

/** The command line of Next, a program for Node. */
export const next = join(here, "node_modules/next/dist/bin/next")

/** A program that has come to its end. */
interface Closed {
  readonly code: number | null
  /** All that it printed. */
  readonly output: string
}

interface Run {
  readonly child: ChildProcess
  readonly closed: Promise<Closed>
}

const run = (folder: string, args: ReadonlyArray<string>, env: Readonly<Record<string, string>>): Run => {
  const child = spawn(process.execPath, [...args], {
    cwd: folder,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], NO_COLOR: "1", NEXT_TELEMETRY_DISABLED: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"]
  })
  let output = ""
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (output += text))
  }
  const closed = new Promise<Closed>((resolve, reject) => {
    child.once("error", reject).once("close", (code) => resolve({ code, output }))
  })
  return { child, closed }
}

/** Runs a program to its end. */
export const finish = (
  folder: string,
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>> = {}
): Promise<Closed> => run(folder, args, env).closed

/** A program that serves. */
export interface Server {
  readonly origin: string
  /** Ends it, and gives all that it printed. */
  readonly stop: () => Promise<string>
}

/** Starts a program, and waits until it listens. */
export const serve = async (
  folder: string,
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>>
): Promise<Server> => {
  const { child, closed } = run(folder, ["--import", join(here, "preload.ts"), ...args], env)
  const port = await new Promise<string>((resolve, reject) => {
    let printed = ""
    child.stderr!.on("data", (text: string) => {
      printed += text
      const found = /^listening on port ([0-9]+) in place of [0-9]+$/m.exec(printed)
      if (found !== null) resolve(found[1]!)
    })
    closed.then(({ output }) => reject(new Error(`it ended before it listened:\n${output}`)), reject)
  })
  return {
    origin: `http://127.0.0.1:${port}`,
    stop: async () => {
      child.kill("SIGKILL")
      return (await closed).output
    }
  }
}
