/** Key pairs of a merchant and of a platform, made for this process. */
import { generateKeyPairSync } from "node:crypto"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Signer from "@paykka/signing/Signer"
import * as Layer from "effect/Layer"

const pair = () =>
  generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" }
  })

const merchant = pair()
const platform = pair()

export const merchId = "M24061911365700670"

/** What a sandbox is made of. */
export const sandboxKeys = {
  merchants: [{ merchId, keyId: "merchant-key", publicKey: merchant.publicKey }],
  platformKey: { keyId: "platform-key", privateKey: platform.privateKey }
}

/** The merchant's private key, which must show nowhere. */
export const { privateKey } = merchant

/** Signs as the merchant. */
export const signer: Layer.Layer<Signer.Signer> = Signer.layer.pipe(
  Layer.provide(KeyStore.layer({ signingKey: { keyId: "merchant-key", privateKey } })),
  Layer.orDie
)
