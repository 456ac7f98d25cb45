/**
 * The documentation of fields, as an editor shows it: each field of a message must say how sure it is, with the word of
 * its own mark. Read from the declarations that `tsc` writes, and compared with the schemas at run time.
 */
import * as Field from "@paykka/schemas/Field"
import * as Shape from "@paykka/schemas/Shape"
import type * as Schema from "effect/Schema"

/** The documentation of a message's fields, by their paths as `Shape.fields` writes them. */
export type Docs = ReadonlyMap<string, string>

/** A declaration as it is written. */
interface Written {
  readonly docs: Map<string, string>
  /** What is declared as something else is, such as `Onboarding.License`; itself, or at the path of a field. */
  readonly like: Map<string, string>
}

/** The four forms of a declaration with fields, each with what it is like, or else up to its opening brace. */
const forms: ReadonlyArray<RegExp> = [
  /^(?:export )?declare const (\w+): Schema\.Struct(?:WithRest<Schema\.Struct)?<(?:(\w+)>|\{)/gm,
  /^(?:export )?type (\w+) = \{/gm,
  /^(?:export )?type (\w+) = typeof (\w+\.\w+)\.fields;/gm,
  /^(?:export )?interface (\w+)(?: extends (\w+))? \{/gm
]
const token = /\/\*\*([\s\S]*?)\*\/|readonly (\w+): ([^{};]*)|[{}]/g

/** The fields of the object type that opens before `start`. */
const readFields = (text: string, start: number): Written => {
  const written: Written = { docs: new Map(), like: new Map() }
  /** The paths of the objects around. */
  const outer: Array<string> = []
  let doc = ""
  let latest = ""
  token.lastIndex = start
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [whole, comment, name, type = ""] = match
    if (comment !== undefined) {
      doc = comment
    } else if (name !== undefined) {
      latest = outer.length === 0 ? name : `${outer.at(-1)}.${name}`
      written.docs.set(latest, doc)
      doc = ""
      if (type.includes("$Array<")) latest += "[]"
      const [, like] = /typeof (\w+\.\w+)/.exec(type) ?? []
      if (like !== undefined) written.like.set(latest, like)
    } else if (whole === "{") {
      outer.push(latest)
    } else if (outer.pop() === undefined) {
      return written
    }
  }
  throw new Error("a declaration is never closed")
}

/** What modules declare, by names such as `Va.ApplyRequest`. Each module is given with its `.d.ts` text. */
export const declared = (modules: Readonly<Record<string, string>>): ReadonlyMap<string, Docs> => {
  const all = new Map<string, Written>()
  for (const [module, text] of Object.entries(modules)) {
    for (const match of forms.flatMap((form) => [...text.matchAll(form)])) {
      const [whole, name, like] = match
      const written: Written = whole.endsWith("{")
        ? readFields(text, match.index + whole.length)
        : { docs: new Map(), like: new Map() }
      if (like !== undefined) written.like.set("", like.includes(".") ? like : `${module}.${like}`)
      all.set(`${module}.${name}`, written)
    }
  }
  const resolve = ({ docs, like }: Written): Docs =>
    new Map([
      ...docs,
      ...[...like].flatMap(([path, name]) => {
        const other = all.get(name)
        const inner = other === undefined ? new Map<string, string>() : resolve(other)
        return [...inner].map(([field, doc]) => [path === "" ? field : `${path}.${field}`, doc] as const)
      })
    ])
  return new Map([...all].map(([name, written]) => [name, resolve(written)]))
}

const fieldNames = (paths: Iterable<string>): string =>
  [...paths]
    .filter((path) => !path.includes("."))
    .toSorted()
    .join(" ")

/** The marks of the fields themselves: a ceiling is the message's, and documented there. */
const ownMarks = (schema: Schema.Top): ReadonlyArray<readonly [path: string, mark: string]> =>
  Shape.fields(Shape.of(Field.atMost("documented")(schema))).map(([path, { provenance }]) => [path, provenance])

const fault = (field: string, mark: string, doc: string | undefined): string | undefined => {
  if (doc === undefined || doc.trim() === "") return `${field} has no TSDoc; say what it is, and that it is ${mark}`
  if (!/documented|third-party|inferred/i.test(doc)) return `the TSDoc of ${field} does not say how sure it is: ${mark}`
  return doc.toLowerCase().includes(mark) ? undefined : `${field} is ${mark}, and its TSDoc does not say so`
}

/**
 * What is wrong with the documentation of messages, given by names such as `Va.ApplyRequest`. A message without a
 * declaration of its name is found by the names of its fields, in the same module.
 */
export const faults = (
  declarations: ReadonlyMap<string, Docs>,
  messages: Readonly<Record<string, Schema.Top>>
): ReadonlyArray<string> =>
  Object.entries(messages).flatMap(([name, schema]) => {
    const marks = ownMarks(schema)
    const [module] = name.split(".")
    const names = fieldNames(marks.map(([path]) => path))
    const docs =
      declarations.get(name) ??
      [...declarations].find(
        ([other, fields]) => other.startsWith(`${module}.`) && fieldNames(fields.keys()) === names
      )?.[1]
    if (marks.length > 0 && docs === undefined) return [`${name} is not declared with its fields`]
    return marks
      .map(([path, mark]) => fault(`${name} ${path}`, mark, docs?.get(path)))
      .filter((text) => text !== undefined)
  })
