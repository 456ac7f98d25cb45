export * as Order from "./Order.ts"
export * as Relate from "./Relate.ts"
