export * as Balance from "./Balance.ts"
