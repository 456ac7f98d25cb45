/**
 * A key store from configuration (environment variables by default). A module of its own, since Effect's
 * `Config` brings the schema library with it.
 *
 * | variable | meaning |
 * | --- | --- |
 * | `PAYKKA_KEY_ID` | id of the signing key |
 * | `PAYKKA_PRIVATE_KEY` | the signing key, in any form of {@link KeyMaterial.privateKey} |
 * | `PAYKKA_PLATFORM_PUBLIC_KEY` | PayKKa's public key |
 * | `PAYKKA_PLATFORM_KEY_ID` | its id, where known |
 * | `PAYKKA_PLATFORM_PUBLIC_KEY_NEXT`, `PAYKKA_PLATFORM_KEY_ID_NEXT` | the key that follows it, while keys rotate |
 *
 * On Node, `@paykka/signing/node` reads the same variables and their `_FILE` forms.
 */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { KeyInput } from "./KeyMaterial.ts"
import * as KeyStore from "./KeyStore.ts"

const optional = <A>(config: Config.Config<A>): Config.Config<A | undefined> =>
  Config.map(Config.option(config), Option.getOrUndefined)

/** The values of the variables; nothing is checked yet. */
export interface Values {
  readonly keyId: string | undefined
  readonly privateKey: KeyInput | undefined
  readonly platformPublicKey: KeyInput | undefined
  readonly platformKeyId: string | undefined
  readonly nextPublicKey: KeyInput | undefined
  readonly nextKeyId: string | undefined
}

/** Reads the variables. */
export const variables: Config.Config<Values> = /*#__PURE__*/ Config.all({
  keyId: /*#__PURE__*/ optional(/*#__PURE__*/ Config.String("PAYKKA_KEY_ID")),
  privateKey: /*#__PURE__*/ optional(/*#__PURE__*/ Config.Redacted("PAYKKA_PRIVATE_KEY")),
  platformPublicKey: /*#__PURE__*/ optional(/*#__PURE__*/ Config.Redacted("PAYKKA_PLATFORM_PUBLIC_KEY")),
  platformKeyId: /*#__PURE__*/ optional(/*#__PURE__*/ Config.String("PAYKKA_PLATFORM_KEY_ID")),
  nextPublicKey: /*#__PURE__*/ optional(/*#__PURE__*/ Config.Redacted("PAYKKA_PLATFORM_PUBLIC_KEY_NEXT")),
  nextKeyId: /*#__PURE__*/ optional(/*#__PURE__*/ Config.String("PAYKKA_PLATFORM_KEY_ID_NEXT"))
})

/** Puts the variables together, each checked against its companion. */
export const toOptions = (from: Values): Effect.Effect<KeyStore.Options, KeyStore.InvalidKeyStore> =>
  Effect.gen(function* () {
    if ((from.keyId === undefined) !== (from.privateKey === undefined)) {
      const [option, other] =
        from.keyId === undefined ? ["PAYKKA_KEY_ID", "PAYKKA_PRIVATE_KEY"] : ["PAYKKA_PRIVATE_KEY", "PAYKKA_KEY_ID"]
      return yield* new KeyStore.InvalidKeyStore({ option, detail: `is not set, but ${other} is` })
    }
    for (const [id, key, name] of [
      [from.platformKeyId, from.platformPublicKey, ""],
      [from.nextKeyId, from.nextPublicKey, "_NEXT"]
    ] as const) {
      if (id !== undefined && key === undefined) {
        const detail = `is not set, but PAYKKA_PLATFORM_KEY_ID${name} is`
        return yield* new KeyStore.InvalidKeyStore({ option: `PAYKKA_PLATFORM_PUBLIC_KEY${name}`, detail })
      }
    }
    const platformKeys: Array<NonNullable<KeyStore.Options["platformKeys"]>[number]> = []
    if (from.platformPublicKey !== undefined) {
      platformKeys.push({ keyId: from.platformKeyId, publicKey: from.platformPublicKey })
    }
    if (from.nextPublicKey !== undefined) platformKeys.push({ keyId: from.nextKeyId, publicKey: from.nextPublicKey })
    return {
      signingKey:
        from.keyId === undefined || from.privateKey === undefined
          ? undefined
          : { keyId: from.keyId, privateKey: from.privateKey },
      platformKeys
    }
  })

/** The variable behind an option of {@link toOptions}; the one that whoever set it knows. */
const variableOf = (option: string, values: Values): string => {
  const next = option.startsWith("platformKeys[1]") || values.platformPublicKey === undefined ? "_NEXT" : ""
  if (option.startsWith("signingKey.")) return option.endsWith("keyId") ? "PAYKKA_KEY_ID" : "PAYKKA_PRIVATE_KEY"
  if (!option.startsWith("platformKeys[")) return option
  return option.endsWith("keyId") ? `PAYKKA_PLATFORM_KEY_ID${next}` : `PAYKKA_PLATFORM_PUBLIC_KEY${next}`
}

/** Builds the key store. Fails with `InvalidKeyStore`, which names the variable at fault. */
export const make = (values: Values): Effect.Effect<KeyStore.Service, KeyStore.InvalidKeyStore> =>
  toOptions(values).pipe(
    Effect.flatMap(KeyStore.make),
    Effect.mapError(
      ({ option, detail }) => new KeyStore.InvalidKeyStore({ option: variableOf(option, values), detail })
    )
  )

/** The key store of the environment. Fails with a `ConfigError`, or `InvalidKeyStore` when a key cannot be used. */
export const layer: Layer.Layer<KeyStore.KeyStore, Config.ConfigError | KeyStore.InvalidKeyStore> =
  /*#__PURE__*/ Layer.effect(KeyStore.KeyStore, /*#__PURE__*/ Effect.flatMap(variables, make))
