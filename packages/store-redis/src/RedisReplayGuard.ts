/**
 * A replay guard on Redis, for any number of processes.
 *
 * Each step is one script over one key: atomic, and fit for Redis Cluster. Leases and retention are kept by the server's own clock, as
 * the expiry of that key. The guard forgets what Redis forgets, and what is forgotten is handled again when it is repeated: see the
 * package's README for the settings that matter.
 */
import * as ReplayGuard from "@paykka/webhook/ReplayGuard"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redis from "effect/persistence/Redis"
import { type CommandOptions, describe, standardPrefix, within } from "./internal/command.ts"

/** Settings of the guard on Redis. */
export interface Options extends ReplayGuard.Options, CommandOptions {}

const claimScript = `
local signature, token = unpack(redis.call("HMGET", KEYS[1], "signature", "token"))
if not signature then
  redis.call("HSET", KEYS[1], "signature", ARGV[1], "token", ARGV[2])
  redis.call("PEXPIRE", KEYS[1], ARGV[3])
  return "Claimed"
end
if signature ~= ARGV[1] then return "Conflict" end
return token and "Busy" or "Handled"`

const commitScript = `
if redis.call("HGET", KEYS[1], "token") == ARGV[1] then
  redis.call("HDEL", KEYS[1], "token")
  redis.call("PEXPIRE", KEYS[1], ARGV[2])
  return 1
end
return 0`

const releaseScript = `
if redis.call("HGET", KEYS[1], "token") == ARGV[1] then redis.call("DEL", KEYS[1]) end`

// Redis takes whole numbers only; it would refuse another after the claim is written, and the claim would never end.
const milliseconds = (name: string, millis: number): string => {
  if (!Number.isSafeInteger(millis)) throw new Error(`${name} is longer than Redis can keep`)
  return String(millis)
}

/** A guard over the given client. A lease or retention that guards nothing, or has no end, is a defect. */
export const make = (options: Options = {}): Effect.Effect<ReplayGuard.Service, never, Redis.Redis> =>
  Effect.map(Redis.Redis, (redis) => {
    const { prefix = standardPrefix, timeout } = options
    const { leaseMillis, retentionMillis } = ReplayGuard.settings(options)
    const lease = milliseconds("lease", leaseMillis)
    const retention = milliseconds("retention", retentionMillis)
    const inTime = within(timeout)
    // The text of the script each time, not its digest: nothing has to be loaded before, on whichever node has the key.
    const evaluate = <A>(script: string, id: string, ...args: ReadonlyArray<string>) =>
      Effect.mapError(
        inTime(redis.send<A>("EVAL", script, "1", `${prefix}delivery:${id}`, ...args)),
        ({ cause }) => new ReplayGuard.ReplayGuardUnavailable({ detail: describe(cause), cause })
      )
    return ReplayGuard.ReplayGuard.of({
      lease: Duration.millis(leaseMillis),
      claim: ({ id, signature }) =>
        Effect.suspend(() => {
          const token = ReplayGuard.makeToken()
          return Effect.map(
            evaluate<ReplayGuard.Claim["_tag"]>(claimScript, id, signature, token, lease),
            (_tag): ReplayGuard.Claim => (_tag === "Claimed" ? { _tag, id, token } : { _tag })
          )
        }),
      commit: ({ id, token }) => Effect.map(evaluate<number>(commitScript, id, token, retention), (done) => done === 1),
      release: ({ id, token }) => Effect.asVoid(evaluate(releaseScript, id, token))
    })
  })

/** The layer of {@link make}. */
export const layer = (options: Options = {}): Layer.Layer<ReplayGuard.ReplayGuard, never, Redis.Redis> =>
  Layer.effect(ReplayGuard.ReplayGuard, make(options))
