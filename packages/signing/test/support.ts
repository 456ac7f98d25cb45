import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto"
import { readFileSync } from "node:fs"
import { inspect } from "node:util"
import { assert } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type { Authorization } from "../src/Authorization.ts"
import type { Code } from "../src/Cause.ts"
import * as KeyStore from "../src/KeyStore.ts"
import * as Signer from "../src/Signer.ts"
import * as Verifier from "../src/Verifier.ts"

// ---------------------------------------------------------------------------------------------------------
// The vectors of OpenSSL and the JDK (tooling/vectors)
// ---------------------------------------------------------------------------------------------------------

export type Party = "merchant" | "platform"

export interface Case {
  readonly id: string
  readonly variant: string
  readonly signer: Party
  readonly key_id: string
  readonly path: string
  readonly timestamp: string
  readonly nonce: string
  readonly merch_id: string | null
  readonly body:
    | { readonly text: string }
    | { readonly base64: string }
    | { readonly repeat: { readonly unit_base64: string; readonly bytes: number } }
    | null
  readonly canonical_length: number
  readonly canonical_base64?: string
  readonly canonical_sha256: string
  readonly signature: string
  readonly authorization_json: string
  readonly authorization: string
}

interface Pair {
  readonly key_id: string
  readonly private_pkcs8_pem: string
  readonly public_spki_pem: string
}

export interface Spelling {
  readonly id: string
  readonly what: string
  readonly authorization: string
  readonly expected: Authorization
}

export interface Sample {
  readonly id: string
  readonly role: "private" | "public" | "certificate" | "none"
  readonly algorithm: string
  readonly bits: number
  readonly format: string
  readonly container: "pem" | "der"
  readonly pair: string
  readonly modulus_sha256?: string
  readonly passphrase?: string
  readonly text?: string
  readonly base64?: string
}

const load = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`./vectors/${name}.json`, import.meta.url), "utf8"))

const signing = load("signing") as {
  readonly keys: Readonly<Record<Party, Pair>>
  readonly cases: ReadonlyArray<Case>
}

export const { cases } = signing
export const pairs = signing.keys
export const headers = load("headers") as { readonly case: string; readonly headers: ReadonlyArray<Spelling> }
/** Headers that Java programs got wrong, with the cause that a diagnosis must name. */
export const { headers: broken } = load("broken") as {
  readonly headers: ReadonlyArray<{
    readonly id: string
    readonly what: string
    readonly cause: Code
    readonly case: string
    readonly authorization: string
  }>
}
export const { samples } = load("keys") as { readonly samples: ReadonlyArray<Sample> }

const find = <A extends { readonly id: string }>(all: ReadonlyArray<A>, id: string): A => {
  const found = all.find((one) => one.id === id)
  if (found === undefined) throw new Error(`no vector ${id}`)
  return found
}

export const caseOf = (id: string): Case => find(cases, id)

export const bodyOf = ({ body }: Case): Uint8Array | undefined => {
  if (body === null) return undefined
  if ("text" in body) return utf8(body.text)
  if ("base64" in body) return bytesOf(body.base64)
  const unit = bytesOf(body.repeat.unit_base64)
  return Uint8Array.from({ length: body.repeat.bytes }, (_, index) => unit[index % unit.length]!)
}

export const sampleText = (id: string): string => find(samples, id).text!
export const sampleDer = (id: string): Uint8Array => bytesOf(find(samples, id).base64!)

// ---------------------------------------------------------------------------------------------------------
// Expected values from node:crypto
// ---------------------------------------------------------------------------------------------------------

export const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)
export const bytesOf = (base64: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(base64, "base64"))
export const base64Of = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64")
export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

/** The public half of a key, by node:crypto. */
export const publicOf = (key: KeyObject): KeyObject =>
  key.type === "private" ? createPublicKey(key.export({ type: "pkcs8", format: "pem" })) : key

export const fingerprintOf = (key: KeyObject | string): string => {
  const half = publicOf(typeof key === "string" ? createPublicKey(key) : key)
  return sha256(half.export({ type: "spki", format: "der" }))
}

/** Joins lines as the documentation says, bytes and all, without the module under test. */
export const lines = (...parts: ReadonlyArray<string | Uint8Array>): Uint8Array<ArrayBuffer> =>
  new Uint8Array(
    Buffer.concat(parts.flatMap((part, index) => [Buffer.from(index === 0 ? "" : "\n"), Buffer.from(part)]))
  )

export const signWith = (party: Party, bytes: Uint8Array): string =>
  sign("RSA-SHA256", bytes, createPrivateKey(pairs[party].private_pkcs8_pem)).toString("base64")

export const verifiesWith = (party: Party, bytes: Uint8Array, signature: string): boolean =>
  verify("RSA-SHA256", bytes, createPublicKey(pairs[party].public_spki_pem), Buffer.from(signature, "base64"))

export const headerOf = (authorization: object): string => encodeURIComponent(JSON.stringify(authorization))

// ---------------------------------------------------------------------------------------------------------
// Layers
// ---------------------------------------------------------------------------------------------------------

/** A store of one party's signing key and of both parties' public keys. */
export const ownKeys = (party: Party): KeyStore.Options => {
  const { key_id: keyId, private_pkcs8_pem: privateKey } = pairs[party]
  return { signingKey: { keyId, privateKey } }
}

export const platformKey = (party: Party) => ({
  keyId: pairs[party].key_id,
  publicKey: pairs[party].public_spki_pem
})

export const signerOf = (party: Party): Layer.Layer<Signer.Signer, KeyStore.InvalidKeyStore> =>
  Layer.provide(Signer.layer, KeyStore.layer(ownKeys(party)))

export const verifierOf = (
  options?: Verifier.Options,
  ...platformKeys: NonNullable<KeyStore.Options["platformKeys"]>
): Layer.Layer<Verifier.Verifier, KeyStore.InvalidKeyStore> =>
  Layer.provide(Verifier.layer(options), KeyStore.layer({ platformKeys }))

// ---------------------------------------------------------------------------------------------------------
// Arbitraries
// ---------------------------------------------------------------------------------------------------------

const text = Arbitrary.map(Arbitrary.array(Arbitrary.schema(Schema.String), { maxLength: 6 }), (pieces) =>
  pieces.join("/")
)

/** Text as it may stand in a line: well-formed, without line breaks. */
const lineText = Arbitrary.map(text, (raw) => raw.toWellFormed().replace(/[\r\n]/g, "_"))

const nonceCharacters = 'ABCxyz0189-_+/=%"\\{}:, é付🚀'.split("")

export const arbitrary = {
  text,
  path: Arbitrary.map(lineText, (line) => `/${line.replace(/^\/+/, "").replace(/[?#]/g, "-")}`),
  timestamp: Arbitrary.schema(Schema.String.check(Schema.isPattern(/^[0-9]{1,16}$/))),
  nonce: Arbitrary.map(
    Arbitrary.array(Arbitrary.schema(Schema.Literals(nonceCharacters)), { minLength: 6, maxLength: 32 }),
    (characters) => characters.join("").toWellFormed()
  ),
  merchId: lineText,
  bytes: Arbitrary.map(Arbitrary.array(Arbitrary.schema(Schema.Uint8Array), { maxLength: 8 }), (pieces) =>
    Uint8Array.from(pieces.flatMap((piece) => [...piece]))
  ),
  /** A place as a share of a length, and a change that is none of no effect. */
  place: Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 9_999 }))),
  mask: Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 255 })))
} as const

/** The bytes with one of them changed. */
export const flipped = (bytes: Uint8Array, index: number, mask: number): Uint8Array<ArrayBuffer> => {
  const copy = new Uint8Array(bytes)
  copy[index] = copy[index]! ^ mask
  return copy
}

/** The text with one character changed to another one of ASCII. */
export const flippedText = (ascii: string, index: number, mask: number): string =>
  ascii.slice(0, index) + String.fromCharCode(ascii.charCodeAt(index) ^ (mask & 0x7f || 1)) + ascii.slice(index + 1)

// ---------------------------------------------------------------------------------------------------------
// Secrets
// ---------------------------------------------------------------------------------------------------------

/** All the ways in which a value gets into a log. */
const printed = (value: unknown): string =>
  [
    String(value),
    JSON.stringify(value),
    inspect(value, { depth: null, showHidden: true, getters: true }),
    value instanceof Error ? `${value.message} ${value.stack}` : "",
    JSON.stringify(Object.entries(value as object))
  ].join("\n")

/** Fails when any 12 characters in a row of the key show in any print of the value. */
export const assertHidden = (value: unknown, key: string | Uint8Array): void => {
  const texts =
    typeof key === "string"
      ? [key.replace(/-----[^-]*-----/g, "").replace(/\s|\\[rn]/g, "")]
      : [base64Of(key), Buffer.from(key).toString("hex"), [...key].join(", ")]
  const out = printed(value)
  const shown = new Set(Array.from({ length: out.length }, (_, start) => out.slice(start, start + 12)))
  for (const secret of texts) {
    for (let start = 0; start + 12 <= secret.length; start++) {
      if (shown.has(secret.slice(start, start + 12)))
        assert.fail(`12 characters of the key show, from the ${start}th on`)
    }
  }
}
