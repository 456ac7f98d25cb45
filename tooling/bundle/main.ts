/**
 * `node tooling/bundle/main.ts [--check] [--json]`: what the packages weigh in a user's bundle.
 *
 * Each fixture is bundled from the packed packages by rolldown and by esbuild, and the bundle of rolldown is run for real; of a program that
 * is built already (by tsdown, which is rolldown) the file that is deployed. Exits with 1
 * when a bundle does not work or imports something; with `--check` also when rolldown's bundle is over its limit.
 */
import { spawnSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { type Budget, budgets, kb, verdict } from "./budgets.ts"
import { type Bundle, asBuilt, byEsbuild, byRolldown } from "./bundlers.ts"
import { moduleName } from "./modules.ts"
import { table } from "@paykka/tooling-text/table"
import { create } from "./workspace.ts"

const { values: args } = parseArgs({
  options: { check: { type: "boolean", default: false }, json: { type: "boolean", default: false } }
})

const root = fileURLToPath(new URL("../..", import.meta.url))
const biggest = 10
const project = create()

/** Runs the bundle of a fixture; throws with what it did wrong. */
const tryOut = (fixture: string, { code, imports }: Bundle): void => {
  if (imports.length > 0) throw new Error(`the bundle imports ${imports.join(", ")}`)
  const file = join(project.folder, `${fixture}.bundle.mjs`)
  writeFileSync(file, code)
  const trial = fileURLToPath(new URL("trial.ts", import.meta.url))
  const { status, stderr, error } = spawnSync(process.execPath, [trial, fixture, file], {
    encoding: "utf8",
    timeout: 30_000
  })
  if (status !== 0) throw new Error(`the bundle does not work: ${error?.message ?? stderr.trim()}`)
}

const measure = async (budget: Budget) => {
  const { fixture, app } = budget
  const [rolldown, esbuild] = await Promise.all(
    app === undefined
      ? [byRolldown(project.source(fixture)), byEsbuild(project.source(fixture))]
      : [asBuilt(join(root, app, "dist/main.js")), byEsbuild(join(root, app, "src/main.ts"))]
  )
  tryOut(budget.fixture, rolldown)
  // The gzipped size of one module alone means nothing; what it adds is estimated by its part of the minified code.
  const modules = rolldown.modules.slice(0, biggest).map(({ source: module, bytes }) => ({
    module: moduleName(module),
    minBytes: bytes,
    gzBytesEstimated: Math.round((rolldown.gzBytes * bytes) / rolldown.minBytes)
  }))
  return { budget, rolldown, esbuild, modules, said: verdict(rolldown.gzBytes, budget) }
}

const results: Array<Awaited<ReturnType<typeof measure>>> = []
const broken: Array<string> = []
for (const budget of budgets) {
  try {
    results.push(await measure(budget))
  } catch (error) {
    broken.push(budget.fixture)
    console.error(`${budget.fixture}: ${error instanceof Error ? error.message : String(error)}\n`)
  }
}

if (args.json) {
  for (const { budget, rolldown, esbuild, said, modules } of results) {
    const { fixture, targetKb, limitKb } = budget
    const common = { fixture, targetBytes: targetKb * 1000, limitBytes: limitKb * 1000 }
    const size = ({ minBytes, gzBytes }: Bundle) => ({ minBytes, gzBytes })
    console.log(JSON.stringify({ ...common, bundler: "rolldown", ...size(rolldown), verdict: said, modules }))
    console.log(
      JSON.stringify({ ...common, bundler: "esbuild", ...size(esbuild), verdict: verdict(esbuild.gzBytes, budget) })
    )
  }
} else {
  console.log(
    "Bundles of the packed packages with effect, and the worker as it is deployed: ESM, minified, gzipped at level 9;"
  )
  console.log("1 kB = 1000 bytes.")
  console.log("Target and limit are those of rolldown's gzipped bundle.\n")
  const sizes = results.flatMap(({ budget, rolldown, esbuild, said }) => {
    const row = (bundler: string, { minBytes, gzBytes }: Bundle, words: string) => [
      budget.fixture,
      bundler,
      kb(minBytes),
      kb(gzBytes),
      budget.targetKb.toFixed(1),
      budget.limitKb.toFixed(1),
      words
    ]
    return [row("rolldown", rolldown, said), row("esbuild", esbuild, `(${verdict(esbuild.gzBytes, budget)})`)]
  })
  console.log(table(["fixture", "bundler", "min kB", "gz kB", "target", "limit", "verdict"], sizes))
  for (const { budget, modules } of results) {
    console.log(`\n${budget.fixture}: the ${biggest} biggest modules, as rolldown minified them`)
    const rows = modules.map(({ module, minBytes, gzBytesEstimated }) => [
      module,
      String(minBytes),
      String(gzBytesEstimated)
    ])
    console.log(table(["module", "min bytes", "gz bytes*"], rows))
  }
  console.log("\n* estimated: the module's part of the minified code, taken of the gzipped size")
}

const overLimit = results.filter(({ said }) => said === "over limit")
const failed = broken.length + (args.check ? overLimit.length : 0)
if (args.check) {
  // With --json every line of stdout is JSON.
  const say = args.json ? console.error : console.log
  say(`\n${budgets.length - failed} passed, ${failed} failed`)
}
process.exitCode = failed > 0 ? 1 : 0
