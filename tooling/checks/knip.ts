import { type Check, runTool } from "./check.ts"

/** Files, exports and dependencies that nobody uses, and dependencies that nobody declared: see .knip.json. */
export const knip: Check = {
  name: "knip",
  run: () => runTool("knip", ["--no-progress"])
}
