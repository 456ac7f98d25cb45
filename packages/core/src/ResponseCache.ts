/**
 * Answers reads from what the platform answered a short while ago. A plugin, for the operations that it is told and no
 * others: what is kept may be out of date, and nobody but you can say for which questions that does no harm.
 *
 * ```ts
 * const plugins = Plugin.layer(ResponseCache.make({ operations: [Balance.inquiry], timeToLive: "10 seconds" }))
 * ```
 *
 * - A result that was kept has `attempts: 0` (`executeWithResponse`); its status and headers are those of the answer at the time.
 *   It is the same object each time: do not change it.
 * - Kept are results only, never errors. Calls without a merchant number are not kept: nothing in them tells whose the answer is.
 * - After a write with a merchant number, whatever became of it, nothing is answered from before it for this number; after a write
 *   without one, for none. That holds for writes that pass this plugin: not for those of other processes, nor for what
 *   the platform does later.
 * - Whoever waits for an outcome (`Poll`, `Outcome`, `onUnknown: "resolve"`) is answered by the platform, and so is a call under `Fresh.Fresh`.
 *
 * Clients share nothing: each is answered from what was answered to itself.
 */
import * as Cache from "effect/Cache"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Duration from "effect/Duration"
import type { Operation } from "@paykka/schemas/Operation"
import type { InvalidConfiguration } from "./Environment.ts"
import { Fresh } from "./Fresh.ts"
import * as setting from "./internal/setting.ts"
import type { PaykkaError } from "./PaykkaError.ts"
import type { Call, Outcome, Plugin } from "./Plugin.ts"

/** Settings of the plugin. */
export interface Options {
  /** The operations whose answers are kept: reads, such as `Balance.inquiry`. Those that tell a status change at any time. */
  readonly operations: ReadonlyArray<Operation>
  /** How long an answer is kept, from when it came: 1 millisecond or longer. */
  readonly timeToLive: Duration.Input
  /** How many answers are kept; then the one that was not asked for the longest goes. Default: 1000. */
  readonly capacity?: number | undefined
}

/** The plugin, and a way to forget all that it keeps. */
export interface ResponseCache extends Plugin {
  readonly invalidateAll: Effect.Effect<void>
}

/** The plugin. Fails with `InvalidConfiguration` when an option has no meaning. */
export const make = /*#__PURE__*/ Effect.fnUntraced(function* ({
  operations,
  timeToLive,
  capacity = 1000
}: Options): Effect.fn.Return<ResponseCache, InvalidConfiguration> {
  const write = operations.find(({ effect }) => effect !== "read")
  yield* setting.check([
    ["responseCache.operations", operations.length > 0, "must name the operations whose answers are kept"],
    ["responseCache.operations", write === undefined, `must be reads; ${write?.id} is none`],
    setting.duration("responseCache.timeToLive", timeToLive, 1),
    setting.whole("responseCache.capacity", capacity, 1)
  ])
  const cache = yield* Cache.make<string, Outcome>({
    capacity,
    timeToLive,
    lookup: () => Effect.die(new Error("answers are set, not looked up"))
  })
  // What was asked before a write is kept under another key than what is asked after it: an answer that is on its way meanwhile as well.
  let emptied = 0
  const written = new Map<string, number>()
  const accountOf = ({ origin, merchId }: Call): string => `${origin} ${merchId}`

  const invalidateAll = Effect.suspend(() => {
    emptied++
    return Cache.invalidateAll(cache)
  })

  const forget = (call: Call): Effect.Effect<void> =>
    call.merchId === undefined
      ? invalidateAll
      : Effect.sync(() => void written.set(accountOf(call), (written.get(accountOf(call)) ?? 0) + 1))

  return {
    name: "response cache",
    invalidateAll,
    operation: <A extends Outcome>(call: Call, next: Effect.Effect<A, PaykkaError>) => {
      if (call.operation.effect !== "read") return Effect.ensuring(next, forget(call))
      // The very descriptor: another of the same id may read an answer in another way.
      const which = operations.indexOf(call.operation)
      if (which < 0 || call.merchId === undefined) return next
      const account = accountOf(call)
      return Effect.gen(function* () {
        const fingerprint = yield* call.fingerprint
        const key = [account, emptied, written.get(account) ?? 0, which, fingerprint].join(" ")
        const kept = (yield* Fresh) ? Option.none() : yield* Cache.getOption(cache, key)
        // The same question to the same operation: the same kind of result.
        if (Option.isSome(kept)) return { ...kept.value, attempts: 0 } as A
        return yield* Effect.tap(next, (outcome) => Cache.set(cache, key, outcome))
      })
    }
  }
})
