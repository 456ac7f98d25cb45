/** Notifications for programs without Effect: handlers that are functions with promises, and one to verify. */
import { InvalidConfiguration } from "@paykka/core/Environment"
import * as Assessment from "@paykka/schemas/Assessment"
import * as Forex from "@paykka/schemas/Forex"
import * as Onboarding from "@paykka/schemas/Onboarding"
import * as Payee from "@paykka/schemas/Payee"
import * as Payment from "@paykka/schemas/Payment"
import * as Remittance from "@paykka/schemas/Remittance"
import * as Tradesettle from "@paykka/schemas/Tradesettle"
import * as Va from "@paykka/schemas/Va"
import * as CanonicalString from "@paykka/signing/CanonicalString"
import * as KeyStore from "@paykka/signing/KeyStore"
import type { KeyInput } from "@paykka/signing/KeyMaterial"
import * as Verifier from "@paykka/signing/Verifier"
import * as Incoming from "@paykka/webhook/Incoming"
import * as ReplayGuard from "@paykka/webhook/ReplayGuard"
import type * as WebHandler from "@paykka/webhook/WebHandler"
import * as Webhook from "@paykka/webhook/Webhook"
import * as WebhookNode from "@paykka/webhook/node"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { Disposed } from "./Disposed.ts"
import type { Duration as Length } from "./Duration.ts"
import { plain, rejection } from "./internal/rejection.ts"
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

const kinds = /*#__PURE__*/ Object.keys(notifications) as ReadonlyArray<Kind>

/** What a notification of a kind tells. */
export interface Messages {
  readonly onboarding: Onboarding.NotificationData
  readonly assessment: Assessment.NotificationData
  readonly va: Va.NotificationData
  readonly remittance: Remittance.NotificationData
  readonly tradesettle: Tradesettle.NotificationData
  readonly payee: Payee.NotificationData
  readonly forex: Forex.NotificationData
  readonly payment: Payment.NotificationData
}

/** A genuine notification of a kind, decoded. */
export interface Event<K extends Kind = Kind> extends Webhook.Received {
  /** For example `va.notification`. */
  readonly kind: Notifications[K]["id"]
  /** The business object, decoded. */
  readonly data: Messages[K]
}

/** A genuine notification of any kind: its `kind` tells the type of its `data`. */
export type AnyEvent = { [K in Kind]: Event<K> }[Kind] | Webhook.UnknownEvent

/** What a handler gets besides the event. */
export interface Handling {
  /** Aborted when the handler has taken so long that the notification may be delivered again. */
  readonly signal: AbortSignal
}

/** Does something with an event. The notification is acknowledged when it has resolved, and comes again when it rejects. */
export interface EventHandler<E> {
  (event: E, handling: Handling): unknown
}

/** What is done with notifications. A kind without a handler is acknowledged, with a warning in the log. */
export interface Handlers {
  /** The result of an application for onboarding. */
  readonly onboarding?: EventHandler<Event<"onboarding">> | undefined
  /** The result of a risk assessment. */
  readonly assessment?: EventHandler<Event<"assessment">> | undefined
  /** The result of an application for a collection account. */
  readonly va?: EventHandler<Event<"va">> | undefined
  /** Money has arrived on a collection account. */
  readonly remittance?: EventHandler<Event<"remittance">> | undefined
  /** The result of the settlement of a receipt. */
  readonly tradesettle?: EventHandler<Event<"tradesettle">> | undefined
  /** The result of the creation or amendment of a payee. */
  readonly payee?: EventHandler<Event<"payee">> | undefined
  /** The result of a currency conversion. */
  readonly forex?: EventHandler<Event<"forex">> | undefined
  /** The result of a payment. */
  readonly payment?: EventHandler<Event<"payment">> | undefined
  /**
   * Takes what is of none of these kinds, or may be of several. Default: what is of none is acknowledged, with a warning in the log; what may
   * be one of them is not, so that it comes again.
   */
  readonly unknown?: EventHandler<Webhook.UnknownEvent> | undefined
}

/** A store that remembers what was handled: `SqlReplayGuard` of `@paykka/store-sql` and its like. */
export interface ReplayStore extends Layer.Layer<ReplayGuard.ReplayGuard, unknown> {}

/** A public key of PayKKa's, alone or with its id. */
export type PlatformKey = string | Uint8Array | { readonly keyId?: string | undefined; readonly publicKey: KeyInput }

/** Settings of the webhooks, but for the keys. */
export interface WebhookOptions {
  /** How far a notification's time may be from now; `"off"` accepts any. Default: five minutes either way. */
  readonly tolerance?: Length | "off" | undefined
  /** Callback paths that carry one kind only. Best is one for each kind: some can be told by their path only. */
  readonly paths?: { readonly [K in Kind]?: ReadonlyArray<string> | undefined } | undefined
  /**
   * Merchant numbers that are expected, or a function of number and path that says so. PayKKa signs for all merchants with the same key, so
   * that another one's notification could be sent to you; `handler` answers it with 401. Default: any.
   */
  readonly merchants?: ReadonlyArray<string> | ((merchId: string, path: string) => boolean) | undefined
  /** Remembers what was handled, so that a second delivery is not. Default: in this process's memory; several processes need a store. */
  readonly replayGuard?: ReplayStore | undefined
  /** The largest body that is read, in bytes. Default: 1 MiB. */
  readonly maxBodyBytes?: number | undefined
}

/** Settings of webhooks alone. */
export interface WebhookSettings extends WebhookOptions {
  /** PayKKa's public keys, with their ids where you know them; several while they rotate. */
  readonly platformPublicKeys: ReadonlyArray<PlatformKey>
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
  /**
   * Answers notifications: 200 when the handler has resolved, 401 to a forgery, 500 when it has rejected. `fetch` takes web requests, `node`
   * those of `node:http`, `receive` what a framework has read.
   */
  readonly handler: (handlers: Handlers) => Handler
  /**
   * Verifies one request and decodes it, and does no more: no answer, no guard against a second delivery. Rejects with
   * `SignatureRejected`, or with `Unreadable` where the request is none.
   */
  readonly verify: (request: Request | Incoming.Parts) => Promise<AnyEvent>
  /** Resolves when the settings have been checked and the keys read; rejects with `InvalidConfiguration` where one cannot be used. */
  readonly ready: () => Promise<void>
  /** Ends the handlers, and releases what they hold. */
  readonly dispose: () => Promise<void>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

type Paths = Readonly<Record<string, ReadonlyArray<string>>>

/** The paths that are given, by ids of notifications. */
const pathsOf = (paths: WebhookSettings["paths"] = {}): Paths =>
  Object.fromEntries(
    kinds.flatMap((kind) => (paths[kind] === undefined ? [] : [[notifications[kind].id, paths[kind]]]))
  )

/** The first thing that is wrong with the settings, but for what is found where it is used: the keys. */
const faultOf = ({
  platformPublicKeys,
  tolerance = "off",
  paths = {}
}: WebhookSettings): InvalidConfiguration | undefined => {
  const fail = (option: string, detail: string) => new InvalidConfiguration({ option, detail })
  if (!Array.isArray(platformPublicKeys)) return fail("platformPublicKeys", "must be a list of keys")
  const length = tolerance === "off" ? Option.some(Duration.infinity) : Duration.fromInput(tolerance)
  if (Option.isNone(length)) return fail("tolerance", "must be a duration, such as 5 minutes, or off")
  for (const [kind, list = []] of Object.entries(paths)) {
    if (!Object.hasOwn(notifications, kind)) return fail(`paths.${kind}`, "is not a kind of notification")
    for (const path of list) {
      const checked = CanonicalString.checkPath(path)
      if (Result.isFailure(checked)) return fail(`paths.${kind}`, `a path ${checked.failure.rule}`)
    }
  }
  return undefined
}

const verifierOf = ({ platformPublicKeys, tolerance }: WebhookSettings) => {
  const platformKeys = platformPublicKeys.map((key) =>
    typeof key === "object" && "publicKey" in key ? key : { publicKey: key }
  )
  return Layer.provide(Verifier.layer({ tolerance }), KeyStore.layer({ platformKeys }))
}

/** A handler of Effect. It may give a promise, or nothing. */
const promising =
  <E>(handler: EventHandler<E>) =>
  (event: E): Effect.Effect<unknown> =>
    Effect.promise(async (signal) => handler(event, { signal }))

type PromisingHandlers = {
  readonly [K in Notifications[Kind] as K["id"]]: (event: Webhook.Event<K>) => Effect.Effect<unknown, unknown>
}

const isRequest = (request: Request | Incoming.Parts): request is Request => "arrayBuffer" in request

/** Receives notifications of all kinds. The keys are read by the first request. */
export const createWebhooks = (settings: WebhookSettings): Webhooks => {
  const { merchants, replayGuard = ReplayGuard.layerMemory(), maxBodyBytes, log } = settings
  const verifier = Layer.unwrap(
    Effect.suspend(() => {
      const fault = faultOf(settings)
      return fault === undefined ? Effect.succeed(verifierOf(settings)) : Effect.fail(fault)
    })
  ).pipe(Layer.provideMerge(loggerOf(log)))
  const paths = pathsOf(settings.paths)
  const runtime = ManagedRuntime.make(verifier)
  const running = new Set<() => Promise<void>>()
  let ended: Promise<unknown> | undefined
  const assertRunning = () => {
    if (ended !== undefined) throw plain(new Disposed({ wasUnderWay: false }))
  }
  const run = async <A>(effect: Effect.Effect<A, unknown, Verifier.Verifier>): Promise<A> => {
    assertRunning()
    try {
      return await runtime.runPromise(effect)
    } catch (error) {
      throw rejection(error, run)
    }
  }
  // May have been signed in place of the path that was called; a pattern is none.
  const own = [...Object.values(paths).flat(), ...kinds.map((kind) => notifications[kind].path)].filter(
    (path) => !path.includes("/:")
  )
  const dispose = async () => {
    await (ended ??= Promise.all([runtime.dispose(), ...[...running].map((end) => end())]))
  }
  return {
    handler: ({ unknown, ...handlers }) => {
      assertRunning()
      const given = kinds.filter((kind) => handlers[kind] !== undefined)
      // The kind of an event picks the handler of just that kind, which the type of a record cannot say.
      const byId = Object.fromEntries(
        given.map((kind) => [notifications[kind].id, promising(handlers[kind] as EventHandler<object>)])
      )
      const webhook = Webhook.make({
        notifications: given.map((kind) => notifications[kind]),
        handlers: byId as unknown as PromisingHandlers,
        paths,
        merchants,
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
      run(
        Effect.gen(function* () {
          const incoming = yield* isRequest(request)
            ? Incoming.fromRequest(request, maxBodyBytes)
            : Incoming.fromParts(request, maxBodyBytes)
          const { verify } = yield* Verifier.Verifier
          const verified = yield* verify({ ...incoming, path: [...new Set([incoming.path, ...own])] })
          return Webhook.decode(Object.values(notifications), verified, paths)
        })
      ),
    ready: () => run(Effect.void),
    dispose,
    [Symbol.asyncDispose]: dispose
  }
}
