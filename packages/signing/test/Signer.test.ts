import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import * as TestClock from "effect/testing/TestClock"
import * as Authorization from "../src/Authorization.ts"
import * as CanonicalString from "../src/CanonicalString.ts"
import * as KeyMaterial from "../src/KeyMaterial.ts"
import * as KeyStore from "../src/KeyStore.ts"
import * as Signer from "../src/Signer.ts"
import {
  assertHidden,
  bytesOf,
  lines,
  ownKeys,
  pairs,
  sampleDer,
  signerOf,
  signWith,
  utf8,
  verifiesWith
} from "./support.ts"

const now = 1714525019235
const message: Signer.Message = {
  path: "/api/v2/merch/va/apply",
  merchId: "M24061911365700670",
  body: utf8('{"request_id":"VA20240501000002"}')
}
const canonical = ({ timestamp, nonce }: Authorization.Authorization, ...rest: ReadonlyArray<string | Uint8Array>) =>
  lines(message.path, timestamp, nonce, ...rest)

const storeOf = (signingKey: KeyStore.Service["signingKey"]) =>
  Layer.provide(
    Signer.layer,
    Layer.succeed(KeyStore.KeyStore, KeyStore.KeyStore.of({ signingKey, platformKeys: Effect.succeed([]) }))
  )

const failureOf = (signer: Layer.Layer<Signer.Signer, KeyStore.InvalidKeyStore>) =>
  Effect.gen(function* () {
    const error = yield* Effect.flip(Effect.provide(Signer.authorize(message), signer))
    assert.instanceOf(error, Signer.SigningFailed)
    assert.strictEqual(error.message, `signing failed: ${error.detail}`)
    assertHidden(error, pairs.merchant.private_pkcs8_pem)
    return error
  })

describe("Signer.authorize", () => {
  it.effect("signs with the time of the clock and the id of the key", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      const authorization = yield* Signer.authorize(message)
      assert.strictEqual(authorization.sign_type, "SHA256_WITH_RSA")
      assert.strictEqual(authorization.timestamp, "1714525019235")
      assert.strictEqual(authorization.key_id, pairs.merchant.key_id)
      assert.match(authorization.nonce, /^[0-9a-f]{32}$/)
      const signed = canonical(authorization, message.merchId!, message.body!)
      assert.strictEqual(authorization.signature, signWith("merchant", signed))
      assert.isFalse(verifiesWith("platform", signed, authorization.signature))
    }).pipe(Effect.provide(signerOf("merchant")))
  )

  it.effect("makes a nonce for each signature and a timestamp for each moment", () =>
    Effect.gen(function* () {
      const first = yield* Signer.authorize(message)
      const second = yield* Signer.authorize(message)
      yield* TestClock.adjust("1 second")
      const third = yield* Signer.authorize(message)
      assert.strictEqual(new Set([first, second, third].map(({ nonce }) => nonce)).size, 3)
      assert.strictEqual(new Set([first, second, third].map(({ signature }) => signature)).size, 3)
      assert.deepStrictEqual(
        [first, second, third].map(({ timestamp }) => timestamp),
        ["0", "0", "1000"]
      )
    }).pipe(Effect.provide(signerOf("merchant")))
  )

  it.effect("signs without a merchant number, without a body, and without either", () =>
    Effect.gen(function* () {
      const { path, merchId, body } = message
      const bodyOnly = yield* Signer.authorize({ path, body })
      assert.isTrue(verifiesWith("merchant", canonical(bodyOnly, "", body!), bodyOnly.signature))
      const merchantOnly = yield* Signer.authorize({ path, merchId })
      assert.isTrue(verifiesWith("merchant", canonical(merchantOnly, merchId!), merchantOnly.signature))
      const neither = yield* Signer.authorize({ path })
      assert.isTrue(verifiesWith("merchant", canonical(neither, ""), neither.signature))
    }).pipe(Effect.provide(signerOf("merchant")))
  )

  it.effect("signs one message for many users at a time", () =>
    Effect.gen(function* () {
      const all = yield* Effect.all(
        Array.from({ length: 50 }, () => Signer.authorize(message)),
        {
          concurrency: "unbounded"
        }
      )
      for (const authorization of all) {
        const signed = canonical(authorization, message.merchId!, message.body!)
        assert.isTrue(verifiesWith("merchant", signed, authorization.signature))
      }
    }).pipe(Effect.provide(signerOf("merchant")))
  )

  it.effect("signs with the key that the store has at that moment", () =>
    Effect.gen(function* () {
      const { signingKey: first } = yield* KeyStore.make(ownKeys("merchant"))
      const { signingKey: second } = yield* KeyStore.make(ownKeys("platform"))
      const current = yield* Ref.make(first)
      yield* Effect.gen(function* () {
        const before = yield* Signer.authorize(message)
        yield* Ref.set(current, second)
        const after = yield* Signer.authorize(message)
        assert.deepStrictEqual([before.key_id, after.key_id], [pairs.merchant.key_id, pairs.platform.key_id])
        const signed = canonical(after, message.merchId!, message.body!)
        assert.isTrue(verifiesWith("platform", signed, after.signature))
      }).pipe(Effect.provide(storeOf(Effect.flatten(Ref.get(current)))))
    })
  )

  it.effect("refuses a part that would shift lines, and signs nothing", () =>
    Effect.gen(function* () {
      const asked = yield* Ref.make(0)
      const spy = Layer.succeed(
        Signer.Signer,
        Signer.Signer.of({
          sign: () => Ref.update(asked, (n) => n + 1).pipe(Effect.as({ key_id: "K", signature: "" }))
        })
      )
      for (const [change, part] of [
        [{ path: "/api?x=1" }, "path"],
        [{ path: "https://host/api" }, "path"],
        [{ merchId: "M1\nM2" }, "merchId"]
      ] as const) {
        const error = yield* Effect.flip(Effect.provide(Signer.authorize({ ...message, ...change }), spy))
        assert.instanceOf(error, CanonicalString.InvalidPart)
        assert.strictEqual(error.part, part)
      }
      assert.strictEqual(yield* Ref.get(asked), 0)
    })
  )
})

describe("Signer.make fails", () => {
  it.effect("without a key, and says why", () =>
    Effect.gen(function* () {
      const error = yield* failureOf(Layer.provide(Signer.layer, KeyStore.layer({})))
      assert.strictEqual(error.detail, "no signing key: signingKey is not configured")
      assert.instanceOf(error.cause, KeyStore.KeyUnavailable)
    })
  )

  it.effect("with a key that may not sign", () =>
    Effect.gen(function* () {
      const key = yield* KeyMaterial.publicKey(pairs.merchant.public_spki_pem)
      const error = yield* failureOf(storeOf(Effect.succeed({ ...key, keyId: "K1" })))
      assert.strictEqual(error.detail, "WebCrypto refused the key")
      assert.instanceOf(error.cause, DOMException)
    })
  )

  it.effect("with a damaged key that shows when it signs", () =>
    Effect.gen(function* () {
      // The last bit of the modulus: SEQUENCE (4), version (3), INTEGER (4), sign (1), 256 bytes.
      const privateKey = sampleDer("rsa-2048-private-pkcs1-der").slice()
      assert.deepStrictEqual([...privateKey.subarray(7, 12)], [2, 0x82, 1, 1, 0])
      privateKey[12 + 255]! &= 0xfe
      const error = yield* failureOf(
        Layer.provide(Signer.layer, KeyStore.layer({ signingKey: { keyId: "K1", privateKey } }))
      )
      assert.strictEqual(error.detail, "WebCrypto refused the key")
    })
  )
})

describe("a remote signer", () => {
  const remote = (sign: Signer.Service["sign"]) => Layer.succeed(Signer.Signer, Signer.Signer.of({ sign }))

  it.effect("replaces just the service", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      const authorization = yield* Signer.authorize(message)
      assert.strictEqual(authorization.key_id, "projects/p/keys/1")
      assert.strictEqual(authorization.timestamp, String(now))
      const signed = canonical(authorization, message.merchId!, message.body!)
      assert.isTrue(verifiesWith("merchant", signed, authorization.signature))
      assert.strictEqual(bytesOf(authorization.signature).length, 256)
    }).pipe(
      Effect.provide(
        remote((bytes) => Effect.sync(() => ({ key_id: "projects/p/keys/1", signature: signWith("merchant", bytes) })))
      )
    )
  )

  it.effect("hands its failure through", () =>
    Effect.gen(function* () {
      const cause = new Error("quota")
      const failure = new Signer.SigningFailed({ detail: "the key service answered 429", cause })
      assert.strictEqual(yield* failureOf(remote(() => Effect.fail(failure))), failure)
    })
  )

  it.effect("cannot bring its own timestamp or further fields into the header", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      const { nonce, ...rest } = yield* Signer.authorize(message)
      assert.match(nonce, /^[0-9a-f]{32}$/)
      assert.deepStrictEqual(rest, {
        sign_type: "SHA256_WITH_RSA",
        timestamp: String(now),
        key_id: "K",
        signature: "AAAA"
      })
    }).pipe(
      Effect.provide(
        remote(() => Effect.succeed({ key_id: "K", signature: "AAAA", timestamp: "1", sign_type: "NONE", extra: 1 }))
      )
    )
  )
})
