/** Notifications for programs without Effect: handlers that are functions with promises, and one to verify. */
import * as Assessment from "@paykka/schemas/Assessment"
import * as Forex from "@paykka/schemas/Forex"
import * as Onboarding from "@paykka/schemas/Onboarding"
import * as Payee from "@paykka/schemas/Payee"
import * as Payment from "@paykka/schemas/Payment"
import * as Remittance from "@paykka/schemas/Remittance"
import * as Tradesettle from "@paykka/schemas/Tradesettle"
import * as Va from "@paykka/schemas/Va"
import * as KeyStore from "@paykka/signing/KeyStore"
import type { KeyInput } from "@paykka/signing/KeyMaterial"
import * as Verifier from "@paykka/signing/Verifier"
import * as Incoming from "@paykka/webhook/Incoming"
import * as ReplayGuard from "@paykka/webhook/ReplayGuard"
import type * as WebHandler from "@paykka/webhook/WebHandler"
import * as Webhook from "@paykka/webhook/Webhook"
import * as WebhookNode from "@paykka/webhook/node"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { type Log, loggerOf } from "./log.ts"

const notifications = {
  onboarding: Onboarding.notification,
  assessment: Assessment.notification,
  va: Va.notification,
  remittance: Remittance.notification,
  tradesettle: Tradesettle.notification,
  payee: Payee.notification,
  forex: Forex.notification,
  payment: Payment.notification
} as const

type Notifications = typeof notifications

/** The kinds of notifications. */
export type Kind = keyof Notifications

/** A genuine notification of a kind, decoded: `kind`, `data`, and what came (`raw`, `verified`). */
export interface Event<K extends Kind = Kind> extends Webhook.Event<Notifications[K]> {}

/** A genuine notification of any kind: its `kind` tells the type of its `data`. */
export type AnyEvent = { [K in Kind]: Event<K> }[Kind] | Webhook.UnknownEvent

/**
 * What is done with notifications. One is acknowledged when its handler has resolved; when it rejects, PayKKa sends it again. A kind without
 * a handler is acknowledged, with a warning in the log.
 */
export type Handlers = { readonly [K in Kind]?: (event: Event<K>) => unknown } & {
  /** Takes what is of none of the kinds, or of several of them. */
  readonly unknown?: (event: Webhook.UnknownEvent) => unknown
}

/** Settings of the webhooks. */
export interface WebhookSettings {
  /** PayKKa's public keys, with their ids where you know them; several while they rotate. */
  readonly platformPublicKeys: ReadonlyArray<
    string | Uint8Array | { readonly keyId?: string | undefined; readonly publicKey: KeyInput }
  >
  /** How far a notification's time may be from now. Default: five minutes either way. */
  readonly tolerance?: Verifier.Options["tolerance"]
  /** Callback paths that carry one kind only. Best is one for each kind: some can be told by their path only. */
  readonly paths?: { readonly [K in Kind]?: ReadonlyArray<string> } | undefined
  /** Remembers what was handled, so that a second delivery is not. Default: in this process's memory; several processes need a store. */
  readonly replayGuard?: Layer.Layer<ReplayGuard.ReplayGuard> | undefined
  /** The largest body that is read, in bytes. Default: 1 MiB. */
  readonly maxBodyBytes?: number | undefined
  /** Takes warnings. Default: they go to the console. `false`: nothing is logged. */
  readonly log?: Log
}

/** A running webhook. */
export interface Handler extends WebHandler.WebHandler {
  /** For `http.createServer`, and for Express without a body parser. */
  readonly node: WebhookNode.NodeHandler["listener"]
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/** Receives notifications. */
export interface Webhooks {
  /** Answers notifications: 200 when the handler has resolved, 401 to a forgery, 500 when it has rejected. */
  readonly handler: (handlers: Handlers) => Handler
  /**
   * Verifies one request and decodes it, and does no more: no answer, no guard against a second delivery. Rejects with
   * `SignatureRejected`, or with `Unreadable` where the request is none.
   */
  readonly verify: (request: Request | Incoming.Parts) => Promise<AnyEvent>
  readonly dispose: () => Promise<void>
}

const keysOf = (keys: WebhookSettings["platformPublicKeys"]) =>
  KeyStore.layer({
    platformKeys: keys.map((key) => (typeof key === "string" || key instanceof Uint8Array ? { publicKey: key } : key))
  })

/** A handler of Effect. It may give a promise, or nothing. */
const promising =
  <E>(handler: (event: E) => unknown) =>
  (event: E): Effect.Effect<unknown> =>
    Effect.promise(async () => handler(event))

type PromisingHandlers = {
  readonly [K in Notifications[Kind] as K["id"]]: (event: Webhook.Event<K>) => Effect.Effect<unknown, unknown>
}

const kinds = Object.keys(notifications) as ReadonlyArray<Kind>

/** Receives notifications of all kinds. The keys are read by the first request. */
export const createWebhooks = (settings: WebhookSettings): Webhooks => {
  const {
    platformPublicKeys,
    tolerance,
    paths = {},
    replayGuard = ReplayGuard.layerMemory(),
    maxBodyBytes,
    log
  } = settings
  const verifier = Verifier.layer({ tolerance }).pipe(
    Layer.provide(keysOf(platformPublicKeys)),
    Layer.provideMerge(loggerOf(log))
  )
  const pathsById = Object.fromEntries(
    Object.entries(paths).map(([kind, list]) => [notifications[kind as Kind].id, list])
  )
  const runtime = ManagedRuntime.make(verifier)
  const running = new Set<() => Promise<void>>()
  // May have been signed in place of the path that was called; a pattern is none.
  const others = [...Object.values(paths).flat(), ...kinds.map((kind) => notifications[kind].path)]
  const own = others.filter((path) => path !== undefined && !path.includes("/:"))
  const dispose = async () => {
    await Promise.all([runtime.dispose(), ...[...running].map((end) => end())])
  }
  return {
    handler: ({ unknown, ...handlers }) => {
      const given = kinds.filter((kind) => handlers[kind] !== undefined)
      // The kind of an event picks the handler of just that kind, which the type of a record cannot say.
      const byId = Object.fromEntries(
        given.map((kind) => [notifications[kind].id, promising(handlers[kind] as (event: object) => unknown)])
      )
      const webhook = Webhook.make({
        notifications: given.map((kind) => notifications[kind]),
        handlers: byId as unknown as PromisingHandlers,
        paths: pathsById,
        ...(unknown === undefined ? {} : { onUnknown: promising(unknown) })
      })
      const layer = Layer.merge(verifier, replayGuard)
      const { fetch, receive, listener, dispose: release } = WebhookNode.make(webhook, layer, { maxBodyBytes })
      const end = () => {
        running.delete(end)
        return release()
      }
      running.add(end)
      return { fetch, receive, node: listener, dispose: end, [Symbol.asyncDispose]: end }
    },
    verify: (request) =>
      runtime.runPromise(
        Effect.gen(function* () {
          const incoming = yield* request instanceof Request
            ? Incoming.fromRequest(request, maxBodyBytes)
            : Incoming.fromParts(request, maxBodyBytes)
          const { verify } = yield* Verifier.Verifier
          const verified = yield* verify({ ...incoming, path: [...new Set([incoming.path, ...own])] })
          return Webhook.decode(Object.values(notifications), verified, pathsById)
        })
      ),
    dispose
  }
}
