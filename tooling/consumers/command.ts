/** Runs commands with the tools of the workspace. */
import { execFile } from "node:child_process"
import { delimiter, join } from "node:path"
import { fileURLToPath } from "node:url"

/** The folder of this tooling. */
export const here = fileURLToPath(new URL(".", import.meta.url))

/** The repository. */
export const root = join(here, "../..")

const PATH = [join(root, "node_modules/.bin"), process.env["PATH"]].join(delimiter)

// Only a hang reaches it.
const timeout = 600_000

/** What a command printed; rejects with all it said when it fails. It knows nothing of the environment but what is given. */
export const run = (
  command: string,
  args: ReadonlyArray<string>,
  cwd: string,
  env: Readonly<Record<string, string | undefined>> = {}
): Promise<string> =>
  new Promise((resolve, reject) => {
    const options = { cwd, timeout, env: { PATH, HOME: process.env["HOME"], ...env } }
    execFile(command, [...args], options, (error, stdout) => {
      if (error === null) resolve(stdout)
      // The message has what it said on stderr.
      else reject(new Error(`${error.message}\n${stdout}`.trim()))
    })
  })
