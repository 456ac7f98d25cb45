/** A JSON value for people. */
import * as Json from "@paykka/schemas/Json"
import { isColoured, printable } from "./output.ts"

const scalar = (value: unknown): string =>
  typeof value === "string" && /^[^\s"\p{Cc}\p{Cf}]+( [^\s"\p{Cc}\p{Cf}]+)*$/u.test(value)
    ? value
    : printable(Json.stringify(value))

const isNested = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Json.isRawNumber(value) && Object.keys(value).length > 0

const lines = (value: unknown, indent: string, dim: (text: string) => string): ReadonlyArray<string> => {
  if (!isNested(value)) return [`${indent}${scalar(value)}`]
  return Object.entries(value).flatMap(([name, member]) =>
    isNested(member)
      ? [`${indent}${dim(printable(name))}`, ...lines(member, `${indent}  `, dim)]
      : [`${indent}${dim(printable(name))}  ${scalar(member)}`]
  )
}

/** One field a line, those of objects and lists below them. */
export const pretty = (value: unknown): string => {
  const coloured = isColoured(process.stdout)
  return lines(value, "", (text) => (coloured ? `\u001B[2m${text}\u001B[22m` : text)).join("\n")
}
