/** Handles a notification under the replay guard: claim, handle, then commit or release. */
import type { Verified } from "@paykka/signing/Verifier"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type * as ReplayGuard from "../ReplayGuard.ts"
import { type Answer, count } from "./outcome.ts"

/** How the guard is used. */
export interface Settings {
  readonly busyMillis: number
  readonly guardFailure: "refuse" | "handle"
}

const encoder = /*#__PURE__*/ new TextEncoder()

const sha256 = async (text: string): Promise<string> =>
  Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text))), (byte) =>
    byte.toString(16).padStart(2, "0")
  ).join("")

/** Takes what is genuine, with the id by which guard and queue know it, and answers. */
export type Accept<R> = (verified: Verified, id: string) => Effect.Effect<Answer, never, R>

/** What the guard knows a notification by. */
const deliveryOf = ({ merchId, authorization }: Verified): Effect.Effect<ReplayGuard.Delivery> =>
  Effect.promise(async () => ({
    id: await sha256(`${merchId}\n${authorization.nonce}`),
    signature: await sha256(authorization.signature)
  }))

const monotonicMillis = /*#__PURE__*/ Effect.clockWith((clock) =>
  Effect.succeed(Number(clock.monotonicTimeNanosUnsafe() / 1_000_000n))
)

/** Waits between two looks at a notification that another delivery is handling: from 50 milliseconds to a second, as long as may be. */
const patience = function* (millis: number): Generator<number> {
  for (let left = millis, wait = 50; left > 0; left -= wait, wait = Math.min(2 * wait, 1000)) yield Math.min(wait, left)
}

/** Waits between two attempts to record what was handled. */
const recording = [100, 200, 400, 800]

/** Tries again after each of these waits, in milliseconds. Without `Schedule`, which weighs more than all this. */
const again = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  waits: Iterator<number>,
  isRetryable: (error: E) => boolean = () => true
): Effect.Effect<A, E, R> =>
  Effect.catchIf(effect, isRetryable, (error) => {
    const { done, value } = waits.next()
    return done === true ? Effect.fail(error) : Effect.andThen(Effect.sleep(value), again(effect, waits, isRetryable))
  })

const mayBeRepeated = (why: string): Effect.Effect<void> =>
  Effect.logError(`a PayKKa notification was handled, and may be again when it is repeated: ${why}`)

/** Ends with the answer of `accept` where it was this delivery that was handled. `accept` succeeds with 200 when it is done. */
export const guarded = (guard: ReplayGuard.Service, { busyMillis, guardFailure }: Settings) => {
  // The store's lease begins after it was asked for; a tenth is left for the record of what was done.
  const handlingMillis = Duration.toMillis(guard.lease) * 0.9

  return <R>(verified: Verified, accept: Accept<R>): Effect.Effect<Answer, never, R> => {
    // Suspended: what it throws must not leave a claim behind.
    const handle = (id: string) => Effect.suspend(() => accept(verified, id))

    const underClaim = (claimed: ReplayGuard.Claimed, millis: number): Effect.Effect<Answer, never, R> =>
      Effect.uninterruptibleMask((restore) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.forkChild(Effect.interruptible(handle(claimed.id)))
          // A failure is the interruption of this fiber; none is the end of the time.
          const waited = yield* Effect.exit(restore(Effect.timeoutOption(Fiber.await(fiber), millis)))
          const isLate = Exit.isSuccess(waited) && Option.isNone(waited.value)
          if (Exit.isFailure(waited) || isLate) yield* Fiber.interrupt(fiber)
          // It may have come to its end in this very moment.
          const exit = yield* Fiber.await(fiber)
          if (Exit.isSuccess(exit) && exit.value.status === 200) {
            // It is done, whatever becomes of the record of it: to say anything else would have it done twice.
            yield* Effect.matchEffect(again(guard.commit(claimed), recording.values()), {
              onSuccess: (isHeld) =>
                isHeld ? Effect.void : mayBeRepeated("its claim was over before that could be recorded"),
              onFailure: ({ message }) => mayBeRepeated(message)
            })
            return exit.value
          }
          if (isLate) {
            // Not released: a promise may still be at work, so the next delivery waits for the rest of the lease.
            yield* Effect.logError(
              "the handler of a PayKKa notification took longer than the guard's lease allows, and was cut off"
            )
            return yield* count("failed", 500, "timeout")
          }
          yield* Effect.catch(guard.release(claimed), ({ message }) =>
            Effect.logWarning(`a PayKKa notification can be handled again only after the guard's lease: ${message}`)
          )
          if (Exit.isFailure(waited)) return yield* Effect.failCause(waited.cause)
          return yield* exit
        })
      )

    const onClaim = (claim: ReplayGuard.Claim, askedAt: number): Effect.Effect<Answer, never, R> => {
      switch (claim._tag) {
        case "Claimed":
          return Effect.flatMap(monotonicMillis, (now) => underClaim(claim, handlingMillis - (now - askedAt)))
        case "Handled":
          return count("duplicate", 200)
        case "Busy":
          return Effect.andThen(
            Effect.logWarning("PayKKa notification put off: another delivery of it is still being handled"),
            count("unavailable", 503, "busy")
          )
        case "Conflict":
          return Effect.andThen(
            Effect.logWarning("PayKKa notification refused: its nonce came before with another signature"),
            count("refused", 401, "NonceReused")
          )
      }
    }

    const withoutGuard = (
      id: string,
      { message }: ReplayGuard.ReplayGuardUnavailable
    ): Effect.Effect<Answer, never, R> =>
      guardFailure === "handle"
        ? Effect.andThen(Effect.logError(`a PayKKa notification is handled unguarded: ${message}`), handle(id))
        : Effect.andThen(
            Effect.logError(`PayKKa notification put off: ${message}`),
            count("unavailable", 503, "ReplayGuardUnavailable")
          )

    return Effect.gen(function* () {
      const delivery = yield* deliveryOf(verified)
      let askedAt = 0
      const claim = Effect.flatMap(monotonicMillis, (now) => {
        askedAt = now
        return guard.claim(delivery)
      })
      const settled = again(
        Effect.filterOrFail(
          claim,
          ({ _tag }) => _tag !== "Busy",
          (busy) => busy
        ),
        patience(busyMillis),
        ({ _tag }) => _tag === "Busy"
      )
      return yield* Effect.matchEffect(settled, {
        onSuccess: (done) => onClaim(done, askedAt),
        onFailure: (failure) =>
          failure._tag === "ReplayGuardUnavailable" ? withoutGuard(delivery.id, failure) : onClaim(failure, askedAt)
      })
    })
  }
}
