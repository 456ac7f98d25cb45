/** A host between a service and PayKKa that lets everything pass but the answers to payments, of which a test decides. */
import { type Server, createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { buffer } from "node:stream/consumers"
import * as Payment from "@paykka/schemas/Payment"
import * as Effect from "effect/Effect"

/** Told that a payment was made; the answer goes on when the promise does. One that never ends is an answer that never comes. */
export type OnPayment = () => Promise<unknown> | undefined

/** What belongs to a connection, and is not passed on. */
const hop = ["host", "connection", "transfer-encoding", "content-length"]

const forward = async (origin: string, path: string, headers: Headers, body: Uint8Array<ArrayBuffer>) => {
  for (const name of hop) headers.delete(name)
  const answer = await fetch(origin + path, { method: "POST", headers, body })
  return { status: answer.status, body: await answer.text() }
}

/** Starts it; gives its address. */
export const between = (origin: string, onPayment: OnPayment) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.promise(
        () =>
          new Promise<Server>((resolve) => {
            const server = createServer(async (request, response) => {
              const { url = "", headers } = request
              const body = new Uint8Array(await buffer(request))
              const answer = await forward(origin, url, new Headers(headers as Record<string, string>), body)
              if (url === Payment.apply.path) await onPayment()
              response.writeHead(answer.status, { "content-type": "application/json" }).end(answer.body)
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
