/** Keys from files. For Node, Bun and Deno; everything else in this package runs anywhere. */
import { readFile } from "node:fs/promises"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as KeyStore from "./KeyStore.ts"
import * as KeyStoreConfig from "./KeyStoreConfig.ts"

/** Key files and ids. */
export interface FileOptions {
  /** The merchant's key; left out where nothing is signed. */
  readonly signingKey?: { readonly keyId: string; readonly privateKeyFile: string } | undefined
  /** The platform's keys; left out where nothing is verified. */
  readonly platformKeys?:
    | ReadonlyArray<{ readonly keyId?: string | undefined; readonly publicKeyFile: string }>
    | undefined
}

const read = (option: string, file: string): Effect.Effect<Redacted.Redacted<Uint8Array>, KeyStore.InvalidKeyStore> =>
  Effect.tryPromise({
    try: async () => Redacted.make(new Uint8Array(await readFile(file)), { label: option }),
    catch: (cause) => {
      const code = (cause as NodeJS.ErrnoException).code ?? "unknown error"
      return new KeyStore.InvalidKeyStore({ option, detail: `the file ${file} cannot be read (${code})` })
    }
  })

/** Reads the files into {@link KeyStore.Options}; for `KeyStore.layerRefreshing`, so that rotated files are seen. */
export const loadFiles = /*#__PURE__*/ Effect.fnUntraced(function* (
  options: FileOptions
): Effect.fn.Return<KeyStore.Options, KeyStore.InvalidKeyStore> {
  const { signingKey, platformKeys = [] } = options
  return {
    signingKey: signingKey && {
      keyId: signingKey.keyId,
      privateKey: yield* read("signingKey.privateKeyFile", signingKey.privateKeyFile)
    },
    platformKeys: yield* Effect.forEach(platformKeys, ({ keyId, publicKeyFile }, index) =>
      Effect.map(read(`platformKeys[${index}].publicKeyFile`, publicKeyFile), (publicKey) => ({ keyId, publicKey }))
    )
  }
})

/** A key store of files, read once. Fails with `InvalidKeyStore`, which names the file and what is wrong. */
export const layerFile = (options: FileOptions): Layer.Layer<KeyStore.KeyStore, KeyStore.InvalidKeyStore> =>
  Layer.effect(KeyStore.KeyStore, Effect.flatMap(loadFiles(options), KeyStore.make))

const fileVariables = ["PAYKKA_PRIVATE_KEY", "PAYKKA_PLATFORM_PUBLIC_KEY", "PAYKKA_PLATFORM_PUBLIC_KEY_NEXT"] as const

const fromFile = /*#__PURE__*/ Effect.fnUntraced(function* (name: (typeof fileVariables)[number]) {
  const variable = `${name}_FILE`
  const file = Option.getOrUndefined(yield* Config.option(Config.String(variable)))
  if (file === undefined) return undefined
  return yield* read(variable, file)
})

/**
 * The key store of the environment, as `KeyStoreConfig.layer`, where `PAYKKA_PRIVATE_KEY_FILE`,
 * `PAYKKA_PLATFORM_PUBLIC_KEY_FILE` and `PAYKKA_PLATFORM_PUBLIC_KEY_NEXT_FILE` (PEM or DER) stand in for the
 * variables without `_FILE`. A key given both ways is taken from the variable.
 */
export const layerConfig: Layer.Layer<KeyStore.KeyStore, Config.ConfigError | KeyStore.InvalidKeyStore> =
  /*#__PURE__*/ Layer.effect(
    KeyStore.KeyStore,
    /*#__PURE__*/ Effect.gen(function* () {
      const given = yield* KeyStoreConfig.variables
      return yield* KeyStoreConfig.make({
        ...given,
        privateKey: given.privateKey ?? (yield* fromFile("PAYKKA_PRIVATE_KEY")),
        platformPublicKey: given.platformPublicKey ?? (yield* fromFile("PAYKKA_PLATFORM_PUBLIC_KEY")),
        nextPublicKey: given.nextPublicKey ?? (yield* fromFile("PAYKKA_PLATFORM_PUBLIC_KEY_NEXT"))
      })
    })
  )
