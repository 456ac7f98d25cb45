export * as Onboarding from "./Onboarding.ts"
