/** Settings of one call. */
import type * as PaykkaClient from "@paykka/core/PaykkaClient"
import type * as RetryPolicy from "@paykka/core/RetryPolicy"
import type * as File from "@paykka/file/File"
import * as Struct from "effect/Struct"
import type { Duration } from "./Duration.ts"
import { type PollSettings, type RetrySettings, deviating } from "./Policies.ts"

/** Settings of one call. */
export interface CallOptions {
  /**
   * Ends the call at once, which then rejects with the signal's reason, as `fetch` does. What became of a write that was on its way nobody
   * tells: `timeout` does.
   */
  readonly signal?: AbortSignal | undefined
  /** The longest wait for the complete answer to one request. Default: that of the client. */
  readonly timeout?: Duration | undefined
  /** Deviations from the client's retry policy; `false` sends one request only. */
  readonly retry?: RetrySettings | false | undefined
  /** Another merchant number than the client's. */
  readonly merchId?: string | undefined
  /**
   * What is done when it is not known whether a write was processed. `fail` rejects with `OutcomeUnknown`. `resolve` asks first, which takes
   * minutes where nothing is found: where the platform has the object, the call resolves with what the question tells of it; where it surely
   * has not, the write is sent again with the same key; else it rejects all the same. Only creates with a `request_id` can be decided so.
   * Default: that of the client.
   */
  readonly onUnknown?: "fail" | "resolve" | undefined
  /** No request is sent later than this, in milliseconds since the epoch: for what lapses. Default: none. */
  readonly notAfter?: number | undefined
  /** Further fields of the message, sent as they are: for what the SDK does not know yet. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined
}

/** Settings of a wait for an outcome. Those of a call hold for each question. */
export interface AwaitOptions extends CallOptions {
  /** How often and how long to ask. */
  readonly poll?: PollSettings | undefined
  /**
   * What statuses mean, where you know more than the contract: `{ failed: ["REFUSED"] }`. It adds to what is known, and stands above it.
   */
  readonly statuses?: Statuses | undefined
}

/** What statuses mean. */
export interface Statuses {
  /** Undecided: wait on. */
  readonly pending?: ReadonlyArray<string>
  /** Decided as you wished. */
  readonly succeeded?: ReadonlyArray<string>
  /** Decided otherwise; or you must do something before it goes on. */
  readonly failed?: ReadonlyArray<string>
  /** What a status in none of the lists is taken for. */
  readonly unlisted?: "pending" | "decided"
}

/** Settings of a conversion. Those of a call hold for the quote and for its confirmation. */
export interface ConvertOptions extends Omit<CallOptions, "notAfter" | "extra"> {
  /**
   * How long the quote must still hold when its confirmation is sent. It must cover the way of the request and the error of this machine's
   * clock. Default: 5 seconds, for a clock that is kept by NTP.
   */
  readonly margin?: Duration | undefined
}

/** Settings of an upload. */
export interface UploadOptions extends CallOptions {
  /** The file's name, without folders. Default: that of a `File`; other sources have none. */
  readonly name?: string | undefined
  /** The file's media type, sent as it is. Default: that of the content, as far as it tells one. */
  readonly type?: string | undefined
  /** The largest file that is sent, in bytes. Default: 10 MiB (third-party). `Infinity` leaves it to the platform. */
  readonly maxBytes?: number | undefined
  /** Makes the JSON object about the file, which is what is signed. Default: `{ filename, sha256 }` (inferred). */
  readonly meta?: File.Meta | undefined
  /** Told how far it has got. What it throws is ignored. */
  readonly onProgress?: ((progress: File.Progress) => void) | undefined
}

/** Settings of an upload of what has no name of its own. */
export interface NamedUploadOptions extends UploadOptions {
  /** The file's name, without folders. */
  readonly name: string
}

/** What the engine takes of them: the signal is not its, and a policy is whole. */
export const forEngine = (
  { retry, ...all }: CallOptions,
  policy: RetryPolicy.RetryPolicy
): PaykkaClient.CallOptions => {
  const options = Struct.omit(all, ["signal"])
  if (retry === undefined) return options
  return { ...options, retry: retry === false ? { ...policy, maxAttempts: 1 } : deviating(policy, retry) }
}
