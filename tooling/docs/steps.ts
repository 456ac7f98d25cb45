/**
 * What a page's blocks ask for, by the words behind their language:
 *
 * - a file name (` ```ts app.ts `, ` ```ini .env `): the block is that file;
 * - `run` (` ```sh run `, ` ```ts run `): it is run to its end, and must end well;
 * - `serve`: it is started, and runs until the page is over;
 * - `output` (` ```text output `): what the block before it prints, where `…` stands for anything within a line;
 * - `output:app.ts`: what the server of that file has printed by the end of the page;
 * - `needs:curl`: it is left out where the machine has no such program.
 */
import type { Block } from "../checks/examples.ts"

/** A block that is run or served. */
export interface Step {
  readonly line: number
  readonly kind: "run" | "serve"
  /** The command, for bash. */
  readonly command: string
  /** What it must print. Undefined where the page does not say: then a run must print nothing, and a server may print anything. */
  readonly output: string | undefined
  /** A program that it cannot do without, where that is not one of everybody's. */
  readonly needs: string | undefined
}

/** What is done with a page. */
export interface Steps {
  /** The contents of files by their names, relative to the folder in which the page is run. */
  readonly files: ReadonlyMap<string, string>
  readonly steps: ReadonlyArray<Step>
}

const kindOf = ({ flags }: Block): Step["kind"] | undefined =>
  flags.includes("run") ? "run" : flags.includes("serve") ? "serve" : undefined

const fileOf = ({ flags }: Block): string | undefined => flags.find((flag) => /^[\w.-]*\.[\w.-]+$/.test(flag))

const valueOf = ({ flags }: Block, name: string): string | undefined =>
  flags.find((flag) => flag.startsWith(`${name}:`))?.slice(name.length + 1)

/** Reads the blocks of a page. Throws where one of them makes no sense. */
export const stepsOf = (blocks: ReadonlyArray<Block>): Steps => {
  const files = new Map<string, string>()
  const steps: Array<Step> = []
  const say = (line: number, index: number, output: string): void => {
    const step = steps[index]
    if (step === undefined) throw new Error(`line ${line}: the output of nothing`)
    if (step.output !== undefined) throw new Error(`line ${line}: a second output of line ${step.line}`)
    steps[index] = { ...step, output }
  }
  let previous: Block | undefined
  for (const block of blocks) {
    const { line, language, flags, code } = block
    const kind = kindOf(block)
    const file = fileOf(block) ?? (kind !== undefined && language === "ts" ? `line-${line}.ts` : undefined)
    const server = valueOf(block, "output")
    if (file !== undefined) {
      if (files.has(file)) throw new Error(`line ${line}: a second block ${file}`)
      files.set(file, `${code}\n`)
    }
    if (kind !== undefined) {
      const command = language === "ts" ? `node ${file}` : code
      steps.push({ line, kind, command, output: undefined, needs: valueOf(block, "needs") })
    } else if (flags.includes("output")) {
      say(line, previous !== undefined && kindOf(previous) !== undefined ? steps.length - 1 : -1, code)
    } else if (server !== undefined) {
      const index = steps.findIndex((step) => step.kind === "serve" && step.command.endsWith(` ${server}`))
      say(line, index, code)
    }
    previous = block
  }
  return { files, steps }
}
