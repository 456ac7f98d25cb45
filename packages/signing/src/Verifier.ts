/**
 * Verifies what the platform signed: notifications, on their raw bytes and before anything parses them.
 *
 * Provenance: third-party (`contract/core.yaml`, `notifications.verification`); no page says how notifications
 * are signed. The time window is not stated either: five minutes each way is our own choice.
 */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Authorization from "./Authorization.ts"
import * as CanonicalString from "./CanonicalString.ts"
import { digestOf, signedDigest } from "./internal/signedDigest.ts"
import { KeyStore, type KeyUnavailable, type VerificationKey } from "./KeyStore.ts"

/** A message as it arrived. */
export interface Received {
  /** The path, or several candidates for it, tried in this order. */
  readonly path: string | ReadonlyArray<string>
  /** The `Authorization` header; undefined when there was none. */
  readonly authorization: string | undefined
  /** The `X-Merch-Id` header; undefined when there was none. */
  readonly merchId?: string | undefined
  /** The raw body, exactly as received. */
  readonly body: Uint8Array
}

/** A message whose signature is right. */
export interface Verified {
  /** The header, decoded. */
  readonly authorization: Authorization.Authorization
  /** The candidate path that was signed. */
  readonly path: string
  /** The merchant number that was signed; empty when there was none. */
  readonly merchId: string
  /** The raw body that was signed. */
  readonly body: Uint8Array
  /** The platform key that matched. */
  readonly key: VerificationKey
}

/** Why a message was refused. None of these holds a header, a body or a key. */
export type Reason =
  | { readonly _tag: "MissingHeader" }
  | { readonly _tag: "Malformed"; readonly part: string; readonly rule: string }
  | { readonly _tag: "UnsupportedSignType"; readonly signType: string }
  | {
      /** `key_id` is not configured, and none of the configured keys made the signature. */
      readonly _tag: "UnknownKey"
      readonly keyId: string
      readonly knownKeyIds: ReadonlyArray<string>
      readonly keysTried: number
    }
  | {
      /** The timestamp is too old (negative offset) or too far ahead (positive offset). */
      readonly _tag: "OutsideTimeWindow"
      readonly offsetMillis: number
      readonly toleranceMillis: number
    }
  | {
      /** The signature belongs to other bytes, or another key made it. */
      readonly _tag: "Mismatch"
      readonly keyId: string
      readonly paths: ReadonlyArray<string>
    }

/** What came from outside, as it may stand in a line of a log: cut, and with escapes for what is no plain text. */
const shown = (text: string, length: number): string =>
  JSON.stringify(text.slice(0, length))
    .slice(1, -1)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
      Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
        .map((code) => `\\u${code.toString(16).padStart(4, "0")}`)
        .join("")
    )

/** The first two of the paths: a webhook of many kinds tries as many. */
const pathsText = (paths: ReadonlyArray<string>): string => {
  const [first, second, ...others] = paths.map((path) => shown(path, 120))
  if (second === undefined) return String(first)
  return others.length === 0 ? `${first} or ${second}` : `${first}, ${second} or ${others.length} more`
}

const describe = (reason: Reason): string => {
  switch (reason._tag) {
    case "MissingHeader":
      return "the Authorization header is missing"
    case "Malformed":
      return `${reason.part} ${reason.rule}`
    case "UnsupportedSignType":
      return `sign_type is "${shown(reason.signType, 40)}", only ${Authorization.signType} is known`
    case "UnknownKey": {
      const known = reason.knownKeyIds.length === 0 ? "none has an id" : reason.knownKeyIds.join(", ")
      return `key_id "${shown(reason.keyId, 80)}" is not configured (${known}), and none of ${reason.keysTried} keys made the signature`
    }
    case "OutsideTimeWindow": {
      const seconds = Math.abs(Math.round(reason.offsetMillis / 1000))
      const side = reason.offsetMillis < 0 ? "old" : "in the future"
      return `the timestamp is ${seconds} s ${side}, ${reason.toleranceMillis / 1000} s are allowed`
    }
    case "Mismatch":
      return `the signature does not match (key "${shown(reason.keyId, 80)}", path ${pathsText(reason.paths)})`
  }
}

/** The message is not to be trusted. Tell the sender nothing but 401; the reason is for the log. */
export class SignatureRejected
  extends /*#__PURE__*/ Data.TaggedError("SignatureRejected")<{
    /** Why: its `_tag` tells the cases apart. */
    readonly reason: Reason
  }>
{
  override get message(): string {
    return describe(this.reason)
  }
}

/** How strict to be. */
export interface Options {
  /** How far the timestamp may be from now, either way; `"off"` accepts any. Default: 5 minutes. */
  readonly tolerance?: Duration.Input | "off" | undefined
  /**
   * What to do with a `key_id` that no configured key has: `try` the configured keys (the default, since
   * PayKKa's ids are handed over by hand and may not be known), or `refuse` without trying.
   */
  readonly unknownKeyId?: "try" | "refuse" | undefined
  /**
   * How many keys are tried at most, in the order of the key store: each costs a forger's message one RSA operation. More than one are
   * tried only where several have the `key_id` or have none, or where it is unknown. Default: 5.
   */
  readonly maxKeys?: number | undefined
}

/** The service: a received message in, what was verified out. */
export interface Service {
  /** Fails with {@link SignatureRejected}, or with {@link KeyUnavailable} when there is no key to verify with. */
  readonly verify: (received: Received) => Effect.Effect<Verified, SignatureRejected | KeyUnavailable>
}

/** Verifies received messages. See {@link Service}. */
export class Verifier extends /*#__PURE__*/ Context.Service<Verifier, Service>()("@paykka/signing/Verifier") {}

const reject = (reason: Reason): Effect.Effect<never, SignatureRejected> =>
  Effect.fail(new SignatureRejected({ reason }))

/** Whether the key made the signature over the bytes. */
export const matches = (
  key: VerificationKey,
  signature: Uint8Array<ArrayBuffer>,
  bytes: Uint8Array<ArrayBuffer>
): Effect.Effect<boolean> =>
  Effect.promise(() => crypto.subtle.verify("RSASSA-PKCS1-v1_5", key.cryptoKey, signature, bytes))

/** A decoded header, with the signature's bytes. */
interface Header {
  readonly authorization: Authorization.Authorization
  readonly bytes: Uint8Array<ArrayBuffer>
}

/**
 * The path that the signature is over, by its digest: a forgery costs one RSA operation for each key, however many paths there are,
 * and no copy of its body.
 */
const signedPath = async (
  key: CryptoKey,
  signature: Uint8Array<ArrayBuffer>,
  paths: ReadonlyArray<string>,
  textOf: (path: string) => Uint8Array<ArrayBuffer>
): Promise<string | undefined> => {
  const digest = await signedDigest(key, signature)
  if (digest === undefined) return undefined
  for (const path of paths) if ((await digestOf(textOf(path))) === digest) return path
  return undefined
}

/** Candidates by `key_id`: the keys that have it or have none, or all of them where it is known of no key. */
const candidates = (
  keys: ReadonlyArray<VerificationKey>,
  keyId: string,
  { unknownKeyId = "try", maxKeys = 5 }: Options
): ReadonlyArray<VerificationKey> => {
  const isKnown = keys.some((key) => key.keyId === keyId)
  const found =
    !isKnown && unknownKeyId === "try" ? keys : keys.filter((key) => key.keyId === keyId || key.keyId === undefined)
  return found.slice(0, maxKeys)
}

/** Whether there is a key that was not there before, or that has got another id. */
const isNewTo = (keys: ReadonlyArray<VerificationKey>, others: ReadonlyArray<VerificationKey>): boolean =>
  others.some(({ keyId, fingerprint }) => !keys.some((key) => key.keyId === keyId && key.fingerprint === fingerprint))

/** The verifier over the {@link KeyStore}'s platform keys. */
export const make = /*#__PURE__*/ Effect.fnUntraced(function* (
  options: Options = {}
): Effect.fn.Return<Service, never, KeyStore> {
  const keyStore = yield* KeyStore
  const { tolerance = "5 minutes" } = options
  const toleranceMillis = tolerance === "off" ? Infinity : Duration.toMillis(Duration.fromInputUnsafe(tolerance))

  /** What can be told of the header alone. */
  const readHeader = (header: string | undefined, now: number): Result.Result<Header, Reason> => {
    if (header === undefined || header === "") return Result.fail({ _tag: "MissingHeader" })
    const decoded = Authorization.decodeWithBytes(header)
    if (Result.isFailure(decoded)) {
      return Result.fail({ _tag: "Malformed", part: decoded.failure.part, rule: decoded.failure.rule })
    }
    const { sign_type: signType, timestamp } = decoded.success.authorization
    if (signType !== Authorization.signType) return Result.fail({ _tag: "UnsupportedSignType", signType })
    const offsetMillis = Number(timestamp) - now
    return Math.abs(offsetMillis) > toleranceMillis
      ? Result.fail({ _tag: "OutsideTimeWindow", offsetMillis, toleranceMillis })
      : Result.succeed(decoded.success)
  }

  /** Finds the path and the key that fit. */
  const tryAll = (
    received: Received,
    { authorization, bytes: signature }: Header,
    keys: ReadonlyArray<VerificationKey>
  ): Effect.Effect<Verified, SignatureRejected> => {
    const tried = candidates(keys, authorization.key_id, options)
    const { timestamp, nonce, key_id: keyId } = authorization
    const { body, merchId = "" } = received
    const paths: Array<string> = []
    let unusable: CanonicalString.InvalidPart | undefined
    for (const path of typeof received.path === "string" ? [received.path] : received.path) {
      const head = CanonicalString.encode({ path, timestamp, nonce, merchId })
      if (Result.isSuccess(head)) paths.push(path)
      // Another candidate may still be the signed path; what else is malformed, is so for each of them.
      else unusable ??= head.failure
    }
    if (paths.length === 0 && unusable !== undefined) {
      return reject({ _tag: "Malformed", part: unusable.part, rule: unusable.rule })
    }
    const textOf = (path: string) =>
      Result.getOrThrow(CanonicalString.encode({ path, timestamp, nonce, merchId, body }))

    const refuse = (): Effect.Effect<never, SignatureRejected> => {
      if (tried.some((key) => key.keyId === keyId)) return reject({ _tag: "Mismatch", keyId, paths })
      const knownKeyIds = keys.flatMap((key) => key.keyId ?? [])
      return reject({ _tag: "UnknownKey", keyId, knownKeyIds, keysTried: tried.length })
    }
    const tryKey = (next: number): Effect.Effect<Verified, SignatureRejected> => {
      const key = tried[next]
      if (key === undefined) return refuse()
      // A single path need not be looked for, and of a key that does not show its numbers all must be tried.
      if (paths.length === 1 || !key.cryptoKey.extractable) return tryPaths(key, paths, next)
      return Effect.flatMap(
        Effect.promise(() => signedPath(key.cryptoKey, signature, paths, textOf)),
        (path) => tryPaths(key, path === undefined ? [] : [path], next)
      )
    }
    const tryPaths = (
      key: VerificationKey,
      [path, ...others]: ReadonlyArray<string>,
      next: number
    ): Effect.Effect<Verified, SignatureRejected> =>
      path === undefined
        ? tryKey(next + 1)
        : Effect.flatMap(matches(key, signature, textOf(path)), (fits) =>
            fits ? Effect.succeed({ authorization, path, merchId, body, key }) : tryPaths(key, others, next)
          )
    return tryKey(0)
  }

  /** With the keys at hand; and where none of them is the one that the message names, with those that the source has by now. */
  const tryReloaded = (
    received: Received,
    header: Header,
    keys: ReadonlyArray<VerificationKey>
  ): Effect.Effect<Verified, SignatureRejected | KeyUnavailable> => {
    const tried = tryAll(received, header, keys)
    const { reloadPlatformKeys } = keyStore
    if (reloadPlatformKeys === undefined) return tried
    return Effect.catchIf(
      tried,
      ({ reason }) => reason._tag === "UnknownKey",
      (error) =>
        Effect.flatMap(reloadPlatformKeys, (reloaded) =>
          isNewTo(keys, reloaded) ? tryAll(received, header, reloaded) : Effect.fail(error)
        )
    )
  }

  // In few steps, since a verification by WebCrypto takes no longer than a dozen of Effect's.
  const verify = (received: Received): Effect.Effect<Verified, SignatureRejected | KeyUnavailable> =>
    Effect.clockWith((clock) => {
      const header = readHeader(received.authorization, clock.currentTimeMillisUnsafe())
      return Result.isFailure(header)
        ? reject(header.failure)
        : Effect.flatMap(keyStore.platformKeys, (keys) => tryReloaded(received, header.success, keys))
    })

  return Verifier.of({ verify })
})

/** The layer of {@link make}. */
export const layer = (options: Options = {}): Layer.Layer<Verifier, never, KeyStore> =>
  Layer.effect(Verifier, make(options))
