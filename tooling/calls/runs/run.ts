/** One payout on a bad day, from a seed: which requests have which fault, and what came of it. */
import * as Environment from "@paykka/core/Environment"
import * as Outcome from "@paykka/core/Outcome"
import * as PaykkaClient from "@paykka/core/PaykkaClient"
import * as Plugin from "@paykka/core/Plugin"
import * as ResolvePolicy from "@paykka/core/ResolvePolicy"
import * as Faults from "@paykka/sandbox/Faults"
import * as Sandbox from "@paykka/sandbox/Sandbox"
import * as SandboxTransport from "@paykka/sandbox/SandboxTransport"
import * as Amount from "@paykka/schemas/Amount"
import * as Payment from "@paykka/schemas/Payment"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Simulated from "../clock.ts"
import * as Funds from "../funds.ts"
import { merchId, sandboxKeys, signer } from "../keys.ts"

/** What the platform makes of a `request_id` that it has seen before: nobody knows what PayKKa does. */
export type Repetition = NonNullable<Sandbox.Options["repeatedRequestId"]>

/** How late a request may be processed that was given up: within the settling time. */
const late = { processed: { after: "40 seconds" } } as const
const yes = { processed: true } as const
const no = { processed: false } as const

const kinds: ReadonlyArray<readonly [fault: Faults.Fault, weight: number]> = [
  [Faults.reset(yes), 3],
  [Faults.reset(no), 3],
  [Faults.reset(late), 2],
  [Faults.silence(yes), 2],
  [Faults.silence(no), 2],
  [Faults.silence(late), 2],
  [Faults.cut(1), 2],
  [Faults.brokenJson(yes), 1],
  [Faults.gateway(408, no), 1],
  [Faults.gateway(408, late), 1],
  [Faults.gateway(502, yes), 1],
  [Faults.gateway(503, no), 1],
  [Faults.gateway(504, late), 1],
  [Faults.gateway(429, { ...no, retryAfter: 2 }), 1],
  [Faults.platformError("999999", yes), 1],
  [Faults.platformError("999999", no), 1]
]

/** What came of a payout. */
export interface Run {
  /** How the call ended. */
  readonly ended: "answered" | "found by asking" | "not processed" | "unknown" | `refused: ${string}`
  /** How many requests of the payout were sent. */
  readonly sent: number
  /** How many payments were made by the end of the call, when all that was late had been processed. */
  readonly made: number
  /** How many after the program had dealt with what the call told it. */
  readonly madeInTheEnd: number
  /** What the question told that was asked of an unknown outcome, on the next day. */
  readonly onTheNextDay: Outcome.Resolution["_tag"] | undefined
}

const endOf = (
  result: Result.Result<PaykkaClient.Reply<unknown>, { readonly reason: { readonly _tag: string } }>
): Run["ended"] => {
  if (Result.isSuccess(result)) return result.success.resolvedBy === undefined ? "answered" : "found by asking"
  const { _tag } = result.failure.reason
  if (_tag === "OutcomeUnknown") return "unknown"
  return _tag === "Unreachable" || _tag === "RateLimited" ? "not processed" : `refused: ${_tag}`
}

/**
 * Makes runs over one sandbox, each with a payout of another amount.
 *
 * @param settle the settling time of the policy
 */
export const runs = (
  repetition: Repetition,
  settle: ResolvePolicy.ResolvePolicy["settle"],
  seeds: ReadonlyArray<number>
) => {
  let source: Faults.Source = () => undefined
  let nth = 0
  let expire = () => {}
  const faults: Faults.Source = (facts) => {
    // Counted anew for each run, so that a run is the same whatever was before.
    const fault = source({ ...facts, nth: ++nth })
    // The answer will never come; the client waits for it by now.
    if (fault?._tag === "Silence") setImmediate(expire)
    return fault
  }
  // Simulated time runs ahead of the sandbox's.
  const platform = Sandbox.layer({ ...sandboxKeys, repeatedRequestId: repetition, tolerance: "3650 days" })
  const paykka = PaykkaClient.layer({
    environment: Environment.local(SandboxTransport.baseUrl),
    merchId,
    timeout: Simulated.requestTimeout,
    undocumentedPaths: "allow"
  }).pipe(Layer.provide([signer, Layer.provide(Simulated.onItsOwnTime, SandboxTransport.layerWith({ faults }))]))

  return Effect.gen(function* () {
    const sandbox = yield* Sandbox.Sandbox
    const client = yield* PaykkaClient.PaykkaClient
    const runFork = Effect.runForkWith(yield* Effect.context())
    yield* Funds.fund(1_000_000)
    const beneficiary_id = yield* Funds.payee
    const policy = { ...ResolvePolicy.standard, settle }

    const run = (seed: number) =>
      Effect.gen(function* () {
        const amount = String(seed + 1)
        const made = Funds.payments(amount)
        const pay = client.executeWithResponse(
          Payment.apply,
          { request_id: `PAY-${seed}`, amount: Amount.make(amount), currency: "EUR", beneficiary_id },
          { onUnknown: "resolve" }
        )
        const clock = Simulated.make(Date.now(), (millis) => sandbox.advance(millis))
        expire = () => void runFork(clock.expire)
        // As a limiter does: what a request waits before it goes out is no time for it to be processed in.
        const waiting: Plugin.Plugin = {
          name: "waiting",
          attempt: ({ operation }, next) =>
            operation.effect === "read" ? next : Effect.andThen(Effect.sleep((seed % 3) * 100_000), next)
        }
        const inTime = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
          clock
            .run(effect)
            .pipe(
              Effect.provideService(ResolvePolicy.Current, policy),
              Effect.provideService(Plugin.Current, [waiting])
            )

        nth = 0
        source = Faults.seeded(seed, { probability: 0.6, kinds })
        const result = yield* Effect.result(inTime(pay))
        source = () => undefined
        yield* sandbox.advance("5 minutes")
        const ended = endOf(result)
        const madeThen = yield* made

        // What a program does on the next day, when the network is well again.
        let onTheNextDay: Run["onTheNextDay"]
        if (Result.isFailure(result)) {
          if (ended === "unknown") {
            yield* inTime(Effect.sleep("9 minutes"))
            onTheNextDay = (yield* inTime(Outcome.resolve(result.failure)))._tag
          }
          if (ended === "not processed" || onTheNextDay === "NotProcessed") yield* inTime(pay)
        }
        const sent = Result.isSuccess(result) ? result.success.attempts : result.failure.attempts
        return { ended, sent, made: madeThen, madeInTheEnd: yield* made, onTheNextDay } satisfies Run
      })
    return yield* Effect.forEach(seeds, (seed) => Effect.map(run(seed), (outcome) => ({ seed, ...outcome })))
  }).pipe(Effect.provide(Layer.provideMerge(paykka, platform)))
}
