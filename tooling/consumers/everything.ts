/** One project with all packages, in which most cells run, and what its programs report. */
import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"
import * as esbuild from "esbuild"
import { lowestNode } from "./cells.ts"
import { here, run } from "./command.ts"
import { nodeEntry, requireEntry, workerEntry } from "./entries.ts"
import { type Command, type PublicModule, commandsOf, folderOf, publicModules } from "./modules.ts"
import { merchId, merchant, notifications, platform } from "./parties.ts"
import type { Report, Settings } from "./programs/everything.ts"
import { type Packed, install, manifestOf } from "./project.ts"

/** What a cell has done, for its line of the table. */
export interface Done {
  readonly imports: string
  readonly call?: string
  readonly verification?: string
}

export interface Everything {
  readonly folder: string
  readonly modules: ReadonlyArray<PublicModule>
  readonly commands: ReadonlyArray<Command>
}

export const portable = (modules: ReadonlyArray<PublicModule>) => modules.filter(({ isPortable }) => isPortable)

/** A program without its types: plain JavaScript. */
const erase = async (source: string, format?: "cjs"): Promise<string> =>
  (await esbuild.transform(source, { loader: "ts", target: "es2024", ...(format === undefined ? {} : { format }) }))
    .code

/** Installs all packages, and writes the JavaScript programs. */
export const create = async (packed: Packed): Promise<Everything> => {
  const folder = await install(packed, "everything", [
    ...packed.withPeers(packed.names, { withOptional: true }),
    "@types/node"
  ])
  for (const name of packed.names) {
    const { engines } = manifestOf(folderOf(folder, name))
    assert.equal(
      `${engines?.["node"]}.0`,
      `>=${lowestNode}`,
      `engines of ${name}: not what the matrix tries as the lowest`
    )
  }
  const modules = await publicModules(folder, packed.names)
  const programOf = (name: string) => readFileSync(join(here, "programs", `${name}.ts`), "utf8")
  const scripts = {
    "sandbox.js": await erase(programOf("sandbox")),
    "everything.js": await erase(programOf("everything")),
    "everything.cjs": await erase(programOf("everything"), "cjs"),
    "node.js": await erase(nodeEntry(modules)),
    "node.cjs": requireEntry(modules),
    "worker.js": await erase(workerEntry(portable(modules)))
  }
  mkdirSync(join(folder, "js"))
  for (const [name, text] of Object.entries(scripts)) writeFileSync(join(folder, "js", name), text)
  return { folder, modules, commands: commandsOf(folder, packed.names) }
}

/** Sandboxes on a port, by the Node that runs them. */
const sandboxes = new Map<string, Promise<string>>()

const startSandbox = async ({ folder }: Everything, node: string): Promise<string> => {
  const child = spawn(node, ["js/sandbox.js"], {
    cwd: folder,
    env: { PARTIES: JSON.stringify({ merchId, merchant, platform }) },
    stdio: ["pipe", "pipe", "inherit"]
  })
  process.on("exit", () => child.kill())
  // It must not keep this process alive.
  child.unref()
  const lines = createInterface(child.stdout)
  const [first] = (await Promise.race([once(lines, "line"), once(child, "exit")])) as [unknown]
  if (typeof first !== "string") throw new Error(`the sandbox does not start on ${node}`)
  return first
}

/** What a program is told: a sandbox that the same Node runs, keys, and new notifications. */
export const settingsFor = async (everything: Everything, node: string): Promise<Settings> => {
  const starting = sandboxes.get(node) ?? startSandbox(everything, node)
  sandboxes.set(node, starting)
  return {
    baseUrl: await starting,
    merchId,
    keyId: merchant.keyId,
    privateKey: merchant.privateKey,
    platformPublicKey: platform.publicKey,
    ...notifications()
  }
}

/** Every module is there, and each of its values. */
export const checkExports = (found: Report["exports"], modules: ReadonlyArray<PublicModule>): void => {
  for (const { specifier, exports } of modules) {
    const values = found[specifier]
    if (values === undefined) throw new Error(`${specifier} was not imported`)
    const missing = exports.filter((name) => !values.includes(name))
    if (missing.length > 0) throw new Error(`${specifier} lacks ${missing.join(", ")}`)
  }
}

const expected: Report["promises"] = { called: "ENABLED", tampered: 401, genuine: 200, handled: ["ENABLED"] }

/** All modules are there, and both ways of calling and receiving have done what they should. */
export const judge = ({ exports, promises, layers }: Report, modules: ReadonlyArray<PublicModule>): Done => {
  checkExports(exports, modules)
  assert.deepEqual({ promises, layers }, { promises: expected, layers: expected })
  return { imports: `${modules.length} modules`, call: "ok", verification: "ok" }
}

/** Runs a program that prints a report. */
export const runOn = async (everything: Everything, node: string, program: string): Promise<Done> => {
  const settings = await settingsFor(everything, node)
  const printed = await run(node, [program], everything.folder, { SETTINGS: JSON.stringify(settings) })
  return judge(JSON.parse(printed) as Report, everything.modules)
}

/** Each command says what it can do. */
export const askForHelp = async (node: string, commands: ReadonlyArray<Command>, folder: string): Promise<void> => {
  for (const { name, file } of commands) {
    const help = await run(node, [file, "--help"], folder)
    if (!help.includes(name)) throw new Error(`${name} --help says: ${help}`)
  }
}
