/** Keys of a prefix on a Redis of this machine. */
import * as NodeRedis from "@effect/platform-node/NodeRedis"
import * as RedisDeadLetters from "@paykka/store-redis/RedisDeadLetters"
import * as RedisInboxQueue from "@paykka/store-redis/RedisInboxQueue"
import * as RedisReplayGuard from "@paykka/store-redis/RedisReplayGuard"
import * as Layer from "effect/Layer"
import type { Stores } from "../engines.ts"
import { deadLetters, guard, queue } from "./settings.ts"

/** A client. */
export const client = (port: number) =>
  NodeRedis.layer({ disableOfflineQueue: true, socket: { host: "127.0.0.1", port } })

export const stores = ({ port, prefix }: { readonly port: number; readonly prefix: string }): Stores =>
  Layer.mergeAll(
    RedisReplayGuard.layer({ prefix, ...guard }),
    RedisInboxQueue.layer({ prefix, ...queue }),
    RedisDeadLetters.layer({ prefix, ...deadLetters })
  ).pipe(Layer.provide(client(port)))
