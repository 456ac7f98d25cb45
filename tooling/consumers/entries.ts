/** The programs that are written for a cell: they import every module, and hand them to `programs/everything.ts`. */
import type { PublicModule } from "./modules.ts"

const imports = (modules: ReadonlyArray<PublicModule>): string =>
  modules.map(({ specifier }, index) => `import * as m${index} from "${specifier}"\n`).join("")

const record = (modules: ReadonlyArray<PublicModule>): string =>
  `{\n${modules.map(({ specifier }, index) => `  "${specifier}": m${index}`).join(",\n")}\n}`

/** TypeScript: prints the report as JSON. Its settings are JSON in an environment variable. */
export const nodeEntry = (modules: ReadonlyArray<PublicModule>): string => `${imports(modules)}
import { report } from "./everything.js"

void report(${record(modules)}, JSON.parse(process.env["SETTINGS"] ?? "")).then((made) => console.log(JSON.stringify(made)))
`

/** The same for Node's `require`, in JavaScript. */
export const requireEntry = (modules: ReadonlyArray<PublicModule>): string => `
const { report } = require("./everything.cjs")

const modules = {
${modules.map(({ specifier }) => `  "${specifier}": require("${specifier}")`).join(",\n")}
}
report(modules, JSON.parse(process.env["SETTINGS"])).then((made) => console.log(JSON.stringify(made)))
`

/** TypeScript: a worker that answers settings with the report. */
export const workerEntry = (modules: ReadonlyArray<PublicModule>): string => `${imports(modules)}
import { type Settings, report } from "./everything.js"

const modules = ${record(modules)}

export default {
  fetch: async (request: Request): Promise<Response> =>
    Response.json(await report(modules, (await request.json()) as Settings))
}
`

/** TypeScript: a library that exports every value once more, so that its declarations must name the type of each. */
export const libraryEntry = (modules: ReadonlyArray<PublicModule>): string =>
  imports(modules) +
  modules
    .flatMap(({ exports }, index) => exports.map((name) => `export const m${index}_${name} = m${index}.${name}\n`))
    .join("")

/** TypeScript: prints what each module exports. */
export const exportsEntry = (modules: ReadonlyArray<PublicModule>): string => `${imports(modules)}
const modules: Record<string, object> = ${record(modules)}
console.log(JSON.stringify(Object.fromEntries(Object.entries(modules).map(([name, module]) => [name, Object.keys(module)]))))
`
