import { type Check, runTool } from "./check.ts"

export const format: Check = {
  name: "format",
  run: () => runTool("oxfmt", ["--check"])
}
