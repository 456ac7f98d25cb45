/** The input of a call, from JSON text and single fields. */
import * as Json from "@paykka/schemas/Json"
import * as Shape from "@paykka/schemas/Shape"
import * as Result from "effect/Result"
import { type Failure, usage } from "./Failure.ts"

type Key = string | number

const segment = /^(?:\.?([A-Za-z_]\w*)|\[(\d{1,3})\])/

/** `goods_info.name`, `stakeholder_list[0].name` */
const keysOf = (path: string): ReadonlyArray<Key> | undefined => {
  const keys: Array<Key> = []
  let rest = path
  while (rest !== "") {
    const [whole, name, index] = segment.exec(rest) ?? []
    if (whole === undefined || name === "__proto__" || (keys.length === 0 && name === undefined)) return undefined
    keys.push(name ?? Number(index))
    rest = rest.slice(whole.length)
  }
  return keys.length === 0 ? undefined : keys
}

const at = (shape: Shape.Shape | undefined, key: Key): Shape.Shape | undefined =>
  typeof key === "number" ? shape?.items : shape?.fields?.find(({ name }) => name === key)?.shape

/** The text behind `=`, as the field wants it. A text that fits nothing stays a text, and the schema says what is wrong. */
const valueOf = (text: string, shape: Shape.Shape | undefined): unknown => {
  if (shape === undefined || shape.type === "string" || shape.type === "number") return text
  if (shape.type === "integer") return /^-?(?:0|[1-9]\d{0,14})$/.test(text) ? Number(text) : text
  return Result.getOrElse(Json.parse(text), () => text)
}

const put = (into: unknown, [key, ...rest]: ReadonlyArray<Key>, value: unknown): unknown => {
  if (key === undefined) return value
  if (typeof key === "number") {
    const list: Array<unknown> = Array.isArray(into) ? [...(into as ReadonlyArray<unknown>)] : []
    // A gap would become null.
    list[Math.min(key, list.length)] = put(list[key], rest, value)
    return list
  }
  const object = Json.isObject(into) && !Array.isArray(into) ? into : {}
  return { ...object, [key]: put(object[key], rest, value) }
}

/** Digits that a double would lose, where a number is wanted, as the text that the schemas take. */
const exact = (value: unknown, shape: Shape.Shape | undefined): unknown => {
  if (Json.isRawNumber(value)) return shape?.type === "number" || shape?.type === "integer" ? value.rawJSON : value
  if (Array.isArray(value)) return value.map((each) => exact(each, shape?.items))
  if (!Json.isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, exact(member, at(shape, name))]))
}

/** The JSON object of `--data`. */
export const parseData = (
  text: string,
  shape: Shape.Shape
): Result.Result<Readonly<Record<string, unknown>>, Failure> => {
  const json = Json.parse(text)
  if (Result.isFailure(json)) return Result.fail(usage(`--data: the text ${json.failure.detail}`))
  return Json.isObject(json.success) && !Array.isArray(json.success)
    ? Result.succeed(exact(json.success, shape) as Readonly<Record<string, unknown>>)
    : Result.fail(usage("--data must be a JSON object"))
}

/** Puts `a.b=v` into an input. */
export const putField = (
  input: Readonly<Record<string, unknown>>,
  field: string,
  shape: Shape.Shape,
  flag: "--field" | "--extra" = "--field"
): Result.Result<Readonly<Record<string, unknown>>, Failure> => {
  const [, path = "", text = ""] = /^([^=]+)=([\s\S]*)$/.exec(field) ?? []
  const keys = keysOf(path)
  if (keys === undefined) {
    return Result.fail(
      usage(
        `${flag} must be a path and a value, found ${JSON.stringify(path || "no path")}`,
        "such as goods_info.name=Shoes or currencies[0]=EUR"
      )
    )
  }
  // Where nothing is known of the whole, nothing is known of the field.
  const target = shape.type === "any" ? shape : keys.reduce(at, shape as Shape.Shape | undefined)
  return Result.succeed(put(input, keys, valueOf(text, target)) as Readonly<Record<string, unknown>>)
}
