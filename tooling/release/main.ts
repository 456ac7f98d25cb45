/**
 * `npm run release:rehearse [-- --notes]`: makes the next release in a copy of the repository, publishes it to a registry on this machine,
 * installs from there into empty projects, and calls a sandbox. Nothing here changes, and nothing leaves the machine.
 *
 * With `--notes` it prints what the release's page should say: all that is new, package by package.
 */
import { parseArgs } from "node:util"
import { notes } from "./changelogs.ts"
import { rehearse } from "./rehearsal.ts"

const { values: args } = parseArgs({ options: { notes: { type: "boolean", default: false } } })

const started = performance.now()
const seconds = () => `${((performance.now() - started) / 1000).toFixed(1).padStart(5)} s`

try {
  const { version, packages, changelogs } = await rehearse((step) => console.error(`${seconds()}  ${step}`))
  console.log(args.notes ? notes(changelogs) : `${packages} packages could be released as ${version}`)
} catch (error) {
  console.log(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
