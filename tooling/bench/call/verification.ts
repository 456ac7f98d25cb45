/** Whether a call is signed as the platform has it, by `node:crypto` and nothing of this repository. */
import { type KeyObject, verify } from "node:crypto"
import type { IncomingHttpHeaders } from "node:http"

/** The parts of a received request that are signed or sign. */
export interface Received {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly headers: IncomingHttpHeaders
}

/** A POST of JSON whose signature is that of its path, timestamp, nonce, merchant number and body. */
export const isGenuine = ({ method, url, headers }: Received, body: Buffer, publicKey: KeyObject): boolean => {
  if (method !== "POST" || headers["content-type"] !== "application/json" || headers.accept === undefined) return false
  const { timestamp, nonce, signature } = JSON.parse(decodeURIComponent(headers.authorization ?? "{}")) as Readonly<
    Record<string, string>
  >
  const head = [url, timestamp, nonce, headers["x-merch-id"], ""].join("\n")
  return verify(
    "RSA-SHA256",
    Buffer.concat([Buffer.from(head), body]),
    publicKey,
    Buffer.from(signature ?? "", "base64")
  )
}
