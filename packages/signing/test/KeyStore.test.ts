import { inspect } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import * as TestClock from "effect/testing/TestClock"
import * as KeyStore from "../src/KeyStore.ts"
import { assertHidden, fingerprintOf, pairs, sampleText } from "./support.ts"

const merchant = { keyId: pairs.merchant.key_id, privateKey: pairs.merchant.private_pkcs8_pem }
const platform = { keyId: pairs.platform.key_id, publicKey: pairs.platform.public_spki_pem }
const next = { keyId: "P202405010002", publicKey: sampleText("rsa-3072-public-spki-pem") }

const refused = (options: KeyStore.Options, option: string, detail: RegExp) =>
  Effect.gen(function* () {
    const error = yield* Effect.flip(KeyStore.make(options))
    assert.instanceOf(error, KeyStore.InvalidKeyStore)
    assert.strictEqual(error.option, option)
    assert.match(error.detail, detail)
    assert.strictEqual(error.message, `${option}: ${error.detail}`)
    for (const key of [
      options.signingKey?.privateKey,
      ...(options.platformKeys ?? []).map(({ publicKey }) => publicKey)
    ]) {
      if (typeof key === "string") assertHidden(error, key)
    }
  })

const unavailable = <A>(
  key: Effect.Effect<A, KeyStore.KeyUnavailable>,
  which: "signing" | "platform",
  detail: RegExp
) =>
  Effect.gen(function* () {
    const error = yield* Effect.flip(key)
    assert.instanceOf(error, KeyStore.KeyUnavailable)
    assert.strictEqual(error.key, which)
    assert.match(error.detail, detail)
    assert.strictEqual(error.message, `no ${which} key: ${error.detail}`)
    return error
  })

describe("KeyStore.make", () => {
  it.effect("hands out the keys with their ids", () =>
    Effect.gen(function* () {
      const { publicKey } = next
      const service = yield* KeyStore.make({ signingKey: merchant, platformKeys: [platform, { publicKey }] })
      const signing = yield* service.signingKey
      assert.strictEqual(signing.keyId, "K202405010001")
      assert.strictEqual(signing.bits, 2048)
      assert.strictEqual(signing.fingerprint, fingerprintOf(pairs.merchant.public_spki_pem))
      const keys = yield* service.platformKeys
      assert.deepStrictEqual(
        keys.map(({ keyId, bits, fingerprint }) => ({ keyId, bits, fingerprint })),
        [
          { keyId: "P202405010001", bits: 2048, fingerprint: fingerprintOf(platform.publicKey) },
          { keyId: undefined, bits: 3072, fingerprint: fingerprintOf(publicKey) }
        ]
      )
      assertHidden(service, merchant.privateKey)
      assertHidden(signing, merchant.privateKey)
    })
  )

  it.effect("hands out the same keys for ever", () =>
    Effect.gen(function* () {
      const service = yield* KeyStore.make({ signingKey: merchant, platformKeys: [platform] })
      assert.strictEqual(yield* service.signingKey, yield* service.signingKey)
      assert.strictEqual(yield* service.platformKeys, yield* service.platformKeys)
    })
  )

  it.effect("does without a signing key where nothing is signed", () =>
    Effect.gen(function* () {
      const service = yield* KeyStore.make({ platformKeys: [platform] })
      assert.strictEqual((yield* service.platformKeys).length, 1)
      const error = yield* unavailable(service.signingKey, "signing", /^signingKey is not configured$/)
      assert.isUndefined(error.cause)
    })
  )

  it.effect("does without platform keys where nothing is verified", () =>
    Effect.gen(function* () {
      for (const platformKeys of [undefined, []]) {
        const service = yield* KeyStore.make({ signingKey: merchant, platformKeys })
        assert.strictEqual((yield* service.signingKey).keyId, merchant.keyId)
        yield* unavailable(service.platformKeys, "platform", /^platformKeys is empty or not configured$/)
      }
    })
  )

  it.effect("takes redacted keys", () =>
    Effect.gen(function* () {
      const service = yield* KeyStore.make({
        signingKey: { ...merchant, privateKey: Redacted.make(merchant.privateKey) },
        platformKeys: [{ publicKey: Redacted.make(platform.publicKey) }]
      })
      assert.strictEqual((yield* service.signingKey).bits, 2048)
      assert.strictEqual((yield* service.platformKeys).length, 1)
    })
  )

  it.effect("takes one platform key under two ids, and two keys without an id", () =>
    Effect.gen(function* () {
      const { publicKey } = platform
      const service = yield* KeyStore.make({
        platformKeys: [platform, { ...platform, keyId: "P2" }, { publicKey }, { publicKey: next.publicKey }]
      })
      assert.strictEqual((yield* service.platformKeys).length, 4)
    })
  )
})

describe("KeyStore.make refuses", () => {
  const own = { publicKey: pairs.merchant.public_spki_pem }

  it.effect("the merchant's own key as the platform's", () =>
    refused({ signingKey: merchant, platformKeys: [own] }, "platformKeys[0].publicKey", /your own signing key/)
  )

  it.effect("the same, in another format, behind a right one", () =>
    refused(
      {
        signingKey: { keyId: "K1", privateKey: sampleText("rsa-2048-private-pkcs1-pem") },
        platformKeys: [platform, { keyId: "P2", publicKey: sampleText("rsa-2048-public-pkcs1-pem") }]
      },
      "platformKeys[1].publicKey",
      /your own signing key; PayKKa's public key is wanted here/
    )
  )

  it.effect("(but accepts the merchant's public key where nothing is signed)", () =>
    KeyStore.make({ platformKeys: [own] })
  )

  it.effect("two platform keys of one id", () =>
    refused(
      { platformKeys: [platform, next, { ...next, keyId: platform.keyId }] },
      "platformKeys[2].keyId",
      /listed before/
    )
  )

  it.effect("a public key to sign with", () =>
    refused(
      { signingKey: { keyId: "K1", privateKey: pairs.merchant.public_spki_pem } },
      "signingKey.privateKey",
      /wanted an RSA private key .*, found an RSA public key/
    )
  )

  it.effect("a private key to verify with", () =>
    refused(
      { platformKeys: [platform, { publicKey: pairs.platform.private_pkcs8_pem }] },
      "platformKeys[1].publicKey",
      /wanted an RSA public key .*, found an RSA private key/
    )
  )

  for (const bad of [
    "",
    " ",
    "K 1",
    "K1\n",
    "\tK1",
    "K1\u0000",
    "K\u007f",
    "K!",
    "K'1",
    "K(1",
    "K)1",
    "K*1",
    "K~1",
    "K\u00a01"
  ]) {
    it.effect(`the key id ${JSON.stringify(bad)}`, () =>
      Effect.all([
        refused({ signingKey: { ...merchant, keyId: bad } }, "signingKey.keyId", /without blanks/),
        refused({ platformKeys: [next, { ...platform, keyId: bad }] }, "platformKeys[1].keyId", /without blanks/)
      ])
    )
  }

  it.effect("(but accepts letters, digits and the usual signs in a key id)", () =>
    Effect.gen(function* () {
      for (const keyId of ["K202405010001", "Key-2024-05a-B7", "a.b_c:d/e+f=g@h", "密钥1"]) {
        const service = yield* KeyStore.make({ signingKey: { ...merchant, keyId } })
        assert.strictEqual((yield* service.signingKey).keyId, keyId)
      }
    })
  )
})

describe("KeyStore.layer", () => {
  it.effect("provides the service", () =>
    Effect.gen(function* () {
      const keyStore = yield* KeyStore.KeyStore
      assert.strictEqual((yield* keyStore.signingKey).keyId, merchant.keyId)
    }).pipe(Effect.provide(KeyStore.layer({ signingKey: merchant })))
  )

  it.effect("fails when it is built, not when it is used", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(
        Effect.scoped(Layer.build(KeyStore.layer({ signingKey: { keyId: "", privateKey: "" } })))
      )
      assert.instanceOf(error, KeyStore.InvalidKeyStore)
    })
  )
})

// ---------------------------------------------------------------------------------------------------------
// Keys that change
// ---------------------------------------------------------------------------------------------------------

class SourceDown {
  readonly _tag = "SourceDown"
  /** What a careless source says. */
  readonly message = `cannot parse ${merchant.privateKey}`
}

class Vault extends Context.Service<Vault, typeof merchant>()("test/Vault") {}

/** A source whose answer the test sets, and which counts its loads. */
const source = Effect.gen(function* () {
  const answer = yield* Ref.make<Effect.Effect<KeyStore.Options, SourceDown>>(
    Effect.succeed({ signingKey: merchant, platformKeys: [platform] })
  )
  const loads = yield* Ref.make(0)
  const load = Ref.update(loads, (count) => count + 1).pipe(Effect.andThen(Effect.flatten(Ref.get(answer))))
  return {
    load,
    loads: Ref.get(loads),
    set: (other: Effect.Effect<KeyStore.Options, SourceDown>) => Ref.set(answer, other)
  }
})

const capture = () => {
  const warnings: Array<string> = []
  const logger = Logger.make<unknown, void>(({ message, logLevel }) => {
    warnings.push(`${logLevel} ${JSON.stringify(message)}`)
  })
  return { warnings, layer: Logger.layer([logger]) }
}

const causeOf = ({ cause }: KeyStore.KeyUnavailable): unknown => Redacted.value(cause as Redacted.Redacted<unknown>)

describe("KeyStore.layerRefreshing", () => {
  it.effect("loads when a key is first needed, not before", () =>
    Effect.gen(function* () {
      const { load, loads } = yield* source
      yield* Effect.gen(function* () {
        const keyStore = yield* KeyStore.KeyStore
        assert.strictEqual(yield* loads, 0)
        assert.strictEqual((yield* keyStore.signingKey).keyId, merchant.keyId)
        assert.strictEqual((yield* keyStore.platformKeys).length, 1)
        assert.strictEqual(yield* loads, 1)
      }).pipe(Effect.provide(KeyStore.layerRefreshing({ load, timeToLive: "1 minute" })))
    })
  )

  it.effect("loads once for fifty users at the same time, of either kind", () =>
    Effect.gen(function* () {
      const { load, loads } = yield* source
      const gate = yield* Deferred.make<void>()
      const service = yield* KeyStore.makeRefreshing({
        load: Effect.tap(load, () => Deferred.await(gate)),
        timeToLive: "1 minute"
      })
      const users = yield* Effect.forkChild(
        Effect.forEach(
          Array.from({ length: 50 }, (_, index) => index),
          (index): Effect.Effect<string, KeyStore.KeyUnavailable> =>
            index % 2 === 0
              ? Effect.map(service.signingKey, ({ fingerprint }) => fingerprint)
              : Effect.map(service.platformKeys, (keys) => keys[0]!.fingerprint),
          { concurrency: "unbounded" }
        )
      )
      yield* Effect.yieldNow
      yield* Deferred.succeed(gate, undefined)
      const fingerprints = yield* Fiber.join(users)
      assert.strictEqual(fingerprints.length, 50)
      assert.strictEqual(new Set(fingerprints).size, 2)
      assert.strictEqual(yield* loads, 1)
    })
  )

  it.effect("serves the others when the user who asked first gives up", () =>
    Effect.gen(function* () {
      const { load, loads } = yield* source
      const gate = yield* Deferred.make<void>()
      const service = yield* KeyStore.makeRefreshing({
        load: Effect.tap(load, () => Deferred.await(gate)),
        timeToLive: "1 minute"
      })
      const first = yield* Effect.forkChild(service.signingKey)
      yield* Effect.yieldNow
      const second = yield* Effect.forkChild(service.signingKey)
      yield* Effect.yieldNow
      yield* Fiber.interrupt(first)
      yield* Deferred.succeed(gate, undefined)
      assert.strictEqual((yield* Fiber.join(second)).keyId, merchant.keyId)
      assert.strictEqual(yield* loads, 1)
    })
  )

  it.effect("loads again after the time to live, and not before", () =>
    Effect.gen(function* () {
      const { load, loads } = yield* source
      const service = yield* KeyStore.makeRefreshing({ load, timeToLive: "1 minute" })
      yield* service.signingKey
      yield* TestClock.adjust("59999 millis")
      yield* service.platformKeys
      assert.strictEqual(yield* loads, 1)
      yield* TestClock.adjust("1 millis")
      yield* service.platformKeys
      yield* service.signingKey
      assert.strictEqual(yield* loads, 2)
    })
  )

  it.effect("swaps keys between two calls", () =>
    Effect.gen(function* () {
      const { load, set } = yield* source
      const service = yield* KeyStore.makeRefreshing({ load, timeToLive: "1 minute" })
      assert.strictEqual((yield* service.signingKey).bits, 2048)
      const rotated = { keyId: "K202405010002", privateKey: sampleText("rsa-4096-private-pkcs8-pem") }
      yield* set(Effect.succeed({ signingKey: rotated, platformKeys: [platform, next] }))
      assert.strictEqual((yield* service.signingKey).keyId, merchant.keyId)
      yield* TestClock.adjust("1 minute")
      const key = yield* service.signingKey
      assert.deepStrictEqual([key.keyId, key.bits], [rotated.keyId, 4096])
      assert.deepStrictEqual(
        (yield* service.platformKeys).map(({ keyId }) => keyId),
        [platform.keyId, next.keyId]
      )
    })
  )

  const setbacks: ReadonlyArray<readonly [string, Effect.Effect<KeyStore.Options, SourceDown>, RegExp]> = [
    ["the source throws", Effect.die(new TypeError("BEGIN PRIVATE KEY")), /the key source failed with TypeError\)/],
    ["the source fails", Effect.fail(new SourceDown()), /\(the key source failed with SourceDown\)/],
    [
      "the source brings a bad key",
      Effect.succeed({ signingKey: { ...merchant, privateKey: pairs.merchant.public_spki_pem } }),
      /\(signingKey\.privateKey: wanted an RSA private key/
    ],
    [
      "the source brings the own key as the platform's",
      Effect.succeed({ signingKey: merchant, platformKeys: [{ publicKey: pairs.merchant.public_spki_pem }] }),
      /\(platformKeys\[0\]\.publicKey: .*own signing key/
    ]
  ]
  it.effect("keeps the last good keys when a reload hangs, and lets nobody wait for longer than its limit", () => {
    const { warnings, layer } = capture()
    return Effect.gen(function* () {
      const { load, set } = yield* source
      const service = yield* KeyStore.makeRefreshing({ load, timeToLive: "1 minute" })
      const good = yield* service.signingKey
      yield* set(Effect.never)
      yield* TestClock.adjust("1 minute")
      const waiting = yield* Effect.forkChild(service.signingKey)
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(yield* Fiber.join(waiting), good)
      assert.match(warnings[0]!, /no answer in 10 seconds/)
    }).pipe(Effect.provide(layer))
  })

  for (const [name, setback, reason] of setbacks) {
    it.effect(`keeps the last good keys and warns when ${name}`, () => {
      const { warnings, layer } = capture()
      return Effect.gen(function* () {
        const { load, loads, set } = yield* source
        const service = yield* KeyStore.makeRefreshing({ load, timeToLive: "1 minute" })
        const good = yield* service.signingKey
        yield* set(setback)
        yield* TestClock.adjust("1 minute")
        assert.deepStrictEqual(warnings, [])
        assert.strictEqual(yield* service.signingKey, good)
        assert.strictEqual(yield* loads, 2)
        assert.strictEqual(warnings.length, 1)
        assert.match(warnings[0]!, /^Warn .*could not be loaded again.*last good ones stay in use/)
        assert.match(warnings[0]!, reason)
        assertHidden(warnings, merchant.privateKey)

        // One attempt for each time to live: a source that is down is not asked at every call.
        assert.strictEqual(yield* service.signingKey, good)
        yield* service.platformKeys
        assert.strictEqual(yield* loads, 2)
        yield* TestClock.adjust("1 minute")
        assert.strictEqual(yield* service.signingKey, good)
        assert.strictEqual(yield* loads, 3)
        assert.strictEqual(warnings.length, 2)

        yield* set(Effect.succeed({ signingKey: { ...merchant, keyId: "K2" } }))
        yield* TestClock.adjust("1 minute")
        assert.strictEqual((yield* service.signingKey).keyId, "K2")
        assert.strictEqual(warnings.length, 2)
      }).pipe(Effect.provide(layer))
    })
  }

  it.effect("says KeyUnavailable with the cause when the first load fails, and tries again next time", () => {
    const { warnings, layer } = capture()
    return Effect.gen(function* () {
      const { load, loads, set } = yield* source
      const service = yield* KeyStore.makeRefreshing({ load, timeToLive: "1 minute" })
      const down = new SourceDown()
      yield* set(Effect.fail(down))
      const first = yield* unavailable(service.signingKey, "signing", /^the key source failed with SourceDown$/)
      assert.strictEqual(causeOf(first), down)
      const second = yield* unavailable(service.platformKeys, "platform", /^the key source failed with SourceDown$/)
      assert.strictEqual(causeOf(second), down)
      assert.strictEqual(yield* loads, 2)

      yield* set(Effect.succeed({ signingKey: { keyId: "K 1", privateKey: "" } }))
      const third = yield* unavailable(service.signingKey, "signing", /^signingKey\.keyId: must be/)
      assert.instanceOf(causeOf(third), KeyStore.InvalidKeyStore)

      yield* set(Effect.succeed({ signingKey: merchant, platformKeys: [platform] }))
      assert.strictEqual((yield* service.signingKey).keyId, merchant.keyId)
      assert.strictEqual((yield* service.platformKeys).length, 1)
      assert.strictEqual(yield* loads, 4)
      assert.deepStrictEqual(warnings, [])
    }).pipe(Effect.provide(layer))
  })

  const failures: ReadonlyArray<readonly [unknown, string]> = [
    [new SourceDown(), "SourceDown"],
    [new TypeError(merchant.privateKey), "TypeError"],
    [{ _tag: 7, name: "AccessDenied" }, "AccessDenied"],
    [{ _tag: 7, name: 7 }, "unknown error"],
    [merchant.privateKey, "unknown error"],
    [null, "unknown error"]
  ]
  for (const [index, [failure, kind]] of failures.entries()) {
    it.effect(`names the kind of the source's failure and nothing that it says (${index}: ${kind})`, () =>
      Effect.gen(function* () {
        const service = yield* KeyStore.makeRefreshing({ load: Effect.fail(failure), timeToLive: "1 minute" })
        const error = yield* Effect.flip(service.signingKey)
        assert.strictEqual(error.detail, `the key source failed with ${kind}`)
        assert.strictEqual(causeOf(error), failure)
        // The cause is there for a program, and shows nowhere.
        for (const text of [inspect(error, { depth: 9 }), JSON.stringify(error), Cause.pretty(Cause.fail(error))]) {
          assert.notInclude(text, "MIIE")
          assert.notInclude(text, "BEGIN PRIVATE KEY")
        }
        assertHidden(error.message, merchant.privateKey)
      })
    )
  }

  it.effect("says KeyUnavailable without a cause when the source has no key of that kind", () =>
    Effect.gen(function* () {
      const service = yield* KeyStore.makeRefreshing({ load: Effect.succeed({}), timeToLive: "1 minute" })
      const error = yield* unavailable(service.signingKey, "signing", /not configured/)
      assert.isUndefined(error.cause)
      yield* unavailable(service.platformKeys, "platform", /not configured/)
    })
  )

  it.effect("does not wait for its first load for ever", () =>
    Effect.gen(function* () {
      const service = yield* KeyStore.makeRefreshing({ load: Effect.never, timeToLive: "1 minute" })
      const fiber = yield* Effect.forkChild(Effect.flip(service.platformKeys))
      yield* Effect.yieldNow
      yield* TestClock.adjust("10 seconds")
      assert.match((yield* Fiber.join(fiber)).message, /load: gave no answer in 10 seconds/)
    })
  )

  it.effect("does not take an interruption for an answer", () =>
    Effect.gen(function* () {
      const { load, loads } = yield* source
      const never = yield* Ref.make(true)
      const service = yield* KeyStore.makeRefreshing({
        load: Effect.flatMap(load, (options) =>
          Effect.flatMap(Ref.getAndSet(never, false), (wait) => (wait ? Effect.never : Effect.succeed(options)))
        ),
        timeToLive: "1 minute"
      })
      const fiber = yield* Effect.forkChild(service.signingKey)
      yield* Effect.yieldNow
      yield* Fiber.interrupt(fiber)
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
      assert.strictEqual((yield* service.signingKey).keyId, merchant.keyId)
      assert.strictEqual(yield* loads, 2)
    })
  )

  it.effect("loads with the services of the place where it was made", () =>
    Effect.gen(function* () {
      const keyStore = yield* KeyStore.KeyStore
      assert.strictEqual((yield* keyStore.signingKey).keyId, merchant.keyId)
    }).pipe(
      Effect.provide(
        KeyStore.layerRefreshing({
          load: Effect.map(Vault, (signingKey) => ({ signingKey })),
          timeToLive: "1 minute"
        }).pipe(Layer.provide(Layer.succeed(Vault, merchant)))
      )
    )
  )
})

// ---------------------------------------------------------------------------------------------------------
// Keys that a message names and nobody has
// ---------------------------------------------------------------------------------------------------------

const idsOf = (keys: ReadonlyArray<KeyStore.VerificationKey>) => keys.map(({ keyId }) => keyId)

/** The effect that a refreshing store has for unknown ids. */
const reloadOf = ({ reloadPlatformKeys }: KeyStore.Service) => {
  if (reloadPlatformKeys === undefined) return assert.fail("the store does not reload")
  return reloadPlatformKeys
}

const manyTimes = <A, E>(count: number, effect: Effect.Effect<A, E>) =>
  Effect.all(
    Array.from({ length: count }, () => effect),
    { concurrency: "unbounded" }
  )

describe("KeyStore.makeRefreshing, asked for a key that nobody has", () => {
  it.effect("loads once for a hundred who ask at once, and all see the new key beside the old one", () =>
    Effect.gen(function* () {
      const { load, loads, set } = yield* source
      const service = yield* KeyStore.makeRefreshing({ load, timeToLive: "1 hour" })
      yield* service.platformKeys
      yield* TestClock.adjust("1 minute")
      const gate = yield* Deferred.make<void>()
      yield* set(Effect.as(Deferred.await(gate), { platformKeys: [platform, next] }))
      const asking = yield* Effect.forkChild(manyTimes(100, reloadOf(service)))
      yield* Effect.yieldNow
      yield* Deferred.succeed(gate, undefined)
      for (const keys of yield* Fiber.join(asking)) assert.deepStrictEqual(idsOf(keys), [platform.keyId, next.keyId])
      assert.deepStrictEqual(idsOf(yield* service.platformKeys), [platform.keyId, next.keyId])
      assert.strictEqual(yield* loads, 2)
    })
  )

  it.effect(
    "loads again only after the interval, counted from the last load of any kind, and gives the keys at hand till then",
    () =>
      Effect.gen(function* () {
        const { load, loads, set } = yield* source
        const service = yield* KeyStore.makeRefreshing({
          load,
          timeToLive: "90 seconds",
          unknownKeyInterval: "1 minute"
        })
        const atHand = yield* service.platformKeys
        yield* set(Effect.succeed({ platformKeys: [next] }))
        // The first load is a load, too.
        yield* TestClock.adjust("59999 millis")
        assert.strictEqual(yield* reloadOf(service), atHand)
        assert.strictEqual(yield* loads, 1)
        yield* TestClock.adjust("1 millis")
        assert.deepStrictEqual(idsOf(yield* reloadOf(service)), [next.keyId])
        assert.strictEqual(yield* loads, 2)
        for (let second = 0; second < 59; second++) {
          yield* TestClock.adjust("1 second")
          yield* manyTimes(10, reloadOf(service))
        }
        assert.strictEqual(yield* loads, 2)
        // The time to live counts from the reload. Its load at 90 s puts the next reload off to 150 s.
        yield* TestClock.adjust("31 seconds")
        yield* service.platformKeys
        assert.strictEqual(yield* loads, 3)
        yield* TestClock.adjust("59 seconds")
        yield* reloadOf(service)
        assert.strictEqual(yield* loads, 3)
        yield* TestClock.adjust("1 second")
        yield* reloadOf(service)
        assert.strictEqual(yield* loads, 4)
      })
  )

  it.effect("waits a minute where no interval is given, however short or long the time to live is", () =>
    Effect.gen(function* () {
      const { load, loads } = yield* source
      const service = yield* KeyStore.makeRefreshing({ load, timeToLive: "1 day" })
      yield* service.platformKeys
      for (const [pause, expected] of [
        ["59 seconds", 1],
        ["1 second", 2],
        ["59 seconds", 2],
        ["1 second", 3]
      ] as const) {
        yield* TestClock.adjust(pause)
        yield* reloadOf(service)
        assert.strictEqual(yield* loads, expected)
      }
    })
  )

  it.effect("keeps the last good keys while the source is down, and asks it once in an interval", () => {
    const { warnings, layer } = capture()
    return Effect.gen(function* () {
      const { load, loads, set } = yield* source
      const service = yield* KeyStore.makeRefreshing({ load, timeToLive: "1 hour" })
      const good = yield* service.platformKeys
      yield* set(Effect.fail(new SourceDown()))
      for (let minute = 1; minute <= 3; minute++) {
        yield* TestClock.adjust("1 minute")
        for (const keys of yield* manyTimes(100, reloadOf(service))) assert.strictEqual(keys, good)
        assert.strictEqual(yield* loads, 1 + minute)
        assert.strictEqual(warnings.length, minute)
        assert.match(warnings.at(-1)!, /the key source failed with SourceDown\); the last good ones stay in use/)
      }
      assertHidden(warnings, merchant.privateKey)
      yield* set(Effect.succeed({ platformKeys: [next] }))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(idsOf(yield* reloadOf(service)), [next.keyId])
    }).pipe(Effect.provide(layer))
  })

  it.effect("lets only those wait who asked for it, and them no longer than the limit of a load", () => {
    const { warnings, layer } = capture()
    return Effect.gen(function* () {
      const { load, loads, set } = yield* source
      const service = yield* KeyStore.makeRefreshing({ load, timeToLive: "1 hour" })
      const good = yield* service.platformKeys
      yield* TestClock.adjust("1 minute")
      yield* set(Effect.never)
      const waiting = yield* Effect.forkChild(manyTimes(20, reloadOf(service)))
      yield* Effect.yieldNow
      assert.strictEqual(yield* loads, 2)
      assert.strictEqual((yield* service.signingKey).keyId, merchant.keyId)
      assert.strictEqual(yield* service.platformKeys, good)
      yield* TestClock.adjust("10 seconds")
      for (const keys of yield* Fiber.join(waiting)) assert.strictEqual(keys, good)
      assert.strictEqual(warnings.length, 1)
      assert.match(warnings[0]!, /no answer in 10 seconds/)
    }).pipe(Effect.provide(layer))
  })

  it.effect("is not made to load more often by senders that hang up", () =>
    Effect.gen(function* () {
      const { load, loads, set } = yield* source
      const service = yield* KeyStore.makeRefreshing({ load, timeToLive: "1 hour" })
      const good = yield* service.platformKeys
      yield* TestClock.adjust("1 minute")
      yield* set(Effect.never)
      for (let sender = 0; sender < 20; sender++) {
        const fiber = yield* Effect.forkChild(reloadOf(service))
        yield* Effect.yieldNow
        yield* Fiber.interrupt(fiber)
      }
      assert.strictEqual(yield* loads, 2)
      assert.strictEqual(yield* reloadOf(service), good)
      // What was broken off has not made old keys young.
      yield* set(Effect.succeed({ platformKeys: [next] }))
      yield* TestClock.adjust("59 minutes")
      assert.deepStrictEqual(idsOf(yield* service.platformKeys), [next.keyId])
    })
  )

  it.effect("joins a load that is under way", () =>
    Effect.gen(function* () {
      const { load, loads, set } = yield* source
      const gate = yield* Deferred.make<void>()
      const service = yield* KeyStore.makeRefreshing({ load, timeToLive: "1 minute" })
      yield* service.platformKeys
      yield* set(Effect.as(Deferred.await(gate), { platformKeys: [platform, next] }))
      yield* TestClock.adjust("1 minute")
      const expired = yield* Effect.forkChild(service.platformKeys)
      yield* Effect.yieldNow
      const unknown = yield* Effect.forkChild(manyTimes(10, reloadOf(service)))
      yield* Effect.yieldNow
      yield* Deferred.succeed(gate, undefined)
      assert.strictEqual((yield* Fiber.join(expired)).length, 2)
      for (const keys of yield* Fiber.join(unknown)) assert.strictEqual(keys.length, 2)
      assert.strictEqual(yield* loads, 2)
    })
  )

  it.effect("says KeyUnavailable where nothing was ever loaded, and each time asks, as for any other use", () =>
    Effect.gen(function* () {
      const { load, loads, set } = yield* source
      const service = yield* KeyStore.makeRefreshing({ load, timeToLive: "1 minute" })
      yield* set(Effect.fail(new SourceDown()))
      yield* unavailable(reloadOf(service), "platform", /^the key source failed with SourceDown$/)
      yield* unavailable(reloadOf(service), "platform", /^the key source failed with SourceDown$/)
      assert.strictEqual(yield* loads, 2)
    })
  )

  it.effect("does not go by the time of day, which may be set back", () =>
    Effect.gen(function* () {
      const { load, loads } = yield* source
      const clock = yield* Clock.Clock
      // A day ahead, and not on the way back.
      const ahead: Clock.Clock = Object.assign(Object.create(clock) as Clock.Clock, {
        currentTimeMillisUnsafe: () => clock.currentTimeMillisUnsafe() + 86_400_000
      })
      const service = yield* KeyStore.makeRefreshing({ load, timeToLive: "2 minutes" })
      yield* Effect.provideService(service.platformKeys, Clock.Clock, ahead)
      yield* TestClock.adjust("1 minute")
      yield* reloadOf(service)
      assert.strictEqual(yield* loads, 2)
      yield* TestClock.adjust("2 minutes")
      yield* service.platformKeys
      assert.strictEqual(yield* loads, 3)
    })
  )

  it.live("under real concurrency never runs two loads at once, nor more than the intervals allow", () =>
    Effect.gen(function* () {
      let running = 0
      let most = 0
      let loads = 0
      const load = Effect.gen(function* () {
        loads++
        running++
        most = Math.max(most, running)
        yield* Effect.sleep(1)
        running--
        // Each load brings another id, so that whoever sees a key can be asked which load it came from.
        return { platformKeys: [{ ...platform, keyId: `P${loads}` }] }
      })
      const service = yield* KeyStore.makeRefreshing({ load, timeToLive: "5 millis", unknownKeyInterval: "10 millis" })
      const started = performance.now()
      const seen = yield* Effect.forEach(
        Array.from({ length: 200 }, (_, index) => index),
        (index) =>
          Effect.gen(function* () {
            const numbers: Array<number> = []
            for (let round = 0; round < 10; round++) {
              const keys = yield* index % 2 === 0 ? service.platformKeys : reloadOf(service)
              numbers.push(Number(keys[0]!.keyId!.slice(1)))
              yield* index % 3 === 0 ? Effect.sleep(1) : Effect.yieldNow
            }
            return numbers
          }),
        { concurrency: "unbounded" }
      )
      const elapsed = performance.now() - started
      assert.strictEqual(most, 1)
      // Keys last for five milliseconds, or four and a bit as whole ones are counted, however slow the machine is.
      assert.isAtMost(loads, 1 + elapsed / 4)
      // Nobody is ever handed older keys than before.
      for (const numbers of seen)
        assert.deepStrictEqual(
          numbers,
          numbers.toSorted((a, b) => a - b)
        )
    })
  )
})

it.effect("a store of fixed keys has nothing to reload", () =>
  Effect.gen(function* () {
    assert.isUndefined((yield* KeyStore.make({ platformKeys: [platform] })).reloadPlatformKeys)
  })
)

describe("what a type assertion lets through", () => {
  // process.env["NOT_SET"]! is undefined.
  const missing = undefined as unknown as string

  it.effect.each([
    ["signingKey.privateKey", { signingKey: { keyId: "K1", privateKey: missing } }],
    ["signingKey.keyId", { signingKey: { keyId: missing, privateKey: merchant.privateKey } }],
    ["platformKeys[0].publicKey", { platformKeys: [{ publicKey: missing }] }]
  ] satisfies ReadonlyArray<readonly [string, KeyStore.Options]>)("is refused by name: %s", ([option, options]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(KeyStore.make(options))
      assert.strictEqual(error._tag, "InvalidKeyStore")
      assert.strictEqual(error.option, option)
    })
  )
})
