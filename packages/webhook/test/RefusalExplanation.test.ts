/** What the log and the metrics learn of refused signatures, and how much is spent on it. */
import { assert, describe, it } from "@effect/vitest"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as TestClock from "effect/testing/TestClock"
import { vi } from "vitest"
import * as RefusalExplanation from "../src/RefusalExplanation.ts"
import * as Webhook from "../src/Webhook.ts"
import { Log, type Message, bytes, keys, notify, opened, secrets, va, verifier } from "./support.ts"

const services = (log: Log) => Layer.mergeAll(verifier({ tolerance: "off" }), KeyStore.layer(keys), log.layer)

const start = (options: RefusalExplanation.Options = {}) =>
  Effect.gen(function* () {
    const onRefused = yield* RefusalExplanation.make(options)
    const { receive } = yield* Webhook.make({
      notifications: [va],
      paths: { "va.notification": ["/hooks/va"] },
      handlers: { "va.notification": () => Effect.void },
      onRefused
    })
    return ({ path, headers, body }: Message) =>
      Effect.map(
        receive({ path, authorization: headers["Authorization"], merchId: headers["X-Merch-Id"], body }),
        (answer) => {
          assert.deepStrictEqual([answer.status, answer.body], [401, "{}"])
        }
      )
  })

const texts = (log: Log) => log.entries.map((entry) => (JSON.parse(entry) as { readonly message: string }).message)

describe("RefusalExplanation", () => {
  it.effect.each([
    [
      "PathTrailingSlash",
      notify(opened(), { path: "/hooks/va", signedPath: "/hooks/va/" }),
      /the path "\/hooks\/va\/" was signed/
    ],
    [
      "BodyReserialised",
      { ...notify(opened()), body: bytes(JSON.stringify(opened(), null, 2)) },
      /the JSON was parsed and written again/
    ],
    ["MerchantLineEmpty", notify(opened(), { signedMerchId: "" }), /line 4 was left empty/],
    ["ForeignKey", notify(opened(), { signer: "merchant" }), /did not make this signature/]
  ] as const)("names the likely cause: %s", ([cause, message, detail]) =>
    Effect.gen(function* () {
      const log = new Log()
      yield* Effect.gen(function* () {
        const send = yield* start()
        yield* send(message)
        const [reason, explanation, ...others] = texts(log)
        assert.match(reason ?? "", /^PayKKa notification refused: the signature does not match/)
        assert.match(explanation ?? "", new RegExp(`^the likely cause of the refusal: ${cause}: `))
        assert.match(explanation ?? "", detail)
        assert.strictEqual(others.length, 0)
        for (const secret of Object.values(secrets)) assert.notInclude(log.text, secret)
        const causes = (yield* Metric.snapshot).filter(({ id }) => id === "paykka_webhook_refusal_causes")
        assert.deepStrictEqual(
          causes.map(({ attributes, state }) => [attributes?.["cause"], (state as { count: number }).count]),
          [[cause, 1]]
        )
      }).pipe(Effect.provide(services(log)), Effect.provideService(Metric.MetricRegistry, new Map()))
    })
  )

  it.effect("explains one in ten seconds; the others cost next to nothing", () =>
    Effect.gen(function* () {
      const log = new Log()
      yield* Effect.gen(function* () {
        const send = yield* start()
        const verify = vi.spyOn(crypto.subtle, "verify")
        const digest = vi.spyOn(crypto.subtle, "digest")
        yield* Effect.addFinalizer(() =>
          Effect.sync(() => {
            verify.mockRestore()
            digest.mockRestore()
          })
        )
        // PayKKa's own signature over another text: what costs a search.
        const forged = () => ({ ...notify(opened()), body: bytes('{"another":1}') })
        yield* send(forged())
        const [verified, digested] = [verify.mock.calls.length, digest.mock.calls.length]
        assert.isAbove(digested, 500)
        for (let nth = 0; nth < 20; nth++) yield* send(forged())
        assert.isAtMost(verify.mock.calls.length - verified, 20)
        assert.isAtMost(digest.mock.calls.length - digested, 40)
        assert.strictEqual(texts(log).filter((text) => text.startsWith("the likely cause")).length, 1)
        assert.strictEqual(texts(log).filter((text) => text.startsWith("PayKKa notification refused")).length, 21)
        yield* TestClock.adjust("10 seconds")
        yield* send(forged())
        assert.strictEqual(texts(log).filter((text) => text.startsWith("the likely cause")).length, 2)
      }).pipe(Effect.provide(services(log)))
    })
  )

  it.effect("has one budget for a key store, however often it is built", () =>
    Effect.gen(function* () {
      const log = new Log()
      yield* Effect.gen(function* () {
        for (let nth = 0; nth < 5; nth++) {
          const send = yield* start()
          yield* send(notify(opened(), { signer: "merchant" }))
        }
      }).pipe(Effect.provide(services(log)))
      assert.strictEqual(texts(log).filter((text) => text.startsWith("the likely cause")).length, 1)
    })
  )

  it.effect("does not explain what has no signature, nor large bodies", () =>
    Effect.gen(function* () {
      const log = new Log()
      yield* Effect.gen(function* () {
        const send = yield* start({ maxBodyBytes: 1000 })
        yield* send({ ...notify(opened()), headers: {} })
        yield* send(notify(" ".repeat(1001), { signer: "merchant" }))
      }).pipe(Effect.provide(services(log)))
      assert.isTrue(texts(log).every((text) => text.startsWith("PayKKa notification refused")))
      assert.strictEqual(log.entries.length, 2)
    })
  )
})
