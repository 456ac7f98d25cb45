// `npm run check`: all static checks, one after the other.
//
//   --only types,lint   just these        --json       one JSON line for each, and one for the counts
//   --unstable          instead of checking, list the unstable modules of Effect that the packages import
//   --manifests         instead of checking, write into each package.json what is the same in all
import { parseArgs } from "node:util"
import { api } from "./api.ts"
import { attw } from "./attw.ts"
import { build } from "./build.ts"
import { bundle } from "./bundle.ts"
import { type Check, type Result } from "./check.ts"
import { codes } from "./codes.ts"
import { coldstart } from "./coldstart.ts"
import { contract } from "./contract.ts"
import { docs } from "./docs.ts"
import { examples } from "./examples.ts"
import { format } from "./format.ts"
import { graph } from "./graph.ts"
import { knip } from "./knip.ts"
import { lint } from "./lint.ts"
import { lockfile } from "./lockfile.ts"
import { manifests, writeManifests } from "./manifests.ts"
import { matrix } from "./matrix.ts"
import { publint } from "./publint.ts"
import { release } from "./release.ts"
import { start } from "./start.ts"
import { support } from "./support.ts"
import { types } from "./types.ts"
import { findUnstable } from "./unstable.ts"

/** In this order: cheap and telling ones first, after the build that most of them look at. */
const checks: ReadonlyArray<Check> = [
  build,
  types,
  lint,
  format,
  knip,
  manifests,
  api,
  publint,
  attw,
  examples,
  graph,
  lockfile,
  support,
  codes,
  contract,
  bundle,
  docs,
  release,
  matrix,
  coldstart,
  start
]

interface Outcome extends Result {
  readonly name: string
  readonly seconds: number
}

const runCheck = async ({ name, run }: Check): Promise<Outcome> => {
  const started = performance.now()
  const result = await run().catch((error: unknown) => ({ ok: false, output: String(error) }))
  return { name, ...result, seconds: (performance.now() - started) / 1000 }
}

const line = ({ name, ok, seconds, note }: Outcome): string =>
  `${ok ? "ok  " : "FAIL"} ${name.padEnd(9)} ${seconds.toFixed(1).padStart(6)} s${note === undefined ? "" : `   ${note}`}`

const chosen = (only: string | undefined): ReadonlyArray<Check> => {
  const names = only?.split(",") ?? checks.map(({ name }) => name)
  const unknown = names.filter((name) => !checks.some((check) => check.name === name))
  if (unknown.length > 0) {
    throw new Error(
      `There is no check "${unknown.join(", ")}"; there are: ${checks.map(({ name }) => name).join(", ")}.`
    )
  }
  // What is built is what most checks look at, so the build always comes first.
  return checks.filter((check) => check === build || names.includes(check.name))
}

const main = async (): Promise<boolean> => {
  const { values } = parseArgs({
    options: {
      only: { type: "string" },
      json: { type: "boolean" },
      unstable: { type: "boolean" },
      manifests: { type: "boolean" }
    }
  })

  if (values.unstable) {
    for (const entry of findUnstable()) {
      console.log(
        values.json
          ? JSON.stringify(entry)
          : `${entry.stability.padEnd(12)} ${entry.name}\n  ${entry.files.join("\n  ")}`
      )
    }
    return true
  }

  if (values.manifests) {
    await writeManifests()
    return true
  }

  const outcomes: Array<Outcome> = []
  for (const check of chosen(values.only)) {
    const outcome = await runCheck(check)
    outcomes.push(outcome)
    if (values.json) console.log(JSON.stringify(outcome))
    else console.log(outcome.ok ? line(outcome) : `${line(outcome)}\n\n${outcome.output}\n`)
  }

  const passed = outcomes.filter(({ ok }) => ok).length
  const failed = outcomes.length - passed
  if (values.json) {
    console.log(JSON.stringify({ passed, failed }))
  } else {
    console.log(["", ...outcomes.map((outcome) => line({ ...outcome, note: undefined })), ""].join("\n"))
    console.log(`${passed} passed, ${failed} failed`)
  }
  return failed === 0
}

process.exitCode = await main().then(
  (ok) => (ok ? 0 : 1),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error))
    return 1
  }
)
