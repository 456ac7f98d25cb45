/**
 * A replay guard in Durable Objects: one notification is handled once, wherever in the world its deliveries arrive.
 *
 * KV cannot be a guard. It has no step that reads and writes at once, and a write may show elsewhere only a minute later, so that
 * deliveries that arrive together are all let through. It is refused, by its type and when the layer is built.
 */
import * as ReplayGuard from "@paykka/webhook/ReplayGuard"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { ObjectNamespace } from "./Bindings.ts"
import { ask, checkNamespace } from "./internal/object.ts"
import type { Answer, Request } from "./ReplayGuardObject.ts"

/** Settings of the guard. */
export interface Options extends ReplayGuard.Options {
  /** The binding of the class `ReplayGuardObject`. */
  readonly namespace: ObjectNamespace
  /**
   * Over how many objects the deliveries are spread. An object answers about a thousand requests per second, and a notification takes
   * two. Default: 16, for some thousand notifications per second; an object that has nothing to do costs nothing. While the number
   * is changed, what was handled before is not known in its new place.
   */
  readonly shards?: number | undefined
  /** How long to wait for an answer. Then the guard is not available; a claim that was made all the same ends with its lease. Default: 5 seconds. */
  readonly timeout?: Duration.Input | undefined
}

/** Builds the guard. Dies where an option cannot be used. */
export const make = (options: Options): Effect.Effect<ReplayGuard.Service> =>
  Effect.sync(() => {
    const { namespace, shards = 16, timeout = "5 seconds" } = options
    checkNamespace(namespace, "the replay guard")
    if (!(Number.isSafeInteger(shards) && shards >= 1)) throw new Error("shards must be a whole number, at least 1")
    const { leaseMillis, retentionMillis } = ReplayGuard.settings(options)

    // Ids are digests: any of their digits are spread evenly.
    const shardOf = (id: string): string => `shard-${Number.parseInt(id.slice(0, 8), 16) % shards}`
    const call = (request: Request): Effect.Effect<Answer["_tag"] | undefined, ReplayGuard.ReplayGuardUnavailable> =>
      Effect.mapBoth(ask(namespace, shardOf(request.id), request, timeout), {
        onSuccess: (answer) => (answer as Answer | null)?._tag,
        onFailure: ({ detail, cause }) => new ReplayGuard.ReplayGuardUnavailable({ detail, cause })
      })

    return ReplayGuard.ReplayGuard.of({
      lease: Duration.millis(leaseMillis),
      claim: ({ id, signature }) =>
        Effect.suspend(() => {
          const token = ReplayGuard.makeToken()
          return Effect.flatMap(
            call({ op: "claim", id, signature, token, lease: leaseMillis }),
            (tag): Effect.Effect<ReplayGuard.Claim, ReplayGuard.ReplayGuardUnavailable> => {
              switch (tag) {
                case "Claimed":
                  return Effect.succeed({ _tag: tag, id, token })
                case "Handled":
                case "Busy":
                case "Conflict":
                  return Effect.succeed({ _tag: tag })
                default:
                  return Effect.fail(
                    new ReplayGuard.ReplayGuardUnavailable({
                      detail: "its Durable Object does not speak as a guard's; is its class the right one?"
                    })
                  )
              }
            }
          )
        }),
      commit: ({ id, token }) =>
        Effect.map(call({ op: "commit", id, token, retention: retentionMillis }), (tag) => tag === "Done"),
      release: ({ id, token }) => Effect.asVoid(call({ op: "release", id, token }))
    })
  })

/** The layer of {@link make}. */
export const layer = (options: Options): Layer.Layer<ReplayGuard.ReplayGuard> =>
  Layer.effect(ReplayGuard.ReplayGuard, make(options))
