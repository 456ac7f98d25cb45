/**
 * What a signature signs: RSA's public operation gives the digest back, so that one exponentiation tells which of many texts was
 * signed. It only chooses; whether a signature is right is for WebCrypto to say.
 */
import * as der from "./der.ts"

interface Numbers {
  readonly modulus: bigint
  readonly exponent: bigint
}

const known = /*#__PURE__*/ new WeakMap<CryptoKey, Numbers>()

const numberOf = (base64url: string): bigint =>
  BigInt(`0x${der.hex(Uint8Array.from(atob(base64url.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0)))}`)

const numbersOf = async (key: CryptoKey): Promise<Numbers> => {
  const found = known.get(key)
  if (found !== undefined) return found
  const { n = "", e = "" } = await crypto.subtle.exportKey("jwk", key)
  const numbers = { modulus: numberOf(n), exponent: numberOf(e) }
  known.set(key, numbers)
  return numbers
}

const power = (base: bigint, exponent: bigint, modulus: bigint): bigint => {
  let result = 1n
  for (const bit of exponent.toString(2)) {
    result = (result * result) % modulus
    if (bit === "1") result = (result * base) % modulus
  }
  return result
}

/** What RSA's public operation makes of a signature, in hexadecimal with all digits; undefined where it is none of this key's size. */
export const openSignature = async (key: CryptoKey, signature: Uint8Array): Promise<string | undefined> => {
  const { modulus, exponent } = await numbersOf(key)
  const digits = Math.ceil(modulus.toString(16).length / 2) * 2
  if (signature.length * 2 !== digits) return undefined
  const value = BigInt(`0x${der.hex(signature)}`)
  return value >= modulus ? undefined : power(value, exponent, modulus).toString(16).padStart(digits, "0")
}

/** EMSA-PKCS1-v1_5 (RFC 8017, 9.2): what stands before a SHA-256 digest, but for the number of `ff`. */
const digestInfo = "003031300d060960864801650304020105000420"

/** The SHA-256 digest under a signature, in hexadecimal; undefined where the signature holds none in the one right form. */
export const signedDigest = async (key: CryptoKey, signature: Uint8Array): Promise<string | undefined> => {
  const message = await openSignature(key, signature)
  if (message === undefined) return undefined
  const head = `0001${"f".repeat(message.length - 68 - digestInfo.length)}${digestInfo}`
  return message.startsWith(head) ? message.slice(head.length) : undefined
}

/** The SHA-256 digest of a text, in hexadecimal. */
export const digestOf = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> =>
  der.hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)))
