/** The signed request that the call engine would send, and how it looks. */
import * as PaykkaClient from "@paykka/core/PaykkaClient"
import type { Operation } from "@paykka/schemas/Operation"
import * as Authorization from "@paykka/signing/Authorization"
import * as Explanation from "@paykka/signing/Explanation"
import * as Signer from "@paykka/signing/Signer"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import type { HttpClientRequest } from "effect/http/HttpClientRequest"
import * as Result from "effect/Result"
import * as CanonicalText from "./canonicalText.ts"

const { textOrBase64 } = CanonicalText

export interface WireRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  /** What was signed. */
  readonly canonical: Uint8Array
}

export const isMultipart = ({ headers }: WireRequest): boolean =>
  headers["Content-Type"]?.startsWith("multipart/") === true

const decoder = /*#__PURE__*/ new TextDecoder()

/** The names of the engine's headers as documented. What a client receives has them in lower case. */
const names: Readonly<Record<string, string>> = {
  accept: "Accept",
  authorization: "Authorization",
  "content-type": "Content-Type",
  "x-merch-id": "X-Merch-Id"
}

const toWire = (request: HttpClientRequest, canonical: Uint8Array): WireRequest => {
  const { body } = request
  if (body._tag !== "Uint8Array") throw new Error(`a body of the kind ${body._tag}`)
  const given = { ...request.headers, "content-type": body.contentType }
  const headers = Object.entries(names).flatMap(([name, written]) => {
    const value = (given as Readonly<Record<string, string | undefined>>)[name]
    return value === undefined ? [] : [[written, value] as const]
  })
  return { url: request.url, headers: Object.fromEntries(headers), body: body.body, canonical }
}

/**
 * Lets the engine check, encode and sign the call, and takes the request from it where it would be sent. So what is shown is what would
 * be sent, byte by byte.
 */
export const capture = (
  options: PaykkaClient.Options,
  signer: Signer.Service,
  operation: Operation,
  input: unknown,
  extra: Readonly<Record<string, unknown>>
) =>
  Effect.gen(function* () {
    const taken = yield* Deferred.make<WireRequest>()
    let canonical = new Uint8Array()
    const watching: Signer.Service = {
      sign: (bytes) => {
        canonical = bytes
        return signer.sign(bytes)
      }
    }
    const transport = HttpClient.make((request) =>
      Effect.andThen(Deferred.succeed(taken, toWire(request, canonical)), Effect.never)
    )
    const client = yield* PaykkaClient.make(options).pipe(
      Effect.provideService(Signer.Signer, watching),
      Effect.provideService(HttpClient.HttpClient, transport)
    )
    return yield* Effect.raceFirst(
      Deferred.await(taken),
      Effect.andThen(client.execute(operation, input as never, { extra }), Effect.never)
    )
  })

/** A text as one word of a POSIX shell. */
export const quote = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`

/** A command that sends the request once, within the time that the platform accepts its timestamp; undefined where a shell cannot hold the body. */
export const toCurl = (request: WireRequest, file: string | undefined): string | undefined => {
  const { url, headers, body, canonical } = request
  const multipart = isMultipart(request)
  const shown = Object.entries(headers).filter(([name]) => !(multipart && name === "Content-Type"))
  const words = [`curl -sS ${quote(url)}`, ...shown.map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`)]
  if (!multipart) {
    const { body: text } = textOrBase64("body", body)
    // Not --data-binary, which takes an @ in front for a file.
    return text === undefined || text.includes("\0")
      ? undefined
      : [...words, `--data-raw ${quote(text)}`].join(" \\\n  ")
  }
  // Only the text of `meta` is signed, so curl may write the rest in its own way.
  const meta = decoder.decode(canonical).split("\n").slice(4).join("\n")
  const { name, type } = partOf(body)
  return [...words, `--form-string ${quote(`meta=${meta}`)}`, `-F ${quote(`${name}=@${file};type=${type}`)}`].join(
    " \\\n  "
  )
}

const partOf = (body: Uint8Array): { readonly name: string; readonly type: string } => {
  const head = new TextDecoder("latin1").decode(body.subarray(0, 64 * 1024))
  const [, name = "file", type = "application/octet-stream"] =
    /name="([^"]+)"; filename="[^"]*"\r\nContent-Type: ([^\r]+)/.exec(head) ?? []
  return { name, type }
}

/** The request as it goes over the wire by HTTP/1.1. */
export const toHttp = ({ url, headers, body }: WireRequest): Uint8Array => {
  // As it is written: a parser would change the path that was signed.
  const [, host, path] = /^[a-z]+:\/\/([^/]*)(.*)$/i.exec(url)!
  const lines = [
    `POST ${path} HTTP/1.1`,
    `Host: ${host}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${body.length}`
  ]
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), body])
}

const authorizationOf = ({ headers }: WireRequest): Authorization.Authorization | null =>
  Result.getOrElse(Authorization.decode(headers["Authorization"] ?? ""), () => null)

/** What is shown of it, as data. */
export const toJson = (request: WireRequest) => {
  const { url, headers, body, canonical } = request
  return {
    method: "POST",
    url,
    headers,
    authorization: authorizationOf(request),
    ...CanonicalText.toJson(canonical),
    ...(isMultipart(request) ? { body_bytes: body.length } : textOrBase64("body", body))
  }
}

/** And as text. */
export const toText = (request: WireRequest): string => {
  const { url, headers, body, canonical } = request
  return [
    `POST ${url}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    "",
    isMultipart(request) ? `(${body.length} bytes, multipart)` : Explanation.visible(decoder.decode(body)),
    "",
    "Authorization, decoded",
    ...Object.entries(authorizationOf(request) ?? {}).map(([name, value]) => `  ${name}: ${value}`),
    "",
    ...CanonicalText.toLines(canonical)
  ].join("\n")
}
