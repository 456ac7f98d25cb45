/** What keeps a rehearsal from publishing anywhere else: asked of the tools themselves, in the very place where they will publish. */
import { isLoopback } from "./registry.ts"
import { type Place, run } from "./run.ts"
import type { Manifest } from "./workspace.ts"

const questions = ["npm", "pnpm"].flatMap((tool) =>
  ["registry", "@paykka:registry"].map((setting) => ({ tool, setting }))
)

/** Throws unless whatever is published here goes to this registry, and that is on loopback. */
export const assertHere = async (place: Place, url: string, manifests: ReadonlyArray<Manifest>): Promise<void> => {
  if (!isLoopback(url)) throw new Error(`A rehearsal publishes to this machine only, not to ${url}`)
  for (const { name, publishConfig = {} } of manifests) {
    const named = Object.keys(publishConfig).filter((key) => key.endsWith("registry"))
    if (named.length > 0)
      throw new Error(`"publishConfig" of ${name} names a registry: a rehearsal would publish there`)
  }
  await Promise.all(
    questions.map(async ({ tool, setting }) => {
      const told = (await run(tool, ["config", "get", setting], place)).trim()
      if (!["", "undefined", url].includes(told)) {
        throw new Error(`${tool}'s ${setting} is ${told}: a rehearsal would publish there`)
      }
    })
  )
}
