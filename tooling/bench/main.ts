/**
 * `node tooling/bench/main.ts [--json] [--only signing|inbox|call|cold-start]`: measures, prints, and exits with 0 whatever the figures are: a
 * benchmark on a busy machine never fails a build.
 */
import { sign } from "node:crypto"
import { availableParallelism, loadavg } from "node:os"
import { parseArgs } from "node:util"
import * as ColdStart from "@paykka/edge-worker/local/ColdStart"
import * as Effect from "effect/Effect"
import { benches, checkWork } from "./benches.ts"
import * as Call from "./call.ts"
import * as Inbox from "./inbox.ts"
import { merchant, toSign } from "./material.ts"
import { measure, type Plan } from "./rounds.ts"
import * as Statistics from "./statistics.ts"
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
    const summary = Statistics.summarise(await measure(ours, reference, plan))
    const met = Statistics.isMet(summary, target)
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

const benchCall = async (): Promise<void> => {
  const plan: Call.Plan = { rounds: 20, millis: 250, warmUpMillis: 1000, codingMillis: 80, codingRounds: 7 }
  const { rows, allocations, codings } = await Call.measureCall(plan)
  const met = ({ ratio, target }: Call.Row): boolean | undefined => (target === undefined ? undefined : ratio >= target)
  if (args.json) {
    for (const row of rows) {
      const { caller, ...figures } = row
      printJson({ bench: `call, ${caller}`, ...figures, met: met(row), ...plan })
    }
    for (const { caller, ...figures } of allocations) printJson({ bench: `call, allocations, ${caller}`, ...figures })
    for (const { task, ...figures } of codings) printJson({ bench: `call, coding, ${task}`, ...figures })
    return
  }
  console.log(
    `Call. ${machine}; medians of ${plan.rounds} rounds, ${plan.millis} ms a caller, interleaved; ratios = of the hand-written one with crypto.sign, and with subtle, in the same round\n`
  )
  console.log(
    table(
      ["in flight", "caller", "calls/s", "p50 ms", "p99 ms", "CPU us", "of sign", "of subtle", "target", "met"],
      rows.map((row) => {
        const { caller, perSecond, p50, p99, cpu, ratio, ratioOfSubtle, target } = row
        return [
          row.inFlight,
          caller,
          whole(perSecond),
          p50.toFixed(2),
          p99.toFixed(2),
          whole(cpu),
          ratio.toFixed(3),
          ratioOfSubtle.toFixed(3),
          target === undefined ? "" : `>= ${target} of sign`,
          target === undefined ? "" : met(row) ? "yes" : "no"
        ]
      })
    )
  )
  console.log("\nAllocated by one call, sequentially\n")
  console.log(
    table(
      ["caller", "heap bytes", "buffer bytes"],
      allocations.map(({ caller, heap, buffers }) => [caller, whole(heap), whole(buffers)])
    )
  )
  console.log("\nEncoding and decoding alone, with Effect's schemas interpreted and compiled\n")
  console.log(
    table(
      ["task", "interpreted us", "compiled us", "times as fast"],
      codings.map(({ task, interpreted, compiled }) => [
        task,
        interpreted.toFixed(2),
        compiled.toFixed(2),
        (interpreted / compiled).toFixed(1)
      ])
    )
  )
}

/** Milliseconds of an RSA-2048 signature by `node:crypto`: tells of how much a time on this machine, at this moment, is worth. */
const yardstick = (): number => {
  const times = Array.from({ length: 101 }, () => {
    const begun = performance.now()
    sign("RSA-SHA256", toSign.bytes, merchant.privateKeyObject)
    return performance.now() - begun
  })
  return Statistics.median(times)
}

const benchColdStart = async (): Promise<void> => {
  const signature = yardstick()
  const rounds = await Effect.runPromise(ColdStart.measure(11))
  const target = 40
  const medianOf = (subject: keyof ColdStart.Round): number => Statistics.median(rounds.map((round) => round[subject]))
  const empty = medianOf("empty")
  const rows = (["health", "notification"] as const).map((subject) => {
    const millis = medianOf(subject)
    return { subject, millis, empty, more: millis - empty, target, met: millis - empty <= target }
  })
  if (args.json) {
    for (const { subject, ...figures } of rows) {
      printJson({ bench: `cold-start, ${subject}`, ...figures, signature, rounds: rounds.length })
    }
    return
  }
  console.log(
    `Cold start. ${machine}, an RSA signature takes ${signature.toFixed(2)} ms; medians of ${rounds.length} rounds, workerd started anew for each, interleaved: the first request of a new isolate\n`
  )
  console.log(
    table(
      ["first request", "ms", "empty worker ms", "more ms", "target", "met"],
      rows.map(({ subject, millis, more, met }) => [
        subject,
        millis.toFixed(1),
        empty.toFixed(1),
        more.toFixed(1),
        `<= ${target}`,
        met ? "yes" : "no"
      ])
    )
  )
}

const all = { signing: benchSigning, inbox: benchInbox, call: benchCall, "cold-start": benchColdStart }

const wanted = Object.entries(all).flatMap(([name, bench]) => ((args.only ?? name) === name ? [bench] : []))
for (const [index, bench] of wanted.entries()) {
  if (index > 0 && !args.json) console.log()
  await bench()
}
