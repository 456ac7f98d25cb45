// `node run.ts <examples.json>`, in an empty directory: runs the examples one after the other in this process, and prints what came of each as a
// line of JSON. They are listed as `{ file, line, index, path }`, the path being that of the example as a module.
import { readFileSync } from "node:fs"
import { inspect } from "node:util"
import { cases } from "./cases.ts"
import { make } from "./world.ts"

/** An example, written as a module. */
export interface Example {
  readonly file: string
  readonly line: number
  /** Which one of the file it is. */
  readonly index: number
  readonly path: string
}

/** What came of it. */
export interface Outcome extends Pick<Example, "file" | "line"> {
  /** All that was printed. */
  readonly printed: string
  /** What it failed with. */
  readonly failure?: string
}

const [list = ""] = process.argv.slice(2)
const examples = JSON.parse(readFileSync(list, "utf8")) as ReadonlyArray<Example>
const write = process.stdout.write.bind(process.stdout)
const world = await make()
const rejected: Array<unknown> = []
process.on("unhandledRejection", (error) => rejected.push(error))

for (const { file, line, index, path } of examples) {
  world.printed()
  world.receive(async () => Response.json({}))
  let failure: string | undefined
  try {
    const found = cases[file]
    if (found === undefined || typeof found === "string" || found[index] === undefined)
      throw new Error("it has no case")
    const { given = async () => ({}), isEndless = false, after } = found[index]
    Object.assign(globalThis, await given(world))
    world.printed()
    const running = import(path) as Promise<Readonly<Record<string, unknown>>>
    running.catch(() => {})
    const module = isEndless ? {} : await running
    if (after !== undefined) console.log(await Promise.race([after(world, module), ...(isEndless ? [running] : [])]))
    if (rejected.length > 0) throw rejected.shift()
  } catch (error) {
    failure = inspect(error)
  }
  const outcome: Outcome = { file, line, printed: world.printed(), ...(failure === undefined ? {} : { failure }) }
  write(`${JSON.stringify(outcome)}\n`)
}
// Servers of examples are still there.
process.exit()
