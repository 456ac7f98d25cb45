/** The service as a process of its own, as it is started where it runs. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Image from "./image.ts"

/** Variables of a process. */
export type Variables = Readonly<Record<string, string>>

/** A process, and what it has written so far. */
export interface Running {
  readonly child: ChildProcess
  readonly written: { stdout: string; stderr: string }
  /** Its exit code, or the signal that ended it, when it has ended. */
  readonly ended: Promise<number | NodeJS.Signals | null>
}

/** What is to be found on the machine, and nothing that whoever runs the tests has set for us. */
const inherited = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => /^(PATH|HOME|TMPDIR|SystemRoot)$/.test(name))
)

/** Starts a program of Node; what is left of it ends with the scope. */
export const startNode = (
  args: ReadonlyArray<string>,
  variables: Variables,
  cwd?: string
): Effect.Effect<Running, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const child = spawn(process.execPath, args, { cwd, env: { ...inherited, ...variables } })
      const written = { stdout: "", stderr: "" }
      child.stdout.setEncoding("utf8").on("data", (text: string) => (written.stdout += text))
      child.stderr.setEncoding("utf8").on("data", (text: string) => (written.stderr += text))
      const ended = once(child, "close").then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals | null)
      return { child, written, ended }
    }),
    ({ child, ended }) =>
      Effect.promise(async () => {
        child.kill("SIGKILL")
        await ended
      })
  )

/** Waits for what a process writes, and gives the first group of it. */
export const says = ({ child, written, ended }: Running, pattern: RegExp): Effect.Effect<string> =>
  Effect.promise(
    () =>
      new Promise<string>((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(written.stdout)
          if (found !== null) resolve(found[1] ?? found[0])
        }
        child.stdout!.on("data", look)
        look()
        void ended.then((code) => reject(new Error(`it ended with ${code}:\n${written.stdout}${written.stderr}`)))
      })
  )

/** A service that listens. */
export interface Service extends Running {
  readonly url: string
}

/** Starts the service as its container does, on a free port. */
export const startService = (variables: Variables): Effect.Effect<Service, never, Scope.Scope> =>
  Effect.gen(function* () {
    const running = yield* startNode(["main.mjs"], { PORT: "0", ...variables }, Image.folder)
    return { ...running, url: yield* says(running, /"Listening on (http:[^"]+)"/) }
  })
