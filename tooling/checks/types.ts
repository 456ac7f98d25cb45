import { type Check, runTool } from "./check.ts"

/** The compiler, then Effect's diagnostics (a floating effect is an error): the `typecheck` script of every workspace. */
export const types: Check = {
  name: "types",
  run: () => runTool("turbo", ["run", "typecheck", "--continue", "--output-logs=errors-only"])
}
