/**
 * Finds out what became of a write whose answer was lost, by its `resolvedBy`.
 *
 * Only a create that is asked for by its own `request_id` can be decided so: where the platform has it, it was processed;
 * where the platform still has not after a settling time, it was not, and may be sent again with the same `request_id`. What an
 * update did the answer may show to a person, or to a program that knows the object's earlier state.
 */
import type * as Operation from "@paykka/schemas/Operation"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { resolve as ask } from "./internal/resolve.ts"
import * as Journal from "./Journal.ts"
import { PaykkaClient } from "./PaykkaClient.ts"
import type { PaykkaError } from "./PaykkaError.ts"
import * as Query from "./Query.ts"
import * as ResolvePolicy from "./ResolvePolicy.ts"

/** The platform has the object: the write was processed, once or more often. */
export interface Processed {
  readonly _tag: "Processed"
  /** The answer of the read that was asked. */
  readonly answer: unknown
  /** The same as it came, with all its fields. */
  readonly raw: unknown
}

/** The platform has not processed the write: it may be sent again, with the same key. */
export interface NotProcessed {
  readonly _tag: "NotProcessed"
}

/** Still not known. */
export interface Undecided {
  readonly _tag: "Undecided"
  /** What is in the way, for people. */
  readonly why: string
  /** What the platform answered, where it did. */
  readonly answer: unknown
  /** The failure of the last question, where it failed. */
  readonly lastFailure: PaykkaError | undefined
}

/** What became of a write. */
export type Resolution = Processed | NotProcessed | Undecided

const noQuestion: Undecided = {
  _tag: "Undecided",
  why: "no call tells what became of it, or it asks for a number that is not known",
  answer: undefined,
  lastFailure: undefined
}

const answerOf = (query: Query.Query | null, sentAt: number): Effect.Effect<Resolution, never, PaykkaClient> =>
  query === null
    ? Effect.succeed(noQuestion)
    : Effect.gen(function* () {
        const client = yield* PaykkaClient
        const policy = yield* ResolvePolicy.Current
        return yield* ask(
          ({ read, input, merchId }) => client.executeWithResponse(read, input, { merchId }),
          query,
          sentAt,
          policy
        )
      })

/**
 * Asks what became of the write behind an `OutcomeUnknown`, under the {@link ResolvePolicy.Current} policy: it takes until the
 * settling time is over before something that is not there counts as not processed. An error with another reason is
 * given back as it is.
 */
export const resolve = (error: PaykkaError): Effect.Effect<Resolution, PaykkaError, PaykkaClient> => {
  const { reason } = error
  return reason._tag === "OutcomeUnknown" ? answerOf(reason.query, reason.givenUpAt) : Effect.fail(error)
}

/** A write of the journal and what became of it. */
export interface Recovered {
  /** Of several calls of a create with the same key, which are one submission, the last. */
  readonly entry: Journal.Unfinished
  readonly resolution: Resolution
}

/** What is asked for together. */
interface Submission {
  readonly operation: Operation.Operation | undefined
  readonly query: Query.Query | null
  readonly calls: [Journal.Unfinished, ...Array<Journal.Unfinished>]
}

/** Calls of a create with the same key are one submission, however often it was tried. */
const submissionsOf = (
  operations: ReadonlyArray<Operation.Operation>,
  entries: ReadonlyArray<Journal.Unfinished>
): ReadonlyArray<Submission> => {
  const submissions = new Map<string, Submission>()
  for (const entry of entries) {
    const operation = operations.find(({ id }) => id === entry.operation)
    const query = operation === undefined ? null : Query.make(operation, entry.key, entry.merchId)
    const name = query?.isDecisive === true ? JSON.stringify([entry.operation, query.merchId, query.input]) : entry.id
    const others = submissions.get(name)
    if (others === undefined) submissions.set(name, { operation, query, calls: [entry] })
    else others.calls.push(entry)
  }
  return [...submissions.values()]
}

/**
 * Asks what became of all writes that the journal holds unfinished, one after the other, and records what is found: for the start
 * of a program. Calls of a create with the same key are one submission: it is asked for once, and the last request of any of them
 * counts.
 *
 * A create that the journal knows was never sent is asked for too, without waiting: another call may have sent it under the same
 * key, and have ended since. Any other write that was never sent is `NotProcessed` without a question.
 *
 * What is `NotProcessed` is recorded as that, and not listed again: what you then send again you keep yourself, as the journal has no contents.
 * What stays `Undecided` stays listed. To close it by hand append an `Outcome` to the journal, under the entry's id.
 *
 * Entries of other owners are not looked at, where an owner is given: who shares a journal must not share keys of submissions.
 *
 * @param operations the writes that the program makes; an entry of any other is `Undecided`
 */
export const recover = (
  operations: ReadonlyArray<Operation.Operation>,
  options?: Journal.UnfinishedOptions
): Effect.Effect<ReadonlyArray<Recovered>, Journal.JournalUnavailable, PaykkaClient | Journal.Journal> =>
  Effect.gen(function* () {
    const journal = yield* Journal.Journal
    const submissions = submissionsOf(operations, yield* journal.unfinished(options))
    return yield* Effect.forEach(submissions, ({ operation, query, calls }) =>
      Effect.gen(function* () {
        const sentAt = Math.max(...calls.map(({ lastAttemptAt }) => lastAttemptAt ?? -Infinity))
        const isUnsent = operation !== undefined && sentAt === -Infinity && query?.isDecisive !== true
        const resolution: Resolution = isUnsent ? { _tag: "NotProcessed" } : yield* answerOf(query, sentAt)
        if (resolution._tag !== "Undecided") {
          const outcome = resolution._tag === "Processed" ? "processed" : "not processed"
          for (const { id } of calls) {
            const at = yield* Clock.currentTimeMillis
            yield* journal.append({ _tag: "Outcome", id, at, outcome, reason: null })
          }
        }
        return { entry: calls.at(-1) ?? calls[0], resolution }
      })
    )
  })
