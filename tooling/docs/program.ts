/** A command of a page, running. */
import { spawn } from "node:child_process"
import { delimiter, dirname } from "node:path"
import { fileURLToPath } from "node:url"

/** Gives every server a free port, and prints which in place of which. */
const preload = fileURLToPath(new URL("../frameworks/preload.ts", import.meta.url))

const env = {
  PATH: [dirname(process.execPath), process.env["PATH"]].join(delimiter),
  HOME: process.env["HOME"],
  NO_COLOR: "1",
  NODE_OPTIONS: `--import=${preload}`
}

/** A limit that only a hang reaches. */
const patienceMillis = 40_000

const listening = /^listening on port (\d+) in place of (\d+)$/m

/** Ports of a server: the one that it names, and the one that it has. */
export interface Ports {
  readonly named: string
  readonly given: string
}

export interface Program {
  /** Waits until its standard output is as wished. */
  readonly until: (isSo: (stdout: string) => boolean) => Promise<void>
  /** Waits until it listens. */
  readonly listens: () => Promise<Ports>
  /** Waits until it ends well; gives its standard output. */
  readonly end: () => Promise<string>
  /** Ends it, and what it has started. */
  readonly kill: () => void
}

/** Starts a command in bash. All that is waited for fails when the program ends badly, or too early, with what it printed. */
export const start = (folder: string, command: string): Program => {
  const child = spawn("bash", ["-euo", "pipefail", "-c", command], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, so that what it has started ends with it.
    detached: true
  })
  let stdout = ""
  let all = ""
  let code: number | null | undefined
  const waiting = new Set<() => void>()
  const changed = () => {
    for (const look of waiting) look()
  }
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text
    all += text
    changed()
  })
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    all += text
    changed()
  })
  child.once("error", (error) => (all += String(error)))
  child.once("close", (ended) => {
    code = ended
    changed()
  })

  const wait = <A>(find: () => A | undefined): Promise<A> =>
    new Promise<A>((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer)
        waiting.delete(look)
        act()
      }
      const fail = (what: string) => settle(() => reject(new Error(`${what}; it printed\n${all}`)))
      const look = () => {
        const found = find()
        if (found !== undefined) settle(() => resolve(found))
        else if (code !== undefined) fail(`it ended with ${code}`)
      }
      const timer = setTimeout(() => fail(`it took more than ${patienceMillis} ms`), patienceMillis)
      waiting.add(look)
      look()
    })

  return {
    until: (isSo) => wait(() => isSo(stdout) || undefined).then(() => {}),
    listens: () =>
      wait(() => {
        const [, given, named] = listening.exec(all) ?? []
        return given === undefined || named === undefined ? undefined : { given, named }
      }),
    end: () => wait(() => (code === 0 ? stdout : undefined)),
    kill: () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL")
      } catch {
        // It has ended by itself.
      }
    }
  }
}
