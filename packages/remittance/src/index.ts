export * as Remittance from "./Remittance.ts"
