/** The failure of one request, as plugins see it and the retry loop judges it. */
import * as Data from "effect/Data"
import { type OutcomeUnknown, type Reason, describe } from "./PaykkaError.ts"

/** A reason for one request; whether the whole call is then in doubt is decided by the engine. */
export type AttemptReason = Exclude<Reason, OutcomeUnknown>

/** One request that failed. */
export class AttemptFailed
  extends /*#__PURE__*/ Data.TaggedError("AttemptFailed")<{
    readonly reason: AttemptReason
    /** `no`: surely not processed; `perhaps`: a write must not be repeated blindly. */
    readonly processed: "no" | "perhaps"
    /** Whether the same request may succeed later. */
    readonly transient: boolean
    /** It ended before the transport was given anything: it does not count as a request. */
    readonly unsent?: boolean
    /** Whether the call ends with it, though it is transient. */
    readonly isFinal?: boolean
    /** How long to wait at least before the next request, in milliseconds, where the platform or a plugin says so. */
    readonly retryAfterMillis?: number | undefined
    /** How far the platform's clock, by its `Date`, was ahead of the time that was signed, in milliseconds. */
    readonly skewMillis?: number | undefined
    readonly httpStatus?: number | undefined
    readonly retCode?: string | undefined
    readonly retMsg?: string | undefined
  }>
{
  override get message(): string {
    return describe(this.reason)
  }
}

/**
 * Whether the platform itself has refused what was asked, and so has accepted the signature: a code of its own says so. A gateway has
 * none, and may refuse before anybody has looked at a signature.
 */
export const isPastSignature = ({ processed, retCode, reason }: AttemptFailed): boolean =>
  processed === "no" && retCode !== undefined && reason._tag !== "RateLimited" && reason._tag !== "Unauthorized"

/** What is known of a request that has begun stands, whatever a plugin then says of it. */
export const withKnown = (said: AttemptFailed, known: AttemptFailed | undefined): AttemptFailed => {
  const { reason, transient, isFinal = false, retryAfterMillis, skewMillis, httpStatus, retCode, retMsg } = said
  const { processed = "perhaps", unsent = false } = known ?? {}
  return new AttemptFailed({
    reason,
    processed,
    transient,
    unsent,
    isFinal,
    retryAfterMillis,
    skewMillis,
    httpStatus,
    retCode,
    retMsg
  })
}

/** Why a plugin does not let a request go out. */
export interface Stop {
  /** For the person who reads the error: `not sent: the circuit is open`. */
  readonly detail: string
  /**
   * How long to wait before the next request, in milliseconds. The retry policy bounds it; without it the policy's own wait
   * applies.
   */
  readonly retryAfterMillis?: number | undefined
  /** Whether the call ends with it. Otherwise the retry policy decides whether another request is tried. Default: no. */
  readonly isFinal?: boolean | undefined
}

/**
 * The failure for a plugin that does not let a request go out. It must come before the plugin runs `next`: what comes
 * later may have been processed, and the engine then takes it so, whatever the failure says.
 */
export const stopped = ({ detail, retryAfterMillis, isFinal = false }: Stop): AttemptFailed =>
  new AttemptFailed({
    reason: { _tag: "Unreachable", detail },
    processed: "no",
    transient: true,
    unsent: true,
    isFinal,
    retryAfterMillis
  })
