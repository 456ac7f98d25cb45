/**
 * A server of one process, for a program that a test starts several times: a webhook under the given guard, whose handler writes a line
 * for each notification. Tells its port on standard output.
 */
import { appendFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { notification as va } from "@paykka/schemas/Va"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Verifier from "@paykka/signing/Verifier"
import * as WebhookNode from "@paykka/webhook/node"
import type * as ReplayGuard from "@paykka/webhook/ReplayGuard"
import * as Webhook from "@paykka/webhook/Webhook"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"

const variable = (name: string): string => {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set`)
  return value
}

/** Serves until the process is ended. Reads `HANDLED`, a file, and `PLATFORM_PUBLIC_KEY`. */
export const serve = (guard: Layer.Layer<ReplayGuard.ReplayGuard, unknown>): void => {
  const handled = variable("HANDLED")
  const webhook = Webhook.make({
    notifications: [va],
    handlers: {
      "va.notification": ({ data }) =>
        Effect.gen(function* () {
          // Long enough for the others to arrive meanwhile.
          yield* Effect.sleep("200 millis")
          yield* Effect.sync(() => appendFileSync(handled, `${data.request_id} ${process.pid}\n`))
        })
    }
  })
  const keys = KeyStore.layer({ platformKeys: [{ publicKey: variable("PLATFORM_PUBLIC_KEY") }] })
  const verifier = Verifier.layer().pipe(Layer.provide(keys))
  const { listener } = WebhookNode.make(webhook, Layer.mergeAll(verifier, guard, Logger.layer([Logger.consoleJson])))
  const server = createServer(listener).listen(0, "127.0.0.1", () => {
    console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }))
  })
}
