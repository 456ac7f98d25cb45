/**
 * A PayKKa for tests: a real HTTP server on loopback that checks every request as the platform would, by its own
 * reading of the signing rule (`contract/core.yaml`, `signing`) and node:crypto, and answers by a script.
 *
 * Of an upload the part without a file name is what must be signed (`contract/file.yaml`), byte for byte.
 */
import * as Crypto from "node:crypto"
import * as Http from "node:http"
import type { AddressInfo, Socket } from "node:net"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { merchant } from "./keys.ts"

/** The object inside the `Authorization` header. */
export interface Authorization {
  readonly sign_type: string
  readonly timestamp: string
  readonly nonce: string
  readonly key_id: string
  readonly signature: string
}

/** A part of an upload. */
export interface Part {
  /** Its header lines, as they arrived. */
  readonly head: string
  readonly body: Buffer
}

/** A request, as its bytes arrived. */
export interface Received {
  readonly method: string
  /** What stood in the request line, query and all. */
  readonly target: string
  readonly headers: Http.IncomingHttpHeaders
  /** The names of the headers as often as they came, in lower case. */
  readonly headerNames: ReadonlyArray<string>
  readonly body: Buffer
  /** Of an upload. */
  readonly parts: ReadonlyArray<Part>
  readonly authorization: Authorization
  /** Tells connections apart. */
  readonly remotePort: number | undefined
  /** Ends when the connection does. */
  readonly closed: Promise<void>
}

/** How a request is answered: as it is, or by what has arrived. */
export type Answer = Plain | ((received: Received) => Plain)

type Plain =
  | {
      readonly status?: number
      readonly headers?: Readonly<Record<string, string>>
      /** An object is written as JSON. */
      readonly body?: object | string | Uint8Array
      /** `cut`: ends in the middle of the announced body. `endless`: never stops. `stall`: starts and then is silent. */
      readonly end?: "complete" | "cut" | "endless" | "stall"
    }
  /** The request is read, then the connection is reset. */
  | "reset"
  /** The request is read, then nothing. */
  | "stall"

/** The server. */
export interface TestPlatform {
  readonly baseUrl: string
  /** Everything that arrived and was signed rightly. */
  readonly received: ReadonlyArray<Received>
  /** What was wrong with requests that were refused; a test that provokes none has none. */
  readonly refused: ReadonlyArray<string>
  /** Answers in this order; the last one stays. Without any, `200 {}`. */
  readonly answer: (...answers: ReadonlyArray<Answer>) => void
  /** The nth request, counted from 1, as soon as it has arrived. */
  readonly arrival: (nth: number) => Effect.Effect<Received>
}

class Refused extends Error {}

const demand: (condition: boolean, rule: string) => asserts condition = (condition, rule) => {
  if (!condition) throw new Refused(rule)
}

const parseAuthorization = (header: string | undefined): Authorization => {
  demand(header !== undefined, "Authorization is missing")
  demand(/^(?:[A-Za-z0-9\-_.!~*'()]|%[0-9A-F]{2})+$/.test(header), "Authorization is not percent-encoded")
  const object = JSON.parse(decodeURIComponent(header)) as Record<string, unknown>
  const keys = ["key_id", "nonce", "sign_type", "signature", "timestamp"]
  demand(JSON.stringify(Object.keys(object).toSorted()) === JSON.stringify(keys), "Authorization has other keys")
  demand(
    keys.every((key) => typeof object[key] === "string"),
    "Authorization has values that are not strings"
  )
  return object as unknown as Authorization
}

const multipartType = /^multipart\/form-data; boundary=([\w'()+,./:=?-]{1,70})$/

/** The parts of a body, by RFC 2046; of a body that is not multipart there are none. */
const partsOf = (contentType: string, body: Buffer): ReadonlyArray<Part> => {
  const boundary = multipartType.exec(contentType)?.[1]
  if (boundary === undefined) return []
  const parts: Array<Part> = []
  const rest = Buffer.concat([Buffer.from("\r\n"), body])
  const delimiter = Buffer.from(`\r\n--${boundary}`)
  let at = 0
  demand(rest.indexOf(delimiter) === 0, "the body does not begin with the boundary")
  for (;;) {
    at += delimiter.length
    if (rest.subarray(at).equals(Buffer.from("--\r\n"))) return parts
    demand(rest.subarray(at, at + 2).equals(Buffer.from("\r\n")), "something follows a boundary")
    const end = rest.indexOf(delimiter, at + 2)
    const blank = rest.indexOf("\r\n\r\n", at)
    demand(end >= 0 && blank >= 0 && blank + 4 <= end, "a part has no end or no head")
    parts.push({ head: rest.subarray(at + 2, blank).toString(), body: rest.subarray(blank + 4, end) })
    at = end
  }
}

/** The bytes that must be signed. */
const signedPart = (contentType: string, parts: ReadonlyArray<Part>, body: Buffer): Buffer => {
  if (contentType === "application/json") return body
  const [text, ...others] = parts.filter(({ head }) => !/; filename="/.test(head))
  demand(text !== undefined && others.length === 0 && parts.length === 2, "an upload has a text and a file")
  JSON.parse(text.body.toString())
  return text.body
}

const verify = (
  request: Http.IncomingMessage,
  body: Buffer,
  seen: Set<string>
): Pick<Received, "authorization" | "parts"> => {
  const authorization = parseAuthorization(request.headers.authorization)
  const { sign_type, timestamp, nonce, key_id, signature } = authorization
  demand(sign_type === "SHA256_WITH_RSA", "sign_type is another one")
  demand(/^\d{1,16}$/.test(timestamp), "timestamp is not digits")
  demand(nonce.length >= 6 && nonce.length <= 32, "nonce has another length")
  demand(!seen.has(nonce), "nonce was used before")
  seen.add(nonce)
  demand(key_id === merchant.key_id, "key_id is another one")
  demand(/^[A-Za-z0-9+/]+={0,2}$/.test(signature) && signature.length % 4 === 0, "signature is not padded Base64")
  const merchId = request.headersDistinct["x-merch-id"] ?? [""]
  demand(merchId.length === 1, "X-Merch-Id came more than once")
  const contentType = request.headersDistinct["content-type"]?.join() ?? ""
  const parts = partsOf(contentType, body)
  const signed = signedPart(contentType, parts, body)
  const lines = Buffer.concat([Buffer.from(`${request.url}\n${timestamp}\n${nonce}\n${merchId[0]}\n`), signed])
  demand(
    Crypto.verify("RSA-SHA256", lines, merchant.public_spki_pem, Buffer.from(signature, "base64")),
    "the signature does not match"
  )
  const accept = parts.length === 0 ? "application/json" : "application/json, */*"
  demand(request.headersDistinct["accept"]?.join() === accept, "Accept is another one")
  demand(request.headersDistinct["authorization"]?.length === 1, "Authorization came more than once")
  demand(body.length > 0, "the body is empty")
  return { authorization, parts }
}

const toBytes = (body: object | string | Uint8Array): Uint8Array => {
  if (body instanceof Uint8Array) return body
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body))
}

const send = (response: Http.ServerResponse, answer: Plain): void => {
  if (answer === "stall") return
  if (answer === "reset") {
    response.socket?.resetAndDestroy()
    return
  }
  const { status = 200, headers = {}, body = {}, end = "complete" } = answer
  const bytes = toBytes(body)
  const type = { "content-type": "application/json", ...headers }
  if (end === "complete") {
    response.writeHead(status, type).end(bytes)
  } else if (end === "endless") {
    response.writeHead(status, type)
    const more = () => {
      while (!response.destroyed && response.write(bytes)) continue
    }
    response.on("drain", more)
    more()
  } else {
    response.writeHead(status, { ...type, "content-length": String(bytes.length + 1000) })
    response.write(bytes, () => {
      if (end === "cut") response.socket?.destroy()
    })
  }
}

/** Starts the server; the scope's end closes it and all its connections. */
export const make: Effect.Effect<TestPlatform, never, Scope.Scope> = Effect.gen(function* () {
  const received: Array<Received> = []
  const refused: Array<string> = []
  const nonces = new Set<string>()
  const ends = new WeakMap<Socket, Promise<void>>()
  const waiting: Array<{ readonly nth: number; readonly resolve: () => void }> = []
  let script: ReadonlyArray<Answer> = [{}]
  let answered = 0

  const server = Http.createServer((request, response) => {
    // Virtual clocks are far from it: a client would take that for the reason of a refusal. Answers give one where it matters.
    response.sendDate = false
    const chunks: Array<Buffer> = []
    // A client that goes away is what some tests are about.
    request.on("error", () => undefined)
    response.on("error", () => undefined)
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      const body = Buffer.concat(chunks)
      let verified: Pick<Received, "authorization" | "parts">
      try {
        verified = verify(request, body, nonces)
      } catch (error) {
        refused.push(error instanceof Error ? error.message : "unknown fault")
        send(response, { status: 401, body: { ret_code: "010100", ret_msg: "signature verification failed" } })
        return
      }
      const { method = "", url = "", headers, rawHeaders } = request
      const { remotePort } = request.socket
      const headerNames = rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase())
      const closed = ends.get(request.socket) ?? Promise.resolve()
      const arrived = { method, target: url, headers, headerNames, body, ...verified, remotePort, closed }
      received.push(arrived)
      const answer = script[Math.min(answered++, script.length - 1)] ?? {}
      send(response, typeof answer === "function" ? answer(arrived) : answer)
      for (const { nth, resolve } of waiting) if (received.length >= nth) resolve()
    })
  })

  // Once for each connection: a request that waited for its end would add a listener to those of its predecessors.
  server.on("connection", (socket: Socket) => {
    ends.set(
      socket,
      new Promise((resolve) => {
        socket.once("close", () => {
          resolve()
        })
      })
    )
  })

  yield* Effect.acquireRelease(
    Effect.promise(
      () =>
        new Promise<void>((resolve) => {
          server.listen(0, "127.0.0.1", resolve)
        })
    ),
    () =>
      Effect.promise(
        () =>
          new Promise<void>((resolve) => {
            server.close(() => {
              resolve()
            })
            server.closeAllConnections()
          })
      )
  )

  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    refused,
    answer: (...answers) => {
      script = answers
      answered = 0
    },
    arrival: (nth) =>
      Effect.promise(async () => {
        if (received.length < nth) {
          await new Promise<void>((resolve) => {
            waiting.push({ nth, resolve })
          })
        }
        return received[nth - 1] as Received
      })
  }
})

/** Where no server listens and, below the ports that systems hand out, none ever will. */
export const closedPort = "http://127.0.0.1:2"
