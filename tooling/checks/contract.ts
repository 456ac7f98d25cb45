import { type Check, runTool } from "./check.ts"

/** The code against `contract/`, and the files that are derived from both. */
export const contract: Check = {
  name: "contract",
  run: () => runTool("node", ["tooling/contract/main.ts", "--check"])
}
