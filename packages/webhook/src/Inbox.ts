/**
 * Keeps notifications, answers 200, handles them later: verify -> guard against replay -> store -> 200; then, in whichever process
 * runs the inbox: read -> handler, again after a failure, and at last a dead letter.
 *
 * Every notification that was answered with 200 is handled at least once, or is a dead letter. It may be handled twice where a
 * process dies between its handling and the record of it, so handlers should be idempotent.
 */
import type * as Notification from "@paykka/schemas/Notification"
import type { Verifier } from "@paykka/signing/Verifier"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Semaphore from "effect/Semaphore"
import { DeadLetters, type DeadLettersUnavailable } from "./DeadLetters.ts"
import type { EventOf, UnknownEvent } from "./Event.ts"
import { InboxQueue, type InboxQueueUnavailable } from "./InboxQueue.ts"
import { type Chosen, type DispatchOptions, type Handlers, type ServicesOf, dispatch } from "./internal/dispatch.ts"
import * as lanes from "./internal/lanes.ts"
import { count } from "./internal/outcome.ts"
import { type ReceiveOptions, receiver } from "./internal/receiver.ts"
import type { ReplayGuard } from "./ReplayGuard.ts"
import * as Stored from "./Stored.ts"
import type { Webhook } from "./Webhook.ts"

/** What an inbox consists of. */
export interface Options<N extends Notification.Notification, H, R = never>
  extends DispatchOptions<N, H, R>, ReceiveOptions<R> {
  /** How many notifications a process handles at once. Default: 1. */
  readonly concurrency?: number | undefined
  /** How often a notification is tried before it becomes a dead letter. Default: 10. */
  readonly maxAttempts?: number | undefined
  /**
   * Names the business object of an event, such as its `request_id` or `recv_order_no`. The events of one object are handled one after
   * the other, in the order of their arrival; one that fails is tried again, as `retry` says, before the next has its turn, and holds one of
   * the `concurrency` places meanwhile, as do those that wait for it: have more places than objects that may fail at a time. Undefined for
   * an event without order. It holds while one process runs the inbox: what a process had begun when it stopped or died comes again in any
   * order, and two processes know nothing of each other. `LifeCycle.supersedes` tells what came too late.
   */
  readonly order?: ((event: EventOf<N> | UnknownEvent) => string | undefined) | undefined
  /** Waits between attempts at an event with order. Without order the queue waits. Default: one second, doubled up to a minute. */
  readonly retry?: Schedule.Schedule<unknown> | undefined
}

/** An inbox: as a webhook it keeps what arrives; `run` handles what was kept. */
export interface Inbox<R = never> extends Webhook<R> {
  /** Handles what is kept, for ever. Several processes may run it. When it is interrupted, what is being handled comes again. */
  readonly run: Effect.Effect<never, never, R>
  /**
   * Handles one notification: for a queue that pushes. Fails where it must come again: the handler failed, or no dead letter could be
   * kept.
   */
  readonly handle: (stored: Stored.Stored, attempts: number) => Effect.Effect<void, HandlingFailed, R>
  /** Sends a dead letter to the inbox again. Tells whether there was one of that id. */
  readonly replay: (id: string) => Effect.Effect<boolean, InboxQueueUnavailable | DeadLettersUnavailable>
}

/** A notification was not handled, and is to come again. */
export class HandlingFailed {
  readonly _tag = "HandlingFailed"
}

const counter = /*#__PURE__*/ Metric.counter("paykka_inbox_notifications", {
  description: "Attempts at notifications of the inbox, by outcome and kind",
  incremental: true
})

const tally = (outcome: "handled" | "failed" | "dead", kind: string): Effect.Effect<void> =>
  Metric.update(Metric.withAttributes(counter, { outcome, kind }), 1)

const standardRetry = /*#__PURE__*/ Schedule.min([
  /*#__PURE__*/ Schedule.exponential("1 second"),
  /*#__PURE__*/ Schedule.spaced("1 minute")
])

/** How a notification is handled. */
interface Handling {
  /** Done as soon as its place among those of its object is taken. */
  readonly entered: Effect.Effect<void>
  /** Waits between attempts to keep a dead letter. */
  readonly patience: Schedule.Schedule<unknown>
}

const inRun: Handling = { entered: Effect.void, patience: standardRetry }

// A queue that pushes has a time for each message, and brings it again by itself.
const onPush: Handling = { entered: Effect.void, patience: /*#__PURE__*/ Schedule.recurs(0) }

const describe = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  return (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, 500)
}

/** Builds an inbox. A path in `paths` that nobody can sign, or that is another kind's, is a defect. */
export const make = <const N extends Notification.Notification, H extends Handlers<N>, R = never>(
  options: Options<N, H, R> & Chosen<N, H>
): Effect.Effect<Inbox<ServicesOf<H> | R>, never, Verifier | ReplayGuard | InboxQueue | DeadLetters> =>
  Effect.gen(function* () {
    const { concurrency = 1, maxAttempts = 10, order, retry = standardRetry } = options
    const { paths, read, handle: handleEvent } = dispatch<N, H, R>(options)
    const queue = yield* InboxQueue
    const deadLetters = yield* DeadLetters
    const receive = yield* receiver(paths, options)
    const enter = lanes.make()

    const once = (
      { kind }: EventOf<N> | UnknownEvent,
      handling: Effect.Effect<unknown, unknown, ServicesOf<H> | R>
    ): Effect.Effect<void, Cause.Cause<unknown>, ServicesOf<H> | R> =>
      Effect.matchCauseEffect(handling, {
        onSuccess: () => tally("handled", kind),
        onFailure: (cause) => Effect.andThen(tally("failed", kind), Effect.fail(cause))
      })

    /** Makes a dead letter. `patience` is between two attempts at that, so that the reason is not lost, nor a turn of those behind. */
    const giveUp = (stored: Stored.Stored, attempts: number, kind: string, error: string, { patience }: Handling) =>
      Effect.gen(function* () {
        const failedAt = yield* Clock.currentTimeMillis
        yield* deadLetters.put({ id: stored.id, stored, error, attempts, failedAt }).pipe(
          Effect.tapError(({ message }) =>
            Effect.logError(`PayKKa notification ${stored.id} (${kind}) cannot be given up: ${message}`)
          ),
          Effect.retry(patience),
          Effect.mapError(() => new HandlingFailed())
        )
        yield* tally("dead", kind)
        yield* Effect.logError(`PayKKa notification ${stored.id} (${kind}) is a dead letter after ${attempts} attempts`)
      })

    /** Handles it, or gives it up where it was tried often enough. */
    const attempt = (
      stored: Stored.Stored,
      event: EventOf<N> | UnknownEvent,
      attempts: number,
      how: Handling,
      handling = handleEvent(event)
    ) =>
      Effect.catch(once(event, handling), (cause) => {
        if (attempts >= maxAttempts) return giveUp(stored, attempts, event.kind, describe(cause), how)
        return Effect.andThen(
          Effect.logWarning(`the handler of ${event.kind} failed at PayKKa notification ${stored.id}`, cause),
          Effect.fail(new HandlingFailed())
        )
      })

    const handle = (
      stored: Stored.Stored,
      attempts: number,
      how: Handling
    ): Effect.Effect<void, HandlingFailed, ServicesOf<H> | R> =>
      Effect.suspend(() => {
        const { entered } = how
        // A process that dies of it does not come to its end here: it was tried, and counts.
        if (attempts > maxAttempts) {
          return Effect.andThen(
            entered,
            giveUp(
              stored,
              attempts - 1,
              "unknown",
              "its last attempt came to no end: the process died, or its failure could not be kept; see the log",
              how
            )
          )
        }
        const genuine = Stored.genuine(stored)
        // Nothing that we kept; to try it again would not help.
        if (genuine === undefined)
          return Effect.andThen(entered, giveUp(stored, attempts, "unknown", "its body is no Base64", how))
        const event = read(genuine)
        const place = Result.try(() => order?.(event))
        // As a handler's: what is thrown for this event must not end the inbox for all.
        if (Result.isFailure(place))
          return Effect.andThen(entered, attempt(stored, event, attempts, how, Effect.die(place.failure)))
        const key = place.success
        if (key === undefined) return Effect.andThen(entered, attempt(stored, event, attempts, how))
        const inTurn = enter(key)
        let tries = attempts - 1
        const untilDone = Effect.suspend(() => attempt(stored, event, ++tries, how)).pipe(
          Effect.retry({ schedule: retry, while: () => tries < maxAttempts })
        )
        return Effect.andThen(entered, inTurn(untilDone)).pipe(
          Effect.catchTag("Broken", () => Effect.fail(new HandlingFailed()))
        )
      })

    // Places in a lane are taken in the order in which the queue gives: by one who asks it at a time.
    const asking = yield* Semaphore.make(1)
    const takeInOrder = Effect.suspend(() => {
      let asks = true
      const done = Effect.suspend(() => {
        if (!asks) return Effect.void
        asks = false
        return Effect.asVoid(asking.release(1))
      })
      return Effect.uninterruptibleMask((restore) =>
        Effect.andThen(
          restore(asking.take(1)),
          Effect.ensuring(
            restore(queue.take((stored, attempts) => handle(stored, attempts, { ...inRun, entered: done }))),
            done
          )
        )
      )
    })
    const worker = (
      order === undefined ? queue.take((stored, attempts) => handle(stored, attempts, inRun)) : takeInOrder
    ).pipe(
      Effect.catchTags({
        InboxQueueUnavailable: ({ message }) =>
          Effect.andThen(Effect.logError(`the inbox waits: ${message}`), Effect.sleep("1 second")),
        // It comes again by itself.
        HandlingFailed: () => Effect.void
      }),
      // A store of one's own may die. Nobody would notice that nothing is handled any more.
      Effect.catchDefect((defect) =>
        Effect.andThen(
          Effect.logError("the inbox waits: a store of it failed", Cause.die(defect)),
          Effect.sleep("1 second")
        )
      ),
      Effect.forever
    )

    return {
      receive: receive((verified, id) =>
        Effect.gen(function* () {
          yield* queue.offer(Stored.make(id, verified, yield* Clock.currentTimeMillis))
          return yield* count("stored", 200)
        }).pipe(
          Effect.catch(({ message }) =>
            Effect.andThen(
              Effect.logError(`PayKKa notification put off: ${message}`),
              count("unavailable", 503, "InboxQueueUnavailable")
            )
          )
        )
      ),
      run: Effect.andThen(
        Effect.all(
          Array.from({ length: concurrency }, () => worker),
          { concurrency: "unbounded", discard: true }
        ),
        Effect.never
      ),
      handle: (stored, attempts) => handle(stored, attempts, onPush),
      replay: (id) =>
        Effect.gen(function* () {
          const letter = yield* deadLetters.get(id)
          if (Option.isNone(letter)) return false
          const { stored, failedAt } = letter.value
          // Another id, since the queue knows the first one; always the same, so that two who replay it make one.
          yield* queue.offer({ ...stored, id: `${stored.id.split("#", 1)[0]}#${failedAt}` })
          yield* deadLetters.remove(id)
          return true
        })
    }
  })
