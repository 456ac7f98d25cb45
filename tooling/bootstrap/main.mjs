// Install when needed, then run the task. Everything said here goes to stderr: stdout belongs to the task.
import { spawnSync } from "node:child_process"
import { delimiter, join } from "node:path"
import { fileURLToPath } from "node:url"
import { runChild } from "./child.mjs"
import { install } from "./install.mjs"
import { oldTaskNode } from "./node-version.mjs"
import { tasks } from "./tasks.mjs"

const root = fileURLToPath(new URL("../..", import.meta.url))

/** @param {string} line */
const say = (line) => process.stderr.write(`${line}\n`)

/**
 * @param {readonly string[]} argv task name and its arguments
 * @returns {Promise<number>} the exit code
 */
export const main = async ([name = "", ...args]) => {
  const steps = Object.hasOwn(tasks, name) ? tasks[name] : undefined
  if (steps === undefined) {
    say(`Unknown task "${name}"; there are: ${Object.keys(tasks).join(", ")}.`)
    return 1
  }

  const notInstalled = await install(root, say)
  if (notInstalled !== 0) return notInstalled

  const env = taskEnv()
  const refusal = oldTaskNode(nodeVersion(env))
  if (refusal !== undefined) {
    say(refusal)
    return 1
  }

  for (const [index, step] of steps.entries()) {
    const isLast = index === steps.length - 1
    const code = await runStep(step, isLast ? args : [], env)
    if (code !== 0 || isLast) return code
  }
  return 0
}

/** The tools of the workspace come first, among them the pinned `node`. */
const taskEnv = () => ({
  ...process.env,
  PATH: `${join(root, "node_modules", ".bin")}${delimiter}${process.env.PATH ?? ""}`,
  TURBO_TELEMETRY_DISABLED: "1"
})

/** @param {NodeJS.ProcessEnv} env */
const nodeVersion = (env) => {
  const { status, stdout } = spawnSync("node", ["--version"], { env, encoding: "utf8" })
  return status === 0 ? stdout.trim() : undefined
}

/**
 * @param {import("./tasks.mjs").Step} step
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
const runStep = async ({ command, quietly }, args, env) => {
  if (quietly === undefined) return (await runChild([...command, ...args], { cwd: root, env })).code
  say(`${quietly} …`)
  const verbose = process.env.PAYKKA_VERBOSE === "1"
  const { code, output } = await runChild([...command, ...args], {
    cwd: root,
    env,
    output: verbose ? "stderr" : "captured"
  })
  if (code !== 0 && !verbose) say(output.trimEnd())
  return code
}
