/** The signed request that the call engine would send, and how it looks. */
import * as PaykkaClient from "@paykka/core/PaykkaClient"
import type { Operation } from "@paykka/schemas/Operation"
import * as Authorization from "@paykka/signing/Authorization"
import * as Signer from "@paykka/signing/Signer"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import type { HttpClientRequest } from "effect/http/HttpClientRequest"
import * as Result from "effect/Result"

export interface WireRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  /** What was signed. */
  readonly canonical: string
}

const decoder = /*#__PURE__*/ new TextDecoder()

/** The names of the engine's headers as documented. What a client receives has them in lower case. */
const names: Readonly<Record<string, string>> = {
  accept: "Accept",
  authorization: "Authorization",
  "content-type": "Content-Type",
  "x-merch-id": "X-Merch-Id"
}

const toWire = (request: HttpClientRequest, canonical: string): WireRequest => {
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
    let canonical = ""
    const watching: Signer.Service = {
      sign: (bytes) => {
        canonical = decoder.decode(bytes)
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

/** A command that sends the request once, within the time that the platform accepts its timestamp. */
export const toCurl = ({ url, headers, body, canonical }: WireRequest, file: string | undefined): string => {
  const multipart = headers["Content-Type"]?.startsWith("multipart/") === true
  const shown = Object.entries(headers).filter(([name]) => !(multipart && name === "Content-Type"))
  const words = shown.map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`)
  if (!multipart)
    return [`curl -sS ${quote(url)}`, ...words, `--data-binary ${quote(decoder.decode(body))}`].join(" \\\n  ")
  // Only the text of `meta` is signed, so curl may write the rest in its own way.
  const meta = canonical.split("\n").slice(4).join("\n")
  const { name, type } = partOf(body)
  const content = `${name}=@${file};type=${type}`
  return [`curl -sS ${quote(url)}`, ...words, `--form-string ${quote(`meta=${meta}`)}`, `-F ${quote(content)}`].join(
    " \\\n  "
  )
}

const partOf = (body: Uint8Array): { readonly name: string; readonly type: string } => {
  const head = new TextDecoder("latin1").decode(body.subarray(0, 64 * 1024))
  const [, name = "file", type = "application/octet-stream"] =
    /name="([^"]+)"; filename="[^"]*"\r\nContent-Type: ([^\r]+)/.exec(head) ?? []
  return { name, type }
}

/** What a dry run shows, as data. */
export const toJson = ({ url, headers, body, canonical }: WireRequest) => {
  const authorization = Authorization.decode(headers["Authorization"] ?? "")
  return {
    method: "POST",
    url,
    headers,
    authorization: Result.isSuccess(authorization) ? authorization.success : null,
    canonical_string: canonical,
    ...(headers["Content-Type"] === "application/json" ? { body: decoder.decode(body) } : { body_bytes: body.length })
  }
}

/** And as text, with the ends of the signed lines made visible. */
export const toText = (request: WireRequest): string => {
  const { url, headers, authorization, canonical_string, ...rest } = toJson(request)
  const lines = canonical_string.split("\n")
  return [
    `POST ${url}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    "",
    "body" in rest ? rest.body : `(${rest.body_bytes} bytes, multipart)`,
    "",
    "Authorization, decoded",
    ...Object.entries(authorization ?? {}).map(([name, value]) => `  ${name}: ${value}`),
    "",
    `Signed (${new TextEncoder().encode(canonical_string).length} bytes; ␊ is a line feed)`,
    ...lines.map((line, index) => `  ${line}${index === lines.length - 1 ? "" : "␊"}`)
  ].join("\n")
}
