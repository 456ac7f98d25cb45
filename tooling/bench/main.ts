/**
 * `node tooling/bench/main.ts [--json]`: measures, prints, and exits with 0 whatever the figures are: a benchmark on a
 * busy machine never fails a build.
 */
import { availableParallelism, loadavg } from "node:os"
import { parseArgs } from "node:util"
import { benches, checkWork } from "./benches.ts"
import { measure, type Plan } from "./rounds.ts"
import { isMet, summarise } from "./statistics.ts"
import { table } from "./table.ts"

const plan: Plan = { rounds: 60, millis: 60, warmUpMillis: 500 }

const { values: args } = parseArgs({ options: { json: { type: "boolean", default: false } } })

await checkWork()
const cores = availableParallelism()
// What else runs on the machine decides how far the figures are to be trusted.
const load = Number(loadavg()[0]?.toFixed(2))
if (!args.json) {
  console.log(
    `Node ${process.versions.node}, ${cores} cores, load ${load} before; ${plan.rounds} rounds, ${plan.millis} ms a side, interleaved; ratio = ours / reference of one round\n`
  )
}

const rows: Array<ReadonlyArray<string>> = []
for (const { name, ours, reference, target } of benches) {
  const summary = summarise(await measure(ours, reference, plan))
  const met = isMet(summary, target)
  if (args.json) {
    console.log(
      JSON.stringify({
        bench: name,
        ours: { what: ours.what, opsPerSecond: Math.round(summary.ours) },
        reference: { what: reference.what, opsPerSecond: Math.round(summary.reference) },
        ratio: summary.ratio,
        target,
        met,
        rounds: plan.rounds,
        cores,
        load,
        node: process.versions.node
      })
    )
  }
  const { median, min, max } = summary.ratio
  rows.push([
    name,
    Math.round(summary.ours).toLocaleString("en"),
    Math.round(summary.reference).toLocaleString("en"),
    median.toFixed(3),
    min.toFixed(3),
    max.toFixed(3),
    `>= ${target}`,
    met ? "yes" : "no"
  ])
}

if (!args.json) {
  console.log(table(["bench", "ours/s", "reference/s", "ratio", "min", "max", "target", "met"], rows))
  console.log()
  for (const { name, ours, reference } of benches) console.log(`${name}: ${ours.what}\n  against ${reference.what}`)
}
