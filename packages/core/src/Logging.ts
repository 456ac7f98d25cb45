/**
 * One line for each call, when it has ended, on Effect's logger.
 *
 * Its facts are annotations, as far as they are known: `operation`, `request_id`, `merch_id`, `attempts`, `duration_ms`, `http_status`,
 * `ret_code`, `ret_msg` (numbers masked), `reason`, `because` (of an `OutcomeUnknown`), `resolved_by`. No content, key or signature
 * is among them. A call whose input is invalid has no line: nothing was called.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { Severity } from "effect/LogLevel"
import * as Option from "effect/Option"
import type { AttemptFailed } from "./AttemptFailed.ts"
import { describe, type PaykkaError } from "./PaykkaError.ts"
import type { Answer, Attempt, Call, Outcome, Plugin } from "./Plugin.ts"

/** Settings of the plugin. */
export interface Options {
  /**
   * The level of a call's line; undefined for no line. Where it throws, the standard level holds. Default:
   * {@link standardLevel}.
   */
  readonly level?: ((call: Call, exit: Exit.Exit<Outcome, PaykkaError>) => Severity | undefined) | undefined
  /**
   * Whether each request has a line as well, at level `Debug`, when it has ended: with `attempt` (from 1), and `unsent` where nothing went
   * out. Default: no.
   */
  readonly requests?: boolean | undefined
}

/**
 * `Debug` for a read that succeeds, `Info` for a write. `Warn` for what failed or was interrupted; `Error` where somebody must look at
 * it: the outcome of a write is not known, there is no usable signing key, or the program has a defect.
 */
export const standardLevel = ({ operation }: Call, exit: Exit.Exit<Outcome, PaykkaError>): Severity => {
  if (Exit.isSuccess(exit)) return operation.effect === "read" ? "Debug" : "Info"
  switch (reasonOf(exit, errorOf(exit))) {
    case "OutcomeUnknown":
    case "SigningFailed":
    case "Defect":
      return "Error"
    default:
      return "Warn"
  }
}

/** The call at hand: how many of its requests were begun. */
const Current = /*#__PURE__*/ Context.Reference<{ begun: number } | undefined>("@paykka/core/Logging/Current", {
  defaultValue: () => undefined
})

const errorOf = <E>(exit: Exit.Exit<unknown, E>): E | undefined => Option.getOrUndefined(Exit.findErrorOption(exit))

/** Of what ended without a result. What a defect says may be anything, and the program gets it anyway. */
const reasonOf = (exit: Exit.Exit<unknown, unknown>, error: PaykkaError | AttemptFailed | undefined): string =>
  error?.reason._tag ?? (Exit.hasDies(exit) ? "Defect" : "Interrupted")

const ending = (exit: Exit.Exit<unknown, unknown>, error: PaykkaError | AttemptFailed | undefined): string => {
  if (error !== undefined) return `failed: ${describe(error.reason)}`
  return Exit.hasDies(exit) ? "ended by a defect" : "was interrupted"
}

const log = (
  level: Severity | undefined,
  message: string,
  facts: Readonly<Record<string, unknown>>
): Effect.Effect<void> =>
  level === undefined
    ? Effect.void
    : Effect.logWithLevel(level)(message).pipe(
        Effect.annotateLogs(Object.fromEntries(Object.entries(facts).filter(([, fact]) => fact !== undefined)))
      )

/** Runs an effect; then tells how it ended and how many milliseconds it took. Whatever telling does, the result stays. */
const telling = <A, E>(
  effect: Effect.Effect<A, E>,
  tell: (exit: Exit.Exit<A, E>, millis: number) => Effect.Effect<void>
): Effect.Effect<A, E> =>
  Effect.flatMap(Clock.Clock, (clock) => {
    const begun = clock.monotonicTimeNanosUnsafe()
    return Effect.onExit(effect, (exit) =>
      Effect.suspend(() => tell(exit, Math.round(Number(clock.monotonicTimeNanosUnsafe() - begun) / 1e6))).pipe(
        Effect.ignoreCause
      )
    )
  })

const callFacts = (call: Call, exit: Exit.Exit<Outcome, PaykkaError>, millis: number, begun: number) => {
  const error = errorOf(exit)
  const outcome = Exit.isSuccess(exit) ? exit.value : undefined
  return {
    operation: call.operation.id,
    request_id: call.requestId,
    merch_id: call.merchId,
    // What an interruption cuts off has no count of its own.
    attempts: outcome?.attempts ?? error?.attempts ?? begun,
    duration_ms: millis,
    http_status: outcome?.httpStatus ?? error?.httpStatus,
    ret_code: error?.retCode,
    ret_msg: error?.retMsg,
    reason: outcome === undefined ? reasonOf(exit, error) : undefined,
    because: error?.reason._tag === "OutcomeUnknown" ? error.reason.because._tag : undefined,
    resolved_by: outcome?.resolvedBy
  }
}

const requestFacts = (attempt: Attempt, exit: Exit.Exit<Answer, AttemptFailed>, millis: number) => {
  const error = errorOf(exit)
  const answer = Exit.isSuccess(exit) ? exit.value : undefined
  return {
    operation: attempt.operation.id,
    request_id: attempt.requestId,
    merch_id: attempt.merchId,
    attempt: attempt.attempt,
    unsent: error?.unsent,
    duration_ms: millis,
    http_status: answer?.httpStatus ?? error?.httpStatus,
    ret_code: error?.retCode,
    ret_msg: error?.retMsg,
    reason: answer === undefined ? reasonOf(exit, error) : undefined
  }
}

/** The plugin. Put it first to have the waits of others in `duration_ms`. */
export const make = ({ level = standardLevel, requests = false }: Options = {}): Plugin => {
  const levelOf = (call: Call, exit: Exit.Exit<Outcome, PaykkaError>): Severity | undefined => {
    try {
      return level(call, exit)
    } catch {
      return standardLevel(call, exit)
    }
  }
  return {
    name: "logging",
    operation: (call, next) =>
      Effect.suspend(() => {
        const current = { begun: 0 }
        return telling(Effect.provideService(next, Current, current), (exit, millis) => {
          const resolvedBy = Exit.isSuccess(exit) ? exit.value.resolvedBy : undefined
          const end = Exit.isSuccess(exit)
            ? `succeeded${resolvedBy === undefined ? "" : `, as ${resolvedBy} tells`}`
            : ending(exit, errorOf(exit))
          const facts = callFacts(call, exit, millis, current.begun)
          return log(levelOf(call, exit), `${call.operation.id} ${end}`, facts)
        })
      }),
    attempt: (attempt, next) =>
      Effect.flatMap(Current, (current) => {
        if (current !== undefined) current.begun = attempt.attempt
        if (!requests) return next
        return telling(next, (exit, millis) => {
          const end = Exit.isSuccess(exit) ? "succeeded" : ending(exit, errorOf(exit))
          const message = `${attempt.operation.id}, request ${attempt.attempt}, ${end}`
          return log("Debug", message, requestFacts(attempt, exit, millis))
        })
      })
  }
}
