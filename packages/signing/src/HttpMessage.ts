/**
 * Reads a request as people have it at hand: a curl command, a HAR file, an HTTP/1.1 dump or log, what devtools copy as fetch.
 *
 * What comes out is the bytes that were sent, as far as the source holds them, with where each piece was found and what had
 * to be assumed. Nothing is executed, read from disk or sent.
 */
import * as Data from "effect/Data"
import * as Result from "effect/Result"
import { textOf } from "./internal/draft.ts"
import { readCurl, type ReadFile } from "./internal/message/curl.ts"
import { Fault } from "./internal/message/fault.ts"
import { isFetch, readFetch } from "./internal/message/fetch.ts"
import { entriesOf, headersOf, readHar } from "./internal/message/har.ts"
import { isHttp, readHttp } from "./internal/message/http.ts"
import { type Draft, type Header, headerOf, type Part, type Sources } from "./internal/message/message.ts"
import { boundaryOf, partsOf } from "./internal/message/multipart.ts"
import type { Shell } from "./internal/message/shell.ts"

export type { ReadFile } from "./internal/message/curl.ts"
export type { Header, Part, Sources } from "./internal/message/message.ts"
export type { Shell } from "./internal/message/shell.ts"

/** The forms that are read. */
export type Format = "curl" | "har" | "http" | "fetch"

/** A request as it was sent. */
export interface HttpMessage {
  readonly format: Format
  readonly method: string
  /** Scheme and host; undefined where the source does not say. */
  readonly origin: string | undefined
  /** The path alone, as it was sent: not decoded. */
  readonly path: string
  /** Without its question mark; undefined where there is none. */
  readonly query: string | undefined
  readonly headers: ReadonlyArray<Header>
  /** The raw bytes; undefined where there is no body, and where only its parts are known. */
  readonly body: Uint8Array<ArrayBuffer> | undefined
  /** The parts of a multipart body. */
  readonly parts: ReadonlyArray<Part> | undefined
  /** When it was sent, in milliseconds since the Unix epoch, where the source says so. */
  readonly sentAt: number | undefined
  /** Why the body may not be the one that was sent; undefined where it is whole. */
  readonly incomplete: string | undefined
  /** The Authorization headers of the other entries of a HAR file. */
  readonly otherAuthorizations: ReadonlyArray<string>
  /** Which entry of a HAR file it is, from 0. */
  readonly entry: number | undefined
  /** Where each piece was found. */
  readonly sources: Sources
  /** What was assumed or mended on the way. */
  readonly notes: ReadonlyArray<string>
}

/** A text that is no request. Holds the place and the rule, and nothing of the text. */
export class UnreadableMessage
  extends /*#__PURE__*/ Data.TaggedError("UnreadableMessage")<{
    /** What it was taken for; undefined where it is none of the formats. */
    readonly format: Format | undefined
    /** For example `line 3, column 14`, `-d (line 2, column 3)` or `log.entries[0].request.url`. */
    readonly place: string
    /** The rule it breaks. */
    readonly rule: string
  }>
{
  override get message(): string {
    return `${this.format === undefined ? "" : `${this.format}: `}${this.place}: ${this.rule}`
  }
}

export interface Options {
  /** What the text is. Default: what {@link recognise} says. */
  readonly format?: Format | undefined
  /** The shell that a curl command is written for. Default: told by its quotes and line continuations. */
  readonly shell?: Shell | undefined
  /** Reads the files of a curl command (`-d @body.json`, `-` for standard input). Default: such a command is refused. */
  readonly readFile?: ReadFile | undefined
  /** The entry of a HAR file, from 0. Default: the first one that has an Authorization header, else the first. */
  readonly entry?: number | undefined
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""))
  } catch {
    return undefined
  }
}

/** What a text is; undefined where it is none of the formats. */
export const recognise = (text: string): Format | undefined => {
  if (isFetch(text)) return "fetch"
  if (/^\s*\{/.test(text)) return entriesOf(parseJson(text)).length > 0 ? "har" : undefined
  // A log of curl -v may begin with the command; what it sent is more certain.
  if (isHttp(text) || /^> [A-Za-z]+ \S+ HTTP\//m.test(text)) return "http"
  return /(?:^|[\s/\\>;&|])curl(?:\.exe)?[\s^`\\]/i.test(text) ? "curl" : undefined
}

/** An entry of a HAR file, for a choice among them. */
export interface Entry {
  readonly entry: number
  readonly method: string
  readonly url: string
  /** Whether it has an Authorization header. */
  readonly signed: boolean
}

/** The entries of a HAR file; none where the text is no HAR file. Their URLs are without query. */
export const entries = (text: string): ReadonlyArray<Entry> => {
  try {
    return entriesOf(parseJson(text)).map((found, entry) => ({
      entry,
      method: String(found.request["method"]),
      url: String(found.request["url"]).replace(/[?#].*$/, ""),
      signed: headerOf(headersOf(found), "authorization") !== undefined
    }))
  } catch (error) {
    if (error instanceof Fault) return []
    throw error
  }
}

const readEntry = (text: string, wanted: number | undefined): { readonly draft: Draft; readonly entry: number } => {
  const all = entriesOf(parseJson(text))
  if (all.length === 0) throw new Fault("the text", "is no HAR file with entries, and no entry of one")
  const entry =
    wanted ??
    Math.max(
      0,
      all.findIndex((one) => headerOf(headersOf(one), "authorization") !== undefined)
    )
  const found = all[entry]
  if (found === undefined) throw new Fault("log.entries", `has ${all.length} entries; there is no number ${entry}`)
  const draft = readHar(found, all)
  const note = `of ${all.length} entries number ${entry} was taken, the first one that has an Authorization header`
  return { draft: wanted === undefined && all.length > 1 ? { ...draft, notes: [note, ...draft.notes] } : draft, entry }
}

const read = (text: string, bytes: Uint8Array, format: Format, options: Options) => {
  switch (format) {
    case "curl":
      return { draft: readCurl(text, options), entry: undefined }
    case "har":
      return readEntry(text, options.entry)
    case "http":
      return { draft: readHttp(bytes), entry: undefined }
    case "fetch":
      return { draft: readFetch(text), entry: undefined }
  }
}

/** Reads a text, or its bytes where the body is not UTF-8. */
export const parse = (
  input: string | Uint8Array,
  options: Options = {}
): Result.Result<HttpMessage, UnreadableMessage> => {
  const text = typeof input === "string" ? input : textOf(input)
  const format = options.format ?? recognise(text)
  if (format === undefined) {
    const rule = "is no curl command, no HAR file, no HTTP request and no call of fetch"
    return Result.fail(new UnreadableMessage({ format, place: "the text", rule }))
  }
  try {
    const bytes = typeof input === "string" ? new TextEncoder().encode(input) : input
    const { draft, entry } = read(text, bytes, format, options)
    const [, origin, path, query] = /^([a-z][a-z0-9+.-]*:\/\/[^/?#]*)?([^?#]*)(?:\?([^#]*))?/is.exec(draft.target)!
    const boundary = boundaryOf(headerOf(draft.headers, "content-type"))
    const { body } = draft
    const parts =
      draft.parts ??
      (boundary !== undefined && body !== undefined && body.length > 0
        ? partsOf(body, boundary, draft.sources.body)
        : undefined)
    return Result.succeed({
      format,
      method: draft.method,
      // A name and password before the host are nobody's business.
      origin: origin?.replace(/\/\/[^/]*@/, "//"),
      path: path === "" || path === undefined ? "/" : path,
      query,
      headers: draft.headers,
      body,
      parts,
      sentAt: draft.sentAt,
      incomplete: draft.incomplete,
      otherAuthorizations: draft.otherAuthorizations ?? [],
      entry,
      sources: draft.sources,
      notes: draft.notes
    })
  } catch (error) {
    if (error instanceof Fault)
      return Result.fail(new UnreadableMessage({ format, place: error.place, rule: error.rule }))
    throw error
  }
}
