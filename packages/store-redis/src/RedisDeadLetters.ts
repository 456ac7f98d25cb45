/** Dead letters on Redis: their ids in a sorted set, and themselves in a hash, changed together by scripts. */
import * as DeadLetters from "@paykka/webhook/DeadLetters"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redis from "effect/persistence/Redis"
import * as Schema from "effect/Schema"
import { type CommandOptions, describe, standardPrefix, within } from "./internal/command.ts"

/** Settings of the dead letters. */
export interface Options extends CommandOptions {}

const putScript = `
redis.call("ZADD", KEYS[1], 0, ARGV[1])
redis.call("HSET", KEYS[2], ARGV[1], ARGV[2])`

const listScript = `
local letters = {}
for i, id in ipairs(redis.call("ZRANGEBYLEX", KEYS[1], ARGV[1], "+", "LIMIT", 0, ARGV[2])) do
  letters[i] = redis.call("HGET", KEYS[2], id)
end
return letters`

const removeScript = `
redis.call("ZREM", KEYS[1], ARGV[1])
redis.call("HDEL", KEYS[2], ARGV[1])`

const Letter = /*#__PURE__*/ Schema.fromJsonString(DeadLetters.DeadLetter)
const encode = /*#__PURE__*/ Schema.encodeSync(Letter)
const decode = /*#__PURE__*/ Schema.decodeUnknownEffect(Letter)

/** Dead letters over the given client. */
export const make = (options: Options = {}): Effect.Effect<DeadLetters.Service, never, Redis.Redis> =>
  Effect.map(Redis.Redis, (redis) => {
    const { prefix = standardPrefix, timeout } = options
    const inTime = within(timeout)
    // What stands in braces decides on the node of a Redis Cluster: both keys are on one.
    const ids = `{${prefix}dead-letters}:ids`
    const letters = `{${prefix}dead-letters}:letters`
    const send = <A>(command: string, ...args: ReadonlyArray<string>) =>
      Effect.mapError(
        inTime(redis.send<A>(command, ...args)),
        ({ cause }) => new DeadLetters.DeadLettersUnavailable({ detail: describe(cause), cause })
      )
    const evaluate = <A>(script: string, ...args: ReadonlyArray<string>) =>
      send<A>("EVAL", script, "2", ids, letters, ...args)
    const read = (json: unknown) =>
      Effect.mapError(
        decode(json),
        (cause) => new DeadLetters.DeadLettersUnavailable({ detail: `${letters} holds what is no dead letter`, cause })
      )
    return DeadLetters.DeadLetters.of({
      put: (letter) => Effect.suspend(() => Effect.asVoid(evaluate(putScript, letter.id, encode(letter)))),
      list: ({ after, limit = DeadLetters.standardLimit } = {}) =>
        Effect.flatMap(
          evaluate<ReadonlyArray<unknown>>(
            listScript,
            after === undefined ? "-" : `(${after}`,
            String(Math.min(limit, Number.MAX_SAFE_INTEGER))
          ),
          (found) => Effect.forEach(found, read)
        ),
      get: (id) =>
        Effect.flatMap(send<string | null>("HGET", letters, id), (json) =>
          json === null ? Effect.succeedNone : Effect.asSome(read(json))
        ),
      remove: (id) => Effect.asVoid(evaluate(removeScript, id))
    })
  })

/** The layer of {@link make}. */
export const layer = (options: Options = {}): Layer.Layer<DeadLetters.DeadLetters, never, Redis.Redis> =>
  Layer.effect(DeadLetters.DeadLetters, make(options))
