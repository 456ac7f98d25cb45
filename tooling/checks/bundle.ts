import { type Check, runTool } from "./check.ts"

/** The size of each small door against its budget. */
export const bundle: Check = {
  name: "bundle",
  run: () => runTool("node", ["tooling/bundle/main.ts", "--check"])
}
