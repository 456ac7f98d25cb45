/** The message that a command is about: a request or notification as people have it at hand, or its pieces by flags. */
import { readFileSync } from "node:fs"
import type * as Diagnosis from "@paykka/signing/Diagnosis"
import * as HttpMessage from "@paykka/signing/HttpMessage"
import * as Argument from "effect/cli/Argument"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { type Failure, usage } from "./Failure.ts"
import { readInput, readValue } from "./readInput.ts"

export const flags = () => ({
  message: Argument.String("message").pipe(
    Argument.withDescription(
      "A file with a curl command, an HTTP dump (also the log of curl -v), a HAR file or entry, or a copied fetch; - is stdin. Or give the pieces: --path, --header, --data"
    ),
    Argument.optional
  ),
  entry: Flag.Int("entry").pipe(
    Flag.withMetavar("N"),
    Flag.withDescription("The entry of a HAR file, from 0; default: the first one with an Authorization header"),
    Flag.optional
  ),
  path: Flag.String("path").pipe(
    Flag.withMetavar("PATH"),
    Flag.withDescription("The path, as the receiver sees it; default: the message's"),
    Flag.optional
  ),
  header: Flag.String("header").pipe(
    Flag.withAlias("H"),
    Flag.withMetavar("'NAME: VALUE'"),
    Flag.withDescription("A header; may be repeated"),
    Flag.atLeast(0)
  ),
  data: Flag.String("data").pipe(
    Flag.withAlias("d"),
    Flag.withMetavar("TEXT|@FILE|-"),
    Flag.withDescription("The body, byte by byte: a text, @ and a file, or - for stdin"),
    Flag.optional
  )
})

export interface Given {
  readonly message: Option.Option<string>
  readonly entry: Option.Option<number>
  readonly path: Option.Option<string>
  readonly header: ReadonlyArray<string>
  readonly data: Option.Option<string>
}

export interface Message extends Diagnosis.Message {
  readonly headers: ReadonlyArray<{ readonly name: string; readonly value: string }>
  /** What was assumed or mended as it was read. */
  readonly notes: ReadonlyArray<string>
}

const headerOf = (text: string): Effect.Effect<{ readonly name: string; readonly value: string }, Failure> => {
  const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*)$/.exec(text) ?? []
  return name === undefined || value === undefined
    ? Effect.fail(usage(`--header must be a name, a colon and a value, such as 'X-Merch-Id: M24061911365700670'`))
    : Effect.succeed({ name, value: value.trimEnd() })
}

const fromPieces = Effect.fnUntraced(function* (
  path: string,
  { header, data, entry }: Given
): Effect.fn.Return<Message, Failure> {
  if (Option.isSome(entry)) return yield* usage("--entry is for a HAR file", "name the file")
  const headers = yield* Effect.forEach(header, headerOf)
  const body = Option.isSome(data) ? yield* readValue(data.value) : undefined
  return { method: "POST", path, headers, body, notes: [] }
})

/** Files that a curl command sends. */
const readFile = (file: string): Uint8Array | undefined => {
  try {
    return readFileSync(file)
  } catch {
    return undefined
  }
}

const fromFile = Effect.fnUntraced(function* (file: string, given: Given): Effect.fn.Return<Message, Failure> {
  if (given.header.length > 0 || Option.isSome(given.data)) {
    return yield* usage("--header and --data are the pieces of a message, and one was given whole")
  }
  const bytes = yield* readInput(file)
  const read = HttpMessage.parse(bytes, { readFile, entry: Option.getOrUndefined(given.entry) })
  return yield* Effect.fromResult(
    Result.mapError(read, ({ message }) =>
      usage(
        `${file === "-" ? "stdin" : file}: ${message}`,
        "a curl command, an HTTP dump, a HAR file or a copied fetch is read"
      )
    )
  )
})

export const read = (given: Given): Effect.Effect<Message, Failure> => {
  if (Option.isSome(given.message)) return fromFile(given.message.value, given)
  return Option.isSome(given.path)
    ? fromPieces(given.path.value, given)
    : Effect.fail(usage("there is no message", "name a file that has it, - for stdin, or give --path"))
}

/** The value of a header; of one that is there twice the first that is not empty. */
export const valueOf = ({ headers }: Message, name: string): string | undefined =>
  headers.find((header) => header.name.toLowerCase() === name && header.value !== "")?.value

/** What is signed of the body: all of it, of an upload the text of `meta`. */
export const signedBody = ({ body, parts }: Message): Uint8Array | undefined => {
  const signed = parts === undefined ? body : parts.find(({ name }) => name === "meta")?.bytes
  return signed?.length === 0 ? undefined : signed
}
