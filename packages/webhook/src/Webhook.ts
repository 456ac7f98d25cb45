/**
 * Receives the platform's notifications: raw bytes -> verify -> decode -> handler -> 200 `{}`.
 *
 * The signature is checked on the raw bytes before anything parses them. A sender whose signature is wrong is told
 * 401 and nothing else; the reason goes to the log. The content of a notification is never logged, but for
 * what a failing handler says of itself.
 *
 * How notifications are signed is third-party knowledge, the acknowledgement is documented
 * (`contract/core.yaml`, `notifications`).
 */
import * as Json from "@paykka/schemas/Json"
import * as Notification from "@paykka/schemas/Notification"
import * as CanonicalString from "@paykka/signing/CanonicalString"
import * as Verifier from "@paykka/signing/Verifier"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Incoming, Unreadable } from "./Incoming.ts"

/** What every event has. */
interface Received {
  /** The parsed body as it came; undefined when it is not JSON. */
  readonly raw: unknown
  /** The envelope's `type`. Not for routing: `MERCH` stands in unrelated notifications. */
  readonly type: string | undefined
  /** The envelope's `version`, where it comes. */
  readonly version: string | undefined
  /** What was verified: raw bytes, path, merchant number, timestamp, nonce, and the key that matched. */
  readonly verified: Verifier.Verified
}

/** A notification of a chosen kind. */
export interface Event<N extends Notification.Notification = Notification.Notification> extends Received {
  /** For example `va.notification`. */
  readonly kind: N["id"]
  /** The business object, decoded. */
  readonly data: N["data"]["Type"]
}

/** An event of one of several kinds: its `kind` tells the type of its `data`. */
type EventOf<N extends Notification.Notification> = N extends Notification.Notification ? Event<N> : never

/** A genuine notification that no chosen kind fits. It is acknowledged all the same. */
export interface UnknownEvent extends Received {
  readonly kind: "unknown"
  /** The business object as it came. */
  readonly data: unknown
  /** Why it is unknown, without any of its values. */
  readonly detail: string
}

/** One handler for each chosen kind. An event is acknowledged when its handler succeeds. */
export type Handlers<N extends Notification.Notification> = {
  readonly [K in N as K["id"]]: (event: Event<K>) => Effect.Effect<unknown, unknown, unknown>
}

/** What a webhook consists of. */
export interface Options<N extends Notification.Notification, H, R = never> {
  /** The kinds that are decoded; only these are bundled. */
  readonly notifications: ReadonlyArray<N>
  readonly handlers: H
  /** Takes what no chosen kind fits. Default: a warning in the log, without content. */
  readonly onUnknown?: ((event: UnknownEvent) => Effect.Effect<unknown, unknown, R>) | undefined
  /**
   * Callback paths that carry one kind only, by its id: `{ "va.notification": ["/hooks/va"] }`. They are also
   * candidates for the signed path, where the platform signs another path than the one it calls (a proxy rewrote
   * it, or the documentation's path was signed).
   */
  readonly paths?: { readonly [K in N["id"]]?: ReadonlyArray<string> } | undefined
}

/** What to answer the platform. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A webhook: takes a request, answers it. Never fails; what went wrong is in the log and in the status. */
export interface Webhook<R = never> {
  /** Verifies, decodes and hands on one notification. */
  readonly receive: (incoming: Incoming) => Effect.Effect<Answer, never, R>
}

type ServicesOf<H> = {
  [K in keyof H]: H[K] extends (event: never) => Effect.Effect<unknown, unknown, infer R> ? R : never
}[keyof H]

/** The answer of a status. The caller learns nothing else: 200 done, 401 not genuine, 500 and 503 try again. */
export const answer = (status: number): Answer => ({
  status,
  headers: { "Content-Type": "application/json", ...(status === 405 ? { Allow: "POST" } : {}) },
  body: "{}"
})

/** The answer to a request that could not be read. The detail goes to the log. */
export const unreadable = (error: Unreadable): Effect.Effect<Answer> =>
  Effect.as(Effect.logWarning(`PayKKa notification refused: ${error.detail}`), answer(error.status))

const parse = (body: Uint8Array): Result.Result<unknown, string> => {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(body)
    return Result.mapError(Json.parse(text), ({ detail }) => `the body ${detail}`)
  } catch {
    return Result.fail("the body is not UTF-8")
  }
}

/** Reads a verified body into an event of one of the chosen kinds, or into an unknown one. Never fails. */
export const decode = <N extends Notification.Notification>(
  notifications: ReadonlyArray<N>,
  verified: Verifier.Verified,
  paths: Readonly<Record<string, ReadonlyArray<string>>> = {}
): EventOf<N> | UnknownEvent => {
  const json = parse(verified.body)
  if (Result.isFailure(json)) {
    const absent = { raw: undefined, type: undefined, version: undefined, data: undefined }
    return { kind: "unknown", ...absent, detail: json.failure, verified }
  }
  const envelope = Notification.readEnvelope(json.success)
  const received = { raw: json.success, ...envelope, verified }
  // The signed path, not the received one: it is the one that nobody could change on the way.
  const [notification, ...others] = Notification.recognise(notifications, verified.path, envelope.data, paths)
  if (notification === undefined)
    return { ...received, kind: "unknown", detail: "no chosen kind fits its path or shape" }
  if (others.length > 0) {
    const ids = [notification, ...others].map(({ id }) => id).join(" or ")
    return { ...received, kind: "unknown", detail: `may be ${ids}; give each a path of its own (option paths)` }
  }
  const data = Notification.decodeData(notification, envelope.data)
  return Result.isSuccess(data)
    ? ({ ...received, kind: notification.id, data: data.success } as EventOf<N>)
    : { ...received, kind: "unknown", detail: `looks like ${notification.id}, but ${data.failure.message}` }
}

const logUnknown = (event: UnknownEvent): Effect.Effect<void> =>
  Effect.logWarning(`PayKKa notification of unknown kind acknowledged: ${event.detail}`)

// A handler of a kind that was not chosen would never run; a record inferred as H would be let pass.
type Chosen<N extends Notification.Notification, H> = {
  readonly handlers: { readonly [K in Exclude<keyof H, N["id"]>]: never }
}

/** Builds a webhook over the `Verifier` of `@paykka/signing`. A path in `paths` that nobody can sign is a defect. */
export const make = <const N extends Notification.Notification, H extends Handlers<N>, R = never>(
  options: Options<N, H, R> & Chosen<N, H>
): Effect.Effect<Webhook<ServicesOf<H> | R>, never, Verifier.Verifier> =>
  Effect.map(Verifier.Verifier, (verifier) => {
    const { notifications, onUnknown = logUnknown } = options
    const paths = (options.paths ?? {}) as Readonly<Record<string, ReadonlyArray<string>>>
    for (const [id, list] of Object.entries(paths)) {
      for (const path of list) {
        // No notification can be signed over such a path: those that were meant would be refused or take another way.
        Result.getOrThrowWith(
          CanonicalString.checkPath(path),
          ({ rule }) => new Error(`paths["${id}"]: a path ${rule}`)
        )
      }
    }
    const otherPaths = [...Object.values(paths).flat(), ...notifications.map(({ path }) => path)]
    // The kind of an event picks the handler of just that kind, which the type of a record cannot say.
    const handlers = options.handlers as unknown as Readonly<
      Record<string, (event: EventOf<N>) => Effect.Effect<unknown, unknown, ServicesOf<H>>>
    >

    const handle = (event: EventOf<N> | UnknownEvent): Effect.Effect<unknown, unknown, ServicesOf<H> | R> =>
      event.kind === "unknown" ? onUnknown(event as UnknownEvent) : handlers[event.kind]!(event as EventOf<N>)

    const receive = (incoming: Incoming): Effect.Effect<Answer, never, ServicesOf<H> | R> =>
      Effect.suspend(() => verifier.verify({ ...incoming, path: [...new Set([incoming.path, ...otherPaths])] })).pipe(
        Effect.matchEffect({
          onSuccess: (verified) => {
            const event = decode(notifications, verified, paths)
            // Suspended, since a handler may throw before it returns an effect.
            return Effect.suspend(() => handle(event)).pipe(
              Effect.as(answer(200)),
              Effect.catchCause((cause) =>
                Effect.as(
                  Effect.logError(`the handler of ${event.kind} failed; PayKKa is asked to send it again`, cause),
                  answer(500)
                )
              )
            )
          },
          onFailure: (error) =>
            error._tag === "SignatureRejected"
              ? Effect.as(Effect.logWarning(`PayKKa notification refused: ${error.message}`), answer(401))
              : Effect.as(Effect.logError(`PayKKa notification cannot be verified: ${error.message}`), answer(503))
        }),
        // A verifier, a key store or a schema of one's own may throw. Nobody has handled the notification then.
        Effect.catchCause((cause) =>
          Effect.as(Effect.logError("PayKKa notification could not be handled", cause), answer(503))
        ),
        Effect.withSpan("paykka.webhook")
      )
    return { receive }
  })
