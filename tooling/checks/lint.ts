import { type Check, runTool } from "./check.ts"

export const lint: Check = {
  name: "lint",
  run: () => runTool("oxlint", ["--deny-warnings"])
}
