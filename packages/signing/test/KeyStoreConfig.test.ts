import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as KeyStore from "../src/KeyStore.ts"
import * as KeyStoreConfig from "../src/KeyStoreConfig.ts"
import { assertHidden, fingerprintOf, pairs, sampleText } from "./support.ts"

const all = {
  PAYKKA_KEY_ID: pairs.merchant.key_id,
  PAYKKA_PRIVATE_KEY: pairs.merchant.private_pkcs8_pem.replaceAll("\n", "\\n"),
  PAYKKA_PLATFORM_PUBLIC_KEY: pairs.platform.public_spki_pem,
  PAYKKA_PLATFORM_KEY_ID: pairs.platform.key_id,
  PAYKKA_PLATFORM_PUBLIC_KEY_NEXT: sampleText("rsa-3072-public-spki-pem"),
  PAYKKA_PLATFORM_KEY_ID_NEXT: "P202405010002"
}

const from = (environment: Record<string, string>) =>
  Layer.provide(KeyStoreConfig.layer, ConfigProvider.layer(ConfigProvider.fromEnvRecord(environment)))

const without = (...names: ReadonlyArray<keyof typeof all>): Record<string, string> =>
  Object.fromEntries(Object.entries(all).filter(([name]) => !names.includes(name as keyof typeof all)))

const summary = Effect.gen(function* () {
  const keyStore = yield* KeyStore.KeyStore
  const signing = yield* Effect.option(keyStore.signingKey)
  const platform = yield* Effect.option(keyStore.platformKeys)
  return {
    signing: signing._tag === "Some" ? signing.value.keyId : undefined,
    platform: platform._tag === "Some" ? platform.value.map(({ keyId, bits }) => [keyId, bits]) : []
  }
})

describe("KeyStoreConfig.layer", () => {
  it.effect("reads all six variables", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* summary, {
        signing: "K202405010001",
        platform: [
          ["P202405010001", 2048],
          ["P202405010002", 3072]
        ]
      })
      const { fingerprint } = yield* Effect.flatMap(KeyStore.KeyStore, (keyStore) => keyStore.signingKey)
      assert.strictEqual(fingerprint, fingerprintOf(pairs.merchant.public_spki_pem))
    }).pipe(Effect.provide(from(all)))
  )

  const partial: ReadonlyArray<readonly [string, Record<string, string>, Effect.Success<typeof summary>]> = [
    ["nothing", {}, { signing: undefined, platform: [] }],
    [
      "empty variables as if they were not there",
      Object.fromEntries(Object.keys(all).map((name) => [name, ""])),
      { signing: undefined, platform: [] }
    ],
    [
      "only what signs",
      without(
        "PAYKKA_PLATFORM_PUBLIC_KEY",
        "PAYKKA_PLATFORM_KEY_ID",
        "PAYKKA_PLATFORM_PUBLIC_KEY_NEXT",
        "PAYKKA_PLATFORM_KEY_ID_NEXT"
      ),
      { signing: "K202405010001", platform: [] }
    ],
    [
      "only what verifies, its ids not known",
      without("PAYKKA_KEY_ID", "PAYKKA_PRIVATE_KEY", "PAYKKA_PLATFORM_KEY_ID", "PAYKKA_PLATFORM_KEY_ID_NEXT"),
      {
        signing: undefined,
        platform: [
          [undefined, 2048],
          [undefined, 3072]
        ]
      }
    ],
    [
      "the next key alone",
      without("PAYKKA_PLATFORM_PUBLIC_KEY", "PAYKKA_PLATFORM_KEY_ID"),
      { signing: "K202405010001", platform: [["P202405010002", 3072]] }
    ]
  ]
  for (const [name, environment, expected] of partial) {
    it.effect(`takes ${name}`, () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* summary, expected)
      }).pipe(Effect.provide(from(environment)))
    )
  }

  const refusals: ReadonlyArray<readonly [string, Record<string, string>, string, RegExp]> = [
    ["a key without its id", without("PAYKKA_KEY_ID"), "PAYKKA_KEY_ID", /^is not set, but PAYKKA_PRIVATE_KEY is$/],
    [
      "an id without its key",
      without("PAYKKA_PRIVATE_KEY"),
      "PAYKKA_PRIVATE_KEY",
      /^is not set, but PAYKKA_KEY_ID is$/
    ],
    [
      "a platform key's id without the key",
      without("PAYKKA_PLATFORM_PUBLIC_KEY"),
      "PAYKKA_PLATFORM_PUBLIC_KEY",
      /^is not set, but PAYKKA_PLATFORM_KEY_ID is$/
    ],
    [
      "the next key's id without the key",
      without("PAYKKA_PLATFORM_PUBLIC_KEY_NEXT"),
      "PAYKKA_PLATFORM_PUBLIC_KEY_NEXT",
      /^is not set, but PAYKKA_PLATFORM_KEY_ID_NEXT is$/
    ],
    [
      "a public key to sign with",
      { ...all, PAYKKA_PRIVATE_KEY: pairs.merchant.public_spki_pem },
      "PAYKKA_PRIVATE_KEY",
      /found an RSA public key/
    ],
    [
      "the own key as the platform's",
      { ...all, PAYKKA_PLATFORM_PUBLIC_KEY: pairs.merchant.public_spki_pem },
      "PAYKKA_PLATFORM_PUBLIC_KEY",
      /own signing key/
    ],
    [
      "one id for both platform keys",
      { ...all, PAYKKA_PLATFORM_KEY_ID_NEXT: all.PAYKKA_PLATFORM_KEY_ID },
      "PAYKKA_PLATFORM_KEY_ID_NEXT",
      /listed before/
    ],
    [
      "the next key alone, and it is no key",
      { PAYKKA_PLATFORM_PUBLIC_KEY_NEXT: "nonsense" },
      "PAYKKA_PLATFORM_PUBLIC_KEY_NEXT",
      /found text that is neither/
    ],
    ["a key id with blanks", { ...all, PAYKKA_KEY_ID: "K 1" }, "PAYKKA_KEY_ID", /without blanks/]
  ]
  for (const [name, environment, option, detail] of refusals) {
    it.effect(`refuses ${name}`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(Effect.scoped(Layer.build(from(environment))))
        assert.instanceOf(error, KeyStore.InvalidKeyStore)
        assert.strictEqual(error.option, option)
        assert.match(error.detail, detail)
        for (const key of Object.values(environment).filter((value) => value.length > 100)) assertHidden(error, key)
      })
    )
  }

  it.effect("keeps keys redacted between the environment and the store", () =>
    Effect.gen(function* () {
      const values = yield* KeyStoreConfig.variables.parse(ConfigProvider.fromEnvRecord(all))
      assertHidden(values, all.PAYKKA_PRIVATE_KEY)
      const options = yield* KeyStoreConfig.toOptions(values)
      assertHidden(options, all.PAYKKA_PRIVATE_KEY)
    })
  )

  it.effect("says ConfigError when the source of the configuration fails", () =>
    Effect.gen(function* () {
      const broken = ConfigProvider.make(() =>
        Effect.fail(new ConfigProvider.SourceError({ message: "vault is sealed" }))
      )
      const error = yield* Effect.flip(
        Effect.scoped(Layer.build(Layer.provide(KeyStoreConfig.layer, ConfigProvider.layer(broken))))
      )
      assert.strictEqual(error._tag, "ConfigError")
    })
  )
})
