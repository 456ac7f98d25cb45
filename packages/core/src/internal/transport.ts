/** One request over HTTP: what was answered, or how far it got. */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Headers from "effect/http/Headers"
import * as HttpClient from "effect/http/HttpClient"
import type { HttpClientError } from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"

/** A complete answer. */
export interface Exchange {
  readonly httpStatus: number
  readonly headers: Readonly<Record<string, string>>
  /** The body; undefined when it is too large, cut short or not UTF-8, and then `fault` says which. */
  readonly text: string | undefined
  readonly fault: string | undefined
}

/** The fault of a body that ended before it was complete. */
export const cutShort = "the body was cut short"

/** No answer. It becomes an error of its caller's. */
export interface NoAnswer {
  readonly detail: string
  /** Whether the request surely never reached the platform. */
  readonly unsent: boolean
}

/** What is sent. */
export interface Outgoing {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array<ArrayBuffer>
  readonly contentType: string
  readonly onProgress: ((progress: { readonly sent: number; readonly total: number }) => void) | undefined
  readonly timeout: Duration.Duration
  readonly maxResponseBytes: number
}

// A request is written only after its connection is open. So a system call that fails while it opens means: nothing
// was sent. The code alone does not tell: EHOSTUNREACH or ECONNREFUSED may also end an open connection.
const opening: ReadonlySet<unknown> = /*#__PURE__*/ new Set(["connect", "getaddrinfo"])

const names: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  ETIMEDOUT: "connection timed out",
  ENOTFOUND: "host name not found",
  EAI_AGAIN: "host name could not be looked up",
  EHOSTUNREACH: "host unreachable",
  ENETUNREACH: "network unreachable",
  UND_ERR_CONNECT_TIMEOUT: "connection timed out"
}

// Node's tls module gives a certificate up, and undici a connection that does not open, before the request is written.
const refusedCertificate = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_(CA|PURPOSE)$|ERR_TLS_CERT_)/

const neverOpened = "UND_ERR_CONNECT_TIMEOUT"

interface Failure {
  readonly code: string | undefined
  readonly syscall: unknown
}

/** What is beneath an error: one failure, or one for each address that was tried (an AggregateError). */
const failures = (error: unknown, depth = 0): ReadonlyArray<Failure> => {
  if (depth > 8 || typeof error !== "object" || error === null) return [{ code: undefined, syscall: undefined }]
  const { code, syscall, errors, cause } = error as Readonly<Record<string, unknown>>
  if (Array.isArray(errors) && errors.length > 0) return errors.flatMap((each) => failures(each, depth + 1))
  return typeof code === "string" ? [{ code, syscall }] : failures(cause, depth + 1)
}

const isUnsent = ({ code = "", syscall }: Failure): boolean =>
  opening.has(syscall) || code === neverOpened || refusedCertificate.test(code)

const noAnswer = (error: unknown): NoAnswer => {
  const found = failures(error)
  const code = found[0]?.code ?? ""
  const name = refusedCertificate.test(code)
    ? "the server's certificate is refused"
    : (names[code] ?? "the connection failed")
  return { detail: code === "" ? name : `${name} (${code})`, unsent: found.every(isUnsent) }
}

const noAnswerOf = (error: HttpClientError): NoAnswer => {
  const { _tag } = error.reason
  return _tag === "EncodeError" || _tag === "InvalidUrlError"
    ? { detail: "the request cannot be built", unsent: true }
    : noAnswer(error)
}

type Body = Pick<Exchange, "text" | "fault">

const strictUtf8 = /*#__PURE__*/ new TextDecoder("utf-8", { fatal: true })

/** Bytes as text. */
const decoded = (chunks: ReadonlyArray<Uint8Array>, size: number): Body => {
  let bytes = chunks[0] ?? new Uint8Array()
  if (chunks.length > 1) {
    bytes = new Uint8Array(size)
    let offset = 0
    for (const chunk of chunks) {
      bytes.set(chunk, offset)
      offset += chunk.length
    }
  }
  try {
    return { text: strictUtf8.decode(bytes), fault: undefined }
  } catch {
    return { text: undefined, fault: "the body is not UTF-8" }
  }
}

const nothing = () => {}

/**
 * Reads a body, straight from the platform's stream: one of Effect's on top of it costs as much as the request. Never rejects; ends when the
 * signal is aborted.
 */
const readStream = async (
  stream: ReadableStream<Uint8Array> | null,
  announced: string | null | undefined,
  maxBytes: number,
  signal: AbortSignal
): Promise<Body> => {
  // An answer that has no body at all, such as 204.
  if (stream === null) return { text: "", fault: undefined }
  const reader = stream.getReader()
  // Unread, it would hold its connection.
  const cancel = () => void reader.cancel().catch(nothing)
  signal.addEventListener("abort", cancel)
  const chunks: Array<Uint8Array> = []
  let size = 0
  try {
    while (Math.max(size, Number(announced ?? 0)) <= maxBytes) {
      const { done, value } = await reader.read()
      if (done) return decoded(chunks, size)
      size += value.length
      chunks.push(value)
    }
    cancel()
    return { text: undefined, fault: `the body is larger than ${maxBytes} bytes` }
  } catch {
    return { text: undefined, fault: cutShort }
  }
}

const pieceBytes = 64 * 1024

/** The body in pieces, each told when the transport takes it. */
const pieces = ({ body, onProgress }: Outgoing): ReadableStream<Uint8Array> => {
  const total = body.length
  let sent = 0
  return new ReadableStream(
    {
      pull: (controller) => {
        if (sent > 0) {
          try {
            onProgress?.({ sent, total })
          } catch {
            // Who watches an upload must not end it.
          }
        }
        if (sent === total) return controller.close()
        const piece = body.subarray(sent, sent + pieceBytes)
        sent += piece.length
        controller.enqueue(piece)
      }
    },
    { highWaterMark: 0 }
  )
}

const withBody = (
  request: HttpClientRequest.HttpClientRequest,
  outgoing: Outgoing
): HttpClientRequest.HttpClientRequest => {
  const { body, contentType, onProgress } = outgoing
  if (onProgress === undefined) return HttpClientRequest.bodyUint8Array(request, body, contentType)
  const stream = Stream.fromReadableStream({ evaluate: () => pieces(outgoing), onError: (error) => error })
  return HttpClientRequest.bodyStream(request, stream, { contentType, contentLength: body.length })
}

/** Sends a POST and reads the whole answer. Redirects are not followed. */
export type Send = (outgoing: Outgoing) => Effect.Effect<Exchange, NoAnswer>

const inTime = (
  { timeout }: Outgoing,
  exchange: Effect.Effect<Exchange, NoAnswer>
): Effect.Effect<Exchange, NoAnswer> =>
  Effect.timeoutOrElse(exchange, {
    duration: timeout,
    orElse: () => Effect.fail({ detail: `no answer within ${Duration.toMillis(timeout) / 1000} s`, unsent: false })
  })

/** Over Effect's client of the program. */
export const overHttpClient: Effect.Effect<Send, never, HttpClient.HttpClient> = /*#__PURE__*/ Effect.gen(function* () {
  const client = yield* HttpClient.HttpClient
  const init = Option.getOrUndefined(yield* Effect.serviceOption(FetchHttpClient.RequestInit))
  const redacted = yield* Headers.CurrentRedactedNames
  // Trace headers are not sent, redirects are not followed, and the signature is in no span, whatever else a program has shown there. Made
  // once, since giving each request its own costs time.
  const common = Context.make(HttpClient.TracerPropagationEnabled, false).pipe(
    Context.add(FetchHttpClient.RequestInit, { ...init, redirect: "manual" }),
    Context.add(Headers.CurrentRedactedNames, [...redacted, "authorization"])
  ) as Context.Context<never>
  return (outgoing) => {
    const request = withBody(HttpClientRequest.post(outgoing.url, { headers: outgoing.headers }), outgoing)
    const exchange = <R>(sent: Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError, R>) =>
      sent.pipe(
        Effect.mapError(noAnswerOf),
        Effect.flatMap((response) => {
          // Converted at every access.
          const { status: httpStatus, headers } = response
          const web = Option.getOrUndefined(HttpClientResponse.toWeb(response))
          return Effect.flatMap(
            web === undefined ? Stream.toReadableStreamEffect(response.stream) : Effect.succeed(web.body),
            (stream) =>
              Effect.promise(async (signal) => ({
                httpStatus,
                headers,
                ...(await readStream(stream, headers["content-length"], outgoing.maxResponseBytes, signal))
              }))
          )
        })
      )
    return inTime(
      outgoing,
      outgoing.onProgress === undefined
        ? exchange(client.execute(request))
        : // The scope ends with the exchange and with it an upload that the answer has overtaken.
          Effect.scoped(exchange(HttpClient.withScope(client).execute(request)))
    ).pipe(Effect.provideContext(common))
  }
})

const byFetch = async (fetch: typeof globalThis.fetch, outgoing: Outgoing, signal: AbortSignal): Promise<Exchange> => {
  const { url, headers, contentType, onProgress, maxResponseBytes } = outgoing
  // Not in every library's types.
  const duplex = { duplex: "half" }
  const response = await fetch(url, {
    method: "POST",
    headers: { ...headers, "content-type": contentType },
    redirect: "manual",
    signal,
    ...(onProgress === undefined ? { body: outgoing.body } : { body: pieces(outgoing), ...duplex })
  })
  const body = await readStream(response.body, response.headers.get("content-length"), maxResponseBytes, signal)
  return { httpStatus: response.status, headers: Object.fromEntries(response.headers), ...body }
}

/** Straight over the platform's fetch. */
export const overFetch =
  (fetch: typeof globalThis.fetch): Send =>
  (outgoing) =>
    inTime(
      outgoing,
      Effect.tryPromise({
        try: (signal) => {
          // Ends with the exchange: an upload that the answer has overtaken ends as well.
          const exchange = new AbortController()
          const end = () => exchange.abort()
          signal.addEventListener("abort", end)
          return byFetch(fetch, outgoing, exchange.signal).finally(end)
        },
        catch: noAnswer
      })
    )
