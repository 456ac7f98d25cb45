export * as Payment from "./Payment.ts"
