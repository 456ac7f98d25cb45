/** Commands of a rehearsal: they see its home folder, and nothing of this user's. */
import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { delimiter, join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { stripVTControlCharacters } from "node:util"

export const root = fileURLToPath(new URL("../..", import.meta.url))

export interface Place {
  readonly home: string
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
}

const environment = ({ home, env }: Place) => ({
  PATH: [join(root, "node_modules/.bin"), process.env["PATH"]].join(delimiter),
  HOME: home,
  CI: "true",
  NO_COLOR: "1",
  // No identity, signing or hooks of this user's.
  GIT_CONFIG_GLOBAL: join(home, ".gitconfig"),
  GIT_CONFIG_NOSYSTEM: "1",
  ...env
})

/** What a command printed; rejects with all it said when it fails. */
export const run = (command: string, args: ReadonlyArray<string>, place: Place): Promise<string> =>
  new Promise((resolve, reject) => {
    const options = { cwd: place.cwd, env: environment(place), maxBuffer: 2 ** 26 }
    execFile(command, args, options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout)
      const said = stripVTControlCharacters([stdout, stderr].join("\n")).trim()
      reject(new Error(`${[command, ...args].join(" ")} failed (${error.code ?? error.signal}):\n${said}`))
    })
  })

/** Starts a program that goes on; gives the first line that it prints. */
export const start = async (command: string, args: ReadonlyArray<string>, place: Place) => {
  const child = spawn(command, args, { cwd: place.cwd, env: environment(place), stdio: ["ignore", "pipe", "pipe"] })
  let said = ""
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text))
  const exited = once(child, "exit")
  const printed = once(createInterface(child.stdout), "line")
  const first = await Promise.race([printed.then(([line]) => String(line)), exited.then(() => undefined)])
  if (first === undefined) throw new Error(`${[command, ...args].join(" ")} ended:\n${said}`)
  return {
    first,
    stop: async () => {
      child.kill()
      await exited
    }
  }
}
