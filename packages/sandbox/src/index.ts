export * as Sandbox from "./Sandbox.ts"
export * as SandboxTransport from "./SandboxTransport.ts"
