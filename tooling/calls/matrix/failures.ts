/**
 * The retry matrix: what the engine makes of each failure, under the standard policy of three requests, when every request fails so. The
 * test tries it on real sockets; docs/retries.md shows it.
 */
import type { Reason } from "@paykka/core/PaykkaError"
import * as Faults from "@paykka/sandbox/Faults"

/** What a call comes to. */
export interface Fate {
  /** How many requests were tried. */
  readonly requests: 1 | 2 | 3
  readonly reason: Reason["_tag"] | "interrupted"
  readonly retryable: boolean
}

/** Where and how a call fails. */
export type Cause =
  /** A request that arrives has this fault. */
  | { readonly _tag: "Fault"; readonly fault: Faults.Fault }
  /** It never arrives. */
  | { readonly _tag: "NoName" | "Refused" | "Untrusted" | "NotTls" | "NoConnection" }
  /** It arrives, and the caller goes away. */
  | { readonly _tag: "Interrupted" }

/** A row. */
export interface Failure {
  readonly name: string
  readonly cause: Cause
  readonly read: Fate
  readonly write: Fate
  /** What is waited between the requests at least, in milliseconds, where the platform says so. */
  readonly waits?: number
}

const fault = (given: Faults.Fault): Cause => ({ _tag: "Fault", fault: given })

const again = (reason: Fate["reason"]): Fate => ({ requests: 3, reason, retryable: true })
const ends = (reason: Fate["reason"], retryable = false): Fate => ({ requests: 1, reason, retryable })
const both = (fate: Fate) => ({ read: fate, write: fate })
/** What may have been processed: a read is repeated, a write is not. */
const doubt = (read: Fate) => ({ read, write: ends("OutcomeUnknown") })

const processed = { processed: true } as const
const unprocessed = { processed: false } as const
/** A code of the platform, with the HTTP status that probably goes with it. */
const code = (retCode: string, reason: Reason["_tag"]): Failure => ({
  name: `\`${retCode}\``,
  cause: fault(Faults.platformError(retCode, unprocessed)),
  ...both(ends(reason))
})

export const failures: ReadonlyArray<Failure> = [
  { name: "the host's name is not found", cause: { _tag: "NoName" }, ...both(again("Unreachable")) },
  { name: "the connection is refused", cause: { _tag: "Refused" }, ...both(again("Unreachable")) },
  { name: "the certificate is not trusted", cause: { _tag: "Untrusted" }, ...both(again("Unreachable")) },
  {
    // Its error may as well come after the request was written.
    name: "TLS does not come about otherwise",
    cause: { _tag: "NotTls" },
    ...doubt(again("Unreachable"))
  },
  { name: "the connection does not open in time", cause: { _tag: "NoConnection" }, ...both(again("Unreachable")) },
  {
    name: "a reset before any byte of the answer",
    cause: fault(Faults.reset(processed)),
    ...doubt(again("Unreachable"))
  },
  {
    name: "a reset in the middle of the answer",
    cause: fault({ ...Faults.answer({ status: 200, body: {} }, processed), cutAfter: 1 }),
    ...doubt(again("UnexpectedResponse"))
  },
  {
    // Two timeouts of 30 seconds and a wait are more than the minute that the standard policy takes.
    name: "no answer within 30 seconds",
    cause: fault(Faults.silence(processed)),
    ...doubt({ ...again("Unreachable"), requests: 2 })
  },
  { name: "HTTP 408", cause: fault(Faults.gateway(408, unprocessed)), ...doubt(again("UnexpectedResponse")) },
  { name: "HTTP 429", cause: fault(Faults.gateway(429, unprocessed)), ...both(again("RateLimited")) },
  {
    name: "HTTP 429 with `Retry-After: 20`",
    cause: fault(Faults.gateway(429, { ...unprocessed, retryAfter: 20 })),
    ...both(again("RateLimited")),
    waits: 20_000
  },
  {
    name: "HTTP 429 with `Retry-After: 31`, which is more than is waited",
    cause: fault(Faults.gateway(429, { ...unprocessed, retryAfter: 31 })),
    ...both(ends("RateLimited", true))
  },
  {
    name: "`010001`",
    cause: fault(Faults.platformError("010001", unprocessed)),
    ...both(again("RateLimited"))
  },
  ...[500, 502, 503, 504].map((status): Failure => ({
    name: `HTTP ${status}`,
    cause: fault(Faults.gateway(status, processed)),
    ...doubt(again("PlatformFailure"))
  })),
  {
    name: "`999999`",
    cause: fault(Faults.platformError("999999", processed)),
    ...doubt(again("PlatformFailure"))
  },
  {
    name: "`999999` in HTTP 200",
    cause: fault(Faults.platformError("999999", { ...processed, status: 200 })),
    ...doubt(again("PlatformFailure"))
  },
  code("010000", "InvalidRequest"),
  code("010002", "NotFound"),
  code("010003", "InvalidState"),
  code("010004", "IntegrityViolation"),
  code("010005", "FileTooLarge"),
  code("010100", "Unauthorized"),
  code("010200", "Unauthorized"),
  {
    name: "another code with HTTP 4xx",
    cause: fault(Faults.answer({ status: 400, body: { ret_code: "020001", ret_msg: "no" } }, unprocessed)),
    ...both(ends("Rejected"))
  },
  {
    name: "another HTTP 4xx without a code",
    cause: fault(Faults.gateway(403, unprocessed)),
    ...both(ends("UnexpectedResponse"))
  },
  {
    name: "another code with HTTP 200",
    cause: fault(Faults.answer({ status: 200, body: { ret_code: "020001", ret_msg: "no" } }, processed)),
    ...doubt(ends("Rejected"))
  },
  {
    name: "a redirect",
    cause: fault(Faults.answer({ status: 307, headers: { location: "/elsewhere" } }, unprocessed)),
    ...doubt(ends("UnexpectedResponse"))
  },
  {
    name: "HTTP 200 with a broken body",
    cause: fault(Faults.brokenJson(processed)),
    ...doubt(ends("UnexpectedResponse"))
  },
  { name: "the caller's interruption", cause: { _tag: "Interrupted" }, ...both(ends("interrupted")) }
]
