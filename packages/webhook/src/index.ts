export * as Incoming from "./Incoming.ts"
export * as WebHandler from "./WebHandler.ts"
export * as Webhook from "./Webhook.ts"
