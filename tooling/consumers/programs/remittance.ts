import * as Remittance from "@paykka/remittance/Remittance"
import * as Notification from "@paykka/schemas/Notification"
import * as Result from "effect/Result"

declare const process: { readonly env: Readonly<Record<string, string>> }

// The notification's body, as the sandbox has posted it.
const { data } = Notification.readEnvelope(JSON.parse(process.env["NOTIFICATION"]!))
const receipt = Result.getOrThrow(Notification.decodeData(Remittance.notification, data))
console.log(JSON.stringify({ status: receipt.status, relatable: Remittance.isRelatable(receipt) }))
