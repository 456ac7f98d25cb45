import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import * as KeyStore from "../src/KeyStore.ts"
import * as node from "../src/node.ts"
import { assertHidden, fingerprintOf, pairs, sampleDer, sampleText } from "./support.ts"

/** A folder of its own for each test. */
const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "paykka-signing-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

const write = (path: string, name: string, content: string | Uint8Array): string => {
  const file = join(path, name)
  writeFileSync(file, content)
  return file
}

const files = Effect.map(folder, (path) => ({
  path,
  privatePem: write(path, "private.pem", pairs.merchant.private_pkcs8_pem),
  privateDer: write(path, "private.der", sampleDer("rsa-2048-private-pkcs1-der")),
  publicPem: write(path, "public.pem", `\uFEFF平台公钥\r\n${pairs.platform.public_spki_pem.replaceAll("\n", "\r\n")}`),
  publicDer: write(path, "public.der", sampleDer("rsa-2048-public-spki-der")),
  next: write(path, "next.pem", sampleText("rsa-3072-public-spki-pem"))
}))

const failure = <A, E>(layer: Layer.Layer<A, E>) => Effect.flip(Effect.scoped(Layer.build(layer)))

describe("layerFile", () => {
  it.effect("reads PEM and DER files", () =>
    Effect.gen(function* () {
      const { privatePem, publicPem, publicDer } = yield* files
      const layer = node.layerFile({
        signingKey: { keyId: "K1", privateKeyFile: privatePem },
        platformKeys: [{ keyId: "P1", publicKeyFile: publicPem }, { publicKeyFile: publicDer }]
      })
      yield* Effect.gen(function* () {
        const keyStore = yield* KeyStore.KeyStore
        const signing = yield* keyStore.signingKey
        assert.strictEqual(signing.keyId, "K1")
        assert.strictEqual(signing.fingerprint, fingerprintOf(pairs.merchant.public_spki_pem))
        assert.deepStrictEqual(
          (yield* keyStore.platformKeys).map(({ keyId, fingerprint }) => [keyId, fingerprint]),
          [
            ["P1", fingerprintOf(pairs.platform.public_spki_pem)],
            [undefined, fingerprintOf(sampleText("rsa-2048-public-spki-pem"))]
          ]
        )
      }).pipe(Effect.provide(layer))
    })
  )

  it.effect("reads a private key as DER", () =>
    Effect.gen(function* () {
      const { privateDer } = yield* files
      const service = yield* Effect.flatMap(
        node.loadFiles({ signingKey: { keyId: "K1", privateKeyFile: privateDer } }),
        KeyStore.make
      )
      assert.strictEqual((yield* service.signingKey).fingerprint, fingerprintOf(sampleText("rsa-2048-public-spki-pem")))
    })
  )

  it.effect("does with nothing", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* node.loadFiles({}), { signingKey: undefined, platformKeys: [] })
    })
  )

  it.effect("keeps what it read redacted", () =>
    Effect.gen(function* () {
      const { privatePem, privateDer } = yield* files
      assertHidden(
        yield* node.loadFiles({ signingKey: { keyId: "K1", privateKeyFile: privatePem } }),
        pairs.merchant.private_pkcs8_pem
      )
      assertHidden(
        yield* node.loadFiles({ signingKey: { keyId: "K1", privateKeyFile: privateDer } }),
        sampleDer("rsa-2048-private-pkcs1-der")
      )
    })
  )

  it.effect("names the file and the option when a file is missing, or is a folder", () =>
    Effect.gen(function* () {
      const { path, privatePem, publicPem } = yield* files
      const missing = join(path, "nowhere.pem")
      for (const [options, option, file, code] of [
        [{ signingKey: { keyId: "K1", privateKeyFile: missing } }, "signingKey.privateKeyFile", missing, "ENOENT"],
        [
          {
            signingKey: { keyId: "K1", privateKeyFile: privatePem },
            platformKeys: [{ publicKeyFile: publicPem }, { publicKeyFile: missing }]
          },
          "platformKeys[1].publicKeyFile",
          missing,
          "ENOENT"
        ],
        [{ platformKeys: [{ publicKeyFile: path }] }, "platformKeys[0].publicKeyFile", path, "EISDIR"]
      ] as const) {
        const error = yield* failure(node.layerFile(options))
        assert.instanceOf(error, KeyStore.InvalidKeyStore)
        assert.strictEqual(error.option, option)
        assert.strictEqual(error.detail, `the file ${file} cannot be read (${code})`)
      }
    })
  )

  it.effect("says what is in a file that is no key", () =>
    Effect.gen(function* () {
      const { path, publicPem } = yield* files
      for (const [content, found] of [
        ["", "empty text"],
        [Uint8Array.of(0xff, 0xfe, 0, 1), "bytes that are not a DER key"],
        [sampleText("rsa-2048-certificate-pem"), "an X.509 certificate (PEM)"]
      ] as const) {
        const file = write(path, "wrong", content)
        const error = yield* failure(node.layerFile({ signingKey: { keyId: "K1", privateKeyFile: file } }))
        assert.strictEqual(error.option, "signingKey.privateKey")
        assert.include(error.detail, `found ${found}`)
      }
      const error = yield* failure(node.layerFile({ signingKey: { keyId: "K1", privateKeyFile: publicPem } }))
      assert.include(error.detail, "found an RSA public key (SPKI, PEM)")
      assertHidden(error, pairs.platform.public_spki_pem)
    })
  )

  it.effect("with layerRefreshing, sees that a file was exchanged, and survives that it is gone", () =>
    Effect.gen(function* () {
      const { publicPem } = yield* files
      const service = yield* KeyStore.makeRefreshing({
        load: node.loadFiles({ platformKeys: [{ publicKeyFile: publicPem }] }),
        timeToLive: "1 minute"
      })
      const bits = Effect.map(service.platformKeys, ([key]) => key?.bits)
      assert.strictEqual(yield* bits, 2048)
      writeFileSync(publicPem, sampleText("rsa-3072-public-spki-pem"))
      assert.strictEqual(yield* bits, 2048)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* bits, 3072)
      rmSync(publicPem)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* bits, 3072)
    })
  )
})

describe("layerConfig", () => {
  const from = (environment: Record<string, string>) =>
    Layer.provide(node.layerConfig, ConfigProvider.layer(ConfigProvider.fromEnvRecord(environment)))

  it.effect("reads the files that the _FILE variables name", () =>
    Effect.gen(function* () {
      const { privatePem, publicPem, next } = yield* files
      const layer = from({
        PAYKKA_KEY_ID: "K1",
        PAYKKA_PRIVATE_KEY_FILE: privatePem,
        PAYKKA_PLATFORM_PUBLIC_KEY_FILE: publicPem,
        PAYKKA_PLATFORM_KEY_ID: "P1",
        PAYKKA_PLATFORM_PUBLIC_KEY_NEXT_FILE: next,
        PAYKKA_PLATFORM_KEY_ID_NEXT: "P2"
      })
      yield* Effect.gen(function* () {
        const keyStore = yield* KeyStore.KeyStore
        assert.strictEqual((yield* keyStore.signingKey).keyId, "K1")
        assert.deepStrictEqual(
          (yield* keyStore.platformKeys).map(({ keyId, bits }) => [keyId, bits]),
          [
            ["P1", 2048],
            ["P2", 3072]
          ]
        )
      }).pipe(Effect.provide(layer))
    })
  )

  it.effect("reads a DER file", () =>
    Effect.gen(function* () {
      const { privateDer, publicDer } = yield* files
      const keyStore = yield* Effect.provide(KeyStore.KeyStore, from({ PAYKKA_PLATFORM_PUBLIC_KEY_FILE: publicDer }))
      assert.strictEqual((yield* keyStore.platformKeys)[0]!.bits, 2048)
      const signing = yield* Effect.provide(
        KeyStore.KeyStore,
        from({ PAYKKA_KEY_ID: "K1", PAYKKA_PRIVATE_KEY_FILE: privateDer })
      )
      assert.strictEqual((yield* signing.signingKey).bits, 2048)
    })
  )

  it.effect("takes a key that is given both ways from the variable, and does not look at the file", () =>
    Effect.gen(function* () {
      const layer = from({
        PAYKKA_KEY_ID: "K1",
        PAYKKA_PRIVATE_KEY: pairs.merchant.private_pkcs8_pem,
        PAYKKA_PRIVATE_KEY_FILE: "/nowhere/at/all",
        PAYKKA_PLATFORM_PUBLIC_KEY: pairs.platform.public_spki_pem,
        PAYKKA_PLATFORM_PUBLIC_KEY_FILE: "/nowhere/at/all",
        PAYKKA_PLATFORM_PUBLIC_KEY_NEXT: sampleText("rsa-3072-public-spki-pem"),
        PAYKKA_PLATFORM_PUBLIC_KEY_NEXT_FILE: "/nowhere/at/all"
      })
      const keyStore = yield* Effect.provide(KeyStore.KeyStore, layer)
      assert.strictEqual((yield* keyStore.signingKey).bits, 2048)
      assert.strictEqual((yield* keyStore.platformKeys).length, 2)
    })
  )

  it.effect("names the variable when its file is missing", () =>
    Effect.gen(function* () {
      const missing = join(yield* folder, "nowhere.pem")
      for (const name of ["PAYKKA_PRIVATE_KEY", "PAYKKA_PLATFORM_PUBLIC_KEY", "PAYKKA_PLATFORM_PUBLIC_KEY_NEXT"]) {
        const error = yield* failure(from({ PAYKKA_KEY_ID: "K1", [`${name}_FILE`]: missing }))
        assert.instanceOf(error, KeyStore.InvalidKeyStore)
        assert.strictEqual(error.option, `${name}_FILE`)
        assert.strictEqual(error.detail, `the file ${missing} cannot be read (ENOENT)`)
      }
    })
  )

  it.effect("names the companion that is missing", () =>
    Effect.gen(function* () {
      const { privatePem, publicPem } = yield* files
      for (const [environment, option] of [
        [{ PAYKKA_PRIVATE_KEY_FILE: privatePem }, "PAYKKA_KEY_ID"],
        [{ PAYKKA_KEY_ID: "K1", PAYKKA_PLATFORM_PUBLIC_KEY_FILE: publicPem }, "PAYKKA_PRIVATE_KEY"],
        [{ PAYKKA_PLATFORM_KEY_ID: "P1" }, "PAYKKA_PLATFORM_PUBLIC_KEY"],
        [
          { PAYKKA_PLATFORM_PUBLIC_KEY_FILE: publicPem, PAYKKA_PLATFORM_KEY_ID_NEXT: "P2" },
          "PAYKKA_PLATFORM_PUBLIC_KEY_NEXT"
        ]
      ] as const) {
        const error = yield* failure(from(environment))
        assert.instanceOf(error, KeyStore.InvalidKeyStore)
        assert.strictEqual(error.option, option)
        assert.match(error.detail, /^is not set, but PAYKKA_[A-Z_]+ is$/)
      }
    })
  )
})
