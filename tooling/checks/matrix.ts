import { type Check, runTool } from "./check.ts"

/** The packages as others use them, from their tarballs: see tooling/consumers. */
export const matrix: Check = {
  name: "matrix",
  run: async () => {
    const { ok, output } = await runTool("node", ["tooling/consumers/main.ts"])
    // Skipped cells and their reasons stand above the last line, which counts.
    const lines = output.split("\n")
    const skipped = lines.filter((line) => / is skipped: /.test(line)).map((line) => `\n  ${line}`)
    return { ok, output, note: `${lines.at(-1)}${skipped.join("")}` }
  }
}
