/** What of PayKKa's notifications is listened to: the results of payments. */
import * as Payment from "@paykka/schemas/Payment"
import type { Event } from "@paykka/webhook/Event"
import type * as LifeCycle from "@paykka/schemas/LifeCycle"
import * as Effect from "effect/Effect"
import { Payouts } from "./Payouts.ts"

/** Where PayKKa is to call. */
export const path = "/hooks/payment"

/**
 * Which merchant numbers a notification may be for: PayKKa signs for all merchants with one key. Whether it always says for whom is not known, so
 * one that does not say is taken.
 */
export const merchantsOf =
  (merchId: string) =>
  (named: string): boolean =>
    named === "" || named === merchId

/** Options of `Inbox.make` and `Webhook.make`, for whatever takes note of what is told. */
export const optionsFor = <E, R>(told: (requestId: string, told: LifeCycle.Told) => Effect.Effect<void, E, R>) =>
  ({
    notifications: [Payment.notification],
    paths: { "payment.notification": [path] },
    handlers: {
      "payment.notification": ({ data, verified }: Event<typeof Payment.notification>) =>
        data.request_id === undefined
          ? Effect.logWarning("a notification of a payment without a request_id")
          : told(data.request_id, { status: data.status, at: Number(verified.authorization.timestamp) })
    }
  }) as const

/** The options where the service is at hand. */
export const options = /*#__PURE__*/ optionsFor((requestId, told) =>
  Payouts.use((payouts) => payouts.told(requestId, told))
)
