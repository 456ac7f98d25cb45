/** The way of every request: verified, of an expected merchant, under the guard; then whatever takes the genuine ones. */
import type { SignatureRejected, Verified } from "@paykka/signing/Verifier"
import * as Verifier from "@paykka/signing/Verifier"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Incoming } from "../Incoming.ts"
import { ReplayGuard } from "../ReplayGuard.ts"
import { type Accept, guarded } from "./guarded.ts"
import { type Answer, count } from "./outcome.ts"

/** A request whose signature was refused. */
export interface Refusal {
  readonly incoming: Incoming
  /** The paths that may have been signed. */
  readonly paths: ReadonlyArray<string>
  readonly error: SignatureRejected
}

/** How requests are received. */
export interface ReceiveOptions<R = never> {
  /**
   * Merchant numbers (`X-Merch-Id`, signed) that are expected: a list, or a function of number and path that was called. The number
   * is empty where the header is not sent. A genuine notification for anybody else is refused: the platform signs for all merchants
   * with the same key, so that another one's notification could be sent here. Default: any.
   */
  readonly merchants?: ReadonlyArray<string> | ((merchId: string, path: string) => boolean) | undefined
  /** Told of each refused signature. Default: a warning in the log with the reason. See `RefusalExplanation`. */
  readonly onRefused?: ((refusal: Refusal) => Effect.Effect<unknown, never, R>) | undefined
  /** How long to wait while another delivery of the same notification is handled; then the answer is 503. Default: 10 seconds. */
  readonly busyTimeout?: Duration.Input | undefined
  /** While the replay guard's store is down: `refuse` with 503, so that it comes again (the default), or `handle` unguarded. */
  readonly guardFailure?: "refuse" | "handle" | undefined
}

const logRefused = ({ error }: Refusal): Effect.Effect<void> =>
  Effect.logWarning(`PayKKa notification refused: ${error.message}`)

/** Builds the way to `accept`, which answers what is genuine. `paths` may have been signed in place of that which was called. */
export const receiver = <R1>(
  paths: ReadonlyArray<string>,
  options: ReceiveOptions<R1>
): Effect.Effect<
  <R2>(accept: Accept<R2>) => (incoming: Incoming) => Effect.Effect<Answer, never, R1 | R2>,
  never,
  Verifier.Verifier | ReplayGuard
> =>
  Effect.gen(function* () {
    const verifier = yield* Verifier.Verifier
    const {
      merchants = () => true,
      onRefused = logRefused,
      busyTimeout = "10 seconds",
      guardFailure = "refuse"
    } = options
    const underGuard = guarded(yield* ReplayGuard, {
      busyMillis: Duration.toMillis(Duration.fromInputUnsafe(busyTimeout)),
      guardFailure
    })
    const isExpected = typeof merchants === "function" ? merchants : (merchId: string) => merchants.includes(merchId)

    return (accept) => (incoming) => {
      const candidates = [...new Set([incoming.path, ...paths])]
      const genuine = (verified: Verified) =>
        isExpected(verified.merchId, incoming.path)
          ? underGuard(verified, accept)
          : Effect.andThen(
              Effect.logWarning(
                "PayKKa notification refused: it is genuine, but for a merchant that is not expected here"
              ),
              count("refused", 401, "UnexpectedMerchant")
            )
      return Effect.suspend(() => verifier.verify({ ...incoming, path: candidates })).pipe(
        Effect.matchEffect({
          onSuccess: genuine,
          onFailure: (error) =>
            error._tag === "SignatureRejected"
              ? Effect.andThen(
                  onRefused({ incoming, paths: candidates, error }),
                  count("refused", 401, error.reason._tag)
                )
              : Effect.andThen(
                  Effect.logError(`PayKKa notification cannot be verified: ${error.message}`),
                  count("unavailable", 503, error._tag)
                )
        }),
        // A verifier, a key store or a schema of one's own may throw. Nobody has handled the notification then.
        Effect.catchCause((cause) =>
          Effect.andThen(
            Effect.logError("PayKKa notification could not be handled", cause),
            count("unavailable", 503, "defect")
          )
        ),
        Effect.withSpan("paykka.webhook")
      )
    }
  })
