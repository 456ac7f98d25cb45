import { type Check, runTool } from "./check.ts"

/** The next release, made and published in a copy of the repository, up to a user's program. */
export const release: Check = {
  name: "release",
  run: async () => {
    const result = await runTool("node", ["tooling/release/main.ts"])
    return { ...result, note: result.output.split("\n").at(-1) }
  }
}
