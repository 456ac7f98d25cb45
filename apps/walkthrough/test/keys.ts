/** The key pairs of the committed vectors, for tests only. */
import { readFileSync } from "node:fs"

interface Pair {
  readonly key_id: string
  readonly private_pkcs8_pem: string
  readonly public_spki_pem: string
}

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../packages/signing/test/vectors/${name}.json`, import.meta.url), "utf8"))

const { samples } = read("keys") as { readonly samples: ReadonlyArray<{ readonly id: string; readonly text: string }> }
const sample = (id: string): string => samples.find((each) => each.id === id)!.text

/** `merchant` signs requests; `platform` is PayKKa's. */
export const { merchant, platform } = (
  read("signing") as { readonly keys: { readonly merchant: Pair; readonly platform: Pair } }
).keys

/** Another merchant's key. */
export const second: Pair = {
  key_id: "K202405010002",
  private_pkcs8_pem: sample("rsa-2048-private-pkcs8-pem"),
  public_spki_pem: sample("rsa-2048-public-spki-pem")
}

export const merchId = "M24061911365700670"
export const secondMerchId = "M24061911365700671"

/** What a sandbox of both merchants is made of. */
export const options = {
  merchants: [
    { merchId, keyId: merchant.key_id, publicKey: merchant.public_spki_pem },
    { merchId: secondMerchId, keyId: second.key_id, publicKey: second.public_spki_pem }
  ],
  platformKey: { keyId: platform.key_id, privateKey: platform.private_pkcs8_pem }
} as const
