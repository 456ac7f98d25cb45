export * as Va from "./Va.ts"
