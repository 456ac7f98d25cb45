/**
 * Records what a program and the platform said to each other, and plays it back: for tests of programs, without the platform.
 *
 * Both are transports. What is recorded is masked by the schemas of the operations: no account, document or phone number, no name of a
 * person, no key and no signature is in it; what no schema knows is masked as well. Identifiers (`request_id` and others), statuses, amounts and
 * codes stay. A request that is interrupted, by a timeout too, is not recorded; an answer that was cut short is one that never came. Look at
 * a recording before you keep it: what people wrote into a harmless field is not found.
 */
import * as Json from "@paykka/schemas/Json"
import type { Operation } from "@paykka/schemas/Operation"
import * as Sensitive from "@paykka/schemas/Sensitive"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Redaction from "./Redaction.ts"

/** A request and what came of it, masked. */
export interface Exchange {
  /** The operation's id; of a path that none of the given operations has, the path. */
  readonly operation: string
  /** The body of the request; null where it is not JSON, as in an upload. */
  readonly request: unknown
  /** What was answered; undefined where no answer came. */
  readonly response?: {
    readonly status: number
    /** Of all headers only `content-type` and `retry-after`. */
    readonly headers: Readonly<Record<string, string>>
    /** The JSON of the answer. */
    readonly json?: unknown
    /** The beginning of an answer that is not JSON, its numbers masked. */
    readonly text?: string
  }
  /** Why no answer came: the code of the system, such as `ECONNREFUSED`, and the call that failed. */
  readonly failure?: { readonly code: string | null; readonly syscall: string | null }
}

const format = 1

/** A recording as text, for a file: JSON, one exchange a line. */
export const toText = (exchanges: ReadonlyArray<Exchange>): string =>
  `{"paykka-recording":${format},"exchanges":[\n${exchanges.map((exchange) => Json.stringify(exchange)).join(",\n")}\n]}\n`

/** A text that is no recording, or one of another version. */
export class InvalidRecording extends /*#__PURE__*/ Data.TaggedError("InvalidRecording")<{ readonly detail: string }> {
  override get message(): string {
    return `not a recording: ${this.detail}`
  }
}

/** Reads a recording. */
export const fromText = (text: string): Result.Result<ReadonlyArray<Exchange>, InvalidRecording> => {
  const fail = (detail: string) => Result.fail(new InvalidRecording({ detail }))
  const json = Json.parse(text)
  if (Result.isFailure(json)) return fail(`the text ${json.failure.detail}`)
  if (!Json.isObject(json.success)) return fail("it is not a JSON object")
  const { "paykka-recording": version, exchanges } = json.success
  if (version !== format) return fail(`paykka-recording is not ${format}`)
  const isExchange = (each: unknown): each is Exchange =>
    Json.isObject(each) &&
    typeof each["operation"] === "string" &&
    (Json.isObject(each["response"])
      ? typeof each["response"]["status"] === "number" && Json.isObject(each["response"]["headers"])
      : Json.isObject(each["failure"]))
  if (!Array.isArray(exchanges)) return fail("exchanges is not a list")
  const wrong = exchanges.findIndex((each) => !isExchange(each))
  return wrong < 0
    ? Result.succeed(exchanges as ReadonlyArray<Exchange>)
    : fail(`exchanges[${wrong}] is not an exchange`)
}

const decoder = /*#__PURE__*/ new TextDecoder()
const kept = ["content-type", "retry-after"]

/** The JSON of a request; undefined where it has none. */
const jsonOf = ({ body }: HttpClientRequest.HttpClientRequest): unknown => {
  if (body._tag !== "Uint8Array" || !body.contentType.startsWith("application/json")) return undefined
  return Result.getOrUndefined(Json.parse(decoder.decode(body.body)))
}

/** Nothing is known of it. */
const maskAll = (json: unknown): unknown => Sensitive.mask(Schema.Unknown, json)

/** Which operation a request is of, and the request as it is recorded. */
const read = (operations: ReadonlyArray<Operation>, request: HttpClientRequest.HttpClientRequest) => {
  const path = URL.parse(request.url)?.pathname ?? ""
  const operation = operations.find((each) => each.path === path)
  const json = jsonOf(request) ?? null
  const masked = operation === undefined ? maskAll(json) : Sensitive.maskRequest(operation, json)
  return { operation, id: operation?.id ?? path, json, masked }
}

/** The texts of a request: an answer that is not JSON may repeat them. */
const textsOf = (json: unknown): ReadonlyArray<string> => {
  if (typeof json === "string") return [json]
  return typeof json === "object" && json !== null ? Object.values(json).flatMap(textsOf) : []
}

const codeOf = (error: unknown, depth = 0): { readonly code: string | null; readonly syscall: string | null } => {
  if (depth > 8 || typeof error !== "object" || error === null) return { code: null, syscall: null }
  const { code, syscall, errors, cause } = error as Readonly<Record<string, unknown>>
  if (Array.isArray(errors) && errors.length > 0) return codeOf(errors[0], depth + 1)
  if (typeof code !== "string") return codeOf(cause, depth + 1)
  return { code, syscall: typeof syscall === "string" ? syscall : null }
}

/** What has been recorded. */
export interface Recorder {
  /** All exchanges so far, in the order of their ends. */
  readonly exchanges: Effect.Effect<ReadonlyArray<Exchange>>
}

/** What has been recorded. See {@link Recorder}. */
export class Recording extends /*#__PURE__*/ Context.Service<Recording, Recorder>()("@paykka/core/Recording") {}

/** Settings of both. */
export interface Options {
  /** The operations that the program calls. Where a path is overridden: `{ ...Va.apply, path: "/other" }`. */
  readonly operations: ReadonlyArray<Operation>
}

/**
 * A transport that records all exchanges of the one that it is given: between `PaykkaClient.layer` and, say, `FetchHttpClient.layer`. An answer
 * is read as a whole before the client sees it.
 */
export const layer = ({
  operations
}: Options): Layer.Layer<HttpClient.HttpClient | Recording, never, HttpClient.HttpClient> =>
  Layer.effectContext(
    Effect.map(HttpClient.HttpClient, (client) => {
      const exchanges: Array<Exchange> = []
      const recording = HttpClient.transform(client, (sent, request) =>
        Effect.gen(function* () {
          const { operation, id, json: asked, masked } = read(operations, request)
          const { status, headers, bytes } = yield* Effect.flatMap(sent, (response) =>
            Effect.map(response.arrayBuffer, (body) => ({
              status: response.status,
              headers: response.headers,
              bytes: new Uint8Array(body)
            }))
          ).pipe(
            Effect.tapError((error) =>
              Effect.sync(() => exchanges.push({ operation: id, request: masked, failure: codeOf(error) }))
            )
          )
          const text = decoder.decode(bytes)
          const json = Json.parse(text)
          const content = Result.match(json, {
            onSuccess: (value) => ({
              json: operation === undefined ? maskAll(value) : Sensitive.maskResponse(operation, value)
            }),
            onFailure: () => ({ text: Redaction.beginning(text, textsOf(asked)) })
          })
          const some = Object.fromEntries(
            kept.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]]))
          )
          exchanges.push({ operation: id, request: masked, response: { status, headers: some, ...content } })
          return toResponse(request, status, headers, bytes)
        })
      )
      return Context.make(HttpClient.HttpClient, recording).pipe(
        Context.add(Recording, { exchanges: Effect.sync(() => [...exchanges]) })
      )
    })
  )

const toResponse = (
  request: HttpClientRequest.HttpClientRequest,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array<ArrayBuffer> | string
): HttpClientResponse.HttpClientResponse =>
  // A status such as 204 must not have a body, and the body is no longer compressed.
  HttpClientResponse.fromWeb(
    request,
    new Response(body.length === 0 ? null : body, {
      status,
      headers: Object.entries(headers).filter(([name]) => !["content-encoding", "content-length"].includes(name))
    })
  )

const own = "request_id"

const requestIdOf = (json: unknown): string | undefined => {
  const value = Json.isObject(json) ? json[own] : undefined
  return typeof value === "string" ? value : undefined
}

/** As text, but for the `request_id`: two that are the same question are the same text. */
const comparable = (masked: unknown): string =>
  Json.stringify(Json.isObject(masked) && !Json.isRawNumber(masked) ? { ...masked, [own]: undefined } : masked)

/** An answer with another `request_id` in the place of the recorded one. */
const renamed = (json: unknown, recorded: string | undefined, actual: string | undefined): unknown => {
  if (recorded === undefined || actual === undefined || Json.isRawNumber(json)) return json
  if (json === recorded) return actual
  if (Array.isArray(json)) return json.map((each) => renamed(each, recorded, actual))
  return Json.isObject(json)
    ? Object.fromEntries(Object.entries(json).map(([name, each]) => [name, renamed(each, recorded, actual)]))
    : json
}

/**
 * A transport that plays a recording back. A request gets what was recorded for the first one like it that has not been played
 * yet: of the same operation, with the same body as far as it was recorded. The `request_id` may be another one, and is put into the answer in
 * place of the recorded one. A request for which nothing is left is a defect, which names the operation: the program does
 * something else than when it was recorded.
 */
export const layerReplay = ({
  operations,
  exchanges
}: Options & { readonly exchanges: ReadonlyArray<Exchange> }): Layer.Layer<HttpClient.HttpClient> =>
  Layer.sync(HttpClient.HttpClient, () => {
    const left = exchanges.map((each) => ({ ...each, question: comparable(each.request) }))
    return HttpClient.make((request) =>
      Effect.suspend(() => {
        const { id, json, masked } = read(operations, request)
        const question = comparable(masked)
        const index = left.findIndex((each) => each.operation === id && each.question === question)
        if (index < 0) {
          const others = left.filter(({ operation }) => operation === id).length
          return Effect.die(
            new Error(`the recording has no ${id} left with such a body; ${others} with another body are left of it`)
          )
        }
        const { request: recorded, response, failure } = left[index]!
        left.splice(index, 1)
        if (response === undefined) {
          const { code, syscall } = failure ?? { code: null, syscall: null }
          const cause = Object.assign(
            new Error("recorded"),
            code === null ? {} : { code },
            syscall === null ? {} : { syscall }
          )
          return Effect.fail(
            new HttpClientError.HttpClientError({ reason: new HttpClientError.TransportError({ request, cause }) })
          )
        }
        const { status, headers, text } = response
        const body = text ?? Json.stringify(renamed(response.json, requestIdOf(recorded), requestIdOf(json)))
        return Effect.succeed(toResponse(request, status, headers, body))
      })
    )
  })
