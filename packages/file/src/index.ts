export * as File from "./File.ts"
