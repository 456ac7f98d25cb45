/** Bindings that can be used. */
import { generateKeyPairSync } from "node:crypto"
import type { Env } from "../src/Env.ts"

const pair = () =>
  generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" }
  })

const namespace = {
  idFromName: (name: string) => name,
  get: () => ({ fetch: () => Promise.reject(new Error("away")) })
}

export const bindings = {
  PAYOUT: namespace,
  REPLAY_GUARD: namespace,
  DEAD_LETTERS: namespace,
  INBOX: { send: () => Promise.reject(new Error("away")) },
  PAYOUTS_TOKEN: "a-token-that-is-long-enough",
  PAYKKA_ENVIRONMENT: "local",
  PAYKKA_BASE_URL: "http://127.0.0.1:2",
  PAYKKA_MERCH_ID: "M24061911365700670",
  PAYKKA_KEY_ID: "merchant-key",
  PAYKKA_PRIVATE_KEY: pair().privateKey,
  PAYKKA_PLATFORM_PUBLIC_KEY: pair().publicKey
} satisfies Env
