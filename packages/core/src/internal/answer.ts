/** Reads an answer: the business object, or what went wrong and whether the call may have been processed. */
import * as ErrorCode from "@paykka/schemas/ErrorCode"
import * as Json from "@paykka/schemas/Json"
import * as Operation from "@paykka/schemas/Operation"
import * as SuccessBody from "@paykka/schemas/SuccessBody"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { AttemptFailed, type AttemptReason } from "../AttemptFailed.ts"
import * as Redaction from "../Redaction.ts"
import { type Exchange, type NoAnswer, cutShort } from "./transport.ts"

/** An attempt that could not be signed. */
export const notSigned = (detail: string): AttemptFailed =>
  new AttemptFailed({ reason: { _tag: "SigningFailed", detail }, processed: "no", transient: false, unsent: true })

/** An attempt for which there was no time left when it was signed. */
export const tooLate = (): AttemptFailed =>
  new AttemptFailed({
    reason: { _tag: "Unreachable", detail: "not sent, since notAfter has passed" },
    processed: "no",
    transient: false,
    unsent: true
  })

/** An attempt without an answer. */
export const notAnswered = ({ detail, unsent }: NoAnswer): AttemptFailed =>
  new AttemptFailed({ reason: { _tag: "Unreachable", detail }, processed: unsent ? "no" : "perhaps", transient: true })

const parseRetryAfter = (value: string | undefined, now: number): number | undefined => {
  if (value === undefined) return undefined
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000
  // Date.parse reads a date into almost anything, such as 1.5; a date of HTTP begins with the day's name.
  if (!/^[A-Z][a-z]+,? /.test(value)) return undefined
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

const fromClass = (errorClass: ErrorCode.ErrorClass, retryAfterMillis: number | undefined): AttemptReason => {
  switch (errorClass) {
    case "InvalidRequest":
      return { _tag: "InvalidRequest", by: "platform", faults: [] }
    case "RateLimited":
      return { _tag: "RateLimited", retryAfterMillis }
    default:
      return { _tag: errorClass }
  }
}

/** The class of an answer without a known code. */
const classOfStatus = (status: number): ErrorCode.ErrorClass | undefined => {
  if (status === 401) return "Unauthorized"
  if (status === 429) return "RateLimited"
  if (status >= 500) return "PlatformFailure"
  return undefined
}

/** Something between the program and the platform gave up waiting. Whether for the request or for its answer, is not said. */
const isGatewayTimeout = ({ _tag }: AttemptReason, { httpStatus }: Exchange): boolean =>
  _tag === "UnexpectedResponse" && httpStatus === 408

/**
 * Whether the platform surely did not do what was asked. Only a complete answer says so: a refusal by a code of the
 * table, or a 4xx, which is documented as not processed. A 5xx, a redirect, a body cut short, a 2xx with an unknown
 * code, and a 408 without one leave it open.
 */
const isRefused = (reason: AttemptReason, exchange: Exchange): boolean => {
  const { _tag } = reason
  const { httpStatus, fault } = exchange
  if (_tag === "PlatformFailure" || fault !== undefined || httpStatus >= 500) return false
  if (_tag === "UnexpectedResponse" || _tag === "Rejected")
    return httpStatus >= 400 && !isGatewayTimeout(reason, exchange)
  return true
}

/** Whether the same request may succeed later. */
const isTransient = (reason: AttemptReason, exchange: Exchange): boolean =>
  reason._tag === "RateLimited" ||
  reason._tag === "PlatformFailure" ||
  exchange.fault === cutShort ||
  isGatewayTimeout(reason, exchange)

/**
 * How far the platform's clock was ahead of the time that was signed; undefined where the answer has no date. `Date` tells
 * whole seconds: half of one is the middle.
 */
const skew = (date: string | undefined, platformNow: number): number | undefined => {
  const at = Date.parse(date ?? "")
  return Number.isNaN(at) ? undefined : at + 500 - platformNow
}

/** A good answer. */
export interface Decoded extends Pick<Exchange, "httpStatus" | "headers"> {
  /** The business object and the same as it came. Redacted: a plugin that prints an answer must not print this. */
  readonly content: Redacted.Redacted<{ readonly value: unknown; readonly raw: unknown }>
}

const decoder = /*#__PURE__*/ new TextDecoder()

const leaves = (value: unknown): ReadonlyArray<string> => {
  if (Json.isRawNumber(value)) return [value.rawJSON]
  if (typeof value === "string" || typeof value === "number") return [String(value)]
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(leaves) : []
}

/** A code has six digits at most; what is longer may be anything. */
const maskedCode = (code: string): string => (/^\w{0,6}$/.test(code) ? code : "***")

/** What was sent. */
interface Sent {
  /** The JSON text. */
  readonly signed: Uint8Array
  readonly fileName: string | undefined
}

/** All texts and numbers that were sent: an answer may repeat them, an error must not. */
const textsOf = ({ signed, fileName }: Sent): ReadonlyArray<string> => [
  ...leaves(Result.getOrUndefined(Json.parse(decoder.decode(signed)))),
  ...leaves(fileName)
]

/**
 * Reads the answer to what was sent into the business object.
 *
 * @param offsetMillis what was added to the program's time for the timestamp that was signed
 */
export const read = (
  operation: Operation.Operation,
  sent: Sent,
  exchange: Exchange,
  now: number,
  offsetMillis: number
): Result.Result<Decoded, AttemptFailed> => {
  const { httpStatus, text } = exchange
  const ok = httpStatus >= 200 && httpStatus < 300
  const retryAfterMillis = parseRetryAfter(exchange.headers["retry-after"], now)

  const failed = (reason: AttemptReason, codes: { readonly retCode?: string; readonly retMsg?: string } = {}) =>
    Result.fail(
      new AttemptFailed({
        reason,
        processed: isRefused(reason, exchange) ? "no" : "perhaps",
        transient: isTransient(reason, exchange),
        retryAfterMillis,
        skewMillis: skew(exchange.headers["date"], now + offsetMillis),
        httpStatus,
        ...codes
      })
    )
  const unexpected = (detail: string) =>
    failed({ _tag: "UnexpectedResponse", detail, beginning: Redaction.beginning(text ?? "", textsOf(sent)) })

  if (httpStatus >= 300 && httpStatus < 400)
    return unexpected(`a redirect (HTTP ${httpStatus}), which is never followed`)

  const json = text === undefined ? undefined : Json.parse(text)
  if (json !== undefined && Result.isSuccess(json)) {
    const outcome = SuccessBody.read(json.success)
    if (outcome._tag === "Failure") {
      const codes = { retCode: maskedCode(outcome.retCode), retMsg: Redaction.text(outcome.retMsg, textsOf(sent)) }
      const errorClass = ErrorCode.classOf(outcome.retCode) ?? (ok ? undefined : classOfStatus(httpStatus))
      return failed(errorClass === undefined ? { _tag: "Rejected" } : fromClass(errorClass, retryAfterMillis), codes)
    }
    // Success by its body, failure by its status: a write is then left open.
    const contradiction = !ok && Json.isObject(json.success) && Object.hasOwn(json.success, "ret_code")
    if (contradiction) return failed({ _tag: "PlatformFailure" })
    if (ok) {
      if (!Json.isObject(outcome.data)) return unexpected("the body is not a JSON object")
      const decoded = Operation.decodeResponse(operation, outcome.data)
      return Result.isSuccess(decoded)
        ? Result.succeed({
            httpStatus,
            headers: exchange.headers,
            content: Redacted.make({ value: decoded.success, raw: outcome.data }, { label: "answer" })
          })
        : unexpected(Redaction.text(decoded.failure.message))
    }
  }

  const errorClass = classOfStatus(httpStatus)
  if (!ok && errorClass !== undefined) return failed(fromClass(errorClass, retryAfterMillis))
  if (exchange.fault !== undefined) return unexpected(exchange.fault)
  if (json !== undefined && Result.isFailure(json)) return unexpected(`the body ${json.failure.detail}`)
  return unexpected(`HTTP ${httpStatus} without an error code`)
}
