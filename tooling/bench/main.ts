/**
 * `node tooling/bench/main.ts [--json] [--only signing|inbox]`: measures, prints, and exits with 0 whatever the figures are: a
 * benchmark on a busy machine never fails a build.
 */
import { availableParallelism, loadavg } from "node:os"
import { parseArgs } from "node:util"
import { benches, checkWork } from "./benches.ts"
import * as Inbox from "./inbox.ts"
import { measure, type Plan } from "./rounds.ts"
import { isMet, summarise } from "./statistics.ts"
import { table } from "@paykka/tooling-text/table"

const { values: args } = parseArgs({
  options: { json: { type: "boolean", default: false }, only: { type: "string" } }
})

const cores = availableParallelism()
// What else runs on the machine decides how far the figures are to be trusted.
const load = Number(loadavg()[0]?.toFixed(2))
const machine = `Node ${process.versions.node}, ${cores} cores, load ${load} before`

const printJson = (line: object): void =>
  console.log(JSON.stringify({ ...line, cores, load, node: process.versions.node }))
const whole = (value: number): string => Math.round(value).toLocaleString("en")

const benchSigning = async (): Promise<void> => {
  const plan: Plan = { rounds: 60, millis: 60, warmUpMillis: 500 }
  await checkWork()
  const rows: Array<ReadonlyArray<string>> = []
  for (const { name, ours, reference, target } of benches) {
    const summary = summarise(await measure(ours, reference, plan))
    const met = isMet(summary, target)
    if (args.json) {
      printJson({
        bench: name,
        ours: { what: ours.what, opsPerSecond: Math.round(summary.ours) },
        reference: { what: reference.what, opsPerSecond: Math.round(summary.reference) },
        ratio: summary.ratio,
        target,
        met,
        rounds: plan.rounds
      })
    }
    const { median, min, max } = summary.ratio
    rows.push([
      name,
      whole(summary.ours),
      whole(summary.reference),
      median.toFixed(3),
      min.toFixed(3),
      max.toFixed(3),
      `>= ${target}`,
      met ? "yes" : "no"
    ])
  }
  if (args.json) return
  console.log(
    `Signing. ${machine}; ${plan.rounds} rounds, ${plan.millis} ms a side, interleaved; ratio = ours / reference of one round\n`
  )
  console.log(table(["bench", "ours/s", "reference/s", "ratio", "min", "max", "target", "met"], rows))
  console.log()
  for (const { name, ours, reference } of benches) console.log(`${name}: ${ours.what}\n  against ${reference.what}`)
}

const benchInbox = async (): Promise<void> => {
  const plan: Inbox.Plan = { rounds: 9, millis: 400, notifications: 2000, connections: 16 }
  const { rows, skipped } = await Inbox.measureInbox(plan)
  if (args.json) {
    for (const { server, ...figures } of rows) printJson({ bench: `inbox, ${server}`, ...figures, ...plan })
    for (const reason of skipped) printJson({ bench: "inbox", skipped: reason })
    return
  }
  console.log(
    `Inbox. ${machine}; ${plan.connections} connections; medians of ${plan.rounds} rounds, ${plan.millis} ms a server, interleaved; ratio = of no guard, no inbox in the same round\n`
  )
  console.log(
    table(
      ["server", "accepted/s", "p50 ms", "p99 ms", "ratio", "accepted"],
      rows.map(({ server, perSecond, p50, p99, ratio, accepted }) => [
        server,
        whole(perSecond),
        p50.toFixed(1),
        p99.toFixed(1),
        ratio.toFixed(3),
        whole(accepted)
      ])
    )
  )
  for (const reason of skipped) console.log(`skipped: ${reason}`)
}

if (args.only !== "inbox") await benchSigning()
if (args.only === undefined && !args.json) console.log()
if (args.only !== "signing") await benchInbox()
