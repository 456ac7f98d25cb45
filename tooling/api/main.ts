/**
 * `npm run api`: writes the report of each package's public declarations to `packages/<name>/api.md`.
 *
 * With `--check` nothing is written: a report that is out of date is an error, and so is one that has changed without a changeset.
 */
import { parseArgs } from "node:util"
import { untold } from "./changes.ts"
import { reports, root, stale, write } from "./packages.ts"

const { values: args } = parseArgs({ options: { check: { type: "boolean", default: false } } })

const wanted = await reports()
const outdated = stale(wanted)

if (args.check) {
  const { problems, note } = await untold(root)
  const told = [
    ...outdated.map(({ file }) => `${file} is out of date: \`npm run api\` writes it`),
    ...problems.map((problem) => `${problem}: say in .changeset/ what it means to its users (\`npm run changeset\`)`)
  ]
  console.log([...told, `${wanted.length} reports, ${note}`].join("\n"))
  process.exitCode = told.length > 0 ? 1 : 0
} else {
  write(outdated)
  for (const { file } of outdated) console.log(`wrote ${file}`)
}
