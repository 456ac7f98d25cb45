/**
 * What a signature shows of itself when it is opened with a public key: padding, hash and digest.
 *
 * One exponentiation for each key; which text was signed is then a matter of hashing. It only chooses: that a text was signed is
 * said after WebCrypto has verified it, wherever WebCrypto knows the algorithm.
 */
import * as der from "./der.ts"
import { openSignature } from "./signedDigest.ts"

export type Opened =
  /** PKCS#1 v1.5: a digest with the name of its hash. */
  | { readonly _tag: "Digest"; readonly hash: string; readonly digest: string }
  /** PKCS#1 v1.5 around something without the name of a hash, in hexadecimal. */
  | { readonly _tag: "Bare"; readonly content: string }
  | {
      readonly _tag: "Pss"
      readonly hash: Hash
      readonly maskHash: Hash
      readonly salt: Uint8Array<ArrayBuffer>
      readonly seal: string
      /** Whether the padding alone tells it from chance; else only a text that fits does. */
      readonly certain: boolean
    }
  /** A signature of another size, or of another key. */
  | { readonly _tag: "Foreign" }
  /** The key does not show its numbers: all that can be done is to verify. */
  | { readonly _tag: "Closed" }

/** The hashes of WebCrypto. */
export type Hash = "SHA-1" | "SHA-256" | "SHA-384" | "SHA-512"

const hashes: ReadonlyArray<Hash> = ["SHA-256", "SHA-1", "SHA-384", "SHA-512"]

export const isHash = (name: string): name is Hash => (hashes as ReadonlyArray<string>).includes(name)

/** DigestInfo (RFC 8017, 9.2, note 1): what stands before the digest. */
const digestInfos = [
  ["MD5", "3020300c06082a864886f70d020505000410"],
  ["SHA-1", "3021300906052b0e03021a05000414"],
  ["SHA-224", "302d300d06096086480165030402040500041c"],
  ["SHA-256", "3031300d060960864801650304020105000420"],
  ["SHA-384", "3041300d060960864801650304020205000430"],
  ["SHA-512", "3051300d060960864801650304020305000440"]
] as const

export const digest = async (hash: Hash, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await crypto.subtle.digest(hash, bytes))

const bytesOf = (hex: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length: hex.length / 2 }, (_, index) => Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16))

/** MGF1 of RFC 8017, B.2.1. */
const mask = async (hash: Hash, seed: Uint8Array, length: number): Promise<Uint8Array> => {
  const bytes = new Uint8Array(length)
  for (let counter = 0, offset = 0; offset < length; counter++) {
    const block = new Uint8Array(seed.length + 4)
    block.set(seed)
    new DataView(block.buffer).setUint32(seed.length, counter)
    const piece = await digest(hash, block)
    bytes.set(piece.subarray(0, length - offset), offset)
    offset += piece.length
  }
  return bytes
}

/** EMSA-PSS-VERIFY of RFC 8017, 9.1.2, as far as it needs no message. */
const readPss = async (block: Uint8Array): Promise<Opened | undefined> => {
  if (block.at(-1) !== 0xbc || block[0]! > 0x7f) return undefined
  for (const hash of hashes) {
    const size = hash === "SHA-1" ? 20 : Number(hash.slice(4)) / 8
    const seal = block.subarray(block.length - 1 - size, block.length - 1)
    const masked = block.subarray(0, block.length - 1 - size)
    for (const maskHash of hash === "SHA-1" ? [hash] : [hash, "SHA-1" as const]) {
      const data = await mask(maskHash, seal, masked.length)
      for (const [index, byte] of masked.entries()) data[index]! ^= byte
      data[0]! &= 0x7f
      const start = data.findIndex((byte) => byte !== 0)
      if (data[start] === 1) {
        const salt = new Uint8Array(data.subarray(start + 1))
        return { _tag: "Pss", hash, maskHash, salt, seal: der.hex(seal), certain: start >= 8 }
      }
    }
  }
  return undefined
}

export const open = async (key: CryptoKey, signature: Uint8Array): Promise<Opened> => {
  if (!key.extractable) return { _tag: "Closed" }
  const block = await openSignature(key, signature)
  if (block === undefined) return { _tag: "Foreign" }
  const [, content] = /^0001(?:ff){8,}00((?:..)*)$/.exec(block) ?? []
  if (content === undefined) return (await readPss(bytesOf(block))) ?? { _tag: "Foreign" }
  for (const [hash, head] of digestInfos) {
    const length = head.length + Number.parseInt(head.slice(-2), 16) * 2
    if (content.startsWith(head) && content.length === length) {
      return { _tag: "Digest", hash, digest: content.slice(head.length) }
    }
  }
  return { _tag: "Bare", content }
}

/** Whether the signature is over the text, by what was found in it. */
export const fits = async (
  opened: Opened,
  text: Uint8Array<ArrayBuffer>,
  verify: () => Promise<boolean>
): Promise<boolean> => {
  switch (opened._tag) {
    case "Digest":
      return isHash(opened.hash) && der.hex(await digest(opened.hash, text)) === opened.digest
    case "Bare": {
      if (opened.content === der.hex(text)) return true
      for (const hash of hashes) {
        const hex = der.hex(await digest(hash, text))
        if (opened.content === hex || opened.content === der.hex(new TextEncoder().encode(hex))) return true
      }
      return false
    }
    case "Pss": {
      const { hash, salt, seal } = opened
      const hashed = await digest(hash, text)
      const sealed = new Uint8Array(8 + hashed.length + salt.length)
      sealed.set(hashed, 8)
      sealed.set(salt, 8 + hashed.length)
      return der.hex(await digest(hash, sealed)) === seal
    }
    case "Closed":
      return verify()
    case "Foreign":
      return false
  }
}

/** Verifies by WebCrypto in the algorithm that was found; undefined where WebCrypto has no such algorithm. */
export const verifyAs = async (
  opened: Opened,
  key: CryptoKey,
  signature: Uint8Array<ArrayBuffer>,
  text: Uint8Array<ArrayBuffer>
): Promise<boolean | undefined> => {
  if (opened._tag === "Closed" || (opened._tag === "Digest" && opened.hash === "SHA-256")) {
    return crypto.subtle.verify("RSASSA-PKCS1-v1_5", key, signature, text)
  }
  const [name, hash] =
    opened._tag === "Pss" && opened.maskHash === opened.hash
      ? ["RSA-PSS", opened.hash]
      : opened._tag === "Digest" && isHash(opened.hash)
        ? ["RSASSA-PKCS1-v1_5", opened.hash]
        : []
  if (name === undefined || hash === undefined) return undefined
  const spki = await crypto.subtle.exportKey("spki", key)
  const other = await crypto.subtle.importKey("spki", spki, { name, hash }, false, ["verify"])
  const saltLength = opened._tag === "Pss" ? opened.salt.length : 0
  return crypto.subtle.verify({ name, saltLength }, other, signature, text)
}

/** The algorithm in words; undefined for the right one, and where nothing is known of it. */
export const nameOf = (opened: Opened): string | undefined => {
  switch (opened._tag) {
    case "Digest":
      return opened.hash === "SHA-256" ? undefined : `RSASSA-PKCS1-v1_5 over ${opened.hash}`
    case "Bare":
      return "PKCS#1 v1.5 padding without the name of a hash (NONEwithRSA, or encryption with the private key)"
    case "Pss": {
      const { hash, maskHash, salt } = opened
      return `RSA-PSS over ${hash}${maskHash === hash ? "" : ` with MGF1 over ${maskHash}`}, with a salt of ${salt.length} bytes`
    }
    default:
      return undefined
  }
}
