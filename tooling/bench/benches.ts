/** The benches: ours, the bare operation of the platform beside it, and the share of its throughput that is wanted. */
import { sign as signInOneCore } from "node:crypto"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Signer from "@paykka/signing/Signer"
import * as Verifier from "@paykka/signing/Verifier"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { merchant, platform, received, toSign } from "./material.ts"
import type { Side } from "./rounds.ts"

/** A pair to measure. */
export interface Bench {
  readonly name: string
  readonly ours: Side
  readonly reference: Side
  /** The least share of the reference's throughput. */
  readonly target: number
}

const keys = KeyStore.layer({
  signingKey: { keyId: merchant.keyId, privateKey: merchant.privatePem },
  platformKeys: [{ keyId: platform.keyId, publicKey: platform.publicPem }]
})
const { signer, verifier } = await Effect.runPromise(
  Effect.provide(
    Effect.all({ signer: Signer.Signer, verifier: Verifier.Verifier }),
    Layer.provide(Layer.merge(Signer.layer, Verifier.layer()), keys)
  )
)

// Each signature and each verification is a fiber of its own, as in a server that answers requests.
const sign = () => Effect.runPromise(signer.sign(toSign.bytes))
const verify = () => Effect.runPromise(verifier.verify(received.message))

const algorithm = "RSASSA-PKCS1-v1_5"
const subtleSign = () => crypto.subtle.sign(algorithm, merchant.privateCryptoKey, toSign.bytes)
const subtleVerify = () =>
  crypto.subtle.verify(algorithm, platform.publicCryptoKey, received.signature, received.canonical)
const nodeSign = () => signInOneCore("RSA-SHA256", toSign.bytes, merchant.privateKeyObject)

const base64 = (signature: ArrayBuffer | Uint8Array): string => Buffer.from(signature as Uint8Array).toString("base64")

/** Both sides must do the same work: the signature that OpenSSL made of the same bytes, and a message that is genuine. */
export const checkWork = async (): Promise<void> => {
  const signatures = [(await sign()).signature, base64(await subtleSign()), base64(nodeSign())]
  if (signatures.some((signature) => signature !== toSign.signature))
    throw new Error("a signature differs from the vector's")
  if (!(await subtleVerify())) throw new Error("the reference refuses the message")
  const { key } = await verify()
  if (key.keyId !== platform.keyId) throw new Error("the verifier names another key")
}

const signing = { what: "Signer.sign, 8 in flight, one Effect.runPromise each", operation: sign, inFlight: 8 }

export const benches: ReadonlyArray<Bench> = [
  {
    name: "sign",
    ours: signing,
    reference: { what: "crypto.subtle.sign, cached key, 8 in flight", operation: subtleSign, inFlight: 8 },
    target: 0.95
  },
  {
    name: "verify",
    ours: {
      what: `Verifier.verify of a whole message (body of ${received.message.body.length} bytes), 8 in flight, one Effect.runPromise each`,
      operation: verify,
      inFlight: 8
    },
    reference: {
      what: "crypto.subtle.verify of the ready bytes, cached key, 8 in flight",
      operation: subtleVerify,
      inFlight: 8
    },
    target: 0.75
  },
  {
    name: "sign-parallel",
    ours: signing,
    reference: { what: "crypto.sign, cached key, synchronous: one core", operation: nodeSign, inFlight: 1 },
    target: 1.3
  }
]
