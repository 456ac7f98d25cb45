export * as Forex from "./Forex.ts"
export * as Quote from "./Quote.ts"
