/** Reads what is genuine, and hands it to the handler of its kind. */
import type * as Notification from "@paykka/schemas/Notification"
import * as CanonicalString from "@paykka/signing/CanonicalString"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { isPattern } from "./pathPattern.ts"
import { type Event, type EventOf, type Genuine, type UnknownEvent, decode } from "../Event.ts"

/** One handler for each chosen kind. An event is acknowledged when its handler succeeds. */
export type Handlers<N extends Notification.Notification> = {
  readonly [K in N as K["id"]]: (event: Event<K>) => Effect.Effect<unknown, unknown, unknown>
}

/** Which notifications are handled, and how. */
export interface DispatchOptions<N extends Notification.Notification, H, R = never> {
  /** The kinds that are decoded; only these are bundled. */
  readonly notifications: ReadonlyArray<N>
  readonly handlers: H
  /**
   * Takes what is no event of a chosen kind. Default: what fits none of them (`kinds` is empty) is acknowledged, with a warning in the log;
   * what may be one of them is not: a webhook answers 500, so that it comes again, and an inbox makes a dead letter of it in the end.
   */
  readonly onUnknown?: ((event: UnknownEvent) => Effect.Effect<unknown, unknown, R>) | undefined
  /**
   * Callback paths that carry one kind only, by its id: `{ "va.notification": ["/hooks/va"] }`. Best is one for each kind: onboarding
   * and payment results can be told by their path only, since nothing is known of their shape, and what carries a `beneficiary_id`
   * on no kind's own path is taken for the result of a payee. They are also candidates for the signed path, where the platform signs
   * another path than the one it calls (a proxy rewrote it, or the documentation's path was signed).
   *
   * A segment with a colon in front stands for any one: `/hooks/:merchant/va` for the accounts of each of many merchants. Such a path is
   * no candidate for another signed path.
   */
  readonly paths?: { readonly [K in N["id"]]?: ReadonlyArray<string> } | undefined
}

/** The services that handlers need. */
export type ServicesOf<H> = {
  [K in keyof H]: H[K] extends (event: never) => Effect.Effect<unknown, unknown, infer R> ? R : never
}[keyof H]

/** Forbids a handler of a kind that was not chosen: it would never run, and a record inferred as H would be let pass. */
export type Chosen<N extends Notification.Notification, H> = {
  readonly handlers: { readonly [K in Exclude<keyof H, N["id"]>]: never }
}

// What is for one of the chosen handlers and does not get there must not be acknowledged and forgotten.
const standardUnknown = ({ kinds, detail }: UnknownEvent): Effect.Effect<void, string> =>
  kinds.length === 0
    ? Effect.logWarning(`PayKKa notification of unknown kind acknowledged: ${detail}`)
    : Effect.fail(`a notification ${detail}`)

/** All paths that may have been signed in place of that which was called. */
const signable = (
  notifications: ReadonlyArray<Notification.Notification>,
  paths: Readonly<Record<string, ReadonlyArray<string>>>
): ReadonlyArray<string> => {
  const owners = new Map(notifications.map(({ id, path }) => [path, id]))
  for (const [id, list] of Object.entries(paths)) {
    for (const path of list) {
      const fault = (rule: string) => new Error(`paths["${id}"]: a path ${rule}`)
      // No notification can be signed over such a path: those that were meant would be refused or take another way.
      Result.getOrThrowWith(CanonicalString.checkPath(path), ({ rule }) => fault(rule))
      const owner = owners.get(path) ?? id
      // Else one kind would be read as the other.
      if (owner !== id) throw fault(`is that of ${owner} already; ${path} can tell one kind only`)
      owners.set(path, id)
    }
  }
  return [...new Set([...Object.values(paths).flat(), ...owners.keys()])].filter((path) => !isPattern(path))
}

/** The way of what is genuine. */
export interface Dispatch<N extends Notification.Notification, R> {
  /** All paths that may have been signed in place of that which was called. */
  readonly paths: ReadonlyArray<string>
  /** Reads it into an event. Never fails. */
  readonly read: (genuine: Genuine) => EventOf<N> | UnknownEvent
  /** Runs the handler of its kind. What that throws is a defect. */
  readonly handle: (event: EventOf<N> | UnknownEvent) => Effect.Effect<unknown, unknown, R>
}

/** Makes the way. Throws where a path cannot be one. */
export const dispatch = <const N extends Notification.Notification, H extends Handlers<N>, R = never>(
  options: DispatchOptions<N, H, R>
): Dispatch<N, ServicesOf<H> | R> => {
  const { notifications, onUnknown = standardUnknown } = options
  const paths = (options.paths ?? {}) as Readonly<Record<string, ReadonlyArray<string>>>
  // The kind of an event picks the handler of just that kind, which the type of a record cannot say.
  const handlers = options.handlers as unknown as Readonly<
    Record<string, (event: EventOf<N>) => Effect.Effect<unknown, unknown, ServicesOf<H>>>
  >
  return {
    paths: signable(notifications, paths),
    read: (genuine) => decode(notifications, genuine, paths),
    // Suspended, since a handler may throw before it returns an effect.
    handle: (event) =>
      Effect.suspend((): Effect.Effect<unknown, unknown, ServicesOf<H> | R> =>
        event.kind === "unknown" ? onUnknown(event as UnknownEvent) : handlers[event.kind]!(event as EventOf<N>)
      )
  }
}
