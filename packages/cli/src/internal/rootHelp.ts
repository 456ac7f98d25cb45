/** The help of `paykka` itself, made without loading any command. */
import * as ExitCode from "../ExitCode.ts"
import { table } from "./table.ts"

const lines = (rows: ReadonlyArray<readonly [string, string]>): string => {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n")
}

/** Examples of the whole. A test runs each. */
export const examples: ReadonlyArray<readonly [command: string, description: string]> = [
  ["paykka keys --help", "what a command does, with examples"],
  ["paykka --completions bash", "completions for a shell: bash, zsh, fish, powershell"]
]

export const rootHelp = (): string => `paykka: PayKKa's OpenAPI on the command line

Usage: paykka <command> [flags]

Commands
${lines(table.map(({ name, summary }) => [name, summary]))}

Flags, of every command
${lines([
  ["--json", "print the result, and an error, as JSON"],
  ["--help, -h", "help with examples"],
  ["--version, -v", "the version"],
  ["--completions <shell>", "a completion script: bash, zsh, fish, powershell"]
])}

Examples
${lines(examples)}

Exit codes
${lines(ExitCode.table.map(([code, meaning]) => [String(code), meaning]))}
`
