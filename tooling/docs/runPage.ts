/** Runs a page: its blocks as they stand, in their order, in a folder of their own. */
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Ports, type Program, start } from "./program.ts"
import type { Step, Steps } from "./steps.ts"

const dist = join(import.meta.dirname, "dist")

const hasProgram = (name: string): boolean => spawnSync("bash", ["-c", `command -v ${name}`]).status === 0

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")

/** Whether the lines are those of the page, where `…` stands for anything in a line. */
export const isOutput = (printed: string, expected: string): boolean => {
  const pattern = expected.trimEnd().split("…").map(escaped).join(".*")
  return new RegExp(`^${pattern}$`).test(printed.trimEnd())
}

/** What a step does, with the step's line in what goes wrong. */
const at = async <A>({ line }: Step, doing: Promise<A>): Promise<A> => {
  try {
    return await doing
  } catch (error) {
    throw new Error(`line ${line}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}

/**
 * Runs the steps of a page. A server gets a free port instead of the one that it names, which changes in the page's files and commands
 * accordingly.
 *
 * @returns the steps that were left out, each with the reason
 * @throws where a step ends badly or prints what the page does not say
 */
export const runPage = async ({ files, steps }: Steps): Promise<ReadonlyArray<string>> => {
  mkdirSync(dist, { recursive: true })
  const folder = mkdtempSync(join(dist, "page-"))
  const servers: Array<{ readonly step: Step; readonly program: Program }> = []
  const ports: Array<Ports> = []
  const real = (text: string): string =>
    ports.reduce((so, { named, given }) => so.replaceAll(`127.0.0.1:${named}`, `127.0.0.1:${given}`), text)
  const asNamed = (text: string): string =>
    ports.reduce((so, { named, given }) => so.replaceAll(`127.0.0.1:${given}`, `127.0.0.1:${named}`), text)

  const take = async (step: Step): Promise<string | undefined> => {
    const { line, kind, command, output = "", needs } = step
    if (needs !== undefined && !hasProgram(needs)) return `line ${line}: this machine has no ${needs}`
    for (const [name, content] of files) writeFileSync(join(folder, name), real(content))
    const program = start(folder, real(command))
    if (kind === "serve") {
      servers.push({ step, program })
      ports.push(await program.listens())
    } else {
      const said = asNamed(await program.end())
      if (!isOutput(said, output)) throw new Error(`the page says\n${output}\nit printed\n${said}`)
    }
    return undefined
  }

  try {
    const skipped: Array<string> = []
    for (const step of steps) {
      const reason = await at(step, take(step))
      if (reason !== undefined) skipped.push(reason)
    }
    // A server prints for as long as the page uses it; what it says of steps that were left out does not come.
    for (const { step, program } of skipped.length > 0 ? [] : servers) {
      const { output } = step
      if (output !== undefined)
        await at(
          step,
          program.until((said) => isOutput(asNamed(said), output))
        )
    }
    return skipped
  } finally {
    for (const { program } of servers) program.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}
