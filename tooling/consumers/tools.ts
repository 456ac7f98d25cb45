/** What only the matrix runs with: other versions of Node, TypeScript 5.9, webpack. `tools/` has their versions and a lock file of its own. */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { here, run } from "./command.ts"

export const toolsFolder = join(here, "tools")

/** Why something cannot be tried here. */
export class Absent extends Error {
  /** Whether it has to be there: `PAYKKA_REQUIRE_SERVICES=1` makes a failure of it. */
  readonly isExpected: boolean

  constructor(message: string, isExpected: boolean) {
    super(message)
    this.isExpected = isExpected
  }
}

let installed: Promise<void> | undefined

/** Fetches them by the lock file, which has the hash of each; later calls and later runs find them there. Rejects with {@link Absent}. */
export const installTools = (): Promise<void> =>
  (installed ??= run("pnpm", ["install", "--frozen-lockfile", "--trust-lockfile", "--prefer-offline"], toolsFolder, {
    ...process.env,
    CI: "true"
  }).then(
    () => undefined,
    (error: unknown) => {
      throw new Absent(`tools/ cannot be installed (is the npm registry reachable?): ${String(error)}`, true)
    }
  ))

const { optionalDependencies } = JSON.parse(readFileSync(join(toolsFolder, "package.json"), "utf8")) as {
  readonly optionalDependencies: Readonly<Record<string, string>>
}

/** A version of Node from the npm registry. */
export const nodeBinary = async (version: string): Promise<string> => {
  if (process.platform !== "linux") throw new Absent("the registry has a Node for Linux only", false)
  const name = `node-${version}-${process.arch}`
  if (optionalDependencies[name] === undefined) {
    throw new Absent(`the registry has no Node ${version} for ${process.arch}`, false)
  }
  await installTools()
  const binary = join(toolsFolder, "node_modules", name, "bin/node")
  if (!existsSync(binary)) throw new Absent(`Node ${version} could not be fetched`, true)
  return binary
}
