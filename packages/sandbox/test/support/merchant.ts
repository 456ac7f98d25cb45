/** A merchant, written from `contract/core.yaml` over node:crypto alone: signs its calls, verifies what it is sent. */
import { randomBytes, sign, verify } from "node:crypto"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { type Key, first, merchId, platform } from "./keys.ts"

/** An HTTP request as it goes on the wire. */
export interface Wire {
  readonly method: string
  /** Path and query. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array<ArrayBuffer> | undefined
}

export const applyPath = "/api/v2/merch/va/apply"
export const inquiryPath = "/api/v2/merch/va/inquiry"

export const bytes = (body: unknown): Uint8Array<ArrayBuffer> =>
  body instanceof Uint8Array
    ? new Uint8Array(body)
    : new Uint8Array(Buffer.from(typeof body === "string" ? body : JSON.stringify(body), "utf8"))

export const randomNonce = (): string => randomBytes(8).toString("hex")

/** What may differ from an honest call. */
export interface Options {
  readonly method?: string
  readonly target?: string
  /** `X-Merch-Id`; null where it is not sent. */
  readonly merchId?: string | null
  readonly key?: Key
  readonly timestamp?: string
  readonly nonce?: string
  /** The signed text; the five lines of the rule where left out. */
  readonly canonical?: (lines: {
    readonly path: string
    readonly timestamp: string
    readonly nonce: string
    readonly merchId: string
    readonly body: string
  }) => string
  /** Signed instead of the body that is sent. */
  readonly signedBody?: string
  /** Fields of the header in place of the honest ones; undefined leaves one out. */
  readonly authorization?: Readonly<Record<string, unknown>>
  /** Headers in place of the honest ones; undefined leaves one out. */
  readonly headers?: Readonly<Record<string, string | undefined>>
}

/** A call: path, timestamp, nonce, merchant number and body, joined by line feeds, signed with SHA256withRSA. */
export const call = (path: string, body: unknown, options: Options = {}): Effect.Effect<Wire> =>
  Effect.map(Clock.currentTimeMillis, (now) => {
    const { method = "POST", target = path, key = first, timestamp = String(now), nonce = randomNonce() } = options
    const merchant = options.merchId === undefined ? merchId : options.merchId
    const sent = bytes(body)
    const line4 = merchant ?? ""
    const canonical =
      options.canonical === undefined
        ? Buffer.concat([
            Buffer.from(`${path}\n${timestamp}\n${nonce}\n${line4}\n`, "utf8"),
            options.signedBody === undefined ? sent : bytes(options.signedBody)
          ])
        : Buffer.from(
            options.canonical({ path, timestamp, nonce, merchId: line4, body: Buffer.from(sent).toString("utf8") }),
            "utf8"
          )
    const authorization = {
      sign_type: "SHA256_WITH_RSA",
      timestamp,
      nonce,
      key_id: key.keyId,
      signature: sign("RSA-SHA256", canonical, key.privateKey).toString("base64"),
      ...options.authorization
    }
    const headers = {
      "content-type": "application/json",
      accept: "application/json",
      authorization: encodeURIComponent(JSON.stringify(authorization)),
      "x-merch-id": merchant ?? undefined,
      ...options.headers
    }
    return {
      method,
      target,
      headers: Object.fromEntries(
        Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
      ),
      body: method === "GET" ? undefined : sent
    }
  })

/** A notification as it arrived. */
export interface Notified {
  readonly method: string
  /** Path and query. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** The object inside the `Authorization` header. */
export interface Authorization {
  readonly sign_type: string
  readonly timestamp: string
  readonly nonce: string
  readonly key_id: string
  readonly signature: string
}

export const authorizationOf = (notified: Notified): Authorization =>
  JSON.parse(decodeURIComponent(notified.headers["authorization"]!)) as Authorization

/** Whether the platform signed it: five lines, the path that of the callback URL, the merchant line that of the header. */
export const isGenuine = (notified: Notified): boolean => {
  const { timestamp, nonce, signature } = authorizationOf(notified)
  const path = notified.target.split("?")[0]
  const head = `${path}\n${timestamp}\n${nonce}\n${notified.headers["x-merch-id"] ?? ""}\n`
  const signed = Buffer.concat([Buffer.from(head, "utf8"), notified.body])
  return verify("RSA-SHA256", signed, platform.publicKey, Buffer.from(signature, "base64"))
}

export const jsonOf = ({ body }: { readonly body: Uint8Array }): unknown =>
  JSON.parse(Buffer.from(body).toString("utf8"))
