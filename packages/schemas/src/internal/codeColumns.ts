/** What the columns of a code table's file are called. */
import type { Columns, Row } from "../CodeTable.ts"

/** What a column holds. */
export type Kind = keyof Columns

const spellings: Readonly<Record<Kind, ReadonlyArray<string>>> = {
  code: ["code", "编码", "代码"],
  en: ["en", "english", "english_name", "name_en", "英文", "英文名", "英文名称"],
  zh: ["zh", "chinese", "chinese_name", "name_zh", "中文", "中文名", "中文名称"],
  parent: ["parent", "parent_code", "上级", "上级编码", "父级编码"]
}

export const kinds: ReadonlyArray<Kind> = ["code", "en", "zh", "parent"]

const normal = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, "_")

/** Tells what a column of that name holds; undefined for one that is left out. A name that was given replaces the known ones. */
export const kindOf = (given: Columns = {}): ((name: string) => Kind | undefined) => {
  const known = new Map(
    kinds.flatMap((kind) => (given[kind] === undefined ? spellings[kind].map((name) => [name, kind] as const) : []))
  )
  // Last, since a given name may be a known one of something else.
  for (const kind of kinds) if (given[kind] !== undefined) known.set(normal(given[kind]), kind)
  return (name) => known.get(normal(name))
}

/** How a column is asked for. */
export const wanted = (kind: Kind, given: Columns = {}): string => JSON.stringify(given[kind] ?? spellings[kind][0])

/** A row of a file; an empty cell is the same as none. */
export const row = (cellOf: (kind: Kind) => string | undefined, source: string): Row => {
  const { code = "", ...rest } = Object.fromEntries(
    kinds.map((kind) => [kind, cellOf(kind)] as const).filter(([, cell]) => cell !== undefined && cell !== "")
  )
  return { code, ...rest, source }
}
