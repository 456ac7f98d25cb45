import { readFileSync } from "node:fs"
import { join } from "node:path"
import { type Check, root } from "./check.ts"

/** A lock file that names a host installs from that host only, and nowhere else. */
export const findHosts = (lockfile: string): ReadonlyArray<string> =>
  lockfile
    .split("\n")
    .map((line, index) => `pnpm-lock.yaml:${index + 1}: ${line.trim()}`)
    // The reason for a deprecation may link to a page.
    .filter((line) => /\b(https?|git|ssh):\/\/|[\s'"]git@/.test(line) && !/: deprecated: /.test(line))

export const lockfile: Check = {
  name: "lockfile",
  run: async () => {
    const found = findHosts(readFileSync(join(root, "pnpm-lock.yaml"), "utf8"))
    return { ok: found.length === 0, output: ["The lock file must not name a host:", ...found].join("\n") }
  }
}
