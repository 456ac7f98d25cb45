/**
 * An append-only record of writes: what is intended, each request, and the outcome, each written before the next thing happens.
 * When a process dies in the middle of a call, the record tells which calls have no known outcome; `Outcome.recover` finds it out.
 *
 * It holds identifiers and times, never contents.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { stopped } from "./AttemptFailed.ts"
import { PaykkaError } from "./PaykkaError.ts"
import type { Call, Plugin } from "./Plugin.ts"
import type { Key } from "./Query.ts"
import * as RequestId from "./RequestId.ts"

/** A write is about to be made. */
export interface Intent {
  readonly _tag: "Intent"
  /** Names this call in the journal: no other call has it. */
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly at: number
  /** The operation's id, such as `payment.apply`. */
  readonly operation: string
  /** The merchant number that is sent; null where none is. */
  readonly merchId: string | null
  /** What names the submission; null where nothing does. */
  readonly key: Key | null
  /** Whose write it is: see {@link Options.owner}. */
  readonly owner: string
}

/** A request is about to be sent. */
export interface Attempt {
  readonly _tag: "Attempt"
  readonly id: string
  readonly at: number
  /** Counts from 1. */
  readonly attempt: number
}

/**
 * How a call has ended. `processed`: the platform answered well, or was found to have the object. `refused`: it answered
 * that it would not. `not processed`: nothing reached it, or it was found not to have the object. `unknown`: not known yet, so the
 * call is unfinished.
 */
export type Ending = "processed" | "refused" | "not processed" | "unknown"

/** The call has ended, or its outcome was found out. */
export interface Outcome {
  readonly _tag: "Outcome"
  readonly id: string
  readonly at: number
  readonly outcome: Ending
  /** The reason of the error, such as `InvalidState`; null where there was none. */
  readonly reason: string | null
}

/** A line of the journal. */
export type Entry = Intent | Attempt | Outcome

/** A write whose outcome is not known. */
export interface Unfinished {
  readonly id: string
  readonly operation: string
  readonly merchId: string | undefined
  readonly key: Key | null
  readonly owner: string
  /** When it was intended, in milliseconds since the epoch. */
  readonly intendedAt: number
  /** How many requests were about to be sent. */
  readonly attempts: number
  /** When the last one was; undefined where none ever was, so that nothing was sent. */
  readonly lastAttemptAt: number | undefined
}

/** The journal cannot be reached. What was to be recorded first is then not done. */
export class JournalUnavailable
  extends /*#__PURE__*/ Data.TaggedError("JournalUnavailable")<{
    /** What is the matter, for people. */
    readonly detail: string
    readonly cause?: unknown
  }>
{
  override get message(): string {
    return `the journal is not available: ${this.detail}`
  }
}

/** Which unfinished writes to list. */
export interface UnfinishedOptions {
  /** Only of this owner. Default: of all. */
  readonly owner?: string | undefined
  /** At most so many, the oldest first. Default: 1000. */
  readonly limit?: number | undefined
}

/** How many unfinished writes are listed at most where nothing else is said. */
export const standardLimit = 1000

/** The service. */
export interface Service {
  /** Appends an entry. When it succeeds, the entry survives the death of the process (of the journal in memory: it does not). */
  readonly append: (entry: Entry) => Effect.Effect<void, JournalUnavailable>
  /**
   * Writes without an outcome, or whose outcome is `unknown`, and those for which a request was recorded after their outcome.
   * Those of processes that are alive and at work are among them: see {@link Options.owner}.
   */
  readonly unfinished: (options?: UnfinishedOptions) => Effect.Effect<ReadonlyArray<Unfinished>, JournalUnavailable>
}

/** The record of writes. See {@link Service}. */
export class Journal extends /*#__PURE__*/ Context.Service<Journal, Service>()("@paykka/core/Journal") {}

/** What the entries of one write, in their order, come to; undefined where it is finished. */
export const unfinishedOf = (entries: ReadonlyArray<Entry>): Unfinished | undefined => {
  const [intent] = entries
  if (intent?._tag !== "Intent") return undefined
  const last = entries.at(-1)
  if (last?._tag === "Outcome" && last.outcome !== "unknown") return undefined
  const attempts = entries.filter(({ _tag }) => _tag === "Attempt")
  const { id, operation, merchId, key, owner, at } = intent
  return {
    id,
    operation,
    merchId: merchId ?? undefined,
    key,
    owner,
    intendedAt: at,
    attempts: attempts.length,
    lastAttemptAt: attempts.at(-1)?.at
  }
}

const maxFinished = 1000

/** A journal in memory: gone with the process, so for tests, and for `Outcome.recover` within one process. Forgets old writes that are finished. */
export const makeMemory: Effect.Effect<Service> = /*#__PURE__*/ Effect.sync(() => {
  const writes = new Map<string, Array<Entry>>()
  const finished = new Set<string>()
  return {
    append: (entry) =>
      Effect.sync(() => {
        const entries = writes.get(entry.id)
        if (entries === undefined) writes.set(entry.id, [entry])
        else entries.push(entry)
        finished.delete(entry.id)
        if (unfinishedOf(writes.get(entry.id) ?? []) === undefined) finished.add(entry.id)
        for (const oldest of finished) {
          if (finished.size <= maxFinished) break
          finished.delete(oldest)
          writes.delete(oldest)
        }
      }),
    unfinished: ({ owner, limit = standardLimit } = {}) =>
      Effect.sync(() =>
        [...writes.values()]
          .flatMap((entries) => unfinishedOf(entries) ?? [])
          .filter((write) => owner === undefined || write.owner === owner)
          .slice(0, limit)
      )
  }
})

/** The layer of {@link makeMemory}. */
export const layerMemory: Layer.Layer<Journal> = /*#__PURE__*/ Layer.effect(Journal, makeMemory)

/** Settings of the plugin. */
export interface Options {
  /**
   * Whose writes these are: a name that the process keeps over its restarts and shares with no other, such as that of its host,
   * where several processes use one journal. It then recovers its own writes, and not those that another process is just
   * making. Default: empty.
   */
  readonly owner?: string | undefined
}

/** The write that a call is recorded as, for its attempts. */
const Current = /*#__PURE__*/ Context.Reference<string | undefined>("@paykka/core/Journal/Current", {
  defaultValue: () => undefined
})

const endingOf = ({ reason, attempts }: PaykkaError): Ending => {
  if (reason._tag === "OutcomeUnknown") return "unknown"
  return attempts === 0 || reason._tag === "Unreachable" || reason._tag === "SigningFailed"
    ? "not processed"
    : "refused"
}

const notRecorded = ({ operation, requestId }: Call, { message }: JournalUnavailable): PaykkaError =>
  new PaykkaError({
    operation: operation.id,
    requestId,
    attempts: 0,
    httpStatus: undefined,
    retCode: undefined,
    retMsg: undefined,
    retryable: true,
    reason: { _tag: "Unreachable", detail: `not sent: ${message}` }
  })

/**
 * The plugin that writes the journal: for all creates and updates. While the journal cannot be reached no write is sent, and calls
 * fail as `Unreachable`, with nothing processed. Nothing may come between it and the request (`Plugin.layer` sees to that): what waits
 * after the record would let recovery believe too early that nothing was sent. An outcome that cannot be recorded does not change the call's result; the write is
 * then listed as unfinished. So is one that is interrupted.
 */
export const make = ({ owner = "" }: Options = {}): Effect.Effect<Plugin, never, Journal> =>
  Effect.map(Journal, (journal): Plugin => ({
    name: "journal",
    isInnermost: true,
    operation: (call, next) => {
      const { operation, merchId = null, key } = call
      if (operation.effect === "read") return next
      return Effect.gen(function* () {
        const id = yield* RequestId.make
        const end = (outcome: Ending, reason: string | null) =>
          Effect.flatMap(Clock.currentTimeMillis, (at) =>
            journal.append({ _tag: "Outcome", id, at, outcome, reason })
          ).pipe(
            Effect.catch(({ message }) =>
              Effect.logWarning(`the outcome of ${operation.id} ${key?.value ?? ""} was not recorded: ${message}`)
            )
          )
        yield* journal
          .append({
            _tag: "Intent",
            id,
            at: yield* Clock.currentTimeMillis,
            operation: operation.id,
            merchId,
            key,
            owner
          })
          .pipe(Effect.mapError((error) => notRecorded(call, error)))
        return yield* next.pipe(
          Effect.provideService(Current, id),
          Effect.tap(end("processed", null)),
          Effect.tapError((error) => end(endingOf(error), error.reason._tag))
        )
      })
    },
    attempt: ({ operation, attempt }, next) =>
      Effect.flatMap(Current, (id) =>
        // A write may ask questions meanwhile: reads of their own.
        id === undefined || operation.effect === "read"
          ? next
          : Effect.flatMap(Clock.currentTimeMillis, (at) => journal.append({ _tag: "Attempt", id, at, attempt })).pipe(
              Effect.mapError(({ message }) => stopped({ detail: `not sent: ${message}` })),
              Effect.andThen(next)
            )
      )
  }))
