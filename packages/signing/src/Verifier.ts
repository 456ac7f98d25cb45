/**
 * Verifies what the platform signed: notifications, on their raw bytes and before anything parses them.
 *
 * Provenance: third-party (`contract/core.yaml`, `notifications.verification`); no page says how notifications
 * are signed. The time window is not stated either: five minutes each way is our own choice.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Authorization from "./Authorization.ts"
import * as CanonicalString from "./CanonicalString.ts"
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

const describe = (reason: Reason): string => {
  switch (reason._tag) {
    case "MissingHeader":
      return "the Authorization header is missing"
    case "Malformed":
      return `${reason.part} ${reason.rule}`
    case "UnsupportedSignType":
      return `sign_type is ${JSON.stringify(reason.signType.slice(0, 40))}, only ${Authorization.signType} is known`
    case "UnknownKey": {
      const known = reason.knownKeyIds.length === 0 ? "none has an id" : reason.knownKeyIds.join(", ")
      return `key_id ${JSON.stringify(reason.keyId.slice(0, 80))} is not configured (${known}), and none of ${reason.keysTried} keys made the signature`
    }
    case "OutsideTimeWindow": {
      const seconds = Math.abs(Math.round(reason.offsetMillis / 1000))
      const side = reason.offsetMillis < 0 ? "old" : "in the future"
      return `the timestamp is ${seconds} s ${side}, ${reason.toleranceMillis / 1000} s are allowed`
    }
    case "Mismatch":
      return `the signature does not match (key ${JSON.stringify(reason.keyId.slice(0, 80))}, path ${reason.paths.join(" or ")})`
  }
}

/** The message is not to be trusted. Tell the sender nothing but 401; the reason is for the log. */
export class SignatureRejected
  extends /*#__PURE__*/ Data.TaggedError("SignatureRejected")<{ readonly reason: Reason }>
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

/** Candidates by `key_id`: the keys that have it or have none, or all of them where it is known of no key. */
const candidates = (
  keys: ReadonlyArray<VerificationKey>,
  keyId: string,
  unknownKeyId: "try" | "refuse"
): ReadonlyArray<VerificationKey> => {
  const isKnown = keys.some((key) => key.keyId === keyId)
  if (!isKnown && unknownKeyId === "try") return keys
  return keys.filter((key) => key.keyId === keyId || key.keyId === undefined)
}

/** The verifier over the {@link KeyStore}'s platform keys. */
export const make = /*#__PURE__*/ Effect.fnUntraced(function* (
  options: Options = {}
): Effect.fn.Return<Service, never, KeyStore> {
  const keyStore = yield* KeyStore
  const { tolerance = "5 minutes", unknownKeyId = "try" } = options
  const toleranceMillis = tolerance === "off" ? Infinity : Duration.toMillis(Duration.fromInputUnsafe(tolerance))

  const verify = Effect.fnUntraced(function* (
    received: Received
  ): Effect.fn.Return<Verified, SignatureRejected | KeyUnavailable> {
    if (received.authorization === undefined || received.authorization === "") {
      return yield* reject({ _tag: "MissingHeader" })
    }
    const decoded = Authorization.decodeWithBytes(received.authorization)
    if (Result.isFailure(decoded)) {
      return yield* reject({ _tag: "Malformed", part: decoded.failure.part, rule: decoded.failure.rule })
    }
    const { authorization, bytes: signature } = decoded.success
    if (authorization.sign_type !== Authorization.signType) {
      return yield* reject({ _tag: "UnsupportedSignType", signType: authorization.sign_type })
    }
    const offsetMillis = Number(authorization.timestamp) - (yield* Clock.currentTimeMillis)
    if (Math.abs(offsetMillis) > toleranceMillis) {
      return yield* reject({ _tag: "OutsideTimeWindow", offsetMillis, toleranceMillis })
    }

    const keys = yield* keyStore.platformKeys
    const tried = candidates(keys, authorization.key_id, unknownKeyId)
    const { timestamp, nonce } = authorization
    const merchId = received.merchId ?? ""
    const paths: Array<string> = []
    let unusable: CanonicalString.InvalidPart | undefined
    for (const path of typeof received.path === "string" ? [received.path] : received.path) {
      const bytes = CanonicalString.encode({ path, timestamp, nonce, merchId, body: received.body })
      if (Result.isFailure(bytes)) {
        // Another candidate may still be the signed path; what else is malformed, is so for each of them.
        unusable ??= bytes.failure
        continue
      }
      paths.push(path)
      for (const key of tried) {
        if (yield* matches(key, signature, bytes.success)) {
          return { authorization, path, merchId, body: received.body, key }
        }
      }
    }
    if (paths.length === 0 && unusable !== undefined) {
      return yield* reject({ _tag: "Malformed", part: unusable.part, rule: unusable.rule })
    }
    return yield* tried.some((key) => key.keyId === authorization.key_id)
      ? reject({ _tag: "Mismatch", keyId: authorization.key_id, paths })
      : reject({
          _tag: "UnknownKey",
          keyId: authorization.key_id,
          knownKeyIds: keys.flatMap((key) => key.keyId ?? []),
          keysTried: tried.length
        })
  })

  return Verifier.of({ verify })
})

/** The layer of {@link make}. */
export const layer = (options: Options = {}): Layer.Layer<Verifier, never, KeyStore> =>
  Layer.effect(Verifier, make(options))
