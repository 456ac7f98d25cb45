/** A signed call and verified notifications, by promises and by layers, and what all packages export. Runs wherever they run. */
import * as Environment from "@paykka/core/Environment"
import * as PaykkaClient from "@paykka/core/PaykkaClient"
import * as VaMessages from "@paykka/schemas/Va"
import { createPaykka } from "@paykka/sdk"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Signer from "@paykka/signing/Signer"
import * as Verifier from "@paykka/signing/Verifier"
import * as Va from "@paykka/va/Va"
import * as ReplayGuard from "@paykka/webhook/ReplayGuard"
import * as WebHandler from "@paykka/webhook/WebHandler"
import * as Webhook from "@paykka/webhook/Webhook"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"

/** A request that a webhook receives. */
export interface Message {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface Settings {
  readonly baseUrl: string
  readonly merchId: string
  readonly keyId: string
  readonly privateKey: string
  readonly platformPublicKey: string
  readonly genuine: Message
  readonly tampered: Message
}

export interface Outcome {
  /** The status in which a new account ends. */
  readonly called: string | undefined
  /** HTTP status that answers the tampered notification. */
  readonly tampered: number
  /** HTTP status that answers the genuine notification. */
  readonly genuine: number
  /** The statuses that a handler has been given. */
  readonly handled: ReadonlyArray<string | undefined>
}

export interface Report {
  /** The names of each module's exports that have a value. */
  readonly exports: Readonly<Record<string, ReadonlyArray<string>>>
  readonly promises: Outcome
  readonly layers: Outcome
}

const requestOf = ({ path, headers, body }: Message): Request =>
  new Request(`https://merchant.test${path}`, { method: "POST", headers, body })

const receive = async (fetch: (request: Request) => Promise<Response>, { tampered, genuine }: Settings) => ({
  tampered: (await fetch(requestOf(tampered))).status,
  genuine: (await fetch(requestOf(genuine))).status
})

const account = { currencies: ["EUR"], country_code: "DE" } as const

const byPromises = async (settings: Settings): Promise<Outcome> => {
  const { baseUrl, merchId, keyId, privateKey, platformPublicKey } = settings
  const paykka = createPaykka({
    environment: "local",
    baseUrl,
    merchId,
    keyId,
    privateKey,
    platformPublicKeys: [platformPublicKey],
    undocumentedPaths: "allow",
    log: false
  })
  const { request_id } = await paykka.va.apply(account)
  const { status } = await paykka.va.awaitOutcome(request_id, { poll: { interval: "50 millis" } })
  const handled: Array<string | undefined> = []
  const { fetch } = paykka.webhooks.handler({ va: ({ data }) => handled.push(data.status) })
  const received = await receive(fetch, settings)
  await paykka.dispose()
  return { called: status, ...received, handled }
}

const byLayers = async (settings: Settings): Promise<Outcome> => {
  const { baseUrl, merchId, keyId, privateKey, platformPublicKey } = settings
  const keys = KeyStore.layer({ signingKey: { keyId, privateKey }, platformKeys: [{ publicKey: platformPublicKey }] })
  const paykka = Va.layer.pipe(
    Layer.provide(PaykkaClient.layer({ environment: Environment.local(baseUrl), merchId, undocumentedPaths: "allow" })),
    Layer.provide([Layer.provide(Signer.layer, keys), FetchHttpClient.layer])
  )
  const program = Effect.gen(function* () {
    const va = yield* Va.Va
    const { request_id } = yield* va.apply(account)
    return yield* va.awaitOutcome(request_id, { poll: { interval: "50 millis" } })
  })
  const { status } = await Effect.runPromise(Effect.provide(program, paykka))
  const handled: Array<string | undefined> = []
  const webhook = Webhook.make({
    notifications: [VaMessages.notification],
    handlers: { "va.notification": ({ data }) => Effect.sync(() => handled.push(data.status)) }
  })
  const verifier = Layer.provide(Verifier.layer(), keys)
  // The tampered notification would be told on the standard output, where the report goes.
  const silent = Logger.layer([])
  const { fetch, dispose } = WebHandler.make(webhook, Layer.mergeAll(verifier, ReplayGuard.layerMemory(), silent))
  const received = await receive(fetch, settings)
  await dispose()
  return { called: status, ...received, handled }
}

export const report = async (modules: Readonly<Record<string, object>>, settings: Settings): Promise<Report> => ({
  exports: Object.fromEntries(
    Object.entries(modules).map(([name, module]) => [
      name,
      Object.entries(module).flatMap(([key, value]) => (value === undefined ? [] : [key]))
    ])
  ),
  promises: await byPromises(settings),
  layers: await byLayers(settings)
})
