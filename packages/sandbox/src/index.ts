export * as Decisions from "./Decisions.ts"
export * as Sandbox from "./Sandbox.ts"
export * as SandboxTransport from "./SandboxTransport.ts"
export * as Statuses from "./Statuses.ts"
