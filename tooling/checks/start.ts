import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { performance } from "node:perf_hooks"
import { type Check, root } from "./check.ts"

const main = join(root, "packages/cli/dist/main.js")

/** How many times as long as an empty program a command may take to start. */
const limit = 4

const rounds = 11

const starts: Readonly<Record<string, ReadonlyArray<string>>> = {
  "an empty program": ["-e", "0"],
  "--help": [main, "--help"],
  operations: [main, "operations"],
  "keys inspect": [main, "keys", "inspect", "merchant.pem"]
}

/** The least of several, which noise can only add to; one after the other, so that all see the same machine. */
const ratios = (cwd: string): ReadonlyArray<readonly [name: string, ratio: number]> => {
  const timeOf = (args: ReadonlyArray<string>): number => {
    const before = performance.now()
    execFileSync(process.execPath, args, { cwd, stdio: "ignore" })
    return performance.now() - before
  }
  const all = Array.from({ length: rounds }, () => Object.values(starts).map(timeOf))
  const [empty = 0, ...commands] = Object.keys(starts).map((_, index) => Math.min(...all.map((round) => round[index]!)))
  return commands.map((time, index) => [Object.keys(starts)[index + 1]!, time / empty])
}

/** Whether `paykka` starts in less than four times the time of an empty program. A busy moment is given two more tries. */
export const start: Check = {
  name: "start",
  run: async () => {
    const cwd = mkdtempSync(join(tmpdir(), "paykka-start-"))
    try {
      execFileSync(process.execPath, [main, "keys", "generate"], { cwd, stdio: "ignore" })
      let told = ""
      for (let attempt = 1; attempt <= 3; attempt++) {
        const found = ratios(cwd)
        told = `paykka ${found.map(([name, ratio]) => `${name}: ${ratio.toFixed(2)}`).join(", ")} times an empty program`
        if (found.every(([, ratio]) => ratio < limit)) return { ok: true, output: "", note: told }
      }
      return { ok: false, output: `${told}; the limit is ${limit}. Is something loaded that is not needed?` }
    } finally {
      rmSync(cwd, { recursive: true, force: true })
    }
  }
}
