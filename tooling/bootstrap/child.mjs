// Runs a command as if it had been started in this terminal: its exit code and the signals pass through.
import { spawn } from "node:child_process"
import { constants } from "node:os"

/** Windows starts npx and the tools of node_modules/.bin through their .cmd files, which only a shell finds. */
const shell = process.platform === "win32"

/** Where the child prints. @satisfies {Record<string, import("node:child_process").StdioOptions>} */
const stdio = {
  terminal: "inherit",
  stderr: ["inherit", 2, 2],
  captured: ["ignore", "pipe", "pipe"]
}

/**
 * @typedef {object} Ended
 * @property {number} code the exit code, 128 + n when signal n ended it
 * @property {string} output what it printed, empty unless captured
 */

/**
 * @param {readonly string[]} command
 * @param {{ cwd: string, env: NodeJS.ProcessEnv, output?: keyof typeof stdio }} options
 * @returns {Promise<Ended>}
 */
export const runChild = ([name = "", ...args], { cwd, env, output: where = "terminal" }) =>
  new Promise((resolve) => {
    const child = spawn(name, args, { cwd, env, shell, stdio: stdio[where] })
    let output = ""
    child.stdout?.setEncoding("utf8").on("data", (text) => (output += text))
    child.stderr?.setEncoding("utf8").on("data", (text) => (output += text))

    // In a terminal Ctrl-C reaches the child by itself; a second one from here would tell many tools to stop hard.
    const onInterrupt = () => process.stdin.isTTY || child.kill("SIGINT")
    const onTerminate = () => child.kill("SIGTERM")
    process.on("SIGINT", onInterrupt).on("SIGTERM", onTerminate)

    /** @param {Ended} ended */
    const settle = (ended) => {
      process.off("SIGINT", onInterrupt).off("SIGTERM", onTerminate)
      resolve(ended)
    }
    child.on("error", (error) => settle({ code: 127, output: `${output}${error.message}\n` }))
    child.on("close", (code, signal) =>
      settle({ code: code ?? 128 + (signal === null ? 0 : constants.signals[signal]), output })
    )
  })
