import { type Check, runTool } from "./check.ts"

/** The site of the documentation: it builds, no link is dead, and no page is wider than a phone. */
export const docs: Check = {
  name: "docs",
  run: async () => {
    const result = await runTool("node", ["tooling/site/main.ts", "--check"])
    return { ...result, note: result.output.split("\n").at(-1) }
  }
}
