/** A notification as it arrived, with its body raw. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"

/** What is needed of an HTTP request. */
export interface Incoming {
  /** The path of the request, without query. */
  readonly path: string
  /** The `Authorization` header. */
  readonly authorization: string | undefined
  /** The `X-Merch-Id` header. */
  readonly merchId: string | undefined
  /** The body's bytes, exactly as received. */
  readonly body: Uint8Array
}

/** A request that is not worth verifying. */
export class Unreadable
  extends /*#__PURE__*/ Data.TaggedError("Unreadable")<{
    /** The HTTP status to answer with. */
    readonly status: 400 | 405 | 413 | 500
    /** What is the matter, and what to do about it. */
    readonly detail: string
  }>
{
  override get message(): string {
    return this.detail
  }
}

/** The largest body that is read by default, in bytes. Our own limit: none is stated. */
export const defaultMaxBodyBytes = 1024 * 1024

/** The refusal of anything but a POST. */
export const notPost = (method: string): Unreadable =>
  new Unreadable({ status: 405, detail: `a ${method.slice(0, 20)} request instead of POST` })

/** The refusal of a body over the limit. */
export const tooLarge = (maxBodyBytes: number): Unreadable =>
  new Unreadable({ status: 413, detail: `the body is larger than ${maxBodyBytes} bytes` })

const howToKeepIt =
  "what is signed is its raw bytes, so give the webhook those " +
  "(express.raw, Fastify addContentTypeParser, Hono c.req.arrayBuffer(), Next's request itself, Nest rawBody); " +
  "see docs/webhooks.md"

/** The refusal of a request whose body is gone, so that nothing can be verified. The fault is the program's. */
export const readBefore = (): Unreadable =>
  new Unreadable({ status: 500, detail: `the body was read before (by a body parser?); ${howToKeepIt}` })

const notRaw = (body: unknown): Unreadable =>
  new Unreadable({
    status: 500,
    detail: `the body is ${body === undefined ? "missing" : "not bytes (a parsed value?)"}; ${howToKeepIt}`
  })

const twice = (header: string): Unreadable =>
  new Unreadable({ status: 400, detail: `the header ${header} came more than once` })

/** Puts the chunks of a body together; undefined as soon as they exceed the limit. */
export const collect = async (
  chunks: AsyncIterable<Uint8Array>,
  maxBodyBytes: number
): Promise<Uint8Array | undefined> => {
  const parts: Array<Uint8Array> = []
  let size = 0
  for await (const chunk of chunks) {
    size += chunk.length
    if (size > maxBodyBytes) return undefined
    parts.push(chunk)
  }
  const body = new Uint8Array(size)
  let offset = 0
  for (const part of parts) {
    body.set(part, offset)
    offset += part.length
  }
  return body
}

async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader()
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
  } finally {
    // Not awaited: of a cloned body it would wait for the other half, which may be for ever.
    reader.cancel().catch(() => undefined)
  }
}

/** Reads a web request, its body up to the limit. */
export const fromRequest = (
  request: Request,
  maxBodyBytes: number = defaultMaxBodyBytes
): Effect.Effect<Incoming, Unreadable> =>
  Effect.gen(function* () {
    if (request.method !== "POST") return yield* notPost(request.method)
    if (request.bodyUsed || request.body?.locked === true) return yield* readBefore()
    if (Number(request.headers.get("content-length") ?? 0) > maxBodyBytes) return yield* tooLarge(maxBodyBytes)
    const body = yield* Effect.tryPromise({
      try: () =>
        request.body === null ? Promise.resolve(new Uint8Array()) : collect(chunksOf(request.body), maxBodyBytes),
      catch: () => new Unreadable({ status: 400, detail: "the body could not be read to its end" })
    })
    if (body === undefined) return yield* tooLarge(maxBodyBytes)
    return {
      path: new URL(request.url).pathname,
      authorization: request.headers.get("authorization") ?? undefined,
      merchId: request.headers.get("x-merch-id") ?? undefined,
      body
    }
  })

/** What a framework that has read the request itself can hand over. */
export interface Parts {
  /** The path as it was requested; a query is cut off. With Express and Nest `originalUrl`, since `url` may lack a part. */
  readonly path: string
  /** Web headers, or a record as Node's `headers` or `headersDistinct`, its names in any case. */
  readonly headers: Headers | Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  /** The body's bytes, exactly as received; a string is taken for their UTF-8. Never a parsed value. */
  readonly body: Uint8Array | ArrayBuffer | string | undefined
}

/** All values of a header; web headers have joined them already. */
const valuesOf = (headers: Parts["headers"], name: string): ReadonlyArray<string> => {
  if (typeof headers.get === "function") {
    const value = headers.get(name)
    return value === null ? [] : [value]
  }
  return Object.entries(headers).flatMap(([key, value]) => (key.toLowerCase() === name ? (value ?? []) : []))
}

const bytesOf = (body: unknown): Uint8Array | undefined => {
  if (typeof body === "string") return new TextEncoder().encode(body)
  if (body instanceof ArrayBuffer) return new Uint8Array(body)
  // Also bytes of another realm, as test runners have them.
  return ArrayBuffer.isView(body) ? new Uint8Array(body.buffer, body.byteOffset, body.byteLength) : undefined
}

/**
 * Takes a request from a framework that has read its body, as bytes. Fails with status 500 when the body is anything
 * else, as an object that a JSON parser made: written again, it would not be the bytes that were signed. Fails with
 * 413 beyond the limit, and with 400 when a header that counts came twice: nobody could say which one was meant.
 */
export const fromParts = (
  { path, headers, body }: Parts,
  maxBodyBytes: number = defaultMaxBodyBytes
): Effect.Effect<Incoming, Unreadable> =>
  Effect.gen(function* () {
    const [authorization, ...otherAuthorizations] = valuesOf(headers, "authorization")
    if (otherAuthorizations.length > 0) return yield* twice("Authorization")
    const [merchId, ...otherMerchIds] = valuesOf(headers, "x-merch-id")
    if (otherMerchIds.length > 0) return yield* twice("X-Merch-Id")
    const bytes = bytesOf(body)
    if (bytes === undefined) return yield* notRaw(body)
    if (bytes.length > maxBodyBytes) return yield* tooLarge(maxBodyBytes)
    return { path: path.split(/[?#]/, 1)[0]!, authorization, merchId, body: bytes }
  })
