/**
 * The platform's common error codes, as the interface rules page of 2026-04 lists them. Operations may have
 * others: `ret_code` is an open string.
 */

/** What a code means for the caller; also the `_tag` of the error's reason. */
export type ErrorClass =
  | "InvalidRequest"
  | "Unauthorized"
  | "RateLimited"
  | "NotFound"
  | "InvalidState"
  | "IntegrityViolation"
  | "FileTooLarge"
  | "PlatformFailure"

/**
 * Whether to send again (our reading of the table):
 * - `never`: the same request cannot succeed;
 * - `backoff`: later, newly signed, with the same business identifiers;
 * - `after_change`: only once the object or the request's reference has changed;
 * - `resolve_first`: a read may be repeated; for a write ask the operation's `resolvedBy` first.
 */
export type RetryHint = "never" | "backoff" | "after_change" | "resolve_first"

/** One row of the table. */
export interface ErrorCode {
  /** The six digits of `ret_code`. Documented. */
  readonly code: string
  /** Our grouping. */
  readonly class: ErrorClass
  /** The documented meaning. */
  readonly meaning: string
  /** The HTTP status that probably goes with it. Inferred: no page pairs codes with statuses. */
  readonly likelyHttpStatus: number
  /** When to send again. */
  readonly retryHint: RetryHint
  /** What to do, for the person who reads the error. */
  readonly advice: string
}

// Apart from the texts, which the call engine has no use for: a bundle without them is half a kilobyte smaller.
const classes = {
  "999999": "PlatformFailure",
  "010000": "InvalidRequest",
  "010001": "RateLimited",
  "010002": "NotFound",
  "010003": "InvalidState",
  "010004": "IntegrityViolation",
  "010005": "FileTooLarge",
  "010100": "Unauthorized",
  "010200": "Unauthorized"
} as const satisfies Readonly<Record<string, ErrorClass>>

/** The class of a code; undefined for a code beyond the common table. */
export const classOf = (code: string): ErrorClass | undefined =>
  Object.hasOwn(classes, code) ? classes[code as keyof typeof classes] : undefined

/** The nine documented codes. */
export const table: ReadonlyArray<ErrorCode> = [
  {
    code: "999999",
    class: classes["999999"],
    meaning: "unknown error",
    likelyHttpStatus: 500,
    retryHint: "resolve_first",
    advice:
      "Repeat a read with backoff. After a create or update ask for its outcome first. Contact PayKKa if it stays."
  },
  {
    code: "010000",
    class: classes["010000"],
    meaning: "invalid request parameters (format error or missing fields)",
    likelyHttpStatus: 400,
    retryHint: "never",
    advice: "Correct the request."
  },
  {
    code: "010001",
    class: classes["010001"],
    meaning: "too many requests",
    likelyHttpStatus: 429,
    retryHint: "backoff",
    advice: "Wait, then send again with the same business identifiers."
  },
  {
    code: "010002",
    class: classes["010002"],
    meaning: "data not found",
    likelyHttpStatus: 404,
    retryHint: "after_change",
    advice: "Check the identifier and the merchant number. Right after a create an inquiry may come too early."
  },
  {
    code: "010003",
    class: classes["010003"],
    meaning: "invalid data state",
    likelyHttpStatus: 400,
    retryHint: "after_change",
    advice: "Query the object; the call is allowed only in another state."
  },
  {
    code: "010004",
    class: classes["010004"],
    meaning: "data integrity violation",
    likelyHttpStatus: 400,
    retryHint: "resolve_first",
    advice: "Perhaps a repeated identifier: query the earlier submission before anything else."
  },
  {
    code: "010005",
    class: classes["010005"],
    meaning: "file size exceeds limit",
    likelyHttpStatus: 400,
    retryHint: "never",
    advice: "Upload a smaller file; third-party notes give 10 MiB as the limit."
  },
  {
    code: "010100",
    class: classes["010100"],
    meaning: "unauthorized request (signature verification failed)",
    likelyHttpStatus: 401,
    retryHint: "never",
    advice: "Check key_id, key pair, merchant number, path and clock."
  },
  {
    code: "010200",
    class: classes["010200"],
    meaning: "unauthorized request (signature verification failed)",
    likelyHttpStatus: 401,
    retryHint: "never",
    advice: "As for 010100, whose text is the same: check key_id, key pair, merchant number, path and clock."
  }
]

/**
 * The HTTP statuses of failures: documented for `va.notification`, assumed for all others. A status that is not in the
 * list is no surprise.
 */
export const httpStatuses: ReadonlyArray<number> = [400, 401, 404, 429, 500]

/** The row of a code; undefined for a code beyond the common table. */
export const find = (code: string): ErrorCode | undefined => table.find((row) => row.code === code)
