/** Results go to stdout, all else to stderr. */
import * as Effect from "effect/Effect"
import * as Flag from "effect/cli/Flag"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Json from "@paykka/schemas/Json"

/** Whether `--json` was given. */
export const AsJson = /*#__PURE__*/ GlobalFlag.Setting("json")({
  flag: /*#__PURE__*/ Flag.Boolean("json").pipe(
    /*#__PURE__*/ Flag.withDescription("Print the result, and an error, as JSON"),
    /*#__PURE__*/ Flag.withDefault(false),
    Flag.withoutNegation
  )
})

export const isTerminal = (stream: NodeJS.WriteStream): boolean => stream.isTTY

/** Whether colours are wanted: https://no-color.org */
export const isColoured = (stream: NodeJS.WriteStream): boolean =>
  isTerminal(stream) && (process.env["NO_COLOR"] ?? "") === "" && process.env["TERM"] !== "dumb"

/** A text of somebody else's on one line: what would move a terminal's cursor, or hide a part, is written as an escape. */
export const printable = (text: string): string =>
  text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u${character.codePointAt(0)!.toString(16).padStart(4, "0")}`
  )

export const print = (text: string): Effect.Effect<void> => Effect.sync(() => void process.stdout.write(`${text}\n`))

/** Prints bytes as they are. */
export const printBytes = (bytes: Uint8Array): Effect.Effect<void> =>
  Effect.sync(() => void process.stdout.write(bytes))

export const note = (text: string): Effect.Effect<void> => Effect.sync(() => void process.stderr.write(`${text}\n`))

/** Prints a result as JSON where `--json` asks for it, else as text. */
export const result = (value: unknown, text: string) =>
  Effect.flatMap(AsJson, (asJson) => print(asJson ? Json.stringify(value) : text))

/** Lines of two columns. */
export const columns = (rows: ReadonlyArray<readonly [string, string]>): string => {
  const width = Math.max(0, ...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `${left.padEnd(width)}  ${right}`.trimEnd()).join("\n")
}
