/** What the domains of the sandbox share: time, money, decisions, and the way to the merchant. */
import type * as Amount from "@paykka/schemas/Amount"
import type { Notification } from "@paykka/schemas/Notification"
import type { Operation } from "@paykka/schemas/Operation"
import type { Decided, Decisions } from "../Decisions.ts"
import type { Statuses } from "../Statuses.ts"
import type { Ledger } from "./ledger.ts"
import { refuse } from "./refusal.ts"

/** A checked call. */
export interface Call<O extends Operation = Operation> {
  /**
   * The merchant that is spoken of: the value of `X-Merch-Id`. Empty where the operation forbids it; where it may be
   * left out (whose call it is then, is not known) the first that the key is listed with.
   */
  readonly merchId: string
  /** Who signed: see `Merchants.ownerOf`. */
  readonly owner: string
  readonly input: O["request"]["Type"]
  /** The body as it came, of an upload its `meta`: as text, and read. */
  readonly text: Uint8Array
  readonly json: Readonly<Record<string, unknown>>
  /** The digest of an uploaded file, lower-case hexadecimal. */
  readonly sha256: string | undefined
}

/** An operation and what the platform does. One step: nothing comes between what it checks and what it changes. */
export interface Route {
  readonly operation: Operation
  /** The answer; throws a `Refusal`. */
  readonly handle: (call: Call) => unknown
}

/** Makes a route; the call is typed by the operation. */
export const route = <O extends Operation>(operation: O, handle: (call: Call<O>) => unknown): Route => ({
  operation,
  handle: handle as Route["handle"]
})

/** What a repeated `request_id` does: see `Sandbox.Options`. */
export type Repetition = "same-answer" | "integrity-violation" | "second-object"

/** Settings that domains ask for. */
export interface Settings {
  readonly repeatedRequestId: Repetition
  readonly statuses: Statuses
  readonly maxFileBytes: number
  readonly quoteLifetimeMillis: number
  /** Units of each currency for one euro. */
  readonly rates: Readonly<Record<string, Amount.Amount>>
  readonly paymentFee: Amount.Amount
}

/** See the module. */
export interface World {
  readonly settings: Settings
  /** Milliseconds since the epoch, on the sandbox's clock. */
  readonly now: () => number
  /** Takes a step after the time that the platform takes for its decisions. */
  readonly later: (step: () => void) => void
  /** Signs and posts a notification, again and again until it is acknowledged or given up. */
  readonly notify: (notification: Notification, merchId: string, data: Readonly<Record<string, unknown>>) => void
  /** How the next case of a kind is decided. */
  readonly decide: <Kind extends keyof Decisions>(kind: Kind) => Decided<Kind>
  /** A number that nothing else has: the prefix and some digits. */
  readonly number: (prefix: string, digits?: number) => string
  readonly ledger: Ledger
  /** Creates something under the call's `request_id`; a repeated one behaves as it is set. */
  readonly once: (operation: Operation, call: Call, create: () => unknown) => unknown
}

/** Remembers the answers to submissions. */
export const makeOnce = (repetition: Repetition): World["once"] => {
  const answers = new Map<string, unknown>()
  return (operation, { merchId, owner, json }, create) => {
    // A header value holds no line feed, so no two submissions give the same key.
    const key = [operation.id, merchId === "" ? owner : merchId, String(json["request_id"])].join("\n")
    if (answers.has(key)) {
      if (repetition === "same-answer") return answers.get(key)
      if (repetition === "integrity-violation") refuse("010004", "the request_id was used before")
    }
    const answer = create()
    answers.set(key, answer)
    return answer
  }
}
