import { readFileSync } from "node:fs"
import { join } from "node:path"
import { type Check, root } from "./check.ts"

/** The workspace's, and that of the tools which only the matrix runs with. */
const files = ["pnpm-lock.yaml", "tooling/consumers/tools/pnpm-lock.yaml"]

/** A lock file that names a host installs from that host only, and nowhere else. */
export const findHosts = (lockfile: string, file: string): ReadonlyArray<string> =>
  lockfile
    .split("\n")
    .map((line, index) => `${file}:${index + 1}: ${line.trim()}`)
    // The reason for a deprecation may link to a page.
    .filter((line) => /\b(https?|git|ssh):\/\/|[\s'"]git@/.test(line) && !/: deprecated: /.test(line))

export const lockfile: Check = {
  name: "lockfile",
  run: async () => {
    const found = files.flatMap((file) => findHosts(readFileSync(join(root, file), "utf8"), file))
    return { ok: found.length === 0, output: ["A lock file must not name a host:", ...found].join("\n") }
  }
}
