export * as SqlDeadLetters from "./SqlDeadLetters.ts"
export * as SqlInboxQueue from "./SqlInboxQueue.ts"
export * as SqlJournal from "./SqlJournal.ts"
export * as SqlReplayGuard from "./SqlReplayGuard.ts"
