/** The same signed inquiry in three ways. */
import { type KeyObject, randomUUID, sign } from "node:crypto"
import * as Environment from "@paykka/core/Environment"
import * as PaykkaClient from "@paykka/core/PaykkaClient"
import * as Va from "@paykka/schemas/Va"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Signer from "@paykka/signing/Signer"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { merchant } from "../material.ts"
import { merchId, question } from "./messages.ts"

/** Who calls. */
export type Name = "ours" | "crypto.sign" | "crypto.subtle.sign"

/** One call: the account that the answer holds. */
export type Call = () => Promise<unknown>

/** The client of this repository, built once; each call is an `Effect.runPromise` of its own, as in a server. */
const ours = async (baseUrl: string): Promise<Call> => {
  const runtime = ManagedRuntime.make(
    PaykkaClient.layer({ environment: Environment.local(baseUrl), merchId }).pipe(
      Layer.provide([
        Layer.provide(
          Signer.layer,
          KeyStore.layer({ signingKey: { keyId: merchant.keyId, privateKey: merchant.privatePem } })
        ),
        FetchHttpClient.layer
      ])
    )
  )
  const client = await runtime.runPromise(PaykkaClient.PaykkaClient)
  return () => Effect.runPromise(client.execute(Va.inquiry, question))
}

const path = Va.inquiry.path
const encoder = new TextEncoder()

/** What one writes without an SDK: no checks, no typed errors, no retries; but a timeout, and a look at the status. */
const byHand =
  (baseUrl: string, signature: (bytes: Uint8Array<ArrayBuffer>) => string | Promise<string>): Call =>
  async () => {
    const body = JSON.stringify(question)
    const timestamp = String(Date.now())
    const nonce = randomUUID().replaceAll("-", "")
    const authorization = {
      sign_type: "SHA256_WITH_RSA",
      timestamp,
      nonce,
      key_id: merchant.keyId,
      signature: await signature(encoder.encode(`${path}\n${timestamp}\n${nonce}\n${merchId}\n${body}`))
    }
    const response = await fetch(baseUrl + path, {
      method: "POST",
      headers: {
        Accept: "application/json",
        Authorization: encodeURIComponent(JSON.stringify(authorization)),
        "Content-Type": "application/json",
        "X-Merch-Id": merchId
      },
      body,
      signal: AbortSignal.timeout(30_000)
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`HTTP ${response.status}: ${text}`)
    return JSON.parse(text)
  }

const onMainThread = (key: KeyObject) => (bytes: Uint8Array<ArrayBuffer>) =>
  sign("RSA-SHA256", bytes, key).toString("base64")

const onOtherThread = (key: CryptoKey) => async (bytes: Uint8Array<ArrayBuffer>) =>
  Buffer.from(await crypto.subtle.sign("RSASSA-PKCS1-v1_5", key, bytes)).toString("base64")

/** The call of a caller, to a server of this machine. */
export const make = async (name: Name, baseUrl: string): Promise<Call> => {
  switch (name) {
    case "ours":
      return ours(baseUrl)
    case "crypto.sign":
      return byHand(baseUrl, onMainThread(merchant.privateKeyObject))
    case "crypto.subtle.sign":
      return byHand(baseUrl, onOtherThread(merchant.privateCryptoKey))
  }
}
