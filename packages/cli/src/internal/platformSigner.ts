/** The key that signs notifications in the place of PayKKa's: a sandbox's. */
import type { Key } from "@paykka/webhook/testing"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { type Failure, usage } from "./Failure.ts"
import { readInput } from "./readInput.ts"
import * as Settings from "./settings.ts"

export const flags = () => ({
  platformPrivateKeyFile: Flag.String("platform-private-key-file").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription("PAYKKA_PLATFORM_PRIVATE_KEY_FILE: the private key of the sandbox; nobody has PayKKa's"),
    Flag.optional
  ),
  platformKeyId: Flag.String("platform-key-id").pipe(
    Flag.withMetavar("ID"),
    Flag.withDescription("PAYKKA_PLATFORM_KEY_ID: its id; default: platform-key"),
    Flag.optional
  ),
  ...Settings.profileFlags()
})

export interface Given extends Pick<Settings.Flags, "profile" | "config" | "merchId"> {
  readonly platformPrivateKeyFile: Option.Option<string>
  readonly platformKeyId: Option.Option<string>
}

export interface Platform {
  readonly key: Key
  readonly merchId: string | undefined
}

export const read = Effect.fnUntraced(function* (given: Given): Effect.fn.Return<Platform, Failure> {
  const { values } = yield* Settings.read(Settings.ofProfile(given))
  const valueOf = (variable: string) => values.get(variable)?.value
  const file = Option.getOrUndefined(given.platformPrivateKeyFile) ?? valueOf("PAYKKA_PLATFORM_PRIVATE_KEY_FILE")
  const text = file === undefined ? valueOf("PAYKKA_PLATFORM_PRIVATE_KEY") : yield* readInput(file)
  if (text === undefined) {
    return yield* usage(
      "there is no key to sign with",
      "give --platform-private-key-file; paykka sandbox makes one and prints where it is"
    )
  }
  return {
    key: {
      keyId: Option.getOrUndefined(given.platformKeyId) ?? valueOf("PAYKKA_PLATFORM_KEY_ID") ?? "platform-key",
      privateKey: typeof text === "string" ? Redacted.make(text) : Redacted.make(text)
    },
    merchId: valueOf("PAYKKA_MERCH_ID")
  }
})
