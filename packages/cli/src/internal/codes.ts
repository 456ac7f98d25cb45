/** `paykka codes`: the code tables of PayKKa's appendix, from files of one's own. */
import * as CodeTable from "@paykka/schemas/CodeTable"
import * as Iso3166 from "@paykka/schemas/Iso3166"
import * as Iso4217 from "@paykka/schemas/Iso4217"
import * as Shape from "@paykka/schemas/Shape"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as CodeTables from "./codeTables.ts"
import { failed, type Failure, usage } from "./Failure.ts"
import { nearest } from "./nearest.ts"
import { columns, note, result } from "./output.ts"
import { readInput } from "./readInput.ts"

/** The standards, which are there without a file; PayKKa's own tables may have other rows. */
const standards: ReadonlyArray<CodeTable.CodeTable> = [
  { ...Iso3166.table, id: "iso3166" },
  { ...Iso4217.table, id: "iso4217" }
]

const find = (tables: ReadonlyArray<CodeTable.CodeTable>, id: string): Effect.Effect<CodeTable.CodeTable, Failure> => {
  const ids = tables.map((table) => table.id)
  const found = tables.find((table) => table.id === id)
  const near = nearest(id, ids)
  return found === undefined
    ? Effect.fail(
        usage(
          `there is no table ${JSON.stringify(id)}`,
          near.length === 0 ? `there are ${ids.join(", ")}` : `did you mean ${near.join(" or ")}?`
        )
      )
    : Effect.succeed(found)
}

const folderFlag = () =>
  Flag.String("folder").pipe(
    Flag.withMetavar("FOLDER"),
    Flag.withDescription("Folder of the tables' files"),
    Flag.withDefault("paykka-codes")
  )

const encodings = ["utf-8", "gb18030", "utf-16le"] as const

/** Spreadsheets mark UTF-16 by its first two bytes. */
const decode = (
  file: string,
  bytes: Uint8Array,
  given: Option.Option<(typeof encodings)[number]>
): Effect.Effect<string, Failure> => {
  const marked = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : "utf-8"
  const encoding = Option.getOrElse(given, () => marked)
  return Effect.try({
    try: () => new TextDecoder(encoding, { fatal: true }).decode(bytes),
    catch: () =>
      usage(
        `${file} is not ${encoding}`,
        encoding === "utf-8" ? "a spreadsheet in Chinese may have saved it as --encoding gb18030" : undefined
      )
  })
}

const kinds = ["code", "en", "zh", "parent"] as const

const columnsOf = (given: ReadonlyArray<string>): Effect.Effect<CodeTable.Columns, Failure> =>
  Effect.map(
    Effect.forEach(given, (each) => {
      const [, kind, name] = /^(\w+)=(.+)$/.exec(each) ?? []
      return kind === undefined || !(kinds as ReadonlyArray<string>).includes(kind)
        ? Effect.fail(
            usage(
              `--column must be a kind and the header of its column, found ${JSON.stringify(each)}`,
              `such as code=id; the kinds are ${kinds.join(", ")}`
            )
          )
        : Effect.succeed([kind, name] as const)
    }),
    (entries) => Object.fromEntries(entries)
  )

/** What is different between the rows that were there and those that come. */
const difference = (before: CodeTable.CodeTable, after: CodeTable.CodeTable) => ({
  added: after.rows.filter(({ code }) => CodeTable.find(before, code) === undefined).length,
  removed: before.rows.filter(({ code }) => CodeTable.find(after, code) === undefined).length,
  changed: after.rows.filter((row) => {
    const old = CodeTable.find(before, row.code)
    return old !== undefined && (["en", "zh", "parent"] as const).some((name) => old[name] !== row[name])
  }).length
})

const importCommand = () =>
  Command.make(
    "import",
    {
      table: Argument.String("table").pipe(Argument.withDescription("Id of the table, see paykka codes list")),
      file: Argument.String("file").pipe(Argument.withDescription("CSV with a header line, or JSON; - is stdin")),
      source: Flag.String("source").pipe(
        Flag.withMetavar("TEXT"),
        Flag.withDescription("Where the rows come from: the address of PayKKa's page, or who sent them")
      ),
      column: Flag.String("column").pipe(
        Flag.withMetavar("KIND=NAME"),
        Flag.withDescription("What a column is called, such as code=id; kinds: code, en, zh, parent; may be repeated"),
        Flag.atLeast(0)
      ),
      encoding: Flag.Literals("encoding", encodings).pipe(
        Flag.withDescription("Default: what the file's first bytes say, else utf-8"),
        Flag.optional
      ),
      check: Flag.Boolean("check").pipe(
        Flag.withDescription("Only check the file; write nothing"),
        Flag.withDefault(false),
        Flag.withoutNegation
      ),
      replace: Flag.Boolean("replace").pipe(
        Flag.withDescription("Replace the rows that were imported before"),
        Flag.withDefault(false),
        Flag.withoutNegation
      ),
      folder: folderFlag()
    },
    Effect.fnUntraced(function* (given) {
      const table = yield* find(CodeTable.tables, given.table)
      if (given.source.trim() === "") return yield* usage("--source must say where the rows come from")
      const options = { source: given.source, columns: yield* columnsOf(given.column) }
      const text = yield* decode(given.file, yield* readInput(given.file), given.encoding)
      const filled = yield* Effect.fromResult(CodeTables.parse(table, given.file, text, options))
      const target = CodeTables.fileOf(given.folder, table.id)
      const isThere = yield* CodeTables.exists(target)
      if (isThere && !given.check && !given.replace) {
        return yield* usage(`${target} is there already`, "give --replace, or another --folder")
      }
      // What is there may be broken, which is a reason to replace it.
      const before = yield* Effect.orElseSucceed(CodeTables.load(given.folder, table), () => table)
      const counts = difference(before, filled)
      const levels = filled.rows.filter(({ parent }) => parent !== undefined).length
      if (!given.check) yield* CodeTables.write(given.folder, filled, given.source)
      yield* result(
        { table: table.id, rows: filled.rows.length, ...counts, file: given.check ? null : target },
        columns([
          ["table", `${table.id} (${table.title.en}, ${table.title.zh})`],
          ["rows", `${filled.rows.length}${levels === 0 ? "" : `, ${levels} of them with a parent`}`],
          ...(isThere
            ? [["changes", `${counts.added} added, ${counts.removed} removed, ${counts.changed} changed`] as const]
            : []),
          ["file", given.check ? "none: the table is right, and nothing was written" : target]
        ])
      )
    })
  ).pipe(
    Command.withDescription(
      "Load a table from CSV, as a spreadsheet saves it, or from JSON; check it; and keep it as JSON in a folder. All that is wrong is told at once, by line and column, and then nothing is written. Columns are found by their names: code, en, zh, parent, and the Chinese ones."
    ),
    Command.withShortDescription("Load a table from CSV or JSON"),
    Command.withExamples([
      {
        command: `printf 'code,en,zh\\n1,Farming,农业\\n2,Mining,采矿业\\n' | paykka codes import industry - --source 'an example' --check`,
        description: "check a table from a pipe"
      },
      {
        command: `printf 'code,en,zh\\n1,Farming,农业\\n' | paykka codes import industry - --source 'an example' --folder codes`,
        description: "keep it"
      }
    ])
  )

const search = () =>
  Command.make(
    "search",
    {
      words: Argument.String("word").pipe(
        Argument.withDescription("A code, or words that a name has: parts of them, in any language of the table"),
        Argument.atLeast(1)
      ),
      table: Flag.String("table").pipe(
        Flag.withMetavar("ID"),
        Flag.withDescription("Search this table only; iso3166 and iso4217 are the standards"),
        Flag.optional
      ),
      folder: folderFlag()
    },
    Effect.fnUntraced(function* ({ words, table, folder }) {
      const all = [...CodeTable.tables, ...standards]
      const wanted = Option.isNone(table) ? all : [yield* find(all, table.value)]
      const tables = yield* Effect.forEach(wanted, (each) =>
        standards.includes(each) ? Effect.succeed(each) : CodeTables.load(folder, each)
      )
      const empty = tables.filter(({ rows }) => rows.length === 0)
      if (Option.isSome(table) && empty.length > 0) {
        return yield* usage(
          `table ${table.value} has no rows in ${folder}`,
          "PayKKa's rows are not public: see paykka codes import --help"
        )
      }
      const text = words.join(" ")
      const found = tables.flatMap((each) => {
        const row = CodeTable.find(each, text) ?? CodeTable.find(each, text.toUpperCase())
        const rows = new Set([...(row === undefined ? [] : [row]), ...CodeTable.search(each, text)])
        return [...rows].map((one) => ({ table: each.id, ...one }))
      })
      if (found.length === 0) {
        const searched = tables.filter(({ rows }) => rows.length > 0).map(({ id }) => id)
        return yield* failed(`nothing is called ${JSON.stringify(text)} in ${searched.join(", ")}`)
      }
      const width = Math.max(...found.map(({ code }) => code.length))
      yield* result(
        found,
        columns(
          found.map(({ table: id, code, en = "", zh = "", parent }) => [
            id,
            [
              code.padEnd(width),
              [en, zh].filter((name) => name !== "").join("  "),
              parent === undefined ? "" : `(under ${parent})`
            ]
              .filter((part) => part !== "")
              .join("  ")
          ])
        )
      )
    })
  ).pipe(
    Command.withDescription(
      "Search the tables that were imported, and the standards ISO 3166 (countries) and ISO 4217 (currencies), which PayKKa's own tables may differ from. Capitals and accents make no difference."
    ),
    Command.withShortDescription("Search codes by their names"),
    Command.withExamples([
      { command: "paykka codes search germany", description: "a country" },
      { command: "paykka codes search --table iso4217 dollar", description: "currencies" }
    ])
  )

/** The fields that follow each table, as `operation field`. Only the list asks for them, and they take their time. */
const usersOf = async (): Promise<ReadonlyMap<string, ReadonlyArray<string>>> => {
  const { operations } = await import("@paykka/schemas/Catalogue")
  const users = new Map<string, ReadonlyArray<string>>()
  for (const { id, request } of operations) {
    for (const [path, { shape }] of Shape.fields(Shape.of(request))) {
      const table = shape.table ?? shape.items?.table
      if (table !== undefined) users.set(table, [...(users.get(table) ?? []), `${id} ${path}`])
    }
  }
  return users
}

const list = () =>
  Command.make(
    "list",
    { folder: folderFlag() },
    Effect.fnUntraced(function* ({ folder }) {
      const users = yield* Effect.promise(usersOf)
      const tables = yield* Effect.forEach(CodeTable.tables, (table) => CodeTables.load(folder, table))
      const listed = tables.map(({ id, title, key, rows }) => ({
        id,
        title,
        key,
        rows: rows.length,
        source: rows[0]?.source ?? null,
        fields: users.get(id) ?? []
      }))
      const width = Math.max(...listed.map(({ title }) => title.en.length))
      yield* result(
        listed,
        columns(
          listed.map(({ id, title, rows, fields }) => [
            id,
            `${title.en.padEnd(width)}  ${rows === 0 ? "no rows" : `${rows} rows`}${fields.length === 0 ? "" : `, for ${fields.length === 1 ? "1 field" : `${fields.length} fields`}`}`
          ])
        )
      )
      if (listed.every(({ rows }) => rows === 0))
        yield* note(`no table was imported to ${folder}: see paykka codes import --help`)
    })
  ).pipe(
    Command.withDescription(
      "List the eight tables of PayKKa's appendix, with the rows that were imported. --json has the fields that follow each, which is mostly inferred."
    ),
    Command.withShortDescription("List the tables"),
    Command.withExamples([{ command: "paykka codes list", description: "and how many rows each has" }])
  )

export const command = () =>
  Command.make("codes").pipe(
    Command.withDescription(
      "Load and search the code tables of PayKKa's appendix. None of their rows is public: bring your own."
    ),
    Command.withShortDescription("Load and search code tables"),
    Command.withSubcommands([importCommand(), search(), list()])
  )
