/** The code tables of a folder: a JSON file each, which a program reads by `CodeTableJson`. */
import { access, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import * as CodeTable from "@paykka/schemas/CodeTable"
import * as CodeTableCsv from "@paykka/schemas/CodeTableCsv"
import * as CodeTableJson from "@paykka/schemas/CodeTableJson"
import * as Json from "@paykka/schemas/Json"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as ExitCode from "../ExitCode.ts"
import { Failure, usage } from "./Failure.ts"
import { codeOf } from "./readInput.ts"

export const fileOf = (folder: string, table: string): string => join(folder, `${table}.json`)

/** The table with the rows of a text, which is CSV or JSON; a failure has all faults, a line each. */
export const parse = (
  table: CodeTable.CodeTable,
  file: string,
  text: string,
  options: CodeTable.FileOptions
): Result.Result<CodeTable.CodeTable, Failure> => {
  const { parse: read } = /^\s*[[{]/.test(text) ? CodeTableJson : CodeTableCsv
  return Result.mapError(read(table, text, options), ({ message, faults, count }) => {
    const [, ...lines] = message.split("\n").map((line) => line.trim())
    return new Failure({
      exit: ExitCode.usage,
      message: `${file === "-" ? "stdin" : file} is no table ${table.id}`,
      lines,
      hint: "see paykka codes import --help",
      details: { table: table.id, faults, count }
    })
  })
}

/** A row a line, so that a comparison of two files shows rows. */
const toText = ({ id, rows }: CodeTable.CodeTable, source: string): string => {
  const lines = rows.map(({ code, en, zh, parent }) => `    ${Json.stringify({ code, en, zh, parent })}`)
  return `{\n  "table": ${Json.stringify(id)},\n  "source": ${Json.stringify(source)},\n  "rows": [\n${lines.join(",\n")}\n  ]\n}\n`
}

/** Writes a table whole or not at all. */
export const write = (folder: string, table: CodeTable.CodeTable, source: string): Effect.Effect<string, Failure> => {
  const file = fileOf(folder, table.id)
  const part = `${file}.${process.pid}.part`
  return Effect.tryPromise({
    try: async () => {
      await mkdir(folder, { recursive: true })
      await writeFile(part, toText(table, source), { flag: "wx" })
      await rename(part, file)
      return file
    },
    catch: (cause) => usage(`${file} cannot be written (${codeOf(cause)})`)
  }).pipe(Effect.onError(() => Effect.promise(() => rm(part, { force: true }))))
}

export const exists = (file: string): Effect.Effect<boolean> =>
  Effect.promise(() =>
    access(file).then(
      () => true,
      () => false
    )
  )

/** A table as its file of the folder has it; without rows where there is no file. */
export const load = Effect.fnUntraced(function* (
  folder: string,
  table: CodeTable.CodeTable
): Effect.fn.Return<CodeTable.CodeTable, Failure> {
  const file = fileOf(folder, table.id)
  const text = yield* Effect.tryPromise({
    try: () =>
      readFile(file, "utf8").catch((cause: unknown) => {
        if (codeOf(cause) !== "ENOENT") throw cause
        return undefined
      }),
    catch: (cause) => usage(`${file} cannot be read (${codeOf(cause)})`)
  })
  if (text === undefined) return table
  const whole = Result.getOrUndefined(Json.parse(text))
  const { source, table: id }: Readonly<Record<string, unknown>> = Json.isObject(whole) ? whole : {}
  if (typeof source !== "string" || id !== table.id) {
    return yield* usage(`${file} is no file of paykka codes import`, "import the table again, with --replace")
  }
  return yield* Effect.fromResult(parse(table, file, text, { source }))
})
