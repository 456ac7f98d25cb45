/**
 * Metrics and traces by OpenTelemetry's conventions for HTTP clients, on Effect's `Metric` and `Tracer`: for any exporter of Effect,
 * such as `Otlp` of `effect/observability`.
 *
 * Spans: the engine's own for each call is completed (`paykka.merch_id`, `paykka.attempts`, `http.response.status_code`,
 * `paykka.ret_code`, `paykka.resolved_by`, `error.type`, `paykka.because`). In it is one of kind client for each request that goes out, in place of
 * that of Effect's `HttpClient`: from handing it over until the answer is read and understood, failed where that fails, without headers.
 *
 * Metrics (histograms, in seconds):
 * - `http.client.request.duration`, for each request that goes out;
 * - `paykka.call.duration`, for each call with all its requests and waits;
 *
 * and the counter `paykka.clock.corrections` and the gauge `paykka.clock.offset` (seconds), see `PlatformClock`. No attribute of a metric has an unbounded
 * number of values, so none is a `request_id` or merchant number.
 *
 * `error.type` is the HTTP status of a request that was refused with one, else the reason of the error, `Interrupted` or `Defect`.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as HttpClient from "effect/http/HttpClient"
import type { HttpClientRequest } from "effect/http/HttpClientRequest"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as References from "effect/References"
import type * as Tracer from "effect/Tracer"
import { type AttemptFailed, isPastSignature } from "./AttemptFailed.ts"
import type { PaykkaError } from "./PaykkaError.ts"
import type { Answer, Attempt, Call, Outcome, Plugin } from "./Plugin.ts"

// Effect exports the attribute `unit` as the unit of the metric.
const seconds = { unit: "s" }

const requestDuration = /*#__PURE__*/ Metric.histogram("http.client.request.duration", {
  description: "Duration of HTTP client requests.",
  attributes: seconds,
  // Those that the conventions advise.
  boundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
})

const callDuration = /*#__PURE__*/ Metric.histogram("paykka.call.duration", {
  description: "Duration of calls of PayKKa, with all requests and waits.",
  attributes: seconds,
  // Retries take up to a minute, asking for a lost outcome takes minutes.
  boundaries: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]
})

const clockCorrections = /*#__PURE__*/ Metric.counter("paykka.clock.corrections", {
  description: "Requests that were accepted only when signed with the platform's time.",
  attributes: { unit: "{request}" },
  incremental: true
})

const clockOffset = /*#__PURE__*/ Metric.gauge("paykka.clock.offset", {
  description: "How far the platform's clock is ahead of the program's.",
  attributes: seconds
})

type Attributes = Readonly<Record<string, string | number | undefined>>

/** The call at hand. */
interface Progress {
  /** How many requests went out. */
  sent: number
  /** Whether the platform's time is on trial. */
  isCorrecting: boolean
}

const Current = /*#__PURE__*/ Context.Reference<Progress | undefined>("@paykka/core/Telemetry/Current", {
  defaultValue: () => undefined
})

const known = (attributes: Attributes): ReadonlyArray<readonly [name: string, value: string | number]> =>
  Object.entries(attributes).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))

const annotate = (span: Tracer.Span, attributes: Attributes): void => {
  for (const [name, value] of known(attributes)) span.attribute(name, value)
}

const record = <State>(
  metric: Metric.Metric<number, State>,
  value: number,
  attributes: Attributes = {}
): Effect.Effect<void> =>
  Metric.update(
    Metric.withAttributes(metric, Object.fromEntries(known(attributes).map(([name, each]) => [name, String(each)]))),
    value
  )

/** A call without descriptor is called `request` and its path, in which there may be numbers. */
const boundedId = ({ operation }: Call): string => operation.id.replace(/ .*$/s, "")

const errorOf = <E>(exit: Exit.Exit<unknown, E>): E | undefined => Option.getOrUndefined(Exit.findErrorOption(exit))

const errorType = (exit: Exit.Exit<unknown, PaykkaError | AttemptFailed>): string | undefined => {
  if (Exit.isSuccess(exit)) return undefined
  return errorOf(exit)?.reason._tag ?? (Exit.hasDies(exit) ? "Defect" : "Interrupted")
}

/** Runs an effect, then another. Whatever that one does, the result stays. */
const finishing = <A, E>(
  effect: Effect.Effect<A, E>,
  finish: (exit: Exit.Exit<A, E>) => Effect.Effect<void>
): Effect.Effect<A, E> => Effect.onExit(effect, (exit) => Effect.ignoreCause(Effect.suspend(() => finish(exit))))

const secondsSince = (clock: Clock.Clock, begun: bigint): number =>
  Number(clock.monotonicTimeNanosUnsafe() - begun) / 1e9

const aroundCall = <A extends Outcome>(
  call: Call,
  next: Effect.Effect<A, PaykkaError>
): Effect.Effect<A, PaykkaError> =>
  Effect.flatMap(Clock.Clock, (clock) => {
    const begun = clock.monotonicTimeNanosUnsafe()
    const state: Progress = { sent: 0, isCorrecting: false }
    return finishing(Effect.provideService(next, Current, state), (exit) => {
      const error = errorOf(exit)
      const outcome = Exit.isSuccess(exit) ? exit.value : undefined
      const shared = { "error.type": errorType(exit), "paykka.resolved_by": outcome?.resolvedBy }
      const ofSpan = {
        ...shared,
        "paykka.merch_id": call.merchId,
        "paykka.attempts": outcome?.attempts ?? error?.attempts ?? state.sent,
        "http.response.status_code": outcome?.httpStatus ?? error?.httpStatus,
        "paykka.ret_code": error?.retCode,
        "paykka.because": error?.reason._tag === "OutcomeUnknown" ? error.reason.because._tag : undefined
      }
      return Effect.andThen(
        Effect.annotateCurrentSpan(Object.fromEntries(known(ofSpan))),
        record(callDuration, secondsSince(clock, begun), { "paykka.operation": boundedId(call), ...shared })
      )
    })
  })

/** What spans and metrics of a request have in common. */
const requestAttributes = (attempt: Attempt): Attributes => {
  const { protocol, hostname, port } = new URL(attempt.origin)
  return {
    "http.request.method": "POST",
    "url.scheme": protocol.slice(0, -1),
    // Of an IPv6 address without its brackets.
    "server.address": hostname.replace(/^\[|\]$/g, ""),
    "server.port": Number(port) || (protocol === "http:" ? 80 : 443)
  }
}

/** Begins the span of a request, in the span of the fiber that sends it. */
const startSpan = (request: HttpClientRequest, attributes: Attributes): Tracer.Span | undefined => {
  const fiber = Fiber.getCurrent()
  if (fiber === undefined) return undefined
  try {
    const name = fiber.getRef(HttpClient.SpanNameGenerator)(request)
    const span = Effect.runSyncWith(fiber.context)(Effect.makeSpan(name, { kind: "client" }))
    annotate(span, attributes)
    return span
  } catch {
    // A payment is not to fail for it.
    return undefined
  }
}

const isAccepted = (exit: Exit.Exit<Answer, AttemptFailed>): boolean => {
  const error = errorOf(exit)
  return Exit.isSuccess(exit) || (error !== undefined && isPastSignature(error))
}

const aroundAttempt = <A extends Answer>(
  attempt: Attempt,
  next: Effect.Effect<A, AttemptFailed>
): Effect.Effect<A, AttemptFailed> =>
  Effect.withFiber((fiber) => {
    const clock = fiber.getRef(Clock.Clock)
    const isUntraced = fiber.getRef(HttpClient.TracerDisabledWhen)
    const state = fiber.getRef(Current) ?? { sent: 0, isCorrecting: false }
    const begun = clock.monotonicTimeNanosUnsafe()
    const attributes = requestAttributes(attempt)
    let sentAt: bigint | undefined
    let span: Tracer.Span | undefined

    // Asked when the transport is given a request: neither signing nor the waits of other plugins are part of it, and a signer's or
    // plugin's own requests are not ours.
    const takesOver = (request: HttpClientRequest): boolean => {
      if (!request.url.endsWith(attempt.path)) return isUntraced(request)
      if (sentAt === undefined) {
        sentAt = clock.monotonicTimeNanosUnsafe()
        if (!isUntraced(request)) {
          span = startSpan(request, {
            ...attributes,
            "url.full": attempt.origin + attempt.path,
            "url.path": attempt.path,
            "http.request.resend_count": state.sent === 0 ? undefined : state.sent,
            "paykka.operation": attempt.operation.id
          })
        }
        state.sent++
      }
      return true
    }

    state.isCorrecting ||= attempt.isClockCorrection
    return finishing(Effect.provideService(next, HttpClient.TracerDisabledWhen, takesOver), (exit) => {
      const error = errorOf(exit)
      const httpStatus = Exit.isSuccess(exit) ? exit.value.httpStatus : error?.httpStatus
      const ofAnswer = {
        "http.response.status_code": httpStatus,
        "error.type": httpStatus !== undefined && httpStatus >= 400 ? String(httpStatus) : errorType(exit)
      }
      if (span !== undefined) {
        annotate(span, { ...ofAnswer, "paykka.ret_code": error?.retCode })
        span.end(fiber.getRef(References.TracerTimingEnabled) ? clock.currentTimeNanosUnsafe() : 0n, exit)
      }
      const isCorrected = state.isCorrecting && isAccepted(exit)
      if (isCorrected) state.isCorrecting = false
      return Effect.andThen(
        // Of a transport that is not made by HttpClient.make it is only known that something came of it.
        sentAt === undefined && httpStatus === undefined
          ? Effect.void
          : record(requestDuration, secondsSince(clock, sentAt ?? begun), {
              ...attributes,
              ...ofAnswer,
              "paykka.operation": boundedId(attempt)
            }),
        isCorrected
          ? Effect.andThen(record(clockCorrections, 1), record(clockOffset, attempt.offsetMillis / 1000))
          : Effect.void
      )
    })
  })

/**
 * The plugin. Put it first, so that it sees what the others do; the waits of others are in the duration of a call, not in that of a
 * request, wherever it stands.
 */
export const make = (): Plugin => ({ name: "telemetry", operation: aroundCall, attempt: aroundAttempt })
