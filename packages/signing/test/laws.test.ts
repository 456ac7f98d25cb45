// What holds for every message: its signature verifies, and it verifies nothing else.
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import * as Authorization from "../src/Authorization.ts"
import * as CanonicalString from "../src/CanonicalString.ts"
import * as Signer from "../src/Signer.ts"
import * as Verifier from "../src/Verifier.ts"
import {
  arbitrary,
  base64Of,
  bytesOf,
  flipped,
  headerOf,
  lines,
  pairs,
  platformKey,
  signerOf,
  signWith,
  verifierOf,
  verifiesWith
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

describe("sign, then verify", () => {
  it.effect.prop(
    "holds for any path, timestamp, nonce, merchant number and body",
    {
      path: arbitrary.path,
      timestamp: arbitrary.timestamp,
      nonce: arbitrary.nonce,
      merchId: arbitrary.merchId,
      body: arbitrary.bytes
    },
    ({ path, timestamp, nonce, merchId, body }) =>
      Effect.gen(function* () {
        const bytes = yield* Effect.fromResult(CanonicalString.encode({ path, timestamp, nonce, merchId, body }))
        const signed = yield* Signer.Signer.use((signer) => signer.sign(bytes))
        assert.strictEqual(signed.signature, signWith("platform", lines(path, timestamp, nonce, merchId, body)))
        const authorization = { sign_type: Authorization.signType, timestamp, nonce, ...signed }
        const header = Authorization.encode(authorization)
        const verified = yield* verify({ path, authorization: header, merchId, body })
        assert.deepStrictEqual(verified.authorization, authorization)
        assert.deepStrictEqual(
          { path: verified.path, merchId: verified.merchId, body: verified.body },
          { path, merchId, body }
        )
      }).pipe(Effect.provide([anyTime, signerOf("platform")])),
    { arbitrary: { runs: 150 } }
  )

  it.effect.prop(
    "holds for authorize, at any time of the clock",
    { path: arbitrary.path, timestamp: arbitrary.timestamp, merchId: arbitrary.merchId, body: arbitrary.bytes },
    ({ path, timestamp, merchId, body }) =>
      Effect.gen(function* () {
        // Sixteen digits are more than a number can tell apart.
        const now = Number(timestamp.slice(0, 15))
        yield* TestClock.setTime(now)
        const authorization = yield* Signer.authorize({ path, merchId, body })
        assert.strictEqual(authorization.timestamp, String(now))
        const canonical = lines(path, authorization.timestamp, authorization.nonce, merchId, body)
        assert.isTrue(verifiesWith("platform", canonical, authorization.signature))
        yield* verify({ path, authorization: Authorization.encode(authorization), merchId, body })
      }).pipe(Effect.provide([verifierOf({}, platformKey("platform")), signerOf("platform")])),
    { arbitrary: { runs: 60 } }
  )

  it.effect.prop(
    "holds no longer when any part of any message is another one",
    {
      path: arbitrary.path,
      timestamp: arbitrary.timestamp,
      nonce: arbitrary.nonce,
      merchId: arbitrary.merchId,
      body: arbitrary.bytes,
      place: arbitrary.place,
      mask: arbitrary.mask
    },
    ({ path, timestamp, nonce, merchId, body, place, mask }) =>
      Effect.gen(function* () {
        const signature = bytesOf(signWith("platform", lines(path, timestamp, nonce, merchId, body)))
        const sealed = { sign_type: "SHA256_WITH_RSA", timestamp, nonce, key_id: keyId, signature: base64Of(signature) }
        const sound: Verifier.Received = { path, authorization: headerOf(sealed), merchId, body }
        yield* verify(sound)

        const at = (length: number) => place % length
        const another = (text: string) => {
          const index = at(Math.max(1, text.length))
          return text.slice(0, index) + (text[index] === "x" ? "y" : "x") + text.slice(index + 1)
        }
        const otherBody = body.length === 0 ? Uint8Array.of(mask) : flipped(body, at(body.length), mask)
        const otherSignature = base64Of(flipped(signature, at(signature.length), mask))
        const digit = at(timestamp.length)
        const otherTimestamp =
          timestamp.slice(0, digit) + ((Number(timestamp[digit]) + 1) % 10) + timestamp.slice(digit + 1)

        for (const change of [
          { path: `/${another(path.slice(1))}` },
          { merchId: another(merchId) },
          { body: otherBody },
          { authorization: headerOf({ ...sealed, signature: otherSignature }) },
          { authorization: headerOf({ ...sealed, timestamp: otherTimestamp }) },
          { authorization: headerOf({ ...sealed, nonce: another(nonce) }) }
        ]) {
          const reason = yield* reasonOf({ ...sound, ...change })
          // A letter in the place of half a character of two halves leaves the other one, which is not Unicode.
          if (reason._tag === "Malformed") assert.match(reason.rule, /Unicode/)
          else assert.strictEqual(reason._tag, "Mismatch")
        }
      }).pipe(Effect.provide(anyTime)),
    { arbitrary: { runs: 100 } }
  )
})
