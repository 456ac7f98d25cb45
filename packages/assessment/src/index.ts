export * as Assessment from "./Assessment.ts"
