export * as Tradesettle from "./Tradesettle.ts"
