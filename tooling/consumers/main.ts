/**
 * `node tooling/consumers/main.ts [--only <part of a cell's name>]`: the packages as others use them, from their tarballs. Prints a table;
 * its last line counts. Exits with 1 when a cell fails. A cell that cannot be tried here is skipped, with the reason; where it is expected to be
 * there, `PAYKKA_REQUIRE_SERVICES=1` makes a failure of that.
 */
import { parseArgs } from "node:util"
import { table } from "@paykka/tooling-text/table"
import { tryAlone } from "./alone.ts"
import { tryBundle, tryNode, tryShaking, tryTypescript } from "./attempts.ts"
import { type Cell, cells, nameOf } from "./cells.ts"
import { type Done, type Everything, create } from "./everything.ts"
import { type Packed, pack } from "./project.ts"
import { Absent } from "./tools.ts"

const tryOut = (packed: Packed, everything: Everything, cell: Cell): Promise<Done> => {
  switch (cell.kind) {
    case "node":
      return tryNode(everything, cell)
    case "typescript":
      return tryTypescript(everything, cell)
    case "bundle":
      return tryBundle(everything, cell)
    case "shaking":
      return tryShaking(everything, cell)
    case "alone":
      return tryAlone(packed, cell.package, everything)
  }
}

interface Outcome {
  readonly cell: Cell
  readonly seconds: number
  readonly done?: Done
  readonly failed?: string
  readonly skipped?: string
}

const isRequired = process.env["PAYKKA_REQUIRE_SERVICES"] === "1"

const judge = async (cell: Cell, run: () => Promise<Done>): Promise<Outcome> => {
  const started = performance.now()
  const seconds = () => (performance.now() - started) / 1000
  try {
    return { cell, done: await run(), seconds: seconds() }
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    const isSkipped = error instanceof Absent && !(isRequired && error.isExpected)
    return { cell, ...(isSkipped ? { skipped: said } : { failed: said }), seconds: seconds() }
  }
}

/** Two at a time: as many as a small machine has processors. */
const inPairs = async <A, B>(all: ReadonlyArray<A>, run: (one: A) => Promise<B>): Promise<ReadonlyArray<B>> => {
  const results: Array<B> = []
  const waiting = [...all.entries()]
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) results[next[0]] = await run(next[1])
  }
  await Promise.all([work(), work()])
  return results
}

const { values: args } = parseArgs({ options: { only: { type: "string", default: "" } } })

const packed = await pack()
// workerd keeps its files there, and does not wait for their removal.
process.env["TMPDIR"] = packed.folder
const everything = await create(packed)
const all: ReadonlyArray<Cell> = [...cells, ...packed.names.map((name) => ({ kind: "alone", package: name }) as const)]
const chosen = all.filter((cell) => nameOf(cell).includes(args.only))
const outcomes = await inPairs(chosen, (cell) => judge(cell, () => tryOut(packed, everything, cell)))

const verdict = ({ failed, skipped }: Outcome) =>
  failed !== undefined ? "FAIL" : skipped !== undefined ? "skipped" : "ok"
const rows = outcomes.map((outcome) => {
  const { imports = "", call = "", verification = "" } = outcome.done ?? {}
  return [nameOf(outcome.cell), imports, call, verification, outcome.seconds.toFixed(1), verdict(outcome)]
})
console.log(table(["cell", "imports", "call", "verification", "seconds", ""], rows))
for (const { cell, failed, skipped } of outcomes) {
  if (failed !== undefined) console.log(`\n${nameOf(cell)} FAILED: ${failed}`)
  if (skipped !== undefined) console.log(`\n${nameOf(cell)} is skipped: ${skipped}`)
}
const countOf = (wanted: string) => outcomes.filter((outcome) => verdict(outcome) === wanted).length
console.log(
  `\n${countOf("ok")} cells ok, ${countOf("skipped")} skipped, ${countOf("FAIL")} failed: ${everything.modules.length} modules of ${packed.names.length} packages`
)
process.exitCode = countOf("FAIL") > 0 || outcomes.length === 0 ? 1 : 0
// Sandboxes are still up.
process.exit()
