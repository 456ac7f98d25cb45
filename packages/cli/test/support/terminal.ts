/** A pseudo-terminal, for what is said to people only. */
import { existsSync } from "node:fs"
import { it } from "vitest"
import { type Around, launch, main, type Running } from "./paykka.ts"

const script = "/usr/bin/script"
const isThere = existsSync(script)
if (!isThere) console.warn("no pseudo-terminal: script(1) of util-linux is missing")

/** A test that needs one. */
export const withTerminal: (name: string, test: () => Promise<void>) => void = it.skipIf(
  !isThere && process.env["PAYKKA_REQUIRE_SERVICES"] !== "1"
)

/** Starts `paykka` on a terminal, which is its stdin, stdout and stderr. */
export const onTerminal = (args: ReadonlyArray<string>, { cwd, env }: Around): Running => {
  const command = [process.execPath, main, ...args].map((word) => `'${word}'`).join(" ")
  return launch(script, ["-qec", command, "/dev/null"], { cwd, env: { TERM: "xterm", ...env } })
}

/** What the keys send. */
export const ctrlC = "\u0003"
export const ctrlD = "\u0004"
