/**
 * The one error of a call. Its `reason` tells the cases apart; recover with
 * `Effect.catchReason("PaykkaError", "RateLimited", ...)` or by a switch on `error.reason._tag`.
 *
 * Holds no key, signature, account or document number: texts of the platform are masked, bodies are never kept.
 */
import type { Fault } from "@paykka/schemas/Operation"
import * as Data from "effect/Data"
import type { Key, Query } from "./Query.ts"

/** The request does not fit. By the client: nothing was sent. By the platform: `010000`. */
export interface InvalidRequest {
  readonly _tag: "InvalidRequest"
  /** Who refused it. */
  readonly by: "client" | "platform"
  /** All faults found by the client; empty when the platform refused. */
  readonly faults: ReadonlyArray<Fault>
}
/** `010100`, `010200` or HTTP 401: the platform did not accept the signature. */
export interface Unauthorized {
  readonly _tag: "Unauthorized"
}
/** `010001` or HTTP 429: too many requests. Not processed. */
export interface RateLimited {
  readonly _tag: "RateLimited"
  /** What the platform asked to wait (`Retry-After`), in milliseconds, where it did. */
  readonly retryAfterMillis: number | undefined
}
/** `010002`: data not found. Check identifier and merchant number. */
export interface NotFound {
  readonly _tag: "NotFound"
}
/** `010003`: the object's state does not allow the call. */
export interface InvalidState {
  readonly _tag: "InvalidState"
}
/** `010004`: perhaps a repeated identifier; query the earlier submission. */
export interface IntegrityViolation {
  readonly _tag: "IntegrityViolation"
}
/** `010005`: the file is too large. */
export interface FileTooLarge {
  readonly _tag: "FileTooLarge"
}
/**
 * Refused with a code beyond the common table; see `retCode`. (In a 2xx answer to a write, which the documentation
 * calls processed, it is {@link OutcomeUnknown}.)
 */
export interface Rejected {
  readonly _tag: "Rejected"
}
/** `999999` or HTTP 5xx in answer to a read. (In answer to a write it is {@link OutcomeUnknown}.) */
export interface PlatformFailure {
  readonly _tag: "PlatformFailure"
}
/** No answer, and nothing was processed: the platform was not reached, or the call was a read. */
export interface Unreachable {
  readonly _tag: "Unreachable"
  /** For example `connection refused (ECONNREFUSED)`. */
  readonly detail: string
}
/** An answer that cannot be read: a redirect, too large, not JSON, cut short, fields of the wrong type. */
export interface UnexpectedResponse {
  readonly _tag: "UnexpectedResponse"
  /** What is the matter with it. */
  readonly detail: string
  /** The body's beginning: of JSON only names and types, of other text with numbers masked. */
  readonly beginning: string
}
/**
 * A create or update that may have been processed. Never send it again blindly: ask `resolvedBy` first, with the
 * key, and when you do send again, use the same key.
 */
export interface OutcomeUnknown {
  readonly _tag: "OutcomeUnknown"
  /** What happened instead of a clear answer. */
  readonly because: Exclude<Reason, OutcomeUnknown | InvalidRequest | SigningFailed>
  /** The id of the read operation that reveals the outcome; null where there is none. */
  readonly resolvedBy: string | null
  /** The field and value that name the submission; null where the operation has none. */
  readonly key: Key | null
  /** The question that tells, for `Outcome.resolve`; null where no call tells, or it asks for a number that is not known. */
  readonly query: Query | null
  /** When the last request began, in milliseconds since the epoch. */
  readonly sentAt: number
  /** When it was given up: the settling time of `Outcome.resolve` counts from here. */
  readonly givenUpAt: number
}
/** Nothing was sent: there is no usable signing key. */
export interface SigningFailed {
  readonly _tag: "SigningFailed"
  /** What is the matter, without key text. */
  readonly detail: string
}

/** Why a call failed. */
export type Reason =
  | InvalidRequest
  | Unauthorized
  | RateLimited
  | NotFound
  | InvalidState
  | IntegrityViolation
  | FileTooLarge
  | Rejected
  | PlatformFailure
  | Unreachable
  | OutcomeUnknown
  | UnexpectedResponse
  | SigningFailed

/** The reason in words. */
export const describe = (reason: Reason): string => {
  switch (reason._tag) {
    case "InvalidRequest":
      return reason.by === "client"
        ? `the request is invalid, nothing was sent: ${reason.faults.map(({ path, rule }) => (path === "" ? rule : `${path} ${rule}`)).join("; ")}`
        : "the platform found the request invalid"
    case "Unauthorized":
      return "the platform did not accept the signature; check key_id, key pair, merchant number, path and clock"
    case "RateLimited": {
      const wait = reason.retryAfterMillis === undefined ? "" : `, asked to wait ${reason.retryAfterMillis / 1000} s`
      return `too many requests${wait}`
    }
    case "NotFound":
      return "data not found; check the identifier and the merchant number"
    case "InvalidState":
      return "the object's state does not allow this call; query it first"
    case "IntegrityViolation":
      return "data integrity violation, perhaps a repeated identifier; query the earlier submission"
    case "FileTooLarge":
      return "the file is too large"
    case "Rejected":
      return "the platform refused the call"
    case "PlatformFailure":
      return "the platform failed"
    case "Unreachable":
      return `no answer: ${reason.detail}`
    case "UnexpectedResponse":
      return `the answer cannot be read: ${reason.detail}`
    case "OutcomeUnknown": {
      const ask =
        reason.resolvedBy === null
          ? "no call tells; see its documentation before sending it again"
          : `ask ${reason.resolvedBy} before sending it again`
      return `it is not known whether the platform processed it (${describe(reason.because)}); ${ask}`
    }
    case "SigningFailed":
      return reason.detail
  }
}

/** What a failed call is known to be. */
export class PaykkaError
  extends /*#__PURE__*/ Data.TaggedError("PaykkaError")<{
    /** The operation's id, for example `va.apply`. */
    readonly operation: string
    /** The `request_id` of the call, given or made; undefined where the operation has none. */
    readonly requestId: string | undefined
    /** How many requests were sent. */
    readonly attempts: number
    /** The HTTP status of the last answer. */
    readonly httpStatus: number | undefined
    /** The platform's code, six digits. */
    readonly retCode: string | undefined
    /** The platform's message, with numbers masked. */
    readonly retMsg: string | undefined
    /** Whether the same call may safely be made again as it is, with a chance that it then succeeds. */
    readonly retryable: boolean
    /** Why: its `_tag` tells the cases apart. */
    readonly reason: Reason
  }>
{
  override get message(): string {
    const facts = [
      this.httpStatus === undefined ? undefined : `HTTP ${this.httpStatus}`,
      this.retCode === undefined ? undefined : `ret_code ${this.retCode}`,
      this.retMsg === undefined || this.retMsg === "" ? undefined : `ret_msg ${JSON.stringify(this.retMsg)}`,
      this.requestId === undefined ? undefined : `request_id ${this.requestId}`,
      `attempts ${this.attempts}`
    ]
    return `${this.operation}: ${describe(this.reason)} [${facts.filter((fact) => fact !== undefined).join(", ")}]`
  }
}

/** What is known of a failed call, with another reason. */
export const withReason = (
  { operation, requestId, attempts, httpStatus, retCode, retMsg }: PaykkaError,
  reason: Reason,
  retryable: boolean
): PaykkaError => new PaykkaError({ operation, requestId, attempts, httpStatus, retCode, retMsg, retryable, reason })

/** A request that does not fit, found before anything was sent. Also for checks of one's own before a call. */
export const invalidRequest = (operation: string, faults: ReadonlyArray<Fault>): PaykkaError =>
  new PaykkaError({
    operation,
    requestId: undefined,
    attempts: 0,
    httpStatus: undefined,
    retCode: undefined,
    retMsg: undefined,
    retryable: false,
    reason: { _tag: "InvalidRequest", by: "client", faults }
  })
