import { all, type Check, runTool } from "./check.ts"
import { packAll } from "./pack.ts"

/** Whether the manifest of each tarball and the files in it agree. */
export const publint: Check = {
  name: "publint",
  run: async () => {
    const packed = await packAll()
    const results = await Promise.all(packed.map(({ tarball }) => runTool("publint", ["run", tarball, "--strict"])))
    return { ...all(results), note: `${packed.length} packages` }
  }
}
