/** A JSON text in the forms in which common libraries would write it. */

/** A value with the source text of its numbers, since a double may not hold their digits. */
type Value = string | number | true | false | null | ReadonlyArray<Value> | Members | NumberText
type Members = Map<string, Value>

class NumberText {
  readonly source: string
  constructor(source: string) {
    this.source = source
  }
}

const token = /\s*(?:([{}[\],:])|("(?:[^"\\]|\\.)*")|(-?[0-9][0-9.eE+-]*)|(true|false|null))/y

/** Reads a text that `JSON.parse` has accepted. */
const read = (json: string): Value => {
  token.lastIndex = 0
  const next = (): RegExpExecArray => token.exec(json)!
  const value = ([, punctuation, string, number, word]: RegExpExecArray): Value => {
    if (string !== undefined) return JSON.parse(string) as string
    if (number !== undefined) return new NumberText(number)
    if (word !== undefined) return JSON.parse(word) as true | false | null
    if (punctuation === "[") {
      const items: Array<Value> = []
      for (let found = next(); found[1] !== "]"; found = next()) if (found[1] !== ",") items.push(value(found))
      return items
    }
    const members: Members = new Map()
    for (let found = next(); found[1] !== "}"; found = next()) {
      if (found[1] === ",") continue
      const name = JSON.parse(found[2]!) as string
      next()
      members.set(name, value(next()))
    }
    return members
  }
  return value(next())
}

const isList = (value: Value): value is ReadonlyArray<Value> => Array.isArray(value)

/** Another value by the same function for every object, from the leaves up. */
const mapMembers = (value: Value, change: (members: Members) => Members): Value => {
  if (isList(value)) return value.map((item) => mapMembers(item, change))
  if (!(value instanceof Map)) return value
  return change(new Map([...value].map(([name, member]) => [name, mapMembers(member, change)])))
}

const sorted = (value: Value): Value =>
  mapMembers(value, (members) => new Map([...members].toSorted(([a], [b]) => (a < b ? -1 : 1))))

const withoutNulls = (value: Value): Value =>
  mapMembers(value, (members) => new Map([...members].filter(([, member]) => member !== null)))

/** Where a writer puts blanks and line breaks. */
interface Layout {
  readonly how: string
  /** Between items on one line, and between a name and its value. */
  readonly comma: string
  readonly colon: string
  /** What a level is indented by; undefined: all on one line. */
  readonly indent?: string
  readonly lineEnd?: string
  /** How a list is written, when not like an object. */
  readonly list?: { readonly open: string; readonly comma: string; readonly close: string; readonly empty: string }
  /** How an empty object is written. */
  readonly empty?: string
}

const layouts: ReadonlyArray<Layout> = [
  { how: "", comma: ",", colon: ":" },
  { how: ", with a blank after each comma and colon", comma: ", ", colon: ": " },
  { how: ", indented by two blanks", comma: ",", colon: ": ", indent: "  " },
  { how: ", indented by four blanks", comma: ",", colon: ": ", indent: "    " },
  { how: ", indented by a tab", comma: ",", colon: ": ", indent: "\t" },
  { how: ", indented by two blanks, with CR LF", comma: ",", colon: ": ", indent: "  ", lineEnd: "\r\n" },
  {
    how: ", indented as Jackson does",
    comma: ",",
    colon: " : ",
    indent: "  ",
    list: { open: "[ ", comma: ", ", close: " ]", empty: "[ ]" },
    empty: "{ }"
  }
]

interface Style extends Layout {
  readonly numbers: "source" | "JavaScript"
}

const write = (value: Value, style: Style, level = ""): string => {
  if (value instanceof NumberText) {
    return style.numbers === "source" ? value.source : JSON.stringify(Number(value.source))
  }
  const { indent, lineEnd = "\n", comma } = style
  const deeper = level + (indent ?? "")
  const [start, between, end] =
    indent === undefined ? ["", comma, ""] : [lineEnd + deeper, comma + lineEnd + deeper, lineEnd + level]
  if (isList(value)) {
    const { list } = style
    // Jackson keeps a list on its line, and does not indent what stands in it.
    const items = value.map((item) => write(item, style, list === undefined ? deeper : level))
    if (items.length === 0) return list?.empty ?? "[]"
    return list === undefined
      ? `[${start}${items.join(between)}${end}]`
      : `${list.open}${items.join(list.comma)}${list.close}`
  }
  if (value instanceof Map) {
    if (value.size === 0) return style.empty ?? "{}"
    const members = [...value].map(
      ([name, member]) => `${JSON.stringify(name)}${style.colon}${write(member, style, deeper)}`
    )
    return `{${start}${members.join(between)}${end}}`
  }
  return JSON.stringify(value)
}

const hex4 = (unit: string): string => unit.charCodeAt(0).toString(16).padStart(4, "0")

export const escapeNonAscii = (json: string): string => json.replace(/[^\u0000-\u007f]/g, (unit) => `\\u${hex4(unit)}`)

export const escapeSlashes = (json: string): string => json.replaceAll("/", "\\/")

/** As Go's encoding/json and Gson do. */
export const escapeHtml = (json: string): string => json.replace(/[<>&\u2028\u2029]/g, (unit) => `\\u${hex4(unit)}`)

const escapes: ReadonlyArray<readonly [how: string, (json: string) => string]> = [
  ["", (json) => json],
  [", with non-ASCII text escaped", escapeNonAscii],
  [", with slashes escaped", escapeSlashes],
  [", with slashes and non-ASCII text escaped", (json) => escapeNonAscii(escapeSlashes(json))],
  [", with < > & escaped", escapeHtml]
]

const arrangements: ReadonlyArray<readonly [how: string, (value: Value) => Value]> = [
  ["", (value) => value],
  [", with sorted keys", sorted],
  [", without nulls", withoutNulls],
  [", with sorted keys and without nulls", (value) => sorted(withoutNulls(value))]
]

/** Beyond so many characters in all no further forms are made: they cost time and memory, and large bodies are rare. */
const maxCharacters = 4 * 1024 * 1024

/** The forms that writers make by themselves, and those for which somebody has sorted keys, left out nulls or changed numbers. */
export interface Forms {
  readonly common: ReadonlyMap<string, string>
  readonly rare: ReadonlyMap<string, string>
}

/** The JSON in other forms, each once and with what was done to it; nothing where the text is no JSON. */
export const formsOf = (text: string): Forms => {
  const common = new Map<string, string>()
  const rare = new Map<string, string>()
  let characters = 0
  try {
    const json = text.replace(/^\uFEFF/, "")
    JSON.parse(json)
    const value = read(json)
    for (const numbers of ["source", "JavaScript"] as const) {
      for (const [order, arrange] of arrangements) {
        const forms = numbers === "source" && order === "" ? common : rare
        const arranged = arrange(value)
        for (const layout of layouts) {
          const plain = write(arranged, { ...layout, numbers })
          for (const [escaping, escape] of escapes) {
            characters += plain.length
            if (characters > maxCharacters) return { common, rare }
            const form = escape(plain)
            const how = `${layout.how}${order}${escaping}${numbers === "source" ? "" : ", with numbers as JavaScript writes them"}`
            if (form !== text && !common.has(form) && !rare.has(form)) forms.set(form, how)
          }
        }
      }
    }
  } catch {
    // No JSON, or nested too deep: there is no other way to write it.
  }
  return { common, rare }
}

/** Whether both texts are the same JSON, in whatever form. */
export const sameJson = (a: string, b: string): boolean => {
  try {
    const normal = (text: string): string => {
      const json = text.replace(/^\uFEFF/, "")
      JSON.parse(json)
      return write(sorted(read(json)), { ...layouts[0]!, numbers: "JavaScript" })
    }
    return normal(a) === normal(b)
  } catch {
    return false
  }
}

/** The texts of all members of this name, however deep. */
export const stringsOf = (text: string, name: string): ReadonlyArray<string> => {
  const found = new Set<string>()
  try {
    JSON.parse(text, (key, value: unknown) => {
      if (key === name && typeof value === "string" && value !== "") found.add(value)
      return value
    })
  } catch {
    // Not JSON: it has no members.
  }
  return [...found]
}
