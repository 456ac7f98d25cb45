export * as Payee from "./Payee.ts"
