/** One server of the bench, in a process of its own. Reads `SUBJECT`; tells its port to the process that has started it. */
import { type RequestListener, createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { notification as va } from "@paykka/schemas/Va"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Verifier from "@paykka/signing/Verifier"
import * as Inbox from "@paykka/webhook/Inbox"
import * as WebhookNode from "@paykka/webhook/node"
import * as ReplayGuard from "@paykka/webhook/ReplayGuard"
import * as Webhook from "@paykka/webhook/Webhook"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { platform } from "../material.ts"
import { type Subject, stores } from "./subject.ts"

const subject = JSON.parse(process.env["SUBJECT"] ?? "") as Subject

const verifier = Verifier.layer().pipe(
  Layer.provide(KeyStore.layer({ platformKeys: [{ keyId: platform.keyId, publicKey: platform.publicPem }] }))
)

// What is measured is the way to the answer: the handler does nothing, and nobody runs the inbox.
const choice = { notifications: [va], handlers: { "va.notification": () => Effect.void } } as const

const serve = <R>(webhook: Effect.Effect<Webhook.Webhook, never, R>) =>
  Effect.gen(function* () {
    const answer = WebhookNode.handle(yield* webhook)
    const run = Effect.runForkWith(yield* Effect.context())
    const listener: RequestListener = (request, response) => void run(answer(request, response))
    const server = createServer(listener).listen(0, "127.0.0.1", () =>
      process.send?.((server.address() as AddressInfo).port)
    )
    return yield* Effect.never
  })

const program =
  subject.kind === "bare"
    ? serve(Webhook.make(choice)).pipe(Effect.provide([verifier, ReplayGuard.layerNone]))
    : subject.kind === "guard"
      ? serve(Webhook.make(choice)).pipe(Effect.provide([verifier, stores(subject.engine)]))
      : serve(Inbox.make(choice)).pipe(Effect.provide([verifier, stores(subject.engine)]))

process.once("disconnect", () => process.exit())
await Effect.runPromise(program)
