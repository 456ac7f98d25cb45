import { type Check, runTool } from "./check.ts"

interface Line {
  readonly bench: string
  readonly millis: number
  readonly more: number
  readonly target: number
  readonly signature: number
}

/** Tells how long the edge worker takes to start. It fails only where it does not start: a time is never a reason. */
export const coldstart: Check = {
  name: "coldstart",
  run: async () => {
    const result = await runTool("node", ["tooling/bench/main.ts", "--only", "cold-start", "--json"])
    if (!result.ok) return result
    const lines = result.output.split("\n").map((line) => JSON.parse(line) as Line)
    const note = lines.map(
      ({ bench, millis, more, target }) =>
        `${bench}: ${millis.toFixed(1)} ms, ${more.toFixed(1)} more than an empty worker (target ${target})`
    )
    const speed = `an RSA signature takes ${lines[0]?.signature.toFixed(2)} ms here, 0.27 on a free machine`
    return { ...result, note: [...note, speed].join("; ") }
  }
}
