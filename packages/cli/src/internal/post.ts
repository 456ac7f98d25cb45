/** A POST to a receiver of notifications, to the very path that is given; no redirect is followed. */
import * as Effect from "effect/Effect"

export interface Answer {
  readonly status: number
  readonly contentType: string | undefined
  readonly body: string
}

const timeoutMillis = 30_000

/**
 * Fails with the system's name of the reason (`ECONNREFUSED`), or in words. `fetch` would tidy the path, which is signed, and refuses some ports.
 */
export const post = (
  origin: string,
  target: string,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array
): Effect.Effect<Answer, string> =>
  Effect.callback((resume) => {
    const { protocol, hostname, port } = new URL(origin)
    const { request } = process.getBuiltinModule(protocol === "https:" ? "node:https" : "node:http")
    const signal = AbortSignal.timeout(timeoutMillis)
    const fail = (error: NodeJS.ErrnoException) => {
      resume(Effect.fail(signal.aborted ? `within ${timeoutMillis / 1000} s` : (error.code ?? error.message)))
    }
    const sent = request(
      {
        protocol,
        hostname: hostname.replaceAll(/[[\]]/g, ""),
        port,
        path: target,
        method: "POST",
        headers: { ...headers, "Content-Length": body.length },
        agent: false,
        signal
      },
      (response) => {
        const chunks: Array<Buffer> = []
        response.on("data", (chunk: Buffer) => chunks.push(chunk))
        response.on("error", fail)
        response.on("end", () => {
          const { statusCode = 0, headers: received } = response
          const text = Buffer.concat(chunks).toString()
          resume(Effect.succeed({ status: statusCode, contentType: received["content-type"], body: text }))
        })
      }
    )
    sent.on("error", fail)
    sent.end(body)
    return Effect.sync(() => void sent.destroy())
  })
