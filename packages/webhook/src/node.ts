/** A webhook as a Node request listener. */
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Incoming from "./Incoming.ts"
import { start } from "./internal/adapter.ts"
import * as WebHandler from "./WebHandler.ts"
import * as Webhook from "./Webhook.ts"

// The path as it was sent, since that is what was signed; `new URL` would tidy it, take `//name` for a host, or throw.
const pathOf = (target: string): string => {
  const path = URL.canParse(target) ? new URL(target).pathname : target
  return path.split(/[?#]/, 1)[0]!
}

// Of Node's own types only what is used, so that whoever uses this module where there is no Node, as `@paykka/sdk` does in a worker, needs no
// `@types/node`.

/** A request as Node has it: its `IncomingMessage`, and so that of Express, is one. */
export interface NodeRequest extends AsyncIterable<unknown> {
  readonly method?: string | undefined
  readonly url?: string | undefined
  /** What was called, where Express has routed the request: its `url` lacks what its router has matched. */
  readonly originalUrl?: string | undefined
  readonly headers: { readonly "content-length"?: string | undefined }
  readonly headersDistinct: { readonly [name: string]: ReadonlyArray<string> | undefined }
  readonly readableDidRead: boolean
  readonly complete: boolean
}

/** A response as Node has it: its `ServerResponse`, and so that of Express, is one. */
export interface NodeResponse {
  statusCode: number
  readonly headersSent: boolean
  readonly setHeader: (name: string, value: string) => unknown
  readonly setHeaders: (headers: Map<string, string>) => NodeResponse
  readonly end: (body: string) => unknown
}

/** Reads a Node request, its body up to the limit. The body must not have been read or parsed before. */
export const fromIncomingMessage = (
  request: NodeRequest,
  maxBodyBytes: number = Incoming.defaultMaxBodyBytes
): Effect.Effect<Incoming.Incoming, Incoming.Unreadable> =>
  Effect.gen(function* () {
    if (request.method !== "POST") return yield* Incoming.notPost(request.method ?? "")
    if (request.readableDidRead) return yield* Incoming.readBefore()
    if (Number(request.headers["content-length"] ?? 0) > maxBodyBytes) return yield* Incoming.tooLarge(maxBodyBytes)
    const body = yield* Effect.tryPromise({
      try: () => Incoming.collect(request as AsyncIterable<Uint8Array>, maxBodyBytes),
      catch: () => new Incoming.Unreadable({ status: 400, detail: "the body could not be read to its end" })
    })
    if (body === undefined) return yield* Incoming.tooLarge(maxBodyBytes)
    const path = pathOf(request.originalUrl ?? request.url ?? "/")
    // Each header as often as it came: Node's `headers` would take the first of two.
    return yield* Incoming.fromParts({ path, headers: request.headersDistinct, body }, maxBodyBytes)
  })

const write = (request: NodeRequest, response: NodeResponse, answer: Webhook.Answer): void => {
  // A timeout of the server's own, say, has answered already.
  if (response.headersSent) return
  // What is left of a refused body is not read, so the connection cannot be used again.
  if (!request.complete) response.setHeader("Connection", "close")
  response.statusCode = answer.status
  response.setHeaders(new Map(Object.entries(answer.headers))).end(answer.body)
}

/** Answers one Node request, and finishes what it has begun: a sender who hangs up does not break off a handler. */
export const handle =
  <R>(webhook: Webhook.Webhook<R>, options: WebHandler.Options = {}) =>
  (request: NodeRequest, response: NodeResponse): Effect.Effect<void, never, R> =>
    fromIncomingMessage(request, options.maxBodyBytes).pipe(
      Effect.matchEffect({
        onSuccess: (incoming) => Effect.uninterruptible(webhook.receive(incoming)),
        onFailure: Webhook.unreadable
      }),
      Effect.map((answer) => write(request, response, answer))
    )

/** A listener for `http.createServer`, beside the same handler for web requests, and the release of what they hold. */
export interface NodeHandler extends WebHandler.WebHandler {
  /** Answers one request. */
  readonly listener: (request: NodeRequest, response: NodeResponse) => void
}

/** Builds a listener from a webhook or an inbox and the layer of what it needs, `Verifier` and `ReplayGuard` among it. The layer is built once, by the first request. */
export const make = <R, RX, E>(
  webhook: Effect.Effect<Webhook.Webhook<R>, never, RX>,
  layer: Layer.Layer<R | RX, E>,
  options: WebHandler.Options = {}
): NodeHandler => {
  const running = start(webhook, layer)
  return {
    ...WebHandler.of(running, options),
    listener: (request, response) => {
      void running
        .answer(fromIncomingMessage(request, options.maxBodyBytes))
        .then((answer) => write(request, response, answer))
    }
  }
}
