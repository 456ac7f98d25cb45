/**
 * Notifications signed as the platform signs them, for tests of your own webhook: no key, host or help of PayKKa's is
 * needed. Not for production: whoever holds the private key can forge whatever the webhook believes.
 *
 * How notifications are signed is third-party knowledge (`contract/core.yaml`, `notifications.verification`).
 */
import type { Notification } from "@paykka/schemas/Notification"
import * as Operation from "@paykka/schemas/Operation"
import * as Authorization from "@paykka/signing/Authorization"
import * as CanonicalString from "@paykka/signing/CanonicalString"
import type { KeyInput } from "@paykka/signing/KeyMaterial"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Nonce from "@paykka/signing/Nonce"
import * as Signer from "@paykka/signing/Signer"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"

/** The private key of the platform that a test plays. */
export interface Key {
  /** Sent as `key_id`. Not empty, without blanks and ! ' ( ) * ~ */
  readonly keyId: string
  /** An RSA private key of at least 2048 bits. */
  readonly privateKey: KeyInput
}

/** A pair: sign with it, and give its public half to the webhook under test as the platform's key. */
export interface KeyPair extends Key {
  /** PEM (PKCS#8). */
  readonly privateKey: string
  /** PEM (SPKI); what `PAYKKA_PLATFORM_PUBLIC_KEY` and `KeyStore.layer({ platformKeys })` take. */
  readonly publicKey: string
}

/** What may be said of a notification beside its content. */
export interface Options {
  readonly key: Key
  /** The callback path, as the webhook sees it: bare, without query. */
  readonly path: string
  /** The merchant number, for `X-Merch-Id`. Default: the header is not sent, and its line is signed empty. */
  readonly merchId?: string | undefined
  /** Milliseconds since the Unix epoch, a whole number. Default: now, by Effect's clock. */
  readonly timestamp?: number | undefined
  /** 6 to 32 characters. Default: 32 random hexadecimal digits. */
  readonly nonce?: string | undefined
}

/** As {@link Options}, for a notification with a descriptor. */
export interface NotificationOptions extends Omit<Options, "path"> {
  /** Default: the path of the documentation, which the descriptor has. */
  readonly path?: string | undefined
  /** The envelope's `type`. Default: `ASSESSMENT` for assessments, `MERCH` for all others, as far as is known. */
  readonly type?: string | undefined
  /** The envelope's `version`. Default: `V2`, which is third-party knowledge. */
  readonly version?: string | undefined
  /** Further fields of the data, past the schema: a webhook must bear what it does not know. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined
}

/** A signed notification, ready to be sent as often as a test likes: the second time it is a redelivery. */
export interface Signed {
  /** The path that was signed. */
  readonly path: string
  /** `Authorization`, `Content-Type`, and `X-Merch-Id` where there is a merchant number. */
  readonly headers: Readonly<Record<string, string>>
  /** The bytes that were signed. */
  readonly body: Uint8Array<ArrayBuffer>
  /** A new web request. The origin is not signed. Default: `https://merchant.test`. */
  readonly request: (origin?: string) => Request
}

/** A key or an id that cannot be used, a path or nonce that cannot be signed, or WebCrypto at fault. */
export type CannotSign = KeyStore.InvalidKeyStore | CanonicalString.InvalidPart | Signer.SigningFailed

const pem = (label: string, der: ArrayBuffer): string => {
  const base64 = btoa(String.fromCharCode(...new Uint8Array(der)))
  return `-----BEGIN ${label}-----\n${base64.replace(/.{1,64}/g, "$&\n")}-----END ${label}-----\n`
}

/** Makes an RSA pair of 2048 bits. It takes a moment: once for a test file is enough. */
export const generateKeyPair = (keyId: string = "test-platform-key"): Effect.Effect<KeyPair> =>
  Effect.promise(async () => {
    const { privateKey, publicKey } = await crypto.subtle.generateKey(
      { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
      true,
      ["sign", "verify"]
    )
    return {
      keyId,
      privateKey: pem("PRIVATE KEY", await crypto.subtle.exportKey("pkcs8", privateKey)),
      publicKey: pem("PUBLIC KEY", await crypto.subtle.exportKey("spki", publicKey))
    }
  })

/**
 * Signs any body: what no descriptor has, what is not even JSON. A string is signed as UTF-8.
 * Fails with {@link CannotSign}.
 */
export const signBody = (body: Uint8Array | string, options: Options): Effect.Effect<Signed, CannotSign> =>
  Effect.gen(function* () {
    const { key, path, merchId } = options
    // A copy: the signature must stay right when the caller's buffer is used again.
    const bytes = typeof body === "string" ? new TextEncoder().encode(body) : new Uint8Array(body)
    const timestamp = String(options.timestamp ?? Math.floor(yield* Clock.currentTimeMillis))
    const nonce = options.nonce ?? (yield* Nonce.make)
    const canonical = yield* Effect.fromResult(CanonicalString.encode({ path, timestamp, nonce, merchId, body: bytes }))
    const signer = yield* Effect.provideServiceEffect(
      Signer.make,
      KeyStore.KeyStore,
      KeyStore.make({ signingKey: key })
    )
    const signed = yield* signer.sign(canonical)
    const headers = {
      Authorization: Authorization.encode({ sign_type: Authorization.signType, timestamp, nonce, ...signed }),
      "Content-Type": "application/json",
      ...(merchId === undefined ? {} : { "X-Merch-Id": merchId })
    }
    return {
      path,
      headers,
      body: bytes,
      request: (origin = "https://merchant.test") =>
        new Request(origin + path, { method: "POST", headers, body: bytes })
    }
  })

/**
 * Signs a notification of a known kind, its data written as the descriptor's schema says. Data that does not fit fails
 * with `InvalidValue`, a field that the schema does not have included, unless it is in `extra`; all else is
 * {@link CannotSign}.
 */
export const sign = <N extends Notification>(
  notification: N,
  data: N["data"]["Type"],
  options: NotificationOptions
): Effect.Effect<Signed, CannotSign | Operation.InvalidValue> => {
  const { type = notification.id === "assessment.notification" ? "ASSESSMENT" : "MERCH", version = "V2" } = options
  return Operation.encodeRequest({ request: notification.data }, data, options.extra).pipe(
    Result.map((text) => `{"type":${JSON.stringify(type)},"version":${JSON.stringify(version)},"data":${text}}`),
    Effect.fromResult,
    Effect.flatMap((body) => signBody(body, { ...options, path: options.path ?? notification.path }))
  )
}
