/** The question that tells what became of a write whose answer was lost. */
import type { Operation } from "@paykka/schemas/Operation"
import type { OutcomeUnknown, Reason } from "./PaykkaError.ts"
import type { Call } from "./Plugin.ts"

/** The field and value that name a submission. */
export interface Key {
  readonly field: string
  readonly value: string
}

/**
 * A read operation with its input. Prints as its id and its input, which holds nothing but identifiers; the descriptors stay
 * out of logs.
 */
export interface Query {
  /** The id of the read operation. */
  readonly operation: string
  /** What to ask for: identifiers only, such as `{ request_id: "R-1" }`. */
  readonly input: Readonly<Record<string, string>>
  /** The merchant number to ask for; undefined where the write was sent without one. */
  readonly merchId: string | undefined
  /**
   * Whether an answer decides: the write creates something, and it is asked for by the `request_id` that names this one
   * submission. Otherwise what the answer shows may have been there before.
   */
  readonly isDecisive: boolean
  /** The read operation. */
  readonly read: Operation
  /** The write that is asked about. */
  readonly write: Operation
}

/**
 * A write's failure when the platform may have processed it.
 *
 * @param sentAt when its last request began
 * @param givenUpAt when it was given up
 */
export const outcomeUnknown = (
  { operation, key, merchId }: Pick<Call, "operation" | "key" | "merchId">,
  reason: Reason,
  sentAt: number,
  givenUpAt: number
): OutcomeUnknown => ({
  _tag: "OutcomeUnknown",
  because: reason as OutcomeUnknown["because"],
  resolvedBy: operation.resolvedBy?.id ?? null,
  key,
  query: make(operation, key, merchId),
  sentAt,
  givenUpAt
})

/**
 * The question for a write; null where there is none: no call tells, or the one that does asks for a number that is not known.
 *
 * @param key what names the submission
 */
export const make = (write: Operation, key: Key | null, merchId: string | undefined): Query | null => {
  const { resolvedBy } = write
  if (resolvedBy === null || key === null) return null
  const { fields = {} } = resolvedBy.request as { readonly fields?: Readonly<Record<string, unknown>> }
  if (!Object.hasOwn(fields, key.field)) return null
  const shown: Omit<Query, "read" | "write"> = {
    operation: resolvedBy.id,
    input: { [key.field]: key.value },
    merchId,
    isDecisive: write.effect === "create" && key.field === "request_id"
  }
  return Object.defineProperties(shown, { read: { value: resolvedBy }, write: { value: write } }) as Query
}
