/** A local PayKKa in this process, reached by a fetch of its own. */
import { generateKeyPairSync } from "node:crypto"
import * as Sandbox from "@paykka/sandbox/Sandbox"
import { notification } from "@paykka/schemas/Va"
import * as Testing from "@paykka/webhook/testing"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Context from "effect/Context"
import * as Scope from "effect/Scope"

const pair = () =>
  generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" }
  })

const merchant = pair()
const platform = pair()

export const merchId = "M24061911365700670"

/** What a merchant has. */
export const settings = {
  environment: "local",
  baseUrl: "http://sandbox.localhost",
  merchId,
  keyId: "merchant-key",
  privateKey: merchant.privateKey,
  undocumentedPaths: "allow",
  log: false
} as const

export const platformKey = { keyId: "platform-key", ...platform }

export const platformPublicKeys = [{ keyId: platformKey.keyId, publicKey: platformKey.publicKey }]

/** What a promise rejects with. */
export const rejection = async (promise: Promise<unknown>): Promise<unknown> => {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error("it resolved")
}

/** A fetch that answers every request with a status, and counts them. */
export const answering = (status: number) => {
  const counted = { requests: 0 }
  const fetch: typeof globalThis.fetch = async () => {
    counted.requests++
    return new Response("", { status })
  }
  return Object.assign(fetch, counted, { counted })
}

/** The other side. */
export interface Platform {
  readonly fetch: typeof globalThis.fetch
  /** Puts its clock forward. */
  readonly advance: (duration: "1 second") => Promise<void>
  readonly dispose: () => Promise<void>
}

/** Starts it; notifications go to `send`. */
export const start = async (
  send: (request: Request) => Promise<Response> = async () => Response.json({})
): Promise<Platform> => {
  const scope = await Effect.runPromise(Scope.make())
  const layer = Sandbox.layer({
    merchants: [{ merchId, keyId: "merchant-key", publicKey: merchant.publicKey }],
    platformKey: { keyId: "platform-key", privateKey: platform.privateKey },
    callbackUrl: Sandbox.documentedPaths("https://merchant.test"),
    send
  }).pipe(Layer.provideMerge(Logger.layer([])))
  const context = await Effect.runPromise(Layer.buildWithScope(layer, scope))
  const run = Effect.runPromiseWith(context)
  const sandbox = Context.get(context, Sandbox.Sandbox)
  return {
    fetch: (url, init) => run(sandbox.handle(new Request(url as string | URL, init))),
    advance: (duration) => run(sandbox.advance(duration)),
    dispose: () => run(Scope.close(scope, Exit.void))
  }
}

/** A genuine notification, signed as the platform would. */
export const signed = async (requestId: string, path = "/hooks/va", forMerchant: string = merchId) => {
  const data = { request_id: requestId, status: "ENABLED", account_no: "17" }
  const sign = Testing.sign(notification, data, { key: platformKey, path, merchId: forMerchant })
  const { headers, body } = await Effect.runPromise(Effect.orDie(sign))
  return {
    path,
    headers,
    body,
    request: () => new Request(`https://merchant.test${path}`, { method: "POST", headers, body })
  }
}
