/**
 * Signs bytes. The default signs with the key of the {@link KeyStore} through WebCrypto; a remote signer (a
 * key service, an HSM) replaces just this service.
 */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Authorization from "./Authorization.ts"
import * as CanonicalString from "./CanonicalString.ts"
import * as base64 from "./internal/base64.ts"
import { KeyStore, type SigningKey } from "./KeyStore.ts"
import * as Nonce from "./Nonce.ts"

/** A signature and the key that made it. */
export interface Signed {
  /** The id to send as `key_id`. */
  readonly key_id: string
  /** Base64 of the RSASSA-PKCS1-v1_5 signature with SHA-256. */
  readonly signature: string
}

/** Nothing was signed: no key, an unusable one, or a remote signer that failed. */
export class SigningFailed
  extends /*#__PURE__*/ Data.TaggedError("SigningFailed")<{
    /** What is the matter, without key text. */
    readonly detail: string
    /** The failure beneath, where there is one. */
    readonly cause?: unknown
  }>
{
  override get message(): string {
    return `signing failed: ${this.detail}`
  }
}

/** The service: bytes in, signature and key id out. */
export interface Service {
  /** Signs the bytes. Fails with {@link SigningFailed}. */
  readonly sign: (bytes: Uint8Array<ArrayBuffer>) => Effect.Effect<Signed, SigningFailed>
  /**
   * A signer that keeps to the key of this moment, so that all requests of one call are signed by one key though keys
   * are exchanged meanwhile. Left out by signers that have one key only, or whose keys are chosen elsewhere.
   */
  readonly pinned?: Effect.Effect<Service, SigningFailed> | undefined
}

/** Signs bytes. See {@link Service}. */
export class Signer extends /*#__PURE__*/ Context.Service<Signer, Service>()("@paykka/signing/Signer") {}

const signWith = ({ cryptoKey, keyId }: SigningKey, bytes: Uint8Array<ArrayBuffer>) =>
  Effect.tryPromise({
    try: () => crypto.subtle.sign("RSASSA-PKCS1-v1_5", cryptoKey, bytes),
    catch: (cause) => new SigningFailed({ detail: "WebCrypto refused the key", cause })
  }).pipe(Effect.map((signature) => ({ key_id: keyId, signature: base64.encode(new Uint8Array(signature)) })))

/** The signer over a {@link KeyStore}, which is asked for its key at every signature, or once for a pinned signer. */
export const make: Effect.Effect<Service, never, KeyStore> = /*#__PURE__*/ Effect.map(KeyStore, (keyStore) => {
  const signingKey = Effect.mapError(
    keyStore.signingKey,
    (cause) => new SigningFailed({ detail: cause.message, cause })
  )
  return Signer.of({
    sign: (bytes) => Effect.flatMap(signingKey, (key) => signWith(key, bytes)),
    pinned: Effect.map(signingKey, (key) => ({ sign: (bytes) => signWith(key, bytes) }))
  })
})

/** The layer of {@link make}. */
export const layer: Layer.Layer<Signer, never, KeyStore> = /*#__PURE__*/ Layer.effect(Signer, make)

/** What is signed, but for the timestamp and the nonce, which are made for each signature. */
export interface Message {
  /** The bare request path. */
  readonly path: string
  /** The value of `X-Merch-Id`, when that header is sent. */
  readonly merchId?: string | undefined
  /** The raw body (for a multipart upload the text of `meta`). */
  readonly body?: Uint8Array | undefined
  /** Milliseconds to add to the program's time for the timestamp, where the platform's clock is known to differ. */
  readonly offsetMillis?: number | undefined
}

/** {@link authorize} by a signer that is at hand. */
export const authorizeWith = (
  signer: Service,
  { path, merchId, body, offsetMillis = 0 }: Message
): Effect.Effect<Authorization.Authorization, CanonicalString.InvalidPart | SigningFailed> =>
  Effect.clockWith((clock) => {
    const timestamp = String(Math.floor(clock.currentTimeMillisUnsafe() + offsetMillis))
    return Effect.flatMap(Nonce.make, (nonce): ReturnType<typeof authorizeWith> => {
      const bytes = CanonicalString.encode({ path, merchId, body, timestamp, nonce })
      if (Result.isFailure(bytes)) return Effect.fail(bytes.failure)
      return Effect.map(signer.sign(bytes.success), ({ key_id, signature }) => ({
        sign_type: Authorization.signType,
        timestamp,
        nonce,
        key_id,
        signature
      }))
    })
  })

/**
 * Signs a message with a timestamp of this moment and a fresh nonce.
 *
 * Run it anew for every attempt: a nonce may not be used twice.
 *
 * @returns the object for {@link Authorization.encode}
 */
export const authorize = (
  message: Message
): Effect.Effect<Authorization.Authorization, CanonicalString.InvalidPart | SigningFailed, Signer> =>
  Signer.use((signer) => authorizeWith(signer, message))
