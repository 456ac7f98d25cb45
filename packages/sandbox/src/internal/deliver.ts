/** Posts notifications, signed as the platform signs them. */
import * as Json from "@paykka/schemas/Json"
import * as Authorization from "@paykka/signing/Authorization"
import * as Signer from "@paykka/signing/Signer"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"

/** Where a notification goes. */
export interface Target {
  /** The merchant's callback URL. */
  readonly url: URL
  /** Sends a request. */
  readonly send: (request: Request) => Promise<Response>
}

/**
 * How often a delivery is repeated, how long the first wait is (each further one is twice as long), and how long an
 * answer is waited for. Our own choice: nothing of it is stated.
 */
const redelivery = { times: 6, firstDelay: "500 millis", timeout: "10 seconds" } as const

const encoder = /*#__PURE__*/ new TextEncoder()

/** Says how a connection failed, where the runtime tells: fetch hides it in the error's cause. */
const noAnswer = (error: unknown): string => {
  const code = (error as { readonly cause?: { readonly code?: unknown } } | undefined)?.cause?.code
  return typeof code === "string" ? `no answer (${code})` : "no answer"
}

// Each delivery is signed anew. That it is not sent again with the same nonce is our own choice.
const deliverOnce = (
  { url, send }: Target,
  merchId: string,
  body: Uint8Array<ArrayBuffer>
): Effect.Effect<void, string, Signer.Signer> =>
  Effect.gen(function* () {
    const authorization = yield* Signer.authorize({ path: url.pathname, merchId, body }).pipe(
      Effect.mapError((error) => error.message)
    )
    const headers = {
      Authorization: Authorization.encode(authorization),
      "Content-Type": "application/json",
      "X-Merch-Id": merchId
    }
    const status = yield* Effect.tryPromise({
      try: async (signal) => {
        const response = await send(new Request(url, { method: "POST", headers, body, redirect: "manual", signal }))
        // Nothing says that the body is inspected. Left unread it would hold the connection.
        await response.body?.cancel()
        return response.status
      },
      catch: noAnswer
    }).pipe(
      Effect.timeoutOrElse({
        duration: redelivery.timeout,
        orElse: () => Effect.fail(`no answer within ${redelivery.timeout}`)
      })
    )
    if (status !== 200) return yield* Effect.fail(`HTTP ${status}`)
  })

/**
 * Delivers a notification until it is answered with 200, at most seven times with growing waits.
 *
 * @returns what became of it: the number of deliveries, and the last failure where none was acknowledged
 */
export const deliver = /*#__PURE__*/ Effect.fnUntraced(function* (
  target: Target,
  merchId: string,
  type: string,
  data: Readonly<Record<string, unknown>>
): Effect.fn.Return<{ readonly deliveries: number; readonly failure: string | undefined }, never, Signer.Signer> {
  // `version` is marked as required by the documentation; its value V2 is third-party.
  const body = encoder.encode(Json.stringify({ type, version: "V2", data }))
  const { origin, pathname } = target.url
  let deliveries = 0
  const failure = yield* Effect.suspend(() => {
    deliveries++
    return deliverOnce(target, merchId, body)
  }).pipe(
    Effect.tapError((detail) =>
      Effect.logWarning(`sandbox notification to ${origin}${pathname}, delivery ${deliveries}: ${detail}`)
    ),
    Effect.retry(Schedule.exponential(redelivery.firstDelay).pipe(Schedule.upTo({ times: redelivery.times }))),
    Effect.match({ onFailure: (detail) => detail, onSuccess: () => undefined })
  )
  return { deliveries, failure }
})
