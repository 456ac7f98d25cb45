/** The messages on the page: each as a table of its fields, or by one above that has the same. */
import * as Shape from "@paykka/schemas/Shape"
import type { Verdict } from "./compare.ts"
import type { Contract } from "./contract.ts"
import { describe } from "./descriptions.ts"
import { type Cells, code, prose, sentence, table, toHeading } from "./markdown.ts"

const head = ["field", "type", "required", "limits", "how sure", "meaning"]

const forms: Readonly<Record<string, string>> = {
  "country-code": "two capital letters",
  "currency-code": "three capital letters"
}

const range = (unit: string, min = 0, max?: number): string | undefined => {
  if (max === undefined) return min === 0 ? undefined : `at least ${min} ${unit}`
  return min === 0 ? `at most ${max} ${unit}` : `${min} to ${max} ${unit}`
}

/** What a value is held to, and which values are known. */
const limits = (shape: Shape.Shape): string => {
  const { form, values = [], valuesComplete = false, table: id, items } = shape
  const each = items === undefined ? "" : limits(items)
  return [
    form === undefined ? range("characters", shape.minLength, shape.maxLength) : (forms[form] ?? form),
    range("items", shape.minItems, shape.maxItems),
    values.length === 0 ? undefined : `${valuesComplete ? "listed" : "known"}: ${values.map(code).join(", ")}`,
    id === undefined ? undefined : `table ${code(id)}`,
    each === "" ? undefined : `each ${each}`
  ]
    .filter((part) => part !== undefined)
    .join("; ")
}

const typeOf = ({ type, format, items }: Shape.Shape): string => {
  if (type === "array" && items !== undefined) return `array of ${typeOf(items)}`
  return format === undefined ? type : `${type} (${format})`
}

/** All of a row but how sure it is and what it means. */
const formOf = (cells: Cells): string => cells.slice(0, 4).join("|")

/** A message that shares at least so many fields with one above is not written out again. */
const worthIt = 10

/** Shows messages, one after the other. */
export const messages = (
  contract: Contract,
  verdict: Verdict
): ((id: string, part: "request" | "response" | "data", shape: Shape.Shape) => string) => {
  const meaningOf = describe(contract)
  const bySdk = new Set(
    verdict.explained
      .filter(({ difference }) => difference.aspect === "required" && difference.code === "yes")
      .map(({ difference: { operation, place } }) => `${operation} ${place}`)
  )
  const shown: Array<{ readonly id: string; readonly part: string; readonly rows: ReadonlyArray<Cells> }> = []

  const requiredOf = (id: string, place: string, required: boolean): string => {
    if (!required) return ""
    return bySdk.has(`${id} ${place}`) ? "by the SDK" : "yes"
  }

  const rowsOf = (id: string, part: string, shape: Shape.Shape): ReadonlyArray<Cells> =>
    Shape.fields(shape).map(([path, field]) => {
      const meaning = meaningOf(id, part, path)
      return [
        code(path),
        typeOf(field.shape),
        requiredOf(id, `${part}.${path}`, field.required),
        limits(field.shape),
        field.provenance,
        [...(meaning === undefined ? [] : [prose(sentence(meaning))]), ...(field.sensitive ? ["Sensitive."] : [])].join(
          " "
        )
      ]
    })

  /** The table of the fields; or, where most are those of a message above, that one and the others. */
  const fields = (id: string, part: string, rows: ReadonlyArray<Cells>): string => {
    const shared = (other: ReadonlyArray<Cells>) => {
      const there = new Set(other.map(formOf))
      return rows.filter((row) => there.has(formOf(row)))
    }
    const [like] = shown
      .filter((other) => shared(other.rows).length >= worthIt)
      .toSorted((a, b) => shared(b.rows).length - shared(a.rows).length)
    if (like === undefined) {
      shown.push({ id, part, rows })
      return table(head, rows)
    }
    const same = shared(like.rows)
    const own = rows.filter((row) => !same.includes(row))
    const marks = [...new Set(same.map((row) => row[4]!))]
    const asSure = same.every((row) => like.rows.some((other) => other[0] === row[0] && other[4] === row[4]))
    const text = `The fields of the ${like.part} of ${toHeading(like.id)}, ${asSure ? "as sure as there" : `here ${marks.join(" or ")}`}`
    return own.length === 0 ? `${text}.` : `${text}, but for these:\n\n${table(head, own)}`
  }

  return (id, part, shape) => {
    const rows = rowsOf(id, part, shape)
    if (rows.length === 0) return "No field is known: any record."
    const notes = [
      ...(shape.rules ?? []).map((rule) => prose(sentence(rule))),
      ...(shape.open === true ? ["Further fields are to be expected."] : [])
    ]
    return [fields(id, part, rows), ...(notes.length === 0 ? [] : [notes.join(" ")])].join("\n\n")
  }
}
