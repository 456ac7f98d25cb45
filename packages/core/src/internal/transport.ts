/** One request over HTTP: what was answered, or how far it got. */
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import type { HttpClientError } from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type { HttpClientResponse } from "effect/http/HttpClientResponse"
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

/** No answer. */
export class NoAnswer
  extends /*#__PURE__*/ Data.TaggedError("NoAnswer")<{
    readonly detail: string
    /** Whether the request surely never reached the platform. */
    readonly unsent: boolean
  }> {}

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
  ENETUNREACH: "network unreachable"
}

// Codes of undici and of Node's tls module that are given up with before the request is written.
const unsentNames: Readonly<Record<string, string>> = {
  UND_ERR_CONNECT_TIMEOUT: "connection timed out",
  CERT_HAS_EXPIRED: "the server's certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the server's certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "the server's certificate chain is self-signed",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the server's certificate cannot be verified",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "the server's certificate cannot be verified",
  ERR_TLS_CERT_ALTNAME_INVALID: "the server's certificate is for another host"
}

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

const isUnsent = ({ code = "", syscall }: Failure): boolean => opening.has(syscall) || unsentNames[code] !== undefined

const noAnswer = (error: HttpClientError): NoAnswer => {
  const { _tag } = error.reason
  if (_tag === "EncodeError" || _tag === "InvalidUrlError")
    return new NoAnswer({ detail: "the request cannot be built", unsent: true })
  const found = failures(error)
  const code = found[0]?.code ?? ""
  const name = unsentNames[code] ?? names[code] ?? "the connection failed"
  return new NoAnswer({ detail: code === "" ? name : `${name} (${code})`, unsent: found.every(isUnsent) })
}

const readBody = (response: HttpClientResponse, maxBytes: number): Effect.Effect<Pick<Exchange, "text" | "fault">> => {
  const tooLarge = { text: undefined, fault: `the body is larger than ${maxBytes} bytes` }
  if (Number(response.headers["content-length"] ?? 0) > maxBytes) return Effect.succeed(tooLarge)
  const decoder = new TextDecoder("utf-8", { fatal: true })
  let size = 0
  let text = ""
  return response.stream.pipe(
    Stream.runForEachWhile((chunk) =>
      Effect.try({
        try: () => {
          size += chunk.length
          if (size > maxBytes) return false
          text += decoder.decode(chunk, { stream: true })
          return true
        },
        catch: () => "the body is not UTF-8" as const
      })
    ),
    Effect.andThen(
      Effect.try({ try: () => (text += decoder.decode()), catch: () => "the body is not UTF-8" as const })
    ),
    Effect.match({
      onFailure: (error) => {
        if (typeof error === "string") return { text: undefined, fault: error }
        // An answer that has no body at all, such as 204.
        if (error.reason._tag === "EmptyBodyError") return { text: "", fault: undefined }
        return { text: undefined, fault: cutShort }
      },
      onSuccess: () => (size > maxBytes ? tooLarge : { text, fault: undefined })
    })
  )
}

const pieceBytes = 64 * 1024

/** The body in pieces, each told when the transport takes it. */
const pieces = function* ({ body, onProgress }: Outgoing): Generator<Uint8Array> {
  const total = body.length
  for (let sent = 0; sent < total;) {
    const piece = body.subarray(sent, sent + pieceBytes)
    yield piece
    sent += piece.length
    try {
      onProgress?.({ sent, total })
    } catch {
      // Who watches an upload must not end it.
    }
  }
}

const withBody = (
  request: HttpClientRequest.HttpClientRequest,
  outgoing: Outgoing
): HttpClientRequest.HttpClientRequest => {
  const { body, contentType, onProgress } = outgoing
  const stream = Stream.suspend(() => Stream.fromIterable(pieces(outgoing), { chunkSize: 1 }))
  return onProgress === undefined
    ? HttpClientRequest.bodyUint8Array(request, body, contentType)
    : HttpClientRequest.bodyStream(request, stream, {
        contentType,
        contentLength: body.length
      })
}

/**
 * Sends a POST and reads the whole answer. Redirects are not followed, trace headers are not sent.
 *
 * @param init options of fetch that the program has provided; `redirect` is always `manual`
 */
export const send = (
  client: HttpClient.HttpClient,
  init: RequestInit | undefined,
  outgoing: Outgoing
): Effect.Effect<Exchange, NoAnswer> =>
  HttpClientRequest.post(outgoing.url, { headers: outgoing.headers }).pipe(
    (request) => withBody(request, outgoing),
    // The scope ends with the exchange and closes the connection of an answer that was not read to its end.
    HttpClient.withScope(client).execute,
    Effect.mapError(noAnswer),
    Effect.flatMap((response) =>
      Effect.map(readBody(response, outgoing.maxResponseBytes), (body) => ({
        httpStatus: response.status,
        headers: response.headers,
        ...body
      }))
    ),
    Effect.scoped,
    Effect.timeoutOrElse({
      duration: outgoing.timeout,
      orElse: () =>
        Effect.fail(
          new NoAnswer({ detail: `no answer within ${Duration.toMillis(outgoing.timeout) / 1000} s`, unsent: false })
        )
    }),
    Effect.provideService(HttpClient.TracerPropagationEnabled, false),
    Effect.provideService(FetchHttpClient.RequestInit, { ...init, redirect: "manual" })
  )
