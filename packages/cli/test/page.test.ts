/** Runs what the README shows and what the help of every command gives as an example. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type * as Command from "effect/cli/Command"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { ExitCode } from "@paykka/cli"
import { examples as rootExamples } from "../src/internal/rootHelp.ts"
import { table } from "../src/internal/table.ts"
import { type Ended, literal, main, start, temporary } from "./support/paykka.ts"
import { standSandbox, type Standing } from "./support/sandbox.ts"

const page = readFileSync(new URL("../README.md", import.meta.url), "utf8")

let place: ReturnType<typeof temporary>
let sandbox: Standing
beforeAll(async () => {
  place = temporary()
  sandbox = await standSandbox(place.path)
  const bin = join(place.path, "bin")
  mkdirSync(bin)
  writeFileSync(join(bin, "paykka"), `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`)
  chmodSync(join(bin, "paykka"), 0o755)
})
afterAll(async () => {
  await sandbox.stop()
  place.remove()
})

/** In a shell that finds `paykka`. */
const run = (command: string, cwd = place.path): Promise<Ended> => {
  const PATH = `${join(place.path, "bin")}:${process.env["PATH"]}`
  return start("bash", ["-c", command], { cwd, env: { ...sandbox.env, PATH } })
}

/** A command of the page with what it prints. */
const steps = [...page.matchAll(/^```console\n([\s\S]*?)^```$/gm)].flatMap(([, block = ""]) =>
  block
    .split(/^\$ /m)
    .slice(1)
    .map((step) => {
      const [command = "", ...output] = step.trimEnd().split("\n")
      return { command, output: output.join("\n") }
    })
)

const pattern = (output: string): RegExp => new RegExp(`^${output.split("…").map(literal).join(".*")}$`)

/** A command with all beneath it. */
const tree = (command: Command.Command.Any): ReadonlyArray<Command.Command.Any> => [
  command,
  ...command.subcommands.flatMap(({ commands }) => commands.flatMap(tree))
]

const commands = async (): Promise<ReadonlyArray<Command.Command.Any>> =>
  (await Promise.all(table.map(async ({ load }) => (await load()).command([])))).flatMap(tree)

describe("the README", () => {
  it("shows what is printed", async () => {
    expect(steps.length).toBeGreaterThan(8)
    for (const { command, output } of steps) {
      const { stdout, stderr } = await run(command)
      expect((stderr + stdout).trimEnd(), command).toMatch(pattern(output))
    }
  }, 180_000)

  it("has all exit codes and commands", () => {
    for (const [code, meaning] of ExitCode.table)
      expect(page).toMatch(new RegExp(`^\\| ${code} +\\| ${meaning} +\\|$`, "m"))
    for (const { name } of table) expect(page).toContain(`paykka ${name}`)
  })
})

describe("the help", () => {
  it("has examples wherever something can be done, and each works", async () => {
    const all = await commands()
    const without = all.filter(({ name, examples, subcommands }) => {
      // Of operations only some have one: the others are called alike.
      const isOperation = /^\w+\.\w+$/.test(name)
      return examples.length === 0 && subcommands.length === 0 && !isOperation
    })
    expect(without.map(({ name }) => name)).toEqual([])
    const examples = new Set([
      ...all.flatMap((command) => command.examples.map((each) => each.command)),
      ...rootExamples.map(([command]) => command)
    ])
    // Of the page the number that is asked for is known already.
    await run("paykka call va.apply --field request_id=R-1 --field 'currencies[0]=EUR'")
    // What makes keys does so where nobody else does: none is ever overwritten.
    const folderOf = (command: string) =>
      /paykka (?:keys generate|sandbox)/.test(command) ? mkdtempSync(join(place.path, "fresh-")) : place.path
    const ended = await Promise.all(
      [...examples].map(async (command) => {
        const { code, stderr } = await run(command, folderOf(command))
        return { command, code, stderr }
      })
    )
    expect(ended.filter(({ code }) => code !== 0)).toEqual([])
    expect(ended.length).toBeGreaterThan(12)
  }, 180_000)
})
