/** How each kind of cell is tried. */
import assert from "node:assert/strict"
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Log, LogLevel, Miniflare } from "miniflare"
import { bundlers } from "./bundlers.ts"
import type { BundleCell, NodeCell, ShakingCell, TypescriptCell } from "./cells.ts"
import { here, run } from "./command.ts"
import { libraryEntry, nodeEntry, workerEntry } from "./entries.ts"
import { type Done, type Everything, askForHelp, judge, portable, runOn, settingsFor } from "./everything.ts"
import type { Report, Settings } from "./programs/everything.ts"
import { impureCalls, unusedStays } from "./shaking.ts"
import { installTools, nodeBinary, toolsFolder } from "./tools.ts"

export const tryNode = async (everything: Everything, { version, by }: NodeCell): Promise<Done> => {
  const node = await nodeBinary(version)
  assert.equal((await run(node, ["--version"], everything.folder)).trim(), `v${version}`)
  const done = await runOn(everything, node, by === "import" ? "js/node.js" : "js/node.cjs")
  await askForHelp(node, everything.commands, everything.folder)
  return done
}

const strict = { target: "ES2024", lib: ["ES2024", "DOM", "DOM.Iterable"], strict: true, skipLibCheck: false }

const resolutions = {
  NodeNext: { module: "NodeNext", moduleResolution: "NodeNext" },
  bundler: { module: "ESNext", moduleResolution: "bundler" }
}

/** What the declarations of a library import of ours. */
const namedIn = (declarations: string): ReadonlyArray<string> =>
  [...declarations.matchAll(/(?:import\(|from )"(@paykka\/[^"]+)"/g)].map(([, specifier = ""]) => specifier)

/**
 * Compiles the program for Node, with the declarations of a library beside it: these must name public modules only, or nobody could read
 * them. With the resolution of bundlers also that for a worker, which has no types of Node.
 */
export const tryTypescript = async (everything: Everything, { version, resolution }: TypescriptCell): Promise<Done> => {
  const { folder, modules } = everything
  const name = `typescript-${version}-${resolution}`
  const place = join(folder, name)
  mkdirSync(place)
  copyFileSync(join(here, "programs/everything.ts"), join(place, "everything.ts"))
  writeFileSync(join(place, "node.ts"), nodeEntry(modules))
  writeFileSync(join(place, "library.ts"), libraryEntry(modules))
  writeFileSync(join(place, "worker.ts"), workerEntry(portable(modules)))

  if (version === "5.9") await installTools()
  const older = join(toolsFolder, "node_modules/typescript/bin/tsc")
  const [command, ...first] = version === "7" ? ["tsc"] : [process.execPath, older]
  const compile = async (files: ReadonlyArray<string>, more: object): Promise<void> => {
    const compilerOptions = { ...strict, ...resolutions[resolution], ...more }
    writeFileSync(join(place, "tsconfig.json"), JSON.stringify({ compilerOptions, files }))
    await run(command, [...first, "-p", "tsconfig.json", "--pretty", "false"], place)
  }
  await compile(["node.ts", "library.ts"], { types: ["node"], declaration: true, outDir: "out" })
  if (resolution === "bundler") await compile(["worker.ts"], { types: [], noEmit: true })

  const named = namedIn(readFileSync(join(place, "out/library.d.ts"), "utf8"))
  const hidden = named.find((specifier) => !modules.some((module) => module.specifier === specifier))
  if (hidden !== undefined) throw new Error(`the declarations of a library name ${hidden}, which cannot be imported`)
  return runOn(everything, process.execPath, join(name, "out/node.js"))
}

const askWorker = async (script: string, settings: Settings): Promise<Report> => {
  const miniflare = new Miniflare({
    modules: true,
    script,
    compatibilityDate: "2026-07-01",
    // It would ask Cloudflare for an example.
    cf: false,
    log: new Log(LogLevel.NONE)
  })
  try {
    const response = await miniflare.dispatchFetch("http://worker.test", {
      method: "POST",
      body: JSON.stringify(settings)
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`the worker answers ${response.status}: ${text}`)
    return JSON.parse(text) as Report
  } finally {
    await miniflare.dispose()
  }
}

export const tryBundle = async (everything: Everything, { bundler, runtime }: BundleCell): Promise<Done> => {
  const { folder, modules } = everything
  if (bundler === "webpack") await installTools()
  const file = await bundlers[bundler](join(folder, runtime === "node" ? "js/node.js" : "js/worker.js"), runtime)
  if (runtime === "node") return runOn(everything, process.execPath, file)
  const settings = await settingsFor(everything, process.execPath)
  return judge(await askWorker(readFileSync(file, "utf8"), settings), portable(modules))
}

export const tryShaking = async ({ folder, modules }: Everything, { bundler }: ShakingCell): Promise<Done> => {
  const problems = [
    ...(await unusedStays(folder, modules, bundler)),
    // rolldown would keep more: it takes reading a property of a module for a side effect.
    ...(bundler === "esbuild" ? await impureCalls(folder, modules) : [])
  ]
  if (problems.length > 0) throw new Error(problems.join("\n"))
  return { imports: `${modules.length} modules` }
}
