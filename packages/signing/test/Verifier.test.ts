import * as Crypto from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import { vi } from "vitest"
import type * as Authorization from "../src/Authorization.ts"
import * as KeyStore from "../src/KeyStore.ts"
import * as Verifier from "../src/Verifier.ts"
import {
  arbitrary,
  fingerprintOf,
  headerOf,
  lines,
  type Party,
  pairs,
  platformKey,
  sampleText,
  signWith,
  utf8,
  verifierOf
} from "./support.ts"

const now = 1714533994404
const path = "/api/v2/merch/va/notify"
const nonce = "J5XK9FjkIBNohjrP"
const body = utf8('{"type":"MERCH","data":{"account_no":"6222021234567890123"}}')

interface Change extends Partial<Authorization.Authorization> {
  readonly signer?: Party
  readonly signedPath?: string
  readonly merchId?: string
}

/** A message of the platform, in which the header and what was signed may be something else. */
const message = ({ signer = "platform", signedPath = path, merchId, ...change }: Change = {}): Verifier.Received => {
  const fields = {
    sign_type: "SHA256_WITH_RSA",
    timestamp: String(now),
    nonce,
    key_id: pairs[signer].key_id,
    ...change
  }
  const signature = signWith(signer, lines(signedPath, fields.timestamp, fields.nonce, merchId ?? "", body))
  return { path, authorization: headerOf({ ...fields, signature, ...change }), merchId, body }
}

const verify = (received: Verifier.Received) =>
  Effect.gen(function* () {
    yield* TestClock.setTime(now)
    return yield* Verifier.Verifier.use((verifier) => verifier.verify(received))
  })

const rejected = (received: Verifier.Received, reason: Verifier.Reason, text: RegExp) =>
  Effect.gen(function* () {
    const error = yield* Effect.flip(verify(received))
    assert.instanceOf(error, Verifier.SignatureRejected)
    assert.deepStrictEqual(error.reason, reason)
    assert.match(error.message, text)
    // For a log line: one line, and nothing of the body.
    assert.notInclude(error.message, "\n")
    assert.notInclude(JSON.stringify(error), "6222021234567890123")
  })

const platform = platformKey("platform")
const merchant = platformKey("merchant")
const third = { keyId: "P3", publicKey: sampleText("rsa-3072-public-spki-pem") }
const nameless = ({ publicKey }: { readonly publicKey: string }) => ({ publicKey })

describe("Verifier", () => {
  it.effect("returns what was verified", () =>
    Effect.gen(function* () {
      const received = message({ merchId: "M1" })
      const verified = yield* verify(received)
      assert.strictEqual(verified.path, path)
      assert.strictEqual(verified.merchId, "M1")
      assert.strictEqual(verified.body, body)
      assert.strictEqual(verified.authorization.nonce, nonce)
      assert.strictEqual(verified.authorization.timestamp, String(now))
      assert.strictEqual(verified.key.keyId, platform.keyId)
      assert.strictEqual(verified.key.fingerprint, fingerprintOf(platform.publicKey))
    }).pipe(Effect.provide(verifierOf({}, platform)))
  )

  it.effect("takes an absent and an empty merchant number for the same", () =>
    Effect.gen(function* () {
      for (const merchId of [undefined, ""]) {
        const verified = yield* verify({ ...message(), merchId })
        assert.strictEqual(verified.merchId, "")
      }
    }).pipe(Effect.provide(verifierOf({}, platform)))
  )

  it.effect("says KeyUnavailable when there is no key to verify with", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(verify(message()))
      assert.instanceOf(error, KeyStore.KeyUnavailable)
      assert.strictEqual(error.key, "platform")
    }).pipe(Effect.provide(verifierOf()))
  )

  it.effect("asks the store at every message", () => {
    let keys: ReadonlyArray<KeyStore.VerificationKey> = []
    const store = Layer.succeed(
      KeyStore.KeyStore,
      KeyStore.KeyStore.of({
        signingKey: Effect.fail(new KeyStore.KeyUnavailable({ key: "signing", detail: "none" })),
        platformKeys: Effect.sync(() => keys)
      })
    )
    return Effect.gen(function* () {
      const { platformKeys: before } = yield* KeyStore.make({ platformKeys: [third] })
      const { platformKeys: after } = yield* KeyStore.make({ platformKeys: [third, platform] })
      keys = yield* before
      yield* Effect.flip(verify(message()))
      keys = yield* after
      yield* verify(message())
    }).pipe(Effect.provide(Layer.provide(Verifier.layer(), store)))
  })
})

describe("Verifier refuses", () => {
  const only = verifierOf({}, platform)

  it.effect("a missing header", () =>
    Effect.gen(function* () {
      for (const authorization of [undefined, ""]) {
        yield* rejected({ ...message(), authorization }, { _tag: "MissingHeader" }, /header is missing/)
      }
    }).pipe(Effect.provide(only))
  )

  const malformed: ReadonlyArray<readonly [string, Partial<Verifier.Received>, string, RegExp]> = [
    ["a header that is no JSON", { authorization: "Bearer abc" }, "header", /not a JSON object/],
    ["a header over 8 KiB", { authorization: "x".repeat(8193) }, "header", /8192/],
    [
      "a timestamp that is a number",
      { authorization: headerOf({ sign_type: "SHA256_WITH_RSA", timestamp: now }) },
      "timestamp",
      /not a number/
    ],
    ["a nonce that is too short", message({ nonce: "abcde" }), "nonce", /6 to 32/],
    ["a signature that is no Base64", message({ signature: "?" }), "signature", /Base64/],
    ["a path with a query", { path: `${path}?a=1` }, "path", /query/],
    ["a URL instead of a path", { path: `https://merchant.example${path}` }, "path", /host/],
    ["a merchant number with a line break", { merchId: "M1\n" }, "merchId", /CR or LF/]
  ]
  for (const [name, change, part, text] of malformed) {
    it.effect(name, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(verify({ ...message(), ...change }))
        assert.instanceOf(error, Verifier.SignatureRejected)
        assert.deepInclude(error.reason, { _tag: "Malformed", part })
        assert.match(error.message, new RegExp(`^${part} .*(${text.source})`))
      }).pipe(Effect.provide(only))
    )
  }

  it.effect("another sign_type", () =>
    Effect.gen(function* () {
      for (const signType of [
        "SHA1_WITH_RSA",
        "none",
        "sha256_with_rsa",
        "SHA256_WITH_RSA ",
        `x\n${"y".repeat(100)}`
      ]) {
        yield* rejected(
          message({ sign_type: signType }),
          { _tag: "UnsupportedSignType", signType },
          /only SHA256_WITH_RSA/
        )
      }
    }).pipe(Effect.provide(only))
  )

  it.effect("a signature of another key, or over another path", () =>
    Effect.gen(function* () {
      const reason = { _tag: "Mismatch", keyId: platform.keyId, paths: [path] } as const
      yield* rejected(
        message({ signer: "merchant", key_id: platform.keyId }),
        reason,
        /does not match.*P202405010001.*notify/
      )
      yield* rejected(message({ signedPath: `${path}/` }), reason, /does not match/)
    }).pipe(Effect.provide(only))
  )

  it.effect("a message with no path to try", () =>
    rejected({ ...message(), path: [] }, { _tag: "Mismatch", keyId: platform.keyId, paths: [] }, /does not match/).pipe(
      Effect.provide(only)
    )
  )

  it.effect("with a log line that a sender cannot forge", () =>
    Effect.gen(function* () {
      const keyId = `K"${"x".repeat(500)}`
      const error = yield* Effect.flip(verify(message({ signer: "merchant", key_id: keyId })))
      assert.isBelow(error.message.length, 300)
      assert.include(error.message, JSON.stringify(keyId.slice(0, 80)))
    }).pipe(Effect.provide(only))
  )

  it.effect.prop(
    "whatever comes, with a reason, and never dies",
    { anyPath: arbitrary.text, text: arbitrary.text, merchId: arbitrary.text, bytes: arbitrary.bytes },
    ({ anyPath, text, merchId, bytes }) =>
      Effect.gen(function* () {
        for (const authorization of [
          text,
          message({ key_id: text }).authorization,
          message({ sign_type: text }).authorization
        ]) {
          const error = yield* Effect.flip(verify({ path: anyPath, authorization, merchId, body: bytes }))
          assert.instanceOf(error, Verifier.SignatureRejected)
          assert.isString(error.message)
        }
      }).pipe(Effect.provide(only)),
    { arbitrary: { runs: 150 } }
  )
})

describe("Verifier and several keys", () => {
  const both = [
    ["first", [platform, third]],
    ["last", [third, platform]]
  ] as const
  for (const [place, keys] of both) {
    it.effect(`picks the ${place} key by its id`, () =>
      Effect.gen(function* () {
        assert.strictEqual((yield* verify(message())).key.keyId, platform.keyId)
      }).pipe(Effect.provide(verifierOf({}, ...keys)))
    )
  }

  it.effect("does not let another key stand in for one that is known by its id", () =>
    Effect.gen(function* () {
      // The signature is the merchant key's, and that key is configured, but the header names the other one.
      const received = message({ signer: "merchant", key_id: platform.keyId })
      yield* rejected(received, { _tag: "Mismatch", keyId: platform.keyId, paths: [path] }, /does not match/)
    }).pipe(Effect.provide(verifierOf({}, platform, merchant, third)))
  )

  it.effect("tries a key without an id also where the id is known of another: it may be the same id's next key", () =>
    Effect.gen(function* () {
      const verified = yield* verify(message({ signer: "merchant", key_id: platform.keyId }))
      assert.isUndefined(verified.key.keyId)
      assert.strictEqual(verified.key.fingerprint, fingerprintOf(merchant.publicKey))
    }).pipe(Effect.provide(verifierOf({}, platform, nameless(merchant))))
  )

  it.effect("tries the others for an id that is not known, and says which one matched", () =>
    Effect.gen(function* () {
      const verified = yield* verify(message({ key_id: "P-unheard-of" }))
      assert.strictEqual(verified.key.keyId, platform.keyId)
      assert.strictEqual(verified.authorization.key_id, "P-unheard-of")
    }).pipe(Effect.provide(verifierOf({}, third, merchant, platform)))
  )

  it.effect("tries a key without an id, and says that it has none", () =>
    Effect.gen(function* () {
      const verified = yield* verify(message())
      assert.isUndefined(verified.key.keyId)
      assert.strictEqual(verified.key.fingerprint, fingerprintOf(platform.publicKey))
    }).pipe(Effect.provide(verifierOf({}, third, nameless(platform))))
  )

  it.effect("names the ids it knows when none of the keys made the signature", () =>
    rejected(
      message({ key_id: "P-unheard-of" }),
      { _tag: "UnknownKey", keyId: "P-unheard-of", knownKeyIds: [merchant.keyId, "P3"], keysTried: 3 },
      /"P-unheard-of" is not configured \(K202405010001, P3\), and none of 3 keys made the signature/
    ).pipe(Effect.provide(verifierOf({}, merchant, third, nameless(third))))
  )

  it.effect("says so when no key has an id", () =>
    rejected(
      message(),
      { _tag: "UnknownKey", keyId: platform.keyId, knownKeyIds: [], keysTried: 1 },
      /\(none has an id\), and none of 1 keys/
    ).pipe(Effect.provide(verifierOf({}, nameless(third))))
  )

  describe("with unknownKeyId refuse", () => {
    const options = { unknownKeyId: "refuse" } as const

    it.effect("accepts a known id", () => Effect.provide(verify(message()), verifierOf(options, platform)))

    it.effect("does not try a key of another id", () =>
      rejected(
        message({ key_id: "P-unheard-of" }),
        { _tag: "UnknownKey", keyId: "P-unheard-of", knownKeyIds: [platform.keyId, "P3"], keysTried: 0 },
        /none of 0 keys/
      ).pipe(Effect.provide(verifierOf(options, platform, third)))
    )

    it.effect("tries a key without an id, which may be the one", () =>
      Effect.gen(function* () {
        const verified = yield* verify(message({ key_id: "P-unheard-of" }))
        assert.isUndefined(verified.key.keyId)
      }).pipe(Effect.provide(verifierOf(options, third, nameless(platform))))
    )
  })
})

describe("Verifier and time", () => {
  const minutes = 5 * 60_000

  const edges: ReadonlyArray<readonly [string, Verifier.Options, tolerance: number]> = [
    ["five minutes by default", {}, minutes],
    ["a tolerance as text", { tolerance: "90 seconds" }, 90_000],
    ["a tolerance in milliseconds", { tolerance: 1500 }, 1500],
    ["no tolerance at all", { tolerance: 0 }, 0]
  ]
  for (const [name, options, tolerance] of edges) {
    it.effect(`${name}: accepted to the millisecond either way, refused one beyond`, () =>
      Effect.gen(function* () {
        for (const offset of [-tolerance, 0, tolerance]) yield* verify(message({ timestamp: String(now + offset) }))
        for (const offset of [-tolerance - 1, tolerance + 1]) {
          yield* rejected(
            message({ timestamp: String(now + offset) }),
            { _tag: "OutsideTimeWindow", offsetMillis: offset, toleranceMillis: tolerance },
            offset < 0 ? / s old, .* s are allowed/ : / s in the future, .* s are allowed/
          )
        }
      }).pipe(Effect.provide(verifierOf(options, platform)))
    )
  }

  it.effect("says how old it is", () =>
    rejected(
      message({ timestamp: String(now - 301_000) }),
      { _tag: "OutsideTimeWindow", offsetMillis: -301_000, toleranceMillis: 300_000 },
      /^the timestamp is 301 s old, 300 s are allowed$/
    ).pipe(Effect.provide(verifierOf({}, platform)))
  )

  it.effect("goes by the clock", () =>
    Effect.gen(function* () {
      const received = message()
      yield* verify(received)
      const again = Verifier.Verifier.use((verifier) => verifier.verify(received))
      yield* TestClock.adjust("5 minutes")
      yield* again
      yield* TestClock.adjust("1 millis")
      const error = yield* Effect.flip(again)
      assert.strictEqual((error as Verifier.SignatureRejected).reason._tag, "OutsideTimeWindow")
    }).pipe(Effect.provide(verifierOf({}, platform)))
  )

  it.effect("takes seconds for what they are: a moment of January 1970", () =>
    rejected(
      message({ timestamp: "1714533994" }),
      { _tag: "OutsideTimeWindow", offsetMillis: 1714533994 - now, toleranceMillis: minutes },
      / s old/
    ).pipe(Effect.provide(verifierOf({}, platform)))
  )

  it.effect("takes microseconds for a far future", () =>
    rejected(
      message({ timestamp: `${now}000` }),
      { _tag: "OutsideTimeWindow", offsetMillis: now * 999, toleranceMillis: minutes },
      / s in the future/
    ).pipe(Effect.provide(verifierOf({}, platform)))
  )

  it.effect("accepts any time when the window is off", () =>
    Effect.gen(function* () {
      for (const timestamp of ["0", "1714533994", String(now), "9999999999999999"]) {
        const verified = yield* verify(message({ timestamp }))
        assert.strictEqual(verified.authorization.timestamp, timestamp)
      }
    }).pipe(Effect.provide(verifierOf({ tolerance: "off" }, platform)))
  )

  it.effect("looks at the time before the keys: an old message costs no RSA", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(verify(message({ timestamp: "0" })))
      assert.strictEqual((error as Verifier.SignatureRejected).reason._tag, "OutsideTimeWindow")
    }).pipe(Effect.provide(verifierOf()))
  )
})

describe("Verifier and several paths", () => {
  const candidates = ["/hooks/paykka", "/internal/paykka", path]
  const only = verifierOf({}, platform)

  for (const signedPath of candidates) {
    it.effect(`says that ${signedPath} was signed`, () =>
      Effect.gen(function* () {
        const verified = yield* verify({ ...message({ signedPath }), path: candidates })
        assert.strictEqual(verified.path, signedPath)
      }).pipe(Effect.provide(only))
    )
  }

  it.effect("tries every key for every path", () =>
    Effect.gen(function* () {
      const verified = yield* verify({ ...message({ key_id: "?", signedPath: path }), path: candidates })
      assert.deepStrictEqual([verified.path, verified.key.keyId], [path, platform.keyId])
    }).pipe(Effect.provide(verifierOf({}, third, merchant, platform)))
  )

  it.effect("tells all of them when none was signed, in words two at most", () =>
    Effect.gen(function* () {
      const of = (paths: ReadonlyArray<string>, text: RegExp) =>
        rejected(
          { ...message({ signedPath: "/elsewhere" }), path: paths },
          { _tag: "Mismatch", keyId: platform.keyId, paths },
          text
        )
      yield* of(candidates.slice(0, 2), /\/hooks\/paykka or \/internal\/paykka[^/]/)
      yield* of(candidates, /\/hooks\/paykka, \/internal\/paykka or 1 more/)
    }).pipe(Effect.provide(only))
  )

  it.effect("cost a forgery one RSA operation, and what is genuine two", () =>
    Effect.gen(function* () {
      const many = Array.from({ length: 50 }, (_, index) => `/hooks/${index}`)
      const counted = vi.spyOn(crypto.subtle, "verify")
      yield* Effect.addFinalizer(() => Effect.sync(() => counted.mockRestore()))
      // The one operation is not WebCrypto's: the digest is taken out of the signature.
      yield* Effect.flip(verify({ ...message({ signedPath: "/elsewhere" }), path: many }))
      assert.strictEqual(counted.mock.calls.length, 0)
      yield* verify({ ...message({ signedPath: "/hooks/49" }), path: many })
      assert.strictEqual(counted.mock.calls.length, 1)
      // With one path there is nothing to be found out.
      yield* Effect.flip(verify(message({ signedPath: "/elsewhere" })))
      assert.strictEqual(counted.mock.calls.length, 2)
    }).pipe(Effect.provide(only))
  )

  it.effect("no more keys than may be", () =>
    Effect.gen(function* () {
      const unknown = message({ key_id: "?" })
      const found = yield* Effect.provide(verify(unknown), verifierOf({ maxKeys: 3 }, third, merchant, platform))
      assert.strictEqual(found.key.keyId, platform.keyId)
      const error = yield* Effect.flip(
        Effect.provide(verify(unknown), verifierOf({ maxKeys: 2 }, third, merchant, platform))
      )
      assert.instanceOf(error, Verifier.SignatureRejected)
      assert.strictEqual(error.reason._tag === "UnknownKey" && error.reason.keysTried, 2)
      // Its own key is found by its id, wherever it stands.
      yield* Effect.provide(verify(message()), verifierOf({ maxKeys: 1 }, third, merchant, platform))
    })
  )

  it.effect("are tried in turn with a key that does not show its numbers", () =>
    Effect.gen(function* () {
      const spki = new Uint8Array(
        Crypto.createPublicKey(pairs.platform.public_spki_pem).export({ format: "der", type: "spki" })
      )
      const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }
      const cryptoKey = yield* Effect.promise(() => crypto.subtle.importKey("spki", spki, algorithm, false, ["verify"]))
      const key = { cryptoKey, bits: 2048, fingerprint: "", keyId: platform.keyId }
      const store = KeyStore.KeyStore.of({ signingKey: Effect.die("unused"), platformKeys: Effect.succeed([key]) })
      const closed = Layer.provide(Verifier.layer(), Layer.succeed(KeyStore.KeyStore, store))
      for (const signedPath of candidates) {
        const verified = yield* Effect.provide(verify({ ...message({ signedPath }), path: candidates }), closed)
        assert.strictEqual(verified.path, signedPath)
      }
      yield* Effect.flip(Effect.provide(verify({ ...message({ signedPath: "/elsewhere" }), path: candidates }), closed))
    })
  )

  it.effect("passes over a candidate that cannot be a path", () =>
    Effect.gen(function* () {
      const verified = yield* verify({ ...message(), path: ["//double/slash", `${path}?a=1`, path] })
      assert.strictEqual(verified.path, path)
    }).pipe(Effect.provide(only))
  )

  it.effect("does not name a candidate that cannot be a path among those tried", () =>
    rejected(
      { ...message({ signedPath: "/elsewhere" }), path: ["/line\nbreak", path] },
      { _tag: "Mismatch", keyId: platform.keyId, paths: [path] },
      /does not match/
    ).pipe(Effect.provide(only))
  )

  it.effect("names the first fault when no candidate can be a path", () =>
    rejected(
      { ...message(), path: ["/line\nbreak", "//double"] },
      { _tag: "Malformed", part: "path", rule: "must not contain CR or LF" },
      /^path must not contain CR or LF$/
    ).pipe(Effect.provide(only))
  )
})
