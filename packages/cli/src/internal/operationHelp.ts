/** What the descriptors say of an operation, as the help of its command. */
import * as Descriptions from "@paykka/schemas/Descriptions"
import * as Operation from "@paykka/schemas/Operation"
import * as Shape from "@paykka/schemas/Shape"
import { columns } from "./output.ts"

const range = (least: number | undefined, most: number | undefined, unit: string): ReadonlyArray<string> => {
  if (least === undefined && most === undefined) return []
  if (least === most) return [`${least} ${unit}`]
  if (most === undefined) return [`at least ${least} ${unit}`]
  return [least === undefined || least === 0 ? `at most ${most} ${unit}` : `${least} to ${most} ${unit}`]
}

const typeOf = ({ type, format, items }: Shape.Shape): string =>
  type === "array" && items !== undefined
    ? `list of ${typeOf(items)}`
    : format === undefined
      ? type
      : `${type} ${format}`

const limits = (shape: Shape.Shape): ReadonlyArray<string> => [
  ...range(shape.minLength, shape.maxLength, "characters"),
  ...range(shape.minItems, shape.maxItems, "items"),
  ...(shape.values === undefined
    ? []
    : [`${shape.valuesComplete === true ? "one of" : "known:"} ${shape.values.join(", ")}`]),
  ...(shape.form === undefined ? [] : [shape.form]),
  ...(shape.table === undefined ? [] : [`a code of ${shape.table}`]),
  ...(shape.rules ?? [])
]

const fieldLines = (operation: Operation.Operation, part: "request" | "response"): string => {
  const shape = Shape.of(operation[part])
  const rows = Shape.fields(shape).map(([path, { required, provenance, sensitive, shape: field }]) => {
    // The client makes it where it is left out.
    const minted = part === "request" && path === "request_id" && Operation.isMinted(operation)
    const need = part === "response" ? [] : [minted ? "made when left out" : required ? "required" : "optional"]
    const marks = [typeOf(field), ...need, ...limits(field), ...(sensitive ? ["sensitive"] : []), provenance].join(", ")
    const meaning = Descriptions.find(operation.id, part, path)
    return [`  ${path}`, meaning === undefined ? marks : `${marks}\n      ${meaning}`] as const
  })
  const rules = (shape.rules ?? []).map((rule) => `  ${rule}`)
  const open = shape.open === true ? ["  further fields: their names are not known"] : []
  return [...(rows.length === 0 ? [] : [columns(rows)]), ...rules, ...open].join("\n") || "  none are known"
}

/** The text of `paykka call <operation> --help`, above its flags; the lines behind the first as far in as that. */
export const describe = (operation: Operation.Operation): string => {
  const { id, title, path, effect, merchantHeader, idempotencyKey, resolvedBy, provenance } = operation
  return `${id}: ${title}

${columns([
  ["path", `${path} (${provenance.path})`],
  ["effect", effect],
  ["X-Merch-Id", `${merchantHeader} (${provenance.merchantHeader})`],
  ["named by", idempotencyKey ?? "nothing"],
  ...(effect === "read" ? [] : [["outcome", resolvedBy === null ? "no call tells" : `${resolvedBy.id} tells`] as const])
])}

Fields of the request
${fieldLines(operation, "request")}

Fields of the answer
${fieldLines(operation, "response")}`.replaceAll("\n", "\n  ")
}
