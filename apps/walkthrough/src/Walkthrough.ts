/**
 * The merchant's story: apply for a collection account, ask for it, receive the signed notification of the result,
 * ask again, and refuse a tampered copy of the notification.
 *
 * Everything is real but the platform: RSA keys made for this run, HTTP over loopback, the SDK's own client and
 * webhook.
 */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import * as Environment from "@paykka/core/Environment"
import * as PaykkaClient from "@paykka/core/PaykkaClient"
import * as Sandbox from "@paykka/sandbox/Sandbox"
import * as SandboxNode from "@paykka/sandbox/node"
import { notification } from "@paykka/schemas/Va"
import * as Authorization from "@paykka/signing/Authorization"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Signer from "@paykka/signing/Signer"
import * as Verifier from "@paykka/signing/Verifier"
import * as Va from "@paykka/va/Va"
import * as Webhook from "@paykka/webhook/Webhook"
import * as WebhookNode from "@paykka/webhook/node"
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import type * as Scope from "effect/Scope"
import type { Step } from "./Timeline.ts"

/** Something did not happen as it must. */
export class Unexpected extends Data.TaggedError("Unexpected")<{ readonly detail: string }> {
  override get message(): string {
    return this.detail
  }
}

/** Takes each step as it happens. */
export type Tell = (step: Step) => void

const merchId = "M24061911365700670"
const callbackPath = "/hooks/paykka"

const pem = (label: string, der: ArrayBuffer): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(der).toString("base64").replace(/.{64}/g, "$&\n")}\n-----END ${label}-----\n`

/** A fresh RSA key pair, as the two sides would make them before they exchange public keys. */
const makeKeyPair = Effect.promise(async () => {
  const pair = await crypto.subtle.generateKey(
    { name: "RSASSA-PKCS1-v1_5", modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1), hash: "SHA-256" },
    true,
    ["sign", "verify"]
  )
  return {
    privateKey: pem("PRIVATE KEY", await crypto.subtle.exportKey("pkcs8", pair.privateKey)),
    publicKey: pem("PUBLIC KEY", await crypto.subtle.exportKey("spki", pair.publicKey))
  }
})

/** A Node server with the listener, on a free loopback port. */
const listen = (handler: WebhookNode.NodeHandler): Effect.Effect<string, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const server = createServer(handler.listener)
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
      return server
    }),
    (server) =>
      Effect.promise(async () => {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
        await handler.dispose()
      })
  ).pipe(Effect.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`))

type AccountEvent = Webhook.Event<typeof notification>

/** Posts a copy of a notification whose account number was exchanged, with the genuine header. */
const postTampered = (url: string, event: AccountEvent): Effect.Effect<number> =>
  Effect.promise(async () => {
    const { verified } = event
    const genuine = new TextDecoder().decode(verified.body)
    const response = await fetch(url, {
      method: "POST",
      headers: {
        Authorization: Authorization.encode(verified.authorization),
        "Content-Type": "application/json",
        "X-Merch-Id": verified.merchId
      },
      body: genuine.replace(event.data.account_no ?? "account_no", "ATTACKER0001")
    })
    return response.status
  })

type LogStep = Extract<Step, { readonly step: "log" }>

const story = Effect.fnUntraced(function* (tell: Tell, logged: Array<LogStep>) {
  const startedAt = yield* Clock.currentTimeMillis
  const [merchant, platform] = yield* Effect.all([makeKeyPair, makeKeyPair], { concurrency: 2 })
  const keys = KeyStore.layer({
    signingKey: { keyId: "merchant-key-1", privateKey: merchant.privateKey },
    platformKeys: [{ keyId: "platform-key-1", publicKey: platform.publicKey }]
  })

  // The merchant's side: a webhook on a port.
  const received = yield* Deferred.make<AccountEvent>()
  const webhook = Webhook.make({
    notifications: [notification],
    handlers: { "va.notification": (event) => Deferred.succeed(received, event) }
  })
  const logOf = (side: LogStep["of"]) =>
    Logger.layer([
      Logger.make(({ message }) => {
        logged.push({ step: "log", of: side, message: [message].flat().join(" ") })
      })
    ])
  const verifier = Layer.merge(Verifier.layer().pipe(Layer.provide(keys)), logOf("merchant"))
  const webhookUrl = (yield* listen(WebhookNode.make(webhook, verifier))) + callbackPath

  // PayKKa's side: the sandbox on a port.
  const sandbox = Sandbox.layer({
    merchants: [{ merchId, keyId: "merchant-key-1", publicKey: merchant.publicKey }],
    platformKey: { keyId: "platform-key-1", privateKey: platform.privateKey },
    callbackUrl: webhookUrl
  })
  const server = yield* Layer.build(SandboxNode.layerServer().pipe(Layer.provide([sandbox, logOf("PayKKa")])))
  const { baseUrl } = yield* Effect.provideContext(SandboxNode.SandboxServer, server)
  tell({ step: "start", sandbox: baseUrl, webhook: webhookUrl, merch_id: merchId })

  // The merchant's calls.
  const va = yield* Va.make.pipe(
    Effect.provide(
      PaykkaClient.layer({ environment: Environment.local(baseUrl), merchId }).pipe(
        Layer.provide([Signer.layer.pipe(Layer.provide(keys)), FetchHttpClient.layer])
      )
    )
  )
  const told = <A extends object, E>(operation: string, call: Effect.Effect<PaykkaClient.Reply<A>, E>) =>
    Effect.gen(function* () {
      const before = yield* Clock.currentTimeMillis
      const { value, httpStatus, attempts, requestId } = yield* call
      const millis = (yield* Clock.currentTimeMillis) - before
      const status = "status" in value && typeof value.status === "string" ? value.status : undefined
      tell({ step: "call", operation, http_status: httpStatus, millis, attempts, request_id: requestId, status })
      return value
    })

  const { request_id } = yield* told("va.apply", va.apply.withResponse({ currencies: ["EUR"], country_code: "DE" }))
  yield* told("va.inquiry", va.inquiry.withResponse({ request_id }))

  const event = yield* Effect.timeoutOrElse(Deferred.await(received), {
    duration: "30 seconds",
    orElse: () => new Unexpected({ detail: "no notification arrived within 30 seconds" })
  })
  const { key, path } = event.verified
  const about = { step: "notification", kind: event.kind, key_id: key.keyId ?? "", path, request_id } as const
  tell({ ...about, verdict: "verified", http_status: 200, status: event.data.status, what: "the account is open" })

  const account = yield* told("va.inquiry", va.inquiry.withResponse({ request_id }))
  if (event.data.request_id !== request_id || account.account_no !== event.data.account_no) {
    return yield* new Unexpected({ detail: "the notification and the inquiry speak of different accounts" })
  }

  const status = yield* postTampered(webhookUrl, event)
  if (status !== 401) return yield* new Unexpected({ detail: `a tampered notification was answered with ${status}` })
  tell({
    ...about,
    verdict: "refused",
    http_status: 401,
    status: undefined,
    what: "a copy with another account number, under the genuine signature"
  })

  // The reason of the refusal is in the merchant's log only.
  for (const step of logged.splice(0)) tell(step)

  const millis = (yield* Clock.currentTimeMillis) - startedAt
  tell({ step: "summary", calls: 3, verified: 1, refused: 1, millis })
})

/** Tells the story. Fails with {@link Unexpected} when anything goes otherwise; both sides' logs are then told too. */
export const run = (tell: Tell) => {
  const logged: Array<LogStep> = []
  return story(tell, logged).pipe(Effect.ensuring(Effect.sync(() => logged.forEach(tell))))
}
