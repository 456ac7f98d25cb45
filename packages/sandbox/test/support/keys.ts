/** The key pairs of the committed vectors, for tests only. */
import { type KeyObject, createPrivateKey, createPublicKey } from "node:crypto"
import { readFileSync } from "node:fs"

interface Pair {
  readonly key_id: string
  readonly private_pkcs8_pem: string
  readonly public_spki_pem: string
}

/** A message that OpenSSL and the JDK signed alike. */
export interface Vector {
  readonly id: string
  readonly signer: "merchant" | "platform"
  readonly path: string
  readonly merch_id: string | null
  readonly body: { readonly text?: string } | null
  readonly authorization: string
}

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../signing/test/vectors/${name}.json`, import.meta.url), "utf8"))

const signing = read("signing") as {
  readonly keys: { readonly merchant: Pair; readonly platform: Pair }
  readonly cases: ReadonlyArray<Vector>
}

const { samples } = read("keys") as { readonly samples: ReadonlyArray<{ readonly id: string; readonly text: string }> }

/** The text of a key sample. */
export const sample = (id: string): string => samples.find((each) => each.id === id)!.text

export const vectors = signing.cases

/** A side's key, as text for options and as an object of node:crypto. */
export interface Key {
  readonly keyId: string
  readonly privatePem: string
  readonly publicPem: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

const key = (keyId: string, privatePem: string, publicPem: string): Key => ({
  keyId,
  privatePem,
  publicPem,
  privateKey: createPrivateKey(privatePem),
  publicKey: createPublicKey(publicPem)
})

const ofPair = (pair: Pair): Key => key(pair.key_id, pair.private_pkcs8_pem, pair.public_spki_pem)
const ofSample = (keyId: string, id: string): Key =>
  key(keyId, sample(`${id}-private-pkcs8-pem`), sample(`${id}-public-spki-pem`))

/** The merchant's key. */
export const first = ofPair(signing.keys.merchant)
/** Another merchant's key. */
export const second = ofSample("K202405010002", "rsa-2048")
/** A key that the sandbox does not know. */
export const stranger = ofSample("K209999999999", "rsa-3072")
/** PayKKa's key. */
export const platform = ofPair(signing.keys.platform)

/** Merchant numbers of the two. */
export const merchId = "M24061911365700670"
export const secondMerchId = "M24061911365700671"

/** What a sandbox of both merchants is made of. */
export const options = {
  merchants: [
    { merchId, keyId: first.keyId, publicKey: first.publicPem },
    { merchId: secondMerchId, keyId: second.keyId, publicKey: second.publicPem }
  ],
  platformKey: { keyId: platform.keyId, privateKey: platform.privatePem }
} as const
