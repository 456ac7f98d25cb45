/** A signed message and the keys that may have signed it: what `verify` and `explain` have in common. */
import * as Catalogue from "@paykka/schemas/Catalogue"
import * as Authorization from "@paykka/signing/Authorization"
import * as Diagnosis from "@paykka/signing/Diagnosis"
import * as KeyMaterial from "@paykka/signing/KeyMaterial"
import type { VerificationKey } from "@paykka/signing/KeyStore"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { documentedPaths, operationAt } from "./documentedPaths.ts"
import { type Failure, usage } from "./Failure.ts"
import * as MessageInput from "./messageInput.ts"
import { readInput } from "./readInput.ts"
import * as Settings from "./settings.ts"

export const flags = () => ({
  ...MessageInput.flags(),
  key: Flag.String("key").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription(
      "The public key of who should have signed (of a private key its public half); may be repeated. Default: of the settings your own for a request, PayKKa's for a notification"
    ),
    Flag.atLeast(0)
  ),
  otherKey: Flag.String("other-key").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription("A key that may have signed by mistake; may be repeated"),
    Flag.atLeast(0)
  ),
  at: Flag.String("at").pipe(
    Flag.withMetavar("TIME"),
    Flag.withDescription(
      "When the message arrived, to judge its timestamp by: ISO 8601, or milliseconds since the Unix epoch. Default: when it was sent, where it says so"
    ),
    Flag.optional
  ),
  ...Settings.flags()
})

export interface Given extends MessageInput.Given, Settings.Flags {
  readonly key: ReadonlyArray<string>
  readonly otherKey: ReadonlyArray<string>
  readonly at: Option.Option<string>
}

const readKey = Effect.fnUntraced(function* (
  file: string,
  keyId: string | undefined
): Effect.fn.Return<VerificationKey, Failure> {
  const input = Redacted.make(yield* readInput(file))
  const key = yield* Effect.mapError(KeyMaterial.publicHalf(input), ({ message }) =>
    usage(`${file}: ${message}`, "paykka keys inspect says what a file is")
  )
  return { ...key, keyId }
})

const millisOf = (text: string): Effect.Effect<number, Failure> => {
  const millis = /^\d{1,16}$/.test(text) ? Number(text) : Date.parse(text)
  return Number.isNaN(millis)
    ? Effect.fail(
        usage(`--at must be a time, found ${JSON.stringify(text)}`, "such as 2026-11-26T10:00:00Z or 1714533994404")
      )
    : Effect.succeed(millis)
}

interface Keys {
  /** Who should have signed. */
  readonly keys: ReadonlyArray<VerificationKey>
  readonly otherKeys: ReadonlyArray<VerificationKey>
  /** Whether that is oneself. */
  readonly isOwn: boolean
}

/** The keys of the settings, as the path and the key id of the message tell whose should have signed. */
const keysOfSettings = Effect.fnUntraced(function* (
  message: MessageInput.Message,
  settings: Settings.Settings
): Effect.fn.Return<Keys, Failure> {
  const own = yield* settings.ownKey
  const keyStore = yield* settings.keyStore
  const platform = yield* Effect.orElseSucceed(keyStore.platformKeys, () => [])
  const { path } = message
  const isRequest = operationAt(path) !== undefined
  const isNotification = Catalogue.notifications.some((notification) => notification.path === path)
  const header = Authorization.decode(MessageInput.valueOf(message, "authorization") ?? "")
  const namesOwn = Result.isSuccess(header) && own !== undefined && header.success.key_id === own.keyId
  const isOwn = own !== undefined && (isRequest || platform.length === 0 || (namesOwn && !isNotification))
  const ownKeys = own === undefined ? [] : [own]
  return isOwn ? { keys: ownKeys, otherKeys: platform, isOwn } : { keys: platform, otherKeys: ownKeys, isOwn }
})

const keysOf = Effect.fnUntraced(function* (
  message: MessageInput.Message,
  given: Given
): Effect.fn.Return<Keys & { readonly merchIds: ReadonlyArray<string> }, Failure> {
  const { key, otherKey, keyId, merchId } = given
  const named = yield* Effect.forEach(key, (file) =>
    readKey(file, key.length === 1 ? Option.getOrUndefined(keyId) : undefined)
  )
  const others = yield* Effect.forEach(otherKey, (file) => readKey(file, undefined))
  if (named.length > 0) {
    return { keys: named, otherKeys: others, isOwn: false, merchIds: Option.toArray(merchId) }
  }
  const settings = yield* Settings.read(given)
  const { keys, otherKeys, isOwn } = yield* keysOfSettings(message, settings)
  const configured = settings.values.get("PAYKKA_MERCH_ID")?.value
  return {
    keys,
    otherKeys: [...otherKeys, ...others],
    isOwn,
    merchIds: configured === undefined ? [] : [configured]
  }
})

export interface Examined {
  readonly message: MessageInput.Message
  readonly diagnosis: Diagnosis.Diagnosis
  /** Whether one's own key should have signed. */
  readonly isOwn: boolean
}

export const examine = Effect.fnUntraced(function* (given: Given): Effect.fn.Return<Examined, Failure> {
  const now = Option.isSome(given.at) ? yield* millisOf(given.at.value) : undefined
  const message = yield* MessageInput.read(given)
  const { keys, otherKeys, isOwn, merchIds } = yield* keysOf(message, given)
  const diagnosis = yield* Diagnosis.diagnose({
    message,
    keys,
    otherKeys,
    now,
    path: Option.getOrUndefined(given.path),
    otherPaths: documentedPaths(),
    otherMerchIds: merchIds
  })
  return { message, diagnosis, isOwn }
})
