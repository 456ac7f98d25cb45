/** JSON with the places of its values: what is wrong with a file is told by line and column. */
import * as Data from "effect/Data"
import * as Result from "effect/Result"
import * as Json from "../Json.ts"

/** A value and the offset at which it begins. */
export type Node = { readonly at: number } & (
  | { readonly type: "object"; readonly members: ReadonlyArray<Member> }
  | { readonly type: "array"; readonly items: ReadonlyArray<Node> }
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "number"; readonly text: string }
  | { readonly type: "word"; readonly text: string }
)

export interface Member {
  readonly name: string
  /** The offset of the name. */
  readonly at: number
  readonly value: Node
}

/** Text that is not JSON, from the offset on. */
export class NotJson
  extends /*#__PURE__*/ Data.TaggedError("NotJson")<{
    readonly at: number
    readonly rule: string
  }> {}

const blanks = /[ \t\r\n]*/y
const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const word = /true|false|null/y
const escape = /["\\/bfnrt]|u[0-9a-fA-F]{4}/y

/** Reads JSON text. */
export const parse = (text: string): Result.Result<Node, NotJson> => {
  let at = 0

  const fail = (rule: string): never => {
    throw new NotJson({ at, rule: at < text.length ? rule : `${rule}; the text ends here` })
  }
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const taken = pattern.exec(text)?.[0]
    at += taken?.length ?? 0
    return taken
  }
  /** Passes a sign, and the blanks before and behind it, when it comes next. */
  const passes = (sign: string): boolean => {
    take(blanks)
    if (text[at] !== sign) return false
    at++
    take(blanks)
    return true
  }

  const readText = (): string => {
    const begins = at++
    for (; text[at] !== '"'; at++) {
      const char = text.charCodeAt(at)
      if (at >= text.length) {
        at = begins
        throw new NotJson({ at, rule: "the text that begins here has no closing quote" })
      }
      if (char < 0x20) fail("a line break, tab or other control character in a text must be escaped, such as \\n")
      if (char !== 0x5c) continue
      at++
      if (take(escape) === undefined) fail("is no escape that JSON knows, such as \\n or \\u4e2d")
      at--
    }
    at++
    return JSON.parse(text.slice(begins, at)) as string
  }

  /** What stands between brackets, up to the closing one. */
  const readAll = <A>(close: string, readOne: () => A): ReadonlyArray<A> => {
    const all: Array<A> = []
    at++
    if (passes(close)) return all
    do {
      all.push(readOne())
    } while (passes(","))
    if (!passes(close)) fail(`expected "," or "${close}"`)
    return all
  }

  const readMember = (depth: number): Member => {
    const begins = at
    if (text[at] !== '"') fail("expected the name of a member, in double quotes")
    const name = readText()
    if (!passes(":")) fail('expected ":"')
    return { name, at: begins, value: readValue(depth) }
  }

  const readValue = (depth: number): Node => {
    const begins = at
    const sign = text[at]
    if (depth === Json.maxDepth && (sign === "{" || sign === "[")) fail(`is nested deeper than ${depth} levels`)
    switch (sign) {
      case "{":
        return { at: begins, type: "object", members: readAll("}", () => readMember(depth + 1)) }
      case "[":
        return { at: begins, type: "array", items: readAll("]", () => readValue(depth + 1)) }
      case '"':
        return { at: begins, type: "text", text: readText() }
    }
    const digits = take(number)
    if (digits !== undefined) return { at: begins, type: "number", text: digits }
    return { at: begins, type: "word", text: take(word) ?? fail("expected a value") }
  }

  try {
    take(blanks)
    const root = readValue(0)
    take(blanks)
    if (at < text.length) fail("expected nothing more")
    return Result.succeed(root)
  } catch (error) {
    if (error instanceof NotJson) return Result.fail(error)
    throw error
  }
}
