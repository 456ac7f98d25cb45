/** The keys and bytes that both sides work on: those of the fixed test vectors. */
import { createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto"
import { readFileSync } from "node:fs"
import { promisify } from "node:util"

interface KeyPair {
  readonly key_id: string
  readonly private_pkcs8_pem: string
  readonly public_spki_pem: string
}

interface Vectors {
  readonly keys: { readonly merchant: KeyPair; readonly platform: KeyPair }
  readonly cases: ReadonlyArray<{
    readonly id: string
    readonly signature: string
    readonly canonical_base64?: string
  }>
}

const file = new URL("../../packages/signing/test/vectors/signing.json", import.meta.url)
const vectors = JSON.parse(readFileSync(file, "utf8")) as Vectors

const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" } as const

/** A key pair in all the forms that the benches need. */
export interface Keys {
  readonly keyId: string
  readonly privatePem: string
  readonly publicPem: string
  readonly privateKeyObject: KeyObject
  readonly privateCryptoKey: CryptoKey
  readonly publicCryptoKey: CryptoKey
}

const read = async (pair: KeyPair): Promise<Keys> => {
  const privateKeyObject = createPrivateKey(pair.private_pkcs8_pem)
  const spki = createPublicKey(pair.public_spki_pem).export({ type: "spki", format: "der" })
  const pkcs8 = privateKeyObject.export({ type: "pkcs8", format: "der" })
  return {
    keyId: pair.key_id,
    privatePem: pair.private_pkcs8_pem,
    publicPem: pair.public_spki_pem,
    privateKeyObject,
    privateCryptoKey: await crypto.subtle.importKey("pkcs8", new Uint8Array(pkcs8), algorithm, false, ["sign"]),
    publicCryptoKey: await crypto.subtle.importKey("spki", new Uint8Array(spki), algorithm, false, ["verify"])
  }
}

export const merchant: Keys = await read(vectors.keys.merchant)
export const platform: Keys = await read(vectors.keys.platform)

/** The canonical string of an application for a collection account, and its signature by OpenSSL. */
export const toSign = (() => {
  const found = vectors.cases.find(({ id }) => id === "body-va-application")
  if (found?.canonical_base64 === undefined) throw new Error("the vector body-va-application is missing")
  return { bytes: new Uint8Array(Buffer.from(found.canonical_base64, "base64")), signature: found.signature }
})()

/** The body of a notification of usual size. */
export const body = Buffer.from(
  JSON.stringify({
    type: "MERCH",
    version: "V2",
    data: {
      request_id: "VA20240501000002",
      merch_id: "M24061911365700670",
      status: "ENABLED",
      currencies: ["USD", "EUR", "GBP", "HKD"],
      country_code: "US",
      type: "LOCAL",
      account_no: "8331000000012345678",
      bic_swift_code: "CMFGUS33XXX",
      bank_name: "Example Savings Bank, National Association, Correspondent and Collection Account Services",
      bank_address:
        "Example Savings Bank, Global Payments Operations, 1200 Example Avenue, Suite 400, Springfield, Example County, United States of America (correspondent of Example Bank AG, Frankfurt)",
      routing_number: "026073150"
    }
  })
)

const path = "/api/v2/merch/va/notify"
const merchId = "M24061911365700670"

/** A notification of usual size as it arrives, signed just now by Node's own crypto with the platform's test key. */
export const notify = async (nonce: string) => {
  const timestamp = String(Date.now())
  const canonical = Buffer.concat([Buffer.from(`${path}\n${timestamp}\n${nonce}\n${merchId}\n`), body])
  const signature = await promisify(sign)("RSA-SHA256", canonical, platform.privateKeyObject)
  const authorization = encodeURIComponent(
    JSON.stringify({
      sign_type: "SHA256_WITH_RSA",
      timestamp,
      nonce,
      key_id: platform.keyId,
      signature: signature.toString("base64")
    })
  )
  return {
    /** What a verifier is given. */
    message: { path, merchId, authorization, body: new Uint8Array(body) },
    /** What is left when everything but RSA is done. */
    canonical: new Uint8Array(canonical),
    signature: new Uint8Array(signature)
  }
}

/** The one notification of the bench of verification. */
export const received = await notify("0f8fad5bd9cb469fa16570867728950e")
