/** The digest under a signature; `node:crypto` (OpenSSL) makes the signatures and takes them apart too. */
import * as Crypto from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import { digestOf, signedDigest } from "../../src/internal/signedDigest.ts"

const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }
const text = new TextEncoder().encode("what is signed")
const sha256 = Crypto.createHash("sha256").update(text).digest("hex")

interface Pair {
  readonly modulusLength: number
  readonly publicExponent?: number
}

const pairOf = async (options: Pair) => {
  const { privateKey, publicKey } = Crypto.generateKeyPairSync("rsa", options)
  const spki = new Uint8Array(publicKey.export({ format: "der", type: "spki" }))
  const key = await crypto.subtle.importKey("spki", spki, algorithm, true, ["verify"])
  return { privateKey, publicKey, key }
}

const plain = await pairOf({ modulusLength: 2048 })

/** A signature over a block that is already padded, or not. */
const raise = (block: Uint8Array): Uint8Array =>
  Crypto.privateEncrypt({ key: plain.privateKey, padding: Crypto.constants.RSA_NO_PADDING }, block)

const block = (hex: string): Buffer => {
  const [head = "", tail = ""] = hex.split("..")
  return Buffer.from(head + "ff".repeat(256 - (head.length + tail.length) / 2) + tail, "hex")
}

const info = "3031300d060960864801650304020105000420"

describe("the digest under a signature", () => {
  it.for([
    { modulusLength: 2048 },
    { modulusLength: 2050 },
    { modulusLength: 3072 },
    { modulusLength: 2048, publicExponent: 3 }
  ])("is what was signed, with %o", async (options) => {
    const { privateKey, publicKey, key } = await pairOf(options)
    const signature = Crypto.sign("sha256", text, privateKey)
    assert.strictEqual(Crypto.publicDecrypt(publicKey, signature).toString("hex"), info + sha256)
    assert.strictEqual(await signedDigest(key, signature), sha256)
    assert.strictEqual(await digestOf(text), sha256)
  })

  it("is found in the one right padding only", async () => {
    assert.strictEqual(await signedDigest(plain.key, raise(block(`0001..00${info}${sha256}`))), sha256)
    for (const wrong of [
      `0002..00${info}${sha256}`,
      `0000..00${info}${sha256}`,
      `0001..${info}${sha256}`,
      `0001ff00..${info}${sha256}`,
      // Digest early, garbage behind it.
      `0001ffffffffffffffff00${info}${sha256}..`,
      // The parameters left out, and another hash of the same length (SHA3-256).
      `0001..00302f300b0609608648016503040201 0420${sha256}`.replace(" ", ""),
      `0001..003031300d060960864801650304020805000420${sha256}`
    ]) {
      assert.isUndefined(await signedDigest(plain.key, raise(block(wrong))), wrong)
    }
    assert.isUndefined(await signedDigest(plain.key, Crypto.sign("sha512", text, plain.privateKey)))
    assert.isUndefined(
      await signedDigest(
        plain.key,
        Crypto.sign("sha256", text, { key: plain.privateKey, padding: Crypto.constants.RSA_PKCS1_PSS_PADDING })
      )
    )
  })

  it("is none of a signature that is too short, too long or no residue", async () => {
    const signature = Crypto.sign("sha256", text, plain.privateKey)
    const modulus = Buffer.from(plain.publicKey.export({ format: "jwk" }).n ?? "", "base64url")
    const more = BigInt(`0x${signature.toString("hex")}`) + BigInt(`0x${modulus.toString("hex")}`)
    for (const wrong of [
      signature.subarray(1),
      Buffer.concat([Buffer.alloc(1), signature]),
      new Uint8Array(),
      new Uint8Array(256),
      new Uint8Array(256).fill(255),
      modulus,
      Buffer.from(more.toString(16).padStart(512, "0"), "hex")
    ]) {
      assert.isUndefined(await signedDigest(plain.key, wrong))
    }
  })
})
