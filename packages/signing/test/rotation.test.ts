// The platform exchanges its key while notifications arrive.
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as TestClock from "effect/testing/TestClock"
import { vi } from "vitest"
import * as KeyStore from "../src/KeyStore.ts"
import * as Verifier from "../src/Verifier.ts"
import { headerOf, lines, utf8 } from "./support.ts"

interface Pair {
  readonly keyId: string
  readonly privateKey: KeyObject
  readonly publicKey: string
}

const pairOf = (keyId: string): Pair => {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 })
  return { keyId, privateKey, publicKey: publicKey.export({ format: "pem", type: "spki" }).toString() }
}

const older = pairOf("P1")
const newer = pairOf("P2")
const stranger = pairOf("P9")

const path = "/api/v2/merch/va/notify"
const body = utf8('{"data":{}}')
let counter = 0

/** A message of the clock's time, signed as node:crypto does it. */
const messageBy = (pair: Pair, keyId = pair.keyId) =>
  Effect.clockWith((clock) =>
    Effect.sync((): Verifier.Received => {
      const timestamp = String(clock.currentTimeMillisUnsafe())
      const nonce = `nonce${counter++}`
      const signature = sign("RSA-SHA256", lines(path, timestamp, nonce, "M1", body), pair.privateKey).toString(
        "base64"
      )
      const header = { sign_type: "SHA256_WITH_RSA", timestamp, nonce, key_id: keyId, signature }
      return { path, authorization: headerOf(header), merchId: "M1", body }
    })
  )

const times = <A, E, R>(count: number, effect: Effect.Effect<A, E, R>) =>
  Effect.all(
    Array.from({ length: count }, () => effect),
    { concurrency: "unbounded" }
  )

/** A verifier over a source that the test sets, and which counts its loads. */
const rotating = (options: Verifier.Options = {}) =>
  Effect.gen(function* () {
    const source = {
      loads: 0,
      answer: Effect.succeed<KeyStore.Options>({ platformKeys: [older] }) as Effect.Effect<KeyStore.Options, string>
    }
    const load = Effect.suspend(() => {
      source.loads++
      return source.answer
    })
    const keyStore = yield* KeyStore.makeRefreshing({ load, timeToLive: "1 hour" })
    const { verify } = yield* Verifier.make(options).pipe(Effect.provideService(KeyStore.KeyStore, keyStore))
    /** The id of the key that made the signature, or the reason of the refusal. */
    const outcome = (pair: Pair, keyId?: string) =>
      Effect.flatMap(messageBy(pair, keyId), (message) =>
        Effect.match(verify(message), {
          onSuccess: ({ key }) => key.keyId,
          onFailure: (error) => (error._tag === "SignatureRejected" ? error.reason._tag : error._tag)
        })
      )
    return { source, outcome }
  })

const silent = Logger.layer([])

describe("a key that is exchanged", () => {
  it.effect("is found by the first message that names it, and the old one goes on to be valid", () =>
    Effect.gen(function* () {
      const { source, outcome } = yield* rotating()
      assert.strictEqual(yield* outcome(older), "P1")
      yield* TestClock.adjust("1 minute")
      source.answer = Effect.succeed({ platformKeys: [older, newer] })
      assert.strictEqual(source.loads, 1)
      assert.strictEqual(yield* outcome(newer), "P2")
      assert.strictEqual(source.loads, 2)
      for (const pair of [older, newer, newer, older]) assert.strictEqual(yield* outcome(pair), pair.keyId)
      assert.strictEqual(source.loads, 2)
      // The old one is withdrawn: with the next load it is gone.
      source.answer = Effect.succeed({ platformKeys: [newer] })
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(yield* outcome(newer), "P2")
      assert.strictEqual(yield* outcome(older), "UnknownKey")
      assert.strictEqual(source.loads, 3)
    })
  )

  it.effect("is found by all hundred messages that name it at once, with one load", () =>
    Effect.gen(function* () {
      const { source, outcome } = yield* rotating()
      yield* outcome(older)
      yield* TestClock.adjust("1 minute")
      const gate = yield* Deferred.make<void>()
      source.answer = Effect.as(Deferred.await(gate), { platformKeys: [older, newer] })
      const fiber = yield* Effect.forkChild(times(100, outcome(newer)))
      while (source.loads < 2) yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
      // Those that are signed with a key at hand do not wait for the source.
      assert.strictEqual(yield* outcome(older), "P1")
      yield* Deferred.succeed(gate, undefined)
      assert.deepStrictEqual(new Set(yield* Fiber.join(fiber)), new Set(["P2"]))
      assert.strictEqual(source.loads, 2)
    })
  )

  it.effect("is found where it has no id, or where its id comes later than itself", () =>
    Effect.gen(function* () {
      const { source, outcome } = yield* rotating({ unknownKeyId: "refuse" })
      yield* outcome(older)
      yield* TestClock.adjust("1 minute")
      source.answer = Effect.succeed({ platformKeys: [older, { publicKey: newer.publicKey }] })
      assert.strictEqual(yield* outcome(newer), undefined)
      yield* TestClock.adjust("1 minute")
      source.answer = Effect.succeed({ platformKeys: [older, { publicKey: newer.publicKey, keyId: "P7" }] })
      assert.strictEqual(yield* outcome(newer), undefined)
      assert.strictEqual(source.loads, 2)
      // The third load names the key: a key under another id is a new one.
      assert.strictEqual(yield* outcome(stranger, "P7"), "Mismatch")
      assert.strictEqual(source.loads, 3)
      assert.strictEqual(yield* outcome(newer, "P7"), "P7")
    })
  )

  it.effect("is found where no key has an id", () =>
    Effect.gen(function* () {
      const { source, outcome } = yield* rotating()
      source.answer = Effect.succeed({ platformKeys: [{ publicKey: older.publicKey }] })
      assert.strictEqual(yield* outcome(older), undefined)
      yield* TestClock.adjust("1 minute")
      source.answer = Effect.succeed({ platformKeys: [{ publicKey: newer.publicKey }] })
      assert.strictEqual(yield* outcome(newer), undefined)
      assert.strictEqual(yield* outcome(older), "UnknownKey")
      assert.strictEqual(source.loads, 2)
    })
  )

  it.effect("is not looked for when a key at hand made the signature, whatever id it goes by", () =>
    Effect.gen(function* () {
      const { source, outcome } = yield* rotating()
      for (let minute = 0; minute < 5; minute++) {
        assert.deepStrictEqual(yield* times(3, outcome(older, "another-name")), ["P1", "P1", "P1"])
        yield* TestClock.adjust("1 minute")
      }
      assert.strictEqual(source.loads, 1)
    })
  )

  it.effect("is not looked for when the id is known and the signature is wrong", () =>
    Effect.gen(function* () {
      const { source, outcome } = yield* rotating()
      assert.strictEqual(yield* outcome(stranger, "P1"), "Mismatch")
      yield* TestClock.adjust("2 minutes")
      assert.strictEqual(yield* outcome(stranger, "P1"), "Mismatch")
      assert.strictEqual(source.loads, 1)
    })
  )

  it.effect("is not looked for when the message is malformed, too old or of another algorithm", () =>
    Effect.gen(function* () {
      let loads = 0
      const load = Effect.sync((): KeyStore.Options => {
        loads++
        return { platformKeys: [older] }
      })
      const keyStore = yield* KeyStore.makeRefreshing({ load, timeToLive: "1 hour" })
      const { verify } = yield* Verifier.make().pipe(Effect.provideService(KeyStore.KeyStore, keyStore))
      yield* verify(yield* messageBy(older))
      const message = yield* messageBy(stranger)
      yield* TestClock.adjust("6 minutes")
      const fresh = yield* messageBy(stranger)
      const header = JSON.parse(decodeURIComponent(fresh.authorization!))
      for (const [received, tag] of [
        [message, "OutsideTimeWindow"],
        [{ ...fresh, authorization: headerOf({ ...header, signature: "" }) }, "Malformed"],
        [{ ...fresh, authorization: headerOf({ ...header, sign_type: "none" }) }, "UnsupportedSignType"],
        [{ ...fresh, authorization: undefined }, "MissingHeader"],
        [{ ...fresh, merchId: "M1\n" }, "Malformed"]
      ] as const) {
        const error = yield* Effect.flip(verify(received))
        assert.strictEqual(error._tag === "SignatureRejected" && error.reason._tag, tag)
      }
      assert.strictEqual(loads, 1)
    })
  )

  for (const unknownKeyId of ["try", "refuse"] as const) {
    it.effect(`a flood of unknown ids loads once in a minute, and costs few RSA operations (${unknownKeyId})`, () =>
      Effect.gen(function* () {
        const { source, outcome } = yield* rotating({ unknownKeyId })
        yield* outcome(older)
        const counted = vi.spyOn(crypto.subtle, "verify")
        yield* Effect.addFinalizer(() => Effect.sync(() => counted.mockRestore()))
        for (let minute = 1; minute <= 3; minute++) {
          yield* TestClock.adjust("61 seconds")
          counted.mockClear()
          // All with ids of their own.
          const outcomes = yield* Effect.forEach(
            Array.from({ length: 100 }, (_, index) => `forged-${minute}-${index}`),
            (keyId) => outcome(stranger, keyId),
            { concurrency: "unbounded" }
          )
          assert.deepStrictEqual(new Set(outcomes), new Set(["UnknownKey"]))
          assert.strictEqual(source.loads, 1 + minute)
          // The reload brought the same keys: nothing is tried again.
          assert.strictEqual(counted.mock.calls.length, unknownKeyId === "try" ? 100 : 0)
          yield* TestClock.adjust("59 seconds")
          yield* times(10, outcome(stranger))
          assert.strictEqual(source.loads, 1 + minute)
        }
      })
    )
  }

  it.effect("while the source is down the last good keys verify, and strangers are refused, not put off", () =>
    Effect.gen(function* () {
      const { source, outcome } = yield* rotating()
      yield* outcome(older)
      source.answer = Effect.fail("down" as const)
      for (let minute = 1; minute <= 3; minute++) {
        yield* TestClock.adjust("1 minute")
        assert.deepStrictEqual(new Set(yield* times(50, outcome(newer))), new Set(["UnknownKey"]))
        assert.deepStrictEqual(new Set(yield* times(50, outcome(older))), new Set(["P1"]))
        assert.strictEqual(source.loads, 1 + minute)
      }
      source.answer = Effect.succeed({ platformKeys: [newer] })
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* outcome(newer), "P2")
    }).pipe(Effect.provide(silent))
  )

  it.effect("a store that cannot reload refuses as before, and one whose reload fails says that it has no key", () =>
    Effect.gen(function* () {
      const fixed = yield* KeyStore.make({ platformKeys: [older] })
      const message = yield* messageBy(stranger)
      const refused = yield* Effect.flip(
        Effect.provide(
          Verifier.Verifier.use(({ verify }) => verify(message)),
          Verifier.layer().pipe(Layer.provide(Layer.succeed(KeyStore.KeyStore, fixed)))
        )
      )
      assert.strictEqual(refused._tag, "SignatureRejected")
      const failing = KeyStore.KeyStore.of({
        ...fixed,
        reloadPlatformKeys: Effect.fail(new KeyStore.KeyUnavailable({ key: "platform", detail: "the vault is away" }))
      })
      const error = yield* Effect.flip(
        Effect.provide(
          Verifier.Verifier.use(({ verify }) => verify(message)),
          Verifier.layer().pipe(Layer.provide(Layer.succeed(KeyStore.KeyStore, failing)))
        )
      )
      assert.strictEqual(error._tag, "KeyUnavailable")
    })
  )

  it.live("in the middle of real traffic refuses nothing that is genuine", () =>
    Effect.gen(function* () {
      let loads = 0
      let running = 0
      let most = 0
      let current: KeyStore.Options = { platformKeys: [older] }
      const load = Effect.gen(function* () {
        loads++
        most = Math.max(most, ++running)
        yield* Effect.sleep(5)
        running--
        return current
      })
      const keyStore = yield* KeyStore.makeRefreshing({ load, timeToLive: "1 hour", unknownKeyInterval: 0 })
      const { verify } = yield* Verifier.make().pipe(Effect.provideService(KeyStore.KeyStore, keyStore))
      yield* verify(yield* messageBy(older))
      const seen = yield* Effect.forEach(
        Array.from({ length: 200 }, (_, index) => index),
        (index) =>
          Effect.gen(function* () {
            yield* index % 2 === 0 ? Effect.sleep(index % 7) : Effect.yieldNow
            // The platform changes over when a hundred are under way; from then on some are signed anew.
            if (index === 100) current = { platformKeys: [older, newer] }
            const pair = index >= 100 && index % 3 !== 0 ? newer : older
            const { key } = yield* verify(yield* messageBy(pair))
            return key.keyId === pair.keyId
          }),
        { concurrency: "unbounded" }
      )
      assert.strictEqual(seen.filter(Boolean).length, 200)
      assert.strictEqual(most, 1)
      assert.isAbove(loads, 1)
    })
  )
})
