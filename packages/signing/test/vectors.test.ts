import { createHash } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as TestClock from "effect/testing/TestClock"
import * as Authorization from "../src/Authorization.ts"
import * as CanonicalString from "../src/CanonicalString.ts"
import * as KeyStore from "../src/KeyStore.ts"
import * as Signer from "../src/Signer.ts"
import * as Verifier from "../src/Verifier.ts"
import {
  base64Of,
  bodyOf,
  type Case,
  caseOf,
  cases,
  fingerprintOf,
  headers,
  pairs,
  platformKey,
  sha256,
  verifierOf
} from "./support.ts"

const encode = (vector: Case) =>
  CanonicalString.encode({
    path: vector.path,
    timestamp: vector.timestamp,
    nonce: vector.nonce,
    merchId: vector.merch_id ?? undefined,
    body: bodyOf(vector)
  })

const authorizationOf = (vector: Case): Authorization.Authorization => ({
  sign_type: "SHA256_WITH_RSA",
  timestamp: vector.timestamp,
  nonce: vector.nonce,
  key_id: vector.key_id,
  signature: vector.signature
})

const received = (vector: Case): Verifier.Received => ({
  path: vector.path,
  authorization: vector.authorization,
  merchId: vector.merch_id ?? undefined,
  body: bodyOf(vector) ?? new Uint8Array()
})

describe("the vectors", () => {
  it("cover the five variants of the contract and both signers", () => {
    assert.deepStrictEqual([...new Set(cases.map(({ variant }) => variant))].toSorted(), [
      "file_upload",
      "with_body",
      "without_body",
      "without_body_and_merchant",
      "without_merchant"
    ])
    assert.deepStrictEqual([...new Set(cases.map(({ signer }) => signer))].toSorted(), ["merchant", "platform"])
    assert.isAtLeast(cases.length, 34)
    assert.isAtLeast(headers.headers.length, 20)
  })

  for (const vector of cases) {
    describe(vector.id, () => {
      it("canonical bytes and digest", () => {
        const bytes = Result.getOrThrow(encode(vector))
        assert.strictEqual(bytes.length, vector.canonical_length)
        if (vector.canonical_base64 !== undefined) assert.strictEqual(base64Of(bytes), vector.canonical_base64)
        assert.strictEqual(createHash("sha256").update(bytes).digest("hex"), vector.canonical_sha256)
      })

      it.effect("signature, by the signer over the key store", () => {
        const { private_pkcs8_pem: privateKey } = pairs[vector.signer]
        const keys = KeyStore.layer({ signingKey: { keyId: vector.key_id, privateKey } })
        return Effect.gen(function* () {
          const signed = yield* Signer.Signer.use((signer) => signer.sign(Result.getOrThrow(encode(vector))))
          assert.deepStrictEqual(signed, { key_id: vector.key_id, signature: vector.signature })
        }).pipe(Effect.provide(Layer.provide(Signer.layer, keys)))
      })

      it("header, written", () => {
        const header = Authorization.encode(authorizationOf(vector))
        assert.strictEqual(header, vector.authorization)
        assert.strictEqual(decodeURIComponent(header), vector.authorization_json)
      })

      it("header, read", () => {
        const expected = authorizationOf(vector)
        assert.deepStrictEqual(Result.getOrThrow(Authorization.decode(vector.authorization)), expected)
        assert.deepStrictEqual(Result.getOrThrow(Authorization.decode(vector.authorization_json)), expected)
      })

      // What arrives over HTTP always has a body, if one of no bytes: the four-line forms are not for the verifier.
      if (vector.body !== null) {
        it.effect("accepted by the verifier with the public key", () =>
          Effect.gen(function* () {
            yield* TestClock.setTime(Number(vector.timestamp))
            const message = received(vector)
            const verified = yield* Verifier.Verifier.use((verifier) => verifier.verify(message))
            assert.deepStrictEqual(verified.authorization, authorizationOf(vector))
            assert.strictEqual(verified.path, vector.path)
            assert.strictEqual(verified.merchId, vector.merch_id ?? "")
            assert.strictEqual(verified.body, message.body)
            assert.strictEqual(verified.key.keyId, vector.key_id)
            assert.strictEqual(verified.key.fingerprint, fingerprintOf(pairs[vector.signer].public_spki_pem))
          }).pipe(Effect.provide(verifierOf({}, { ...platformKey(vector.signer), keyId: vector.key_id })))
        )

        it.effect("refused by the verifier with the other party's key", () =>
          Effect.gen(function* () {
            yield* TestClock.setTime(Number(vector.timestamp))
            const error = yield* Effect.flip(Verifier.Verifier.use((verifier) => verifier.verify(received(vector))))
            assert.instanceOf(error, Verifier.SignatureRejected)
            assert.deepStrictEqual(error.reason, { _tag: "Mismatch", keyId: vector.key_id, paths: [vector.path] })
          }).pipe(
            Effect.provide(
              verifierOf(
                {},
                {
                  ...platformKey(vector.signer === "merchant" ? "platform" : "merchant"),
                  keyId: vector.key_id
                }
              )
            )
          )
        )
      } else {
        it.effect("accepted with the public key over the four lines", () =>
          Effect.gen(function* () {
            const keyStore = yield* KeyStore.KeyStore
            const [key] = yield* keyStore.platformKeys
            const signature = new Uint8Array(Buffer.from(vector.signature, "base64"))
            assert.isTrue(yield* Verifier.matches(key!, signature, Result.getOrThrow(encode(vector))))
          }).pipe(Effect.provide(KeyStore.layer({ platformKeys: [platformKey(vector.signer)] })))
        )
      }
    })
  }
})

describe("the spellings of a header", () => {
  for (const { id, what, authorization, expected } of headers.headers) {
    it(`${id}: ${what}`, () => {
      assert.deepStrictEqual(Result.getOrThrow(Authorization.decode(authorization)), expected)
    })

    it.effect(`${id}: verifies`, () => {
      const vector = caseOf(headers.case)
      return Effect.gen(function* () {
        yield* TestClock.setTime(Number(vector.timestamp))
        const verified = yield* Verifier.Verifier.use((verifier) =>
          verifier.verify({ ...received(vector), authorization })
        )
        assert.deepStrictEqual(verified.authorization, expected)
        assert.strictEqual(sha256(verified.body), sha256(bodyOf(vector)!))
      }).pipe(Effect.provide(verifierOf({}, platformKey(vector.signer))))
    })
  }
})
