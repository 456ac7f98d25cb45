import { type Check, runTool } from "./check.ts"

/** The public declarations against their reports, and changes of them against the changesets. */
export const api: Check = {
  name: "api",
  run: async () => {
    const result = await runTool("node", ["tooling/api/main.ts", "--check"])
    return { ...result, note: result.output.split("\n").at(-1) }
  }
}
