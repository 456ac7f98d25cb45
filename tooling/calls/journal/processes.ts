/** The lives of a paying process. */
import { spawn } from "node:child_process"
import { closeSync, openSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"

const program = fileURLToPath(new URL("pay.ts", import.meta.url))

/**
 * Lets it live until it is killed, as it is where the marks say so, or has made everything. Any other end is a defect.
 *
 * @param log the file for what it logs
 */
export const live = (env: Readonly<Record<string, string>>, log: string): Effect.Effect<"killed" | "done"> =>
  Effect.callback((resume) => {
    const out = openSync(log, "a")
    const child = spawn(process.execPath, [program], {
      env: { ...process.env, ...env },
      // Its standard input ends with this process, whatever ends this one.
      stdio: ["pipe", out, out]
    })
    closeSync(out)
    child.once("exit", (code, signal) => {
      if (signal === "SIGKILL") return resume(Effect.succeed("killed"))
      if (code === 0) return resume(Effect.succeed("done"))
      return resume(
        Effect.die(new Error(`it ended with ${signal ?? code}:\n${readFileSync(log, "utf8").slice(-4000)}`))
      )
    })
    return Effect.sync(() => child.kill("SIGKILL"))
  })
