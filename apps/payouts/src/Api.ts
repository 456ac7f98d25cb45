/** The calls of the service, as data: what comes in is read JSON, what goes out is a status and JSON. */
import type * as LifeCycle from "@paykka/schemas/LifeCycle"
import type { Fault } from "@paykka/schemas/Operation"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Payout from "./Payout.ts"
import { Payouts } from "./Payouts.ts"
import { PayoutStore, type StoreUnavailable } from "./PayoutStore.ts"

/** An answer. */
export interface Answer {
  readonly status: number
  readonly body: object
}

/** The largest order that is read, in bytes. */
export const maxBodyBytes = 16_384

const error = (status: number, code: string, message: string, faults?: ReadonlyArray<Fault>): Answer => ({
  status,
  body: { error: { code, message, faults } }
})

/** Answers to what is no call of the service. */
export const unauthorized = error(401, "unauthorized", "a bearer token is needed: Authorization: Bearer ...")
export const notFound = error(404, "not_found", "there is nothing here")
export const wrongMethod = error(405, "wrong_method", "this path does not take that method")
export const tooLarge = error(413, "too_large", `an order has at most ${maxBodyBytes} bytes`)
export const notJson = error(400, "invalid_order", "the body is not JSON")
const unknown = error(404, "unknown_payout", "there is no payout of this request_id")
const conflict = error(409, "other_order", "another order was made under this request_id; nothing was changed")
export const unavailable = error(
  503,
  "unavailable",
  "the store of payouts is not available; the same order may be sent again"
)

const shown = (payout: Payout.Payout): Answer => ({
  status: Payout.isAtRest(payout) ? 200 : 202,
  body: Payout.view(payout)
})

const orUnavailable = <R>(answer: Effect.Effect<Answer, StoreUnavailable, R>): Effect.Effect<Answer, never, R> =>
  Effect.catch(answer, ({ message }) => Effect.as(Effect.logError(message), unavailable))

/** Reads an order, or says all that is wrong with it. */
export const readOrder = (body: unknown): Result.Result<Payout.Order, Answer> =>
  Result.mapError(Payout.read(body), ({ message, faults }) => error(400, "invalid_order", message, faults))

/** How long `POST /payouts` waits for what becomes of the payout before it answers with where it stands. */
const wait = Duration.seconds(5)

/**
 * `POST /payouts`: keeps the order, begins to pay it, and answers with where it stands: 200 at rest, 202 under way, 400 with all its
 * faults, 409 where its `request_id` names another order.
 *
 * @param background runs what goes on after the answer
 */
export const post = (
  body: unknown,
  background: (work: Effect.Effect<unknown, never, Payouts>) => Effect.Effect<unknown, never, Payouts>
): Effect.Effect<Answer, never, Payouts> =>
  Effect.gen(function* () {
    const order = readOrder(body)
    if (Result.isFailure(order)) return order.failure
    const payouts = yield* Payouts
    const { payout, isSame } = yield* payouts.submit(order.success)
    if (!isSame) return conflict
    const { request_id } = payout.order
    const advancing = Effect.catch(payouts.advance(request_id), ({ message }) => Effect.logError(message))
    yield* Effect.timeoutOption(background(advancing), wait)
    return shown((yield* payouts.find(request_id)) ?? payout)
  }).pipe(orUnavailable)

/** `GET /payouts/:request_id`. */
export const get = (requestId: string): Effect.Effect<Answer, never, Payouts> =>
  Effect.gen(function* () {
    const payouts = yield* Payouts
    const payout = yield* payouts.find(requestId)
    return payout === undefined ? unknown : { ...shown(payout), status: 200 }
  }).pipe(orUnavailable)

/** What PayKKa has told of a payment, where another part of the service has heard it. */
export const told = (requestId: string, news: LifeCycle.Told): Effect.Effect<Answer, never, Payouts> =>
  Payouts.use((payouts) => payouts.told(requestId, news)).pipe(Effect.as({ status: 200, body: {} }), orUnavailable)

/** `GET /health`: the process answers. */
export const health: Answer = { status: 200, body: { status: "ok" } }

/** `GET /ready`: it can keep orders. */
export const ready: Effect.Effect<Answer, never, PayoutStore> = Effect.gen(function* () {
  const store = yield* PayoutStore
  yield* store.get("readiness")
  return { status: 200, body: { status: "ready" } }
}).pipe(orUnavailable)

const encoder = new TextEncoder()

const digest = async (text: string) => new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text)))

/** Whether a header carries the token. Takes as long whatever differs. */
export const isAuthorized = (header: string | undefined, token: string): Effect.Effect<boolean> =>
  Effect.promise(async () => {
    const [given, wanted] = await Promise.all([digest(header ?? ""), digest(`Bearer ${token}`)])
    return given.reduce((difference, byte, index) => difference | (byte ^ (wanted[index] ?? 0)), 0) === 0
  })
