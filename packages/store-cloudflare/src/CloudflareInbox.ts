/**
 * An inbox on Cloudflare Queues: what arrives is sent to a queue, and the queue hands it to the worker's `queue` handler.
 *
 * A queue keeps no order, and hands a message over at least once. It takes the same notification twice without knowing it: the replay
 * guard knows. Every notification that was answered with 200 is handled at least once, or is a dead letter; for one at which the
 * worker dies each time, or while the dead letters are away, that needs a dead letter queue as well, see {@link bury}.
 */
import * as DeadLetters from "@paykka/webhook/DeadLetters"
import type * as Inbox from "@paykka/webhook/Inbox"
import * as InboxQueue from "@paykka/webhook/InboxQueue"
import type { Stored } from "@paykka/webhook/Stored"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import type { MessageBatch, QueueMessage, QueueProducer } from "./Bindings.ts"
import * as Content from "./internal/content.ts"
import { later } from "./internal/later.ts"

/** Settings of the sending end. */
export interface Options {
  /** The producer binding of the queue. */
  readonly queue: QueueProducer
}

const unavailable = (detail: string, cause?: unknown) => new InboxQueue.InboxQueueUnavailable({ detail, cause })

/** Builds the queue's sending end. Dies where the binding is missing. */
export const make = ({ queue }: Options): Effect.Effect<InboxQueue.Service, never, DeadLetters.DeadLetters> =>
  Effect.map(DeadLetters.DeadLetters, (letters) => {
    if (typeof (queue as QueueProducer | undefined)?.send !== "function") {
      throw new Error(
        "the inbox has no queue: the wrangler configuration lacks the producer's binding, or names it otherwise"
      )
    }
    const send = (body: Stored | Content.Parcel) =>
      Effect.tryPromise({
        try: () => queue.send(body, { contentType: "json" }),
        catch: (cause) => unavailable("Cloudflare's queue did not take it", cause)
      })
    return InboxQueue.InboxQueue.of({
      offer: (stored) =>
        Effect.gen(function* () {
          if (Content.isForeign(stored.id)) {
            return yield* unavailable(`${stored.id} is no notification, but something else that was in the queue`)
          }
          if (Content.fits(stored)) return yield* Effect.asVoid(send(stored))
          const { letter, parcel } = Content.pack(stored, yield* Clock.currentTimeMillis)
          yield* Effect.mapError(letters.put(letter), ({ message, cause }) => unavailable(message, cause))
          return yield* Effect.asVoid(send(parcel))
        }),
      take: () =>
        Effect.fail(unavailable("a Cloudflare queue is not asked, it calls the worker's queue handler: see consume"))
    })
  })

/**
 * The layer of {@link make}. What is too large for a message of a queue (128 kB, which is a body of about 95 kB) waits among the
 * dead letters, of up to 2 MB each, until it is handled.
 */
export const layer = (options: Options): Layer.Layer<InboxQueue.InboxQueue, never, DeadLetters.DeadLetters> =>
  Layer.effect(InboxQueue.InboxQueue, make(options))

/** Settings of the receiving end. */
export interface ConsumeOptions {
  /** How many messages of a batch are handled at once. Default: 1. */
  readonly concurrency?: number | undefined
  /**
   * The consumer's `max_retries` in the wrangler configuration. After so many the queue forgets a message, so what still fails then is
   * a dead letter, even if the inbox would try it again. Default: 3, as Cloudflare's.
   */
  readonly maxRetries?: number | undefined
  /** How long to wait after so many attempts; at most a day. Default: one second, doubled each time up to five minutes. */
  readonly delay?: ((attempts: number) => Duration.Input) | undefined
}

type Use<R> = (
  stored: Stored,
  message: QueueMessage,
  letters: DeadLetters.Service
) => Effect.Effect<void, Inbox.HandlingFailed | DeadLetters.DeadLettersUnavailable, R>

/** Does something with what a message holds. */
const open = <R>(message: QueueMessage, letters: DeadLetters.Service, use: Use<R>) =>
  Effect.gen(function* () {
    const content = yield* Content.read(message.body, letters)
    switch (content._tag) {
      case "Stored":
        return yield* use(content.stored, message, letters)
      case "Parcel":
        yield* use(content.stored, message, letters)
        return yield* Effect.catch(letters.remove(content.letter), (error) =>
          Effect.logWarning(`the dead letter ${content.letter} is not needed any more, but stays: ${error.message}`)
        )
      case "Gone":
        return yield* Effect.logInfo(`the dead letter ${content.letter} is gone: it was handled, or sent again, before`)
      case "Foreign":
        yield* letters.put(Content.foreignLetter(message, content.detail, yield* Clock.currentTimeMillis))
        return yield* Effect.logError(`message ${message.id} of the inbox is no notification: it is a dead letter now`)
    }
  })

const why = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  return error instanceof Error ? error.message : "it failed"
}

/** Does it with each message of a batch: a message is done when that succeeds, and else comes again. */
const each =
  <R>(options: ConsumeOptions, use: Use<R>) =>
  ({ messages }: MessageBatch): Effect.Effect<void, never, R | DeadLetters.DeadLetters> =>
    Effect.flatMap(DeadLetters.DeadLetters, (letters) =>
      Effect.forEach(
        messages,
        (message) =>
          Effect.matchCauseEffect(open(message, letters, use), {
            onSuccess: () => Effect.sync(() => message.ack()),
            onFailure: (cause) =>
              Effect.andThen(
                Effect.logWarning(`message ${message.id} of the inbox comes again: ${why(cause)}`),
                Effect.sync(() => later(message, options.delay))
              )
          }),
        { concurrency: options.concurrency ?? 1, discard: true }
      )
    )

const giveUp = (letters: DeadLetters.Service, stored: Stored, attempts: number, error: string) =>
  Effect.gen(function* () {
    yield* letters.put({ id: stored.id, stored, error, attempts, failedAt: yield* Clock.currentTimeMillis })
    yield* Effect.logError(`PayKKa notification ${stored.id} is a dead letter: ${error}`)
  })

const standardMaxRetries = 3

/**
 * Handles a batch of the inbox's queue. What is handled is acknowledged, what failed comes again, and what is no notification becomes a
 * dead letter, which cannot be replayed. Leave the inbox's `order` out: a queue has none, and waiting for it would hold up the batch.
 */
export const consume = <R>(
  inbox: Inbox.Inbox<R>,
  options: ConsumeOptions = {}
): ((batch: MessageBatch) => Effect.Effect<void, never, R | DeadLetters.DeadLetters>) =>
  each(options, (stored, { attempts }, letters) =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(inbox.handle(stored, attempts))
      if (Exit.isSuccess(exit)) return
      if (attempts <= (options.maxRetries ?? standardMaxRetries)) return yield* exit
      yield* giveUp(letters, stored, attempts, "it failed as often as the queue hands it over; why is in the log")
    })
  )

/**
 * Makes dead letters of a batch: for the consumer of the queue that is named as the inbox's `dead_letter_queue`. What the inbox's queue
 * gave up by itself comes there: the worker died each time, or the dead letters were away. `maxRetries` is that of the inbox's queue.
 */
export const bury = (
  options: ConsumeOptions = {}
): ((batch: MessageBatch) => Effect.Effect<void, never, DeadLetters.DeadLetters>) =>
  each(options, (stored, _, letters) =>
    giveUp(letters, stored, (options.maxRetries ?? standardMaxRetries) + 1, "the queue gave it up; why is in the log")
  )
