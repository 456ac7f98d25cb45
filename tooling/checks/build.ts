import { type Check, runTool } from "./check.ts"

/** The other checks look at what is built; one package that does not build must not hide what they find in the others. */
export const build: Check = {
  name: "build",
  run: () => runTool("turbo", ["run", "build", "--continue", "--output-logs=errors-only"])
}
