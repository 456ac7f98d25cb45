// One signed message, changed at one place at a time.
import { createPublicKey } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import type * as Authorization from "../src/Authorization.ts"
import * as KeyMaterial from "../src/KeyMaterial.ts"
import * as KeyStore from "../src/KeyStore.ts"
import * as Verifier from "../src/Verifier.ts"
import {
  base64Of,
  bytesOf,
  flipped,
  flippedText,
  headerOf,
  lines,
  pairs,
  platformKey,
  signWith,
  utf8,
  verifierOf
} from "./support.ts"

const anyTime = verifierOf({ tolerance: "off" }, platformKey("platform"))
const { key_id: keyId } = pairs.platform

const verify = (received: Verifier.Received) => Verifier.Verifier.use((verifier) => verifier.verify(received))

/** Why a message was refused; fails the test when it was not. */
const reasonOf = (received: Verifier.Received) =>
  Effect.map(Effect.flip(verify(received)), (error) => {
    assert.instanceOf(error, Verifier.SignatureRejected)
    return error.reason
  })

const path = "/api/v2/merch/va/notify"
const timestamp = "1714533994404"
const nonce = "J5XK9FjkIBNohjrP"
const merchId = "M24061911365700670"
const body = utf8('{"type":"MERCH","data":{"merch_id":"例","amount":"1200.50"}}')
const signature = signWith("platform", lines(path, timestamp, nonce, merchId, body))

const authorization: Authorization.Authorization = {
  sign_type: "SHA256_WITH_RSA",
  timestamp,
  nonce,
  key_id: keyId,
  signature
}
const header = (change: Partial<Authorization.Authorization>): string => headerOf({ ...authorization, ...change })

const message: Verifier.Received = { path, authorization: header({}), merchId, body }

const mismatch = (at: string) => ({ _tag: "Mismatch", keyId, paths: [at] }) as const

/** All one-bit changes and three bigger ones, in every place of an ASCII text. */
const changes = (ascii: string): ReadonlyArray<string> =>
  Array.from(ascii).flatMap((_, index) =>
    [1, 2, 4, 8, 16, 32, 64, 0x7f, 0x47, 0x33].map((mask) => flippedText(ascii, index, mask))
  )

describe("one byte changed anywhere makes verification fail", () => {
  it.effect("(unchanged, it verifies)", () => Effect.provide(verify(message), anyTime))

  it.effect("in the path", () =>
    Effect.gen(function* () {
      let malformed = 0
      for (const changed of changes(path)) {
        const reason = yield* reasonOf({ ...message, path: changed })
        // What a path may not hold is named; else it is simply another path.
        if (/^[^/]|^\/\/|[?#\r\n]/.test(changed)) {
          malformed++
          assert.deepInclude(reason, { _tag: "Malformed", part: "path" })
        } else assert.deepStrictEqual(reason, mismatch(changed))
      }
      assert.isAbove(malformed, 10)
    }).pipe(Effect.provide(anyTime))
  )

  it.effect("in the timestamp", () =>
    Effect.gen(function* () {
      let other = 0
      for (const changed of changes(timestamp)) {
        const reason = yield* reasonOf({ ...message, authorization: header({ timestamp: changed }) })
        if (/^[0-9]{13}$/.test(changed)) {
          other++
          assert.deepStrictEqual(reason, mismatch(path))
        } else assert.deepInclude(reason, { _tag: "Malformed", part: "timestamp" })
      }
      assert.isAbove(other, 10)
    }).pipe(Effect.provide(anyTime))
  )

  it.effect("in the nonce", () =>
    Effect.gen(function* () {
      let malformed = 0
      for (const changed of changes(nonce)) {
        const reason = yield* reasonOf({ ...message, authorization: header({ nonce: changed }) })
        if (/[\u0000-\u001f\u007f]/.test(changed)) {
          malformed++
          assert.deepInclude(reason, { _tag: "Malformed", part: "nonce" })
        } else assert.deepStrictEqual(reason, mismatch(path))
      }
      assert.isAbove(malformed, 0)
    }).pipe(Effect.provide(anyTime))
  )

  it.effect("in the nonce, to half a surrogate pair, which UTF-8 cannot tell from another half", () =>
    Effect.gen(function* () {
      const replaced = "J5XK9F\ufffd"
      const signed = {
        nonce: replaced,
        signature: signWith("platform", lines(path, timestamp, replaced, merchId, body))
      }
      yield* verify({ ...message, authorization: header(signed) })
      for (const half of ["\ud800", "\udfff"]) {
        const reason = yield* reasonOf({ ...message, authorization: header({ ...signed, nonce: `J5XK9F${half}` }) })
        assert.deepInclude(reason, { _tag: "Malformed", part: "nonce" })
      }
    }).pipe(Effect.provide(anyTime))
  )

  it.effect("in the merchant number", () =>
    Effect.gen(function* () {
      for (const changed of [...changes(merchId), `${merchId} `, ` ${merchId}`, merchId.toLowerCase(), ""]) {
        const reason = yield* reasonOf({ ...message, merchId: changed })
        if (/[\r\n]/.test(changed)) assert.deepInclude(reason, { _tag: "Malformed", part: "merchId" })
        else assert.deepStrictEqual(reason, mismatch(path))
      }
    }).pipe(Effect.provide(anyTime))
  )

  it.effect("in the body, also when a byte is lost, doubled or added", () =>
    Effect.gen(function* () {
      for (let index = 0; index < body.length; index++) {
        for (const mask of [1, 0x20, 0xff]) {
          assert.deepStrictEqual(yield* reasonOf({ ...message, body: flipped(body, index, mask) }), mismatch(path))
        }
        const lost = Uint8Array.from([...body.subarray(0, index), ...body.subarray(index + 1)])
        const doubled = Uint8Array.from([...body.subarray(0, index + 1), ...body.subarray(index)])
        assert.deepStrictEqual(yield* reasonOf({ ...message, body: lost }), mismatch(path))
        assert.deepStrictEqual(yield* reasonOf({ ...message, body: doubled }), mismatch(path))
      }
      for (const added of [lines(body, ""), lines("", body), new Uint8Array()]) {
        assert.deepStrictEqual(yield* reasonOf({ ...message, body: added }), mismatch(path))
      }
    }).pipe(Effect.provide(anyTime))
  )

  it.effect("in the signature's bytes, also when they are fewer or more", () =>
    Effect.gen(function* () {
      const bytes = bytesOf(signature)
      const all = Array.from(bytes, (_, index) => flipped(bytes, index, 1 << (index % 8)))
      all.push(bytes.slice(0, -1), bytes.slice(1), Uint8Array.of(0, ...bytes), Uint8Array.of(...bytes, 0))
      all.push(new Uint8Array(256), new Uint8Array(256).fill(255), Uint8Array.of(1, 2, 3))
      for (const changed of all) {
        const reason = yield* reasonOf({ ...message, authorization: header({ signature: base64Of(changed) }) })
        assert.deepStrictEqual(reason, mismatch(path))
      }
    }).pipe(Effect.provide(anyTime))
  )

  it.effect("in the signature's text", () =>
    Effect.gen(function* () {
      for (let index = 0; index < signature.length; index++) {
        for (const mask of [1, 0x20, 0x40]) {
          const changed = flippedText(signature, index, mask)
          const reason = yield* reasonOf({ ...message, authorization: header({ signature: changed }) })
          const canonical = Buffer.from(changed, "base64").toString("base64") === changed
          if (canonical) assert.deepStrictEqual(reason, mismatch(path))
          else assert.deepInclude(reason, { _tag: "Malformed", part: "signature" })
        }
      }
    }).pipe(Effect.provide(anyTime))
  )

  it.effect("in the public key", () =>
    Effect.gen(function* () {
      const spki = new Uint8Array(
        createPublicKey(pairs.platform.public_spki_pem).export({ type: "spki", format: "der" })
      )
      let refusedKeys = 0
      let otherKeys = 0
      for (let index = 0; index < spki.length; index++) {
        for (const mask of [1 << (index % 8), 0xff]) {
          const key = yield* Effect.result(KeyMaterial.publicKey(flipped(spki, index, mask)))
          if (Result.isFailure(key)) {
            refusedKeys++
            assert.instanceOf(key.failure, KeyMaterial.InvalidKey)
            continue
          }
          otherKeys++
          const keys = Layer.succeed(
            KeyStore.KeyStore,
            KeyStore.KeyStore.of({
              signingKey: Effect.fail(new KeyStore.KeyUnavailable({ key: "signing", detail: "none" })),
              platformKeys: Effect.succeed([{ ...key.success, keyId }])
            })
          )
          const verifier = Layer.provide(Verifier.layer({ tolerance: "off" }), keys)
          assert.deepStrictEqual(yield* Effect.provide(reasonOf(message), verifier), mismatch(path))
        }
      }
      // The frame of the key is refused, another modulus or exponent is another key.
      assert.isAbove(refusedKeys, 30)
      assert.isAbove(otherKeys, 500)
    })
  )
})
