/** The snippets of docs/webhooks.md, by the names in their fences. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { root } from "../checks/check.ts"
import { fences } from "../checks/examples.ts"

const file = "docs/webhooks.md"
const all = fences(file, readFileSync(join(root, file), "utf8"))

/** The code of a snippet. */
export const snippet = (name: string): string => {
  const found = all.find((fence) => fence.name === name)
  if (found === undefined) throw new Error(`${file} has no snippet ${name}`)
  return found.code
}

/** What is replaced in a snippet, and by what. */
export type Edit = readonly [from: string, to: string]

/** The code with a change made in it. Throws where the guide has not (any more) what is to be replaced. */
export const edited = (code: string, [from, to]: Edit): string => {
  if (code.split(from).length !== 2) throw new Error(`${file} has not just one ${JSON.stringify(from)} in the snippet`)
  return code.replace(from, () => to)
}
