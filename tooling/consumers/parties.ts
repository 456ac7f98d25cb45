/** A merchant and the platform, their keys, and notifications that Node's own crypto signs for the platform. */
import { createPrivateKey, randomUUID, sign } from "node:crypto"
import { readFileSync } from "node:fs"
import type { Message } from "./programs/everything.ts"

interface Vectors {
  readonly keys: Readonly<
    Record<
      "merchant" | "platform",
      { readonly key_id: string; readonly private_pkcs8_pem: string; readonly public_spki_pem: string }
    >
  >
}

const { keys } = JSON.parse(
  readFileSync(new URL("../../packages/signing/test/vectors/signing.json", import.meta.url), "utf8")
) as Vectors

const pair = ({ key_id, private_pkcs8_pem, public_spki_pem }: Vectors["keys"]["merchant"]) => ({
  keyId: key_id,
  privateKey: private_pkcs8_pem,
  publicKey: public_spki_pem
})

export const merchId = "M24061911365700670"
export const merchant = pair(keys.merchant)
export const platform = pair(keys.platform)

/** What the platform sends of an account, genuine, and with another status than the signed one. */
export const notifications = (): { readonly genuine: Message; readonly tampered: Message } => {
  const path = "/api/v2/merch/va/notify"
  const body = JSON.stringify({ type: "MERCH", data: { request_id: "VA20240501000002", status: "ENABLED" } })
  const timestamp = String(Date.now())
  const nonce = randomUUID().replaceAll("-", "")
  const canonical = `${path}\n${timestamp}\n${nonce}\n${merchId}\n${body}`
  const signature = sign("RSA-SHA256", Buffer.from(canonical), createPrivateKey(platform.privateKey)).toString("base64")
  const authorization = { sign_type: "SHA256_WITH_RSA", timestamp, nonce, key_id: platform.keyId, signature }
  const headers = {
    "Content-Type": "application/json",
    "X-Merch-Id": merchId,
    Authorization: encodeURIComponent(JSON.stringify(authorization))
  }
  return {
    genuine: { path, headers, body },
    tampered: { path, headers, body: body.replace("ENABLED", "EXPIRED") }
  }
}
