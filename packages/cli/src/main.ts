#!/usr/bin/env node
// The front door. It loads neither Effect nor a command until it knows that one is called.
import module from "node:module"
import * as ExitCode from "./ExitCode.ts"
import { nearest } from "./internal/nearest.ts"
import { rootHelp } from "./internal/rootHelp.ts"
import { table } from "./internal/table.ts"
import { version } from "./internal/version.ts"

if (!Object.hasOwn(module, "findPackageJSON")) {
  process.stderr.write(`error: paykka needs Node 22.19 or later, and this is ${process.version}\n`)
  process.exit(ExitCode.usage)
}

// What was compiled once, the next run need not compile again.
module.enableCompileCache()

const args = process.argv.slice(2)
const [first] = args
const name = args.find((arg) => !arg.startsWith("-"))

// A reader that has seen enough, such as `head`.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(ExitCode.ok)
  throw error
})

const start = async (names: ReadonlyArray<string>): Promise<void> => {
  const [{ run }, ...modules] = await Promise.all([
    import("./internal/run.ts"),
    ...table.filter((entry) => names.includes(entry.name)).map((entry) => entry.load())
  ] as const)
  run(modules, args)
}

if (first === undefined) {
  process.stderr.write(rootHelp())
  process.exitCode = ExitCode.usage
} else if (first === "--help" || first === "-h" || first === "help") {
  process.stdout.write(rootHelp())
} else if (first === "--version" || first === "-v") {
  process.stdout.write(`${version()}\n`)
} else if (first.startsWith("--completions")) {
  await start(table.map((entry) => entry.name))
} else if (name !== undefined && table.some((entry) => entry.name === name)) {
  await start([name])
} else {
  const found = nearest(
    name ?? first,
    table.map((entry) => entry.name)
  )
  const hint = found.length === 0 ? "see paykka --help" : `did you mean ${found.join(" or ")}?`
  process.stderr.write(`error: there is no command ${JSON.stringify(name ?? first)}; ${hint}\n`)
  process.exitCode = ExitCode.usage
}
