/**
 * The inbox's queue on Redis, over Effect's `PersistedQueue`, for any number of processes.
 *
 * A notification that a process has taken is locked; the process renews the lock while it is handled, and what a dead process had
 * taken comes again when its lock has expired. All keys of a queue are on one node of a Redis Cluster.
 */
import * as InboxQueue from "@paykka/webhook/InboxQueue"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as PersistedQueue from "effect/persistence/PersistedQueue"
import * as Redis from "effect/persistence/Redis"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import { type CommandOptions, describe, standardPrefix } from "./internal/command.ts"
import * as Steady from "./internal/steady.ts"

/** Settings of the queue on Redis. */
export interface Options extends InboxQueue.Options, CommandOptions {
  /** How often a process looks for what others have kept; what it kept itself it sees at once. Default: 1 second. */
  readonly pollInterval?: Duration.Input | undefined
  /** When what a dead process had taken comes again, up to a third later. Locks are renewed three times as often. Default: 90 seconds. */
  readonly lockExpiration?: Duration.Input | undefined
  /** How long a handled notification's id is known, so that it is not kept again. Default: 1 day. */
  readonly retention?: Duration.Input | undefined
}

const store = ({ prefix = standardPrefix, timeout, pollInterval, lockExpiration = "90 seconds" }: Options) =>
  Layer.effect(
    PersistedQueue.PersistedQueueStore,
    Effect.gen(function* () {
      // The prefix stands in a pattern of SCAN, and in the braces that keep all keys on one node.
      if (/[[\]*?\\{}^]/.test(prefix)) throw new Error("prefix must be without [ ] * ? \\ { } ^")
      const { redis, giveUp } = Steady.make(yield* Redis.Redis, timeout)
      const scope = yield* Scope.make()
      yield* Effect.addFinalizer((exit) =>
        giveUp.pipe(
          Effect.andThen(Scope.close(scope, exit)),
          // The store gives back what it has taken and not handed out, and dies where it cannot.
          Effect.catchDefect((defect) =>
            defect instanceof Redis.RedisError
              ? Effect.logWarning(`the inbox has ended without Redis: ${describe(defect.cause)}`)
              : Effect.die(defect)
          )
        )
      )
      return yield* PersistedQueue.makeStoreRedis({
        prefix: `{${prefix}inbox}:`,
        pollInterval,
        lockExpiration,
        lockRefreshInterval: Duration.divideUnsafe(Duration.fromInputUnsafe(lockExpiration), 3)
      }).pipe(Effect.provideService(Redis.Redis, redis), Scope.provide(scope))
    })
  )

/** The same failure, in the words of Redis where it was that. */
const inWordsOfRedis = (error: InboxQueue.InboxQueueUnavailable): InboxQueue.InboxQueueUnavailable => {
  const stored = error.cause === undefined ? undefined : Redacted.value(error.cause)
  const cause = stored instanceof PersistedQueue.PersistedQueueError ? stored.cause : stored
  const told = cause instanceof Redis.RedisError ? cause.cause : cause
  return new InboxQueue.InboxQueueUnavailable({ detail: describe(told), cause: told })
}

const queue = (options: Options) =>
  Layer.effect(
    InboxQueue.InboxQueue,
    Effect.map(InboxQueue.make(options), ({ offer, take }) =>
      InboxQueue.InboxQueue.of({
        offer: (stored) => Effect.mapError(Steady.asCaller(offer(stored)), inWordsOfRedis),
        take: (handle) =>
          Effect.mapError(Steady.asCaller(take(handle)), (error) =>
            error instanceof InboxQueue.InboxQueueUnavailable ? inWordsOfRedis(error) : error
          )
      })
    )
  )

/** The queue over the given client. It also forgets, each hour, what was handled longer ago than the retention. */
export const layer = (options: Options = {}): Layer.Layer<InboxQueue.InboxQueue, never, Redis.Redis> =>
  Layer.merge(
    Layer.provide(queue(options), PersistedQueue.layer),
    PersistedQueue.layerCleanup({ timeToLive: options.retention ?? "1 day" })
  ).pipe(Layer.provide(store(options)))
