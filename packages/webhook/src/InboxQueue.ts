/** Where an inbox keeps notifications until they are handled. */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as PersistedQueue from "effect/persistence/PersistedQueue"
import * as Schedule from "effect/Schedule"
import type * as Redacted from "effect/Redacted"
import { type Told, hidden } from "./internal/hidden.ts"
import { Stored } from "./Stored.ts"

/** The queue's store did not answer. */
export class InboxQueueUnavailable
  extends /*#__PURE__*/ Data.TaggedError("InboxQueueUnavailable")<{
    readonly detail: string
    /** The failure of the store, where one failed; hidden, since it may hold an address or a password. */
    readonly cause?: Redacted.Redacted<unknown>
  }>
{
  constructor(told: Told) {
    super(hidden(told))
  }

  override get message(): string {
    return `the inbox's queue is not available: ${this.detail}`
  }
}

/** The service. */
export interface Service {
  /** Keeps a notification durably; one of the same id that was kept before is not kept again. */
  readonly offer: (stored: Stored) => Effect.Effect<void, InboxQueueUnavailable>
  /**
   * Waits for a notification and handles it. It is done when `handle` succeeds; when that fails, or the process dies, it comes
   * again. `attempts` counts from 1, crashes included.
   */
  readonly take: <E, R>(
    handle: (stored: Stored, attempts: number) => Effect.Effect<void, E, R>
  ) => Effect.Effect<void, E | InboxQueueUnavailable, R>
}

/** Keeps notifications. See {@link Service}. */
export class InboxQueue extends /*#__PURE__*/ Context.Service<InboxQueue, Service>()("@paykka/webhook/InboxQueue") {}

/** Settings of a queue. */
export interface Options {
  /** The queue's name in its store. Default: `paykka-inbox`. */
  readonly name?: string | undefined
  /** How long to wait before the next attempt. Default: one second, doubled each time up to five minutes. */
  readonly retry?: Schedule.Schedule<unknown, number> | undefined
}

const standardRetry = /*#__PURE__*/ Schedule.min([
  /*#__PURE__*/ Schedule.exponential("1 second"),
  /*#__PURE__*/ Schedule.spaced("5 minutes")
])

// The inbox gives up by itself, so that nothing is given up without a dead letter. The largest number that fits any store.
const never = 2 ** 31 - 1

const unavailable = (cause: unknown): InboxQueueUnavailable =>
  new InboxQueueUnavailable({ detail: "its store failed", cause })

/** A queue over Effect's `PersistedQueue`, whose store is in memory, in Redis or in a SQL database. */
export const make = ({ name = "paykka-inbox", retry = standardRetry }: Options = {}): Effect.Effect<
  Service,
  never,
  PersistedQueue.PersistedQueueFactory
> =>
  Effect.map(PersistedQueue.make({ name, schema: Stored, maxAttempts: never, retrySchedule: retry }), (queue) =>
    InboxQueue.of({
      offer: (stored) => Effect.asVoid(Effect.mapError(queue.offer(stored, { id: stored.id }), unavailable)),
      take: <E, R>(handle: (stored: Stored, attempts: number) => Effect.Effect<void, E, R>) =>
        Effect.suspend(() => {
          let handled: Exit.Exit<void, E> = Exit.void
          return queue
            .take((stored, { attempts }) =>
              Effect.onExit(handle(stored, attempts), (exit) =>
                Effect.sync(() => {
                  handled = exit
                })
              )
            )
            .pipe(
              Effect.catchCause((cause): Effect.Effect<never, E | InboxQueueUnavailable> => {
                // What the handler failed with is its own.
                if (Exit.isFailure(handled)) return Effect.failCause(handled.cause)
                // Stores die where they cannot record what became of a notification, which comes again then.
                return Cause.hasInterruptsOnly(cause) ? Effect.interrupt : Effect.fail(unavailable(Cause.squash(cause)))
              })
            )
        })
    })
  )

/** The layer of {@link make}. */
export const layer = (options: Options = {}): Layer.Layer<InboxQueue, never, PersistedQueue.PersistedQueueFactory> =>
  Layer.effect(InboxQueue, make(options))

/** A queue in the memory of one process: for tests and first steps. What is in it is lost with the process; what was handled is forgotten after ten minutes. */
export const layerMemory = (options: Options = {}): Layer.Layer<InboxQueue> =>
  Layer.merge(
    Layer.provide(layer(options), PersistedQueue.layer),
    PersistedQueue.layerCleanup({ interval: "1 minute", timeToLive: "10 minutes" })
  ).pipe(Layer.provide(PersistedQueue.layerStoreMemory))
