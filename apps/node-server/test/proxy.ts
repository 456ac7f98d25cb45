/** A host between a service and PayKKa: what PayKKa answers passes when the test lets it. */
import { type IncomingMessage, type Server, type ServerResponse, createServer, request as begin } from "node:http"
import type { AddressInfo } from "node:net"
import { buffer } from "node:stream/consumers"
import * as Effect from "effect/Effect"

/** Told of an answer by the path that was called. It passes when the promise ends, at once where there is none. */
export type OnAnswer = (path: string) => Promise<unknown> | undefined

/** Sends a request on, over a connection of its own: one that is kept may be closed by the other side just then. */
const forward = ({ url, method, headers }: IncomingMessage, origin: string, body: Buffer): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const length = { ...headers, connection: "close", "content-length": body.length }
    begin(origin + url, { method, headers: length, agent: false }, resolve)
      .on("error", reject)
      .end(body)
  })

const pass = async (origin: string, onAnswer: OnAnswer, request: IncomingMessage, response: ServerResponse) => {
  const answer = await forward(request, origin, await buffer(request))
  const body = await buffer(answer)
  await onAnswer(request.url ?? "")
  response.writeHead(answer.statusCode ?? 500, { "content-type": "application/json" }).end(body)
}

/** Starts it; gives its address. */
export const between = (origin: string, onAnswer: OnAnswer) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.promise(
        () =>
          new Promise<Server>((resolve) => {
            const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
              // One of both sides is gone.
              pass(origin, onAnswer, request, response).catch(() => response.destroy())
            })
            server.listen(0, "127.0.0.1", () => resolve(server))
          })
      ),
      (server) =>
        Effect.sync(() => {
          server.closeAllConnections()
          server.close()
        })
    ),
    (server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  )
