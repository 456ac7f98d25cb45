/**
 * Both sides of the story: the local PayKKa on one port, the merchant's webhook on another, the merchant's services, and
 * what is noted of each call and notification.
 */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import * as Assessment from "@paykka/assessment/Assessment"
import * as Balance from "@paykka/balance/Balance"
import * as Environment from "@paykka/core/Environment"
import * as PaykkaClient from "@paykka/core/PaykkaClient"
import * as Plugin from "@paykka/core/Plugin"
import * as File from "@paykka/file/File"
import * as Forex from "@paykka/forex/Forex"
import * as Onboarding from "@paykka/onboarding/Onboarding"
import * as Order from "@paykka/order/Order"
import * as Payee from "@paykka/payee/Payee"
import * as Payment from "@paykka/payment/Payment"
import * as SandboxNode from "@paykka/sandbox/node"
import * as Sandbox from "@paykka/sandbox/Sandbox"
import type { Operation, Provenance } from "@paykka/schemas"
import { notifications } from "@paykka/schemas/Catalogue"
import * as Authorization from "@paykka/signing/Authorization"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Signer from "@paykka/signing/Signer"
import * as Verifier from "@paykka/signing/Verifier"
import * as Tradesettle from "@paykka/tradesettle/Tradesettle"
import * as Va from "@paykka/va/Va"
import * as ReplayGuard from "@paykka/webhook/ReplayGuard"
import * as Webhook from "@paykka/webhook/Webhook"
import * as WebhookNode from "@paykka/webhook/node"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"

/** Something did not happen as it must. */
export class Unexpected extends Data.TaggedError("Unexpected")<{ readonly detail: string }> {
  override get message(): string {
    return this.detail
  }
}

/** The integrator's merchant number: it uploads files and signs for the merchants that it onboards. */
export const merchId = "M24061911365700670"

/** What is noted of a call. */
export interface CallFacts {
  readonly operation: string
  readonly known: Provenance
  readonly http_status: number
  readonly millis: number
  readonly attempts: number
  readonly request_id: string | undefined
}

const order: ReadonlyArray<Provenance> = ["documented", "third-party", "inferred", "unknown"]

/** The least sure of these. */
export const weakest = (...all: ReadonlyArray<Provenance>): Provenance =>
  order[Math.max(...all.map((each) => order.indexOf(each)))]!

const knownOf = ({ provenance: { path, request, response } }: Operation.Operation): Provenance =>
  weakest(path, request, response)

/** Notes each call as it is answered. This is what plugins are for. */
const noting = (calls: Array<CallFacts>): Plugin.Plugin => ({
  name: "walkthrough",
  attempt: ({ operation, requestId, attempt }, next) =>
    Effect.gen(function* () {
      const before = yield* Clock.currentTimeMillis
      const answer = yield* next
      const millis = (yield* Clock.currentTimeMillis) - before
      calls.push({
        operation: operation.id,
        known: knownOf(operation),
        http_status: answer.httpStatus,
        millis,
        attempts: attempt,
        request_id: requestId
      })
      return answer
    })
})

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

/** A line of a side's log. */
export interface LogLine {
  readonly of: "merchant" | "PayKKa"
  readonly message: string
}

/** Posts a copy of a notification that speaks of another merchant, with the genuine header. */
export const postTampered = (webhook: string, { verified }: Webhook.Event): Effect.Effect<number> =>
  Effect.promise(async () => {
    const genuine = new TextDecoder().decode(verified.body)
    const response = await fetch(webhook + verified.path, {
      method: "POST",
      headers: {
        Authorization: Authorization.encode(verified.authorization),
        "Content-Type": "application/json",
        "X-Merch-Id": verified.merchId
      },
      body: genuine.replace(/"merch_id":"[^"]*"/, '"merch_id":"M99999999999999999"')
    })
    return response.status
  })

const services = Layer.mergeAll(
  File.layer,
  Onboarding.layer,
  Assessment.layer,
  Va.layer,
  Order.layer,
  Tradesettle.layer,
  Balance.layer,
  Payee.layer,
  Forex.layer,
  Payment.layer
)

/** Builds the stage. What either side logs is pushed to `logged`. */
export const make = Effect.fnUntraced(function* (logged: Array<LogLine>) {
  const [merchant, platform] = yield* Effect.all([makeKeyPair, makeKeyPair], { concurrency: 2 })
  const keys = KeyStore.layer({
    signingKey: { keyId: "merchant-key-1", privateKey: merchant.privateKey },
    platformKeys: [{ keyId: "platform-key-1", publicKey: platform.publicKey }]
  })
  const logOf = (of: LogLine["of"]) =>
    Logger.layer([
      Logger.make(({ message }) => {
        logged.push({ of, message: [message].flat().join(" ") })
      })
    ])

  // The merchant's webhook: all eight kinds, each verified before anything reads it.
  const inbox = yield* Queue.unbounded<Webhook.Event>()
  const receive = (event: Webhook.Event) => Queue.offer(inbox, event)
  const webhook = Webhook.make({
    notifications,
    handlers: {
      "onboarding.notification": receive,
      "assessment.notification": receive,
      "va.notification": receive,
      "remittance.notification": receive,
      "tradesettle.notification": receive,
      "payee.notification": receive,
      "forex.notification": receive,
      "payment.notification": receive
    }
  })
  const verifier = Verifier.layer().pipe(Layer.provide(keys))
  const webhookUrl = yield* listen(
    WebhookNode.make(webhook, Layer.mergeAll(verifier, ReplayGuard.layerMemory(), logOf("merchant")))
  )

  // PayKKa's side. It calls the paths under which the documentation files the notifications.
  const sandbox = Sandbox.layer({
    merchants: [{ merchId, keyId: "merchant-key-1", publicKey: merchant.publicKey }],
    platformKey: { keyId: "platform-key-1", privateKey: platform.privateKey },
    callbackUrl: Sandbox.documentedPaths(webhookUrl),
    decidesAfter: "100 millis",
    paymentFee: "1.50"
  })
  const paykka = yield* Layer.build(
    SandboxNode.layerServer().pipe(Layer.provideMerge(sandbox), Layer.provide(logOf("PayKKa")))
  )
  const { baseUrl } = Context.get(paykka, SandboxNode.SandboxServer)

  // The merchant's services. That many paths are inferred is told by the column `known`, so no warning is needed.
  const calls: Array<CallFacts> = []
  const client = PaykkaClient.layer({
    environment: Environment.local(baseUrl),
    merchId,
    undocumentedPaths: "allow"
  }).pipe(Layer.provide([Signer.layer.pipe(Layer.provide(keys)), FetchHttpClient.layer]))
  const merchantServices = yield* Layer.build(services.pipe(Layer.provide(client)))

  // Notifications may come in another order than they are told.
  const arrived: Array<Webhook.Event> = []
  const next = (kind: string): Effect.Effect<Webhook.Event, Unexpected> =>
    Effect.gen(function* () {
      for (;;) {
        const index = arrived.findIndex((event) => event.kind === kind)
        if (index >= 0) return arrived.splice(index, 1)[0]!
        arrived.push(yield* Queue.take(inbox))
      }
    }).pipe(
      Effect.timeoutOrElse({
        duration: "30 seconds",
        orElse: () => new Unexpected({ detail: `no ${kind} arrived within 30 seconds` })
      })
    )

  return {
    baseUrl,
    webhookUrl,
    sandbox: Context.get(paykka, Sandbox.Sandbox),
    services: merchantServices,
    plugins: [noting(calls)],
    /** The calls since this was last asked. */
    takeCalls: (): ReadonlyArray<CallFacts> => calls.splice(0),
    /** The next notification of a kind. */
    next
  }
})
