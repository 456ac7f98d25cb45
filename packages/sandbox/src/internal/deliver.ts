/** Posts notifications, signed as the platform signs them. */
import * as Json from "@paykka/schemas/Json"
import * as Authorization from "@paykka/signing/Authorization"
import * as Signer from "@paykka/signing/Signer"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"

/** Where notifications go. */
export interface Target {
  /** The merchant's callback URL. */
  readonly url: string
  /** Sends a request. Default: the runtime's fetch. */
  readonly send: (request: Request) => Promise<Response>
}

const encoder = /*#__PURE__*/ new TextEncoder()

// Each delivery is signed anew. That it is not sent again with the same nonce is our own choice.
const deliverOnce = (
  target: Target,
  merchId: string,
  body: Uint8Array<ArrayBuffer>
): Effect.Effect<void, string, Signer.Signer> =>
  Effect.gen(function* () {
    const authorization = yield* Signer.authorize({ path: new URL(target.url).pathname, merchId, body }).pipe(
      Effect.mapError((error) => error.message)
    )
    const headers = {
      Authorization: Authorization.encode(authorization),
      "Content-Type": "application/json",
      "X-Merch-Id": merchId
    }
    const response = yield* Effect.tryPromise({
      try: () => target.send(new Request(target.url, { method: "POST", headers, body, redirect: "manual" })),
      catch: () => "no answer"
    })
    if (response.status !== 200) return yield* Effect.fail(`HTTP ${response.status}`)
  })

/** How often a delivery is tried and how long the first wait is. Our own choice: the schedule is not stated. */
export const redelivery = { times: 6, firstDelay: "500 millis" } as const

/**
 * Delivers a notification until it is answered with 200, at most seven times with growing waits.
 *
 * @returns what became of it: the number of deliveries, and the last failure where none was acknowledged
 */
export const deliver = Effect.fnUntraced(function* (
  target: Target,
  merchId: string,
  data: Readonly<Record<string, unknown>>
): Effect.fn.Return<{ readonly deliveries: number; readonly failure: string | undefined }, never, Signer.Signer> {
  // `version` is marked as required by the documentation; its value V2 is third-party.
  const body = encoder.encode(Json.stringify({ type: "MERCH", version: "V2", data }))
  let deliveries = 0
  const failure = yield* Effect.suspend(() => {
    deliveries++
    return deliverOnce(target, merchId, body)
  }).pipe(
    Effect.retry(Schedule.exponential(redelivery.firstDelay).pipe(Schedule.upTo({ times: redelivery.times }))),
    Effect.match({ onFailure: (detail) => detail, onSuccess: () => undefined })
  )
  return { deliveries, failure }
})
