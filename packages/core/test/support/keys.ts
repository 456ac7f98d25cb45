/** The merchant's key pair of the committed vectors (for tests only), and a signer over it. */
import { readFileSync } from "node:fs"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Signer from "@paykka/signing/Signer"
import * as Layer from "effect/Layer"

interface KeyPair {
  readonly key_id: string
  readonly private_pkcs8_pem: string
  readonly public_spki_pem: string
}

const vectors = new URL("../../../signing/test/vectors/signing.json", import.meta.url)

/** The pair that signs requests. */
export const { merchant } = (
  JSON.parse(readFileSync(vectors, "utf8")) as { readonly keys: { readonly merchant: KeyPair } }
).keys

/** Signs with the merchant's key. */
export const signer: Layer.Layer<Signer.Signer> = Signer.layer.pipe(
  Layer.provide(KeyStore.layer({ signingKey: { keyId: merchant.key_id, privateKey: merchant.private_pkcs8_pem } })),
  Layer.orDie
)
