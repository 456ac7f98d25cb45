/**
 * Keeps the number of requests that are under way at the same time within a limit, in the order of arrival. A plugin.
 *
 * A call that waits for its next attempt holds no place. One plugin is one limit: for all clients and merchants that use it, within
 * one process.
 *
 * In a Cloudflare worker make it for each request that the worker handles, not once for the isolate: there nobody may wait
 * for what another request does, and workerd cancels the one that waits. It then bounds what one such request does
 * in parallel, and not the isolate; for a bound on the platform's side of it use `RateLimit`.
 */
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import { stopped } from "./AttemptFailed.ts"
import type { InvalidConfiguration } from "./Environment.ts"
import * as setting from "./internal/setting.ts"
import type { Plugin } from "./Plugin.ts"

/** Settings of the plugin. */
export interface Options {
  /** Requests under way at the same time, at most: a whole number from 1. */
  readonly limit: number
  /**
   * Requests that wait for a place, at most: a whole number from 0. The call of one more ends at once as `Unreachable`; it is
   * `retryable`, and has not sent this request. Default: any number waits, and for any time.
   */
  readonly maxWaiting?: number | undefined
}

/** The plugin. Fails with `InvalidConfiguration` when an option has no meaning. */
export const make = /*#__PURE__*/ Effect.fnUntraced(function* ({
  limit,
  maxWaiting
}: Options): Effect.fn.Return<Plugin, InvalidConfiguration> {
  yield* setting.check([
    setting.whole("concurrencyLimit.limit", limit, 1),
    setting.whole("concurrencyLimit.maxWaiting", maxWaiting ?? 0, 0)
  ])
  const places = yield* Semaphore.make(limit)
  let present = 0
  return {
    name: "concurrency limit",
    attempt: (_, next) =>
      Effect.uninterruptibleMask((restore) => {
        if (maxWaiting !== undefined && present >= limit + maxWaiting) {
          return stopped({
            detail: `not sent: ${limit} requests are under way, and ${present - limit} wait`,
            isFinal: true
          })
        }
        present++
        return Effect.ensuring(
          restore(places.withPermit(next)),
          Effect.sync(() => void present--)
        )
      })
  }
})
