export * as RedisDeadLetters from "./RedisDeadLetters.ts"
export * as RedisInboxQueue from "./RedisInboxQueue.ts"
export * as RedisReplayGuard from "./RedisReplayGuard.ts"
