/**
 * Receives the platform's notifications: raw bytes -> verify -> guard against replay -> decode -> handler -> 200 `{}`.
 *
 * The signature is checked on the raw bytes before anything parses them. A sender whose signature is wrong is told
 * 401 and nothing else; the reason goes to the log. The content of a notification is never logged, but for
 * what a failing handler says of itself.
 *
 * How notifications are signed is third-party knowledge, the acknowledgement is documented
 * (`contract/core.yaml`, `notifications`).
 */
import type * as Notification from "@paykka/schemas/Notification"
import type { Verifier } from "@paykka/signing/Verifier"
import * as Effect from "effect/Effect"
import type { Incoming, Unreadable } from "./Incoming.ts"
import { type Chosen, type DispatchOptions, type Handlers, type ServicesOf, dispatch } from "./internal/dispatch.ts"
import { type Answer, count } from "./internal/outcome.ts"
import { type ReceiveOptions, receiver } from "./internal/receiver.ts"
import type { ReplayGuard } from "./ReplayGuard.ts"

export { type Event, type Received, type UnknownEvent, decode } from "./Event.ts"
export type { Chosen, DispatchOptions, Handlers, ServicesOf } from "./internal/dispatch.ts"
export { type Answer, answer } from "./internal/outcome.ts"
export type { ReceiveOptions, Refusal } from "./internal/receiver.ts"

/** What a webhook consists of. */
export interface Options<N extends Notification.Notification, H, R = never>
  extends DispatchOptions<N, H, R>, ReceiveOptions<R> {}

/** A webhook: takes a request, answers it. Never fails; what went wrong is in the log and in the status. */
export interface Webhook<R = never> {
  /** Verifies, decodes and hands on one notification. */
  readonly receive: (incoming: Incoming) => Effect.Effect<Answer, never, R>
}

/** The answer to a request that could not be read. The detail goes to the log. */
export const unreadable = (error: Unreadable): Effect.Effect<Answer> =>
  Effect.andThen(
    Effect.logWarning(`PayKKa notification refused: ${error.detail}`),
    count("refused", error.status, "Unreadable")
  )

/**
 * Builds a webhook over the `Verifier` of `@paykka/signing` and a `ReplayGuard`. A path in `paths` that nobody can sign, or that
 * is another kind's, is a defect.
 */
export const make = <const N extends Notification.Notification, H extends Handlers<N>, R = never>(
  options: Options<N, H, R> & Chosen<N, H>
): Effect.Effect<Webhook<ServicesOf<H> | R>, never, Verifier | ReplayGuard> =>
  Effect.suspend(() => {
    const { paths, read, handle } = dispatch<N, H, R>(options)
    return Effect.map(receiver(paths, options), (receive) => ({
      receive: receive((verified) => {
        const event = read(verified)
        return handle(event).pipe(
          Effect.andThen(count("handled", 200, event.kind)),
          Effect.catchCause((cause) =>
            Effect.andThen(
              Effect.logError(`the handler of ${event.kind} failed; PayKKa is asked to send it again`, cause),
              count("failed", 500, event.kind)
            )
          )
        )
      })
    }))
  })
