/**
 * RSA keys as people really have them, made ready for WebCrypto.
 *
 * Read are PKCS#8, PKCS#1 and SPKI, as PEM, DER or bare Base64, also with escaped line breaks (`\n` in an
 * environment variable), CRLF, quotes or blanks around them. What is refused is named: format, role and size
 * of what was found, and what is wanted. No part of a key ever shows in a message.
 *
 * The file format is third-party knowledge and the key size is not stated (`contract/core.yaml`,
 * `key_exchange`); the minimum of 2048 bits is our own rule.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as der from "./internal/der.ts"
import * as keyFormat from "./internal/keyFormat.ts"

/** A key text (PEM, Base64), DER bytes, or either one wrapped so that it does not show in logs. */
export type KeyInput = string | Uint8Array | Redacted.Redacted | Redacted.Redacted<Uint8Array>

/** The smallest RSA modulus that is accepted, in bits. */
export const minBits = 2048

/** An RSA private key, ready to sign. */
export interface PrivateKey {
  /** Not extractable; usable for `RSASSA-PKCS1-v1_5` with SHA-256 only. */
  readonly cryptoKey: CryptoKey
  /** Size of the modulus in bits. */
  readonly bits: number
  /** SHA-256 of the public half (DER SubjectPublicKeyInfo), lower-case hexadecimal. Not a secret. */
  readonly fingerprint: string
}

/** An RSA public key, ready to verify. The fields are those of {@link PrivateKey}. */
export interface PublicKey {
  readonly cryptoKey: CryptoKey
  readonly bits: number
  readonly fingerprint: string
}

/** A key that cannot be used. Says what was found and what is wanted; never shows the key. */
export class InvalidKey
  extends /*#__PURE__*/ Data.TaggedError("InvalidKey")<{
    /** The role that was asked for. */
    readonly wanted: "private" | "public"
    /** What was found instead, for example `an RSA public key (SPKI, PEM)`. */
    readonly found: string
    /** What to do about it, when there is something to say. */
    readonly advice?: string | undefined
  }>
{
  override get message(): string {
    const advice = this.advice === undefined ? "" : `; ${this.advice}`
    return `wanted an RSA ${this.wanted} key of at least ${minBits} bits, found ${this.found}${advice}`
  }
}

const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" } as const

const inspect = (input: KeyInput, wanted: "private" | "public"): keyFormat.Found => {
  const value = Redacted.isRedacted(input) ? Redacted.value<string | Uint8Array>(input) : input
  if (typeof value === "string") return keyFormat.fromText(value, wanted)
  // An environment variable that is not set, behind a type assertion.
  if (!(value instanceof Uint8Array)) return { role: "other", what: `no text and no bytes (${typeof value})` }
  const found = keyFormat.fromDer(value, "DER")
  if (found !== undefined) return found
  // A PEM or Base64 file read as bytes; a PEM file may have a byte order mark and remarks in any language.
  const text = new TextDecoder().decode(value)
  return text.includes("-----") || /^[\s\u0020-\u007e]*$/.test(text)
    ? keyFormat.fromText(text, wanted)
    : { role: "other", what: "bytes that are not a DER key" }
}

const advise = (found: keyFormat.Found, wanted: "private" | "public"): string | undefined => {
  const encrypted = found.what.includes("encrypted")
  if (found.what.includes("RSA-PSS")) return "PayKKa signs with PKCS#1 v1.5, for which this key may not be used"
  if (wanted === "private") {
    if (encrypted) return "decrypt it first: openssl pkey -in KEY -out PLAIN"
    return found.role === "public" && found.rsa !== undefined ? "sign with the private half of the pair" : undefined
  }
  if (found.what.includes("certificate (")) return "take its key: openssl x509 -in CERT -pubkey -noout"
  return encrypted || (found.role === "private" && found.rsa !== undefined)
    ? "never hand out a private key; take its public half: openssl pkey -in KEY -pubout"
    : undefined
}

const importKey = (
  input: KeyInput,
  wanted: "private" | "public",
  takesHalf = false
): Effect.Effect<PrivateKey | PublicKey, InvalidKey> =>
  Effect.suspend(() => {
    const asked = inspect(input, wanted)
    // A file may hold a certificate and the private key.
    const found = takesHalf && asked.rsa === undefined ? inspect(input, "private") : asked
    const { rsa } = found
    if (rsa === undefined || (found.role !== wanted && !takesHalf)) {
      return Effect.fail(new InvalidKey({ wanted, found: found.what, advice: advise(found, wanted) }))
    }
    if (rsa.bits < minBits) {
      return Effect.fail(
        new InvalidKey({ wanted, found: `${found.what} of ${rsa.bits} bits`, advice: "make a longer key" })
      )
    }
    return Effect.tryPromise({
      try: async () => {
        const cryptoKey =
          wanted === "private"
            ? await crypto.subtle.importKey("pkcs8", rsa.der, algorithm, false, ["sign"])
            : await crypto.subtle.importKey("spki", rsa.spki, algorithm, true, ["verify"])
        const fingerprint = der.hex(new Uint8Array(await crypto.subtle.digest("SHA-256", rsa.spki)))
        return { cryptoKey, bits: rsa.bits, fingerprint }
      },
      catch: () =>
        new InvalidKey({ wanted, found: `${found.what} that WebCrypto refuses`, advice: "the key is damaged" })
    })
  })

/** Reads a private key for signing. Fails with {@link InvalidKey}. */
export const privateKey = (input: KeyInput): Effect.Effect<PrivateKey, InvalidKey> => importKey(input, "private")

/** Reads a public key for verifying. Fails with {@link InvalidKey}. */
export const publicKey = (input: KeyInput): Effect.Effect<PublicKey, InvalidKey> => importKey(input, "public")

/**
 * Reads a public key, or takes the public half of a private one: for who checks signatures of his own. Fails with
 * {@link InvalidKey}. Where somebody else's key belongs, {@link publicKey} is the one that notices a private one.
 */
export const publicHalf = (input: KeyInput): Effect.Effect<PublicKey, InvalidKey> => importKey(input, "public", true)
