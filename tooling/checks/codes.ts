import { type Check, runTool } from "./check.ts"

/** The data of ISO 3166 and ISO 4217 is what the pinned packages have. */
export const codes: Check = {
  name: "codes",
  run: () => runTool("node", ["tooling/codes/main.ts", "--check"])
}
