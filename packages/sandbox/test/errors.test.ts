import { assert, describe, it } from "@effect/vitest"
import * as Balance from "@paykka/schemas/Balance"
import * as Payee from "@paykka/schemas/Payee"
import * as Va from "@paykka/schemas/Va"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Verifier from "@paykka/signing/Verifier"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as TestClock from "effect/testing/TestClock"
import * as Gate from "../src/internal/gate.ts"
import * as Keys from "../src/internal/keys.ts"
import * as Merchants from "../src/internal/merchants.ts"
import { refuse } from "../src/internal/refusal.ts"
import { route } from "../src/internal/world.ts"
import * as Sandbox from "../src/Sandbox.ts"
import { assertError } from "./support/answers.ts"
import { refused, send, sendText, succeed, theirs } from "./support/calls.ts"
import { merchId, options, second } from "./support/keys.ts"
import { call } from "./support/merchant.ts"
import { notices, openAccount, remit, start } from "./support/scene.ts"
import { memory, notificationsOf, requestsOf, until, ways } from "./support/ways.ts"

const ask = { currency: "EUR" }

for (const way of ways) {
  describe(`${way.name}: 010001`, () => {
    it.effect("comes for the request that is one too many, of one key, until some are long enough ago", () =>
      Effect.gen(function* () {
        const scene = yield* start({ rateLimit: { requests: 3, within: "10 seconds" } }, way)
        yield* succeed(scene, Balance.inquiry, ask)
        yield* scene.service.advance("9999 millis")
        yield* succeed(scene, Va.apply, { request_id: "R-1" })
        yield* succeed(scene, Balance.inquiry, ask)
        yield* refused(scene, Va.apply, { request_id: "R-2" }, "010001", /^: 3 in 10 s are allowed$/)
        assert.strictEqual((yield* requestsOf(scene)).at(-1)!.retCode, "010001")
        // Another key has requests of its own.
        yield* succeed(scene, Balance.inquiry, ask, theirs)
        yield* scene.service.advance("1 millis")
        // What was refused did nothing, and does not count.
        yield* refused(scene, Va.inquiry, { request_id: "R-2" }, "010002", /not applied/)
        yield* refused(scene, Balance.inquiry, ask, "010001", /allowed$/)
        // With Effect's clock as well.
        yield* TestClock.adjust("10 seconds")
        yield* succeed(scene, Balance.inquiry, ask)
      })
    )
  })
}

describe("010001", () => {
  it.effect("does not come for requests that nobody of the merchants has signed", () =>
    Effect.gen(function* () {
      const scene = yield* start({ rateLimit: { requests: 1, within: "1 minute" } })
      for (let times = 0; times < 3; times++) {
        assertError(yield* send(scene, Balance.inquiry, ask, { signedBody: "{}" }), "010100")
        assertError(yield* send(scene, Balance.inquiry, ask, { key: second }), "010200")
      }
      yield* succeed(scene, Balance.inquiry, ask)
    })
  )

  it.effect("comes before anything is said of the request itself", () =>
    Effect.gen(function* () {
      const scene = yield* start({ rateLimit: { requests: 1, within: "1 minute" } })
      assertError(yield* sendText(scene, Balance.inquiry, "{"), "010000")
      assertError(yield* sendText(scene, Balance.inquiry, "{"), "010001")
      yield* scene.service.suspend(merchId, true)
      assertError(yield* send(scene, Balance.inquiry, ask), "010001")
    })
  )
})

describe("the order of refusals", () => {
  it.effect("is: signature, whose key, form, state of the merchant, and then the operation's own", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      yield* scene.service.suspend(merchId, true)
      const wrong = { signedBody: "{}" }
      assertError(yield* sendText(scene, Va.inquiry, "{", { ...wrong, key: second }), "010100")
      assertError(yield* sendText(scene, Va.inquiry, "{", { key: second }), "010200")
      assertError(yield* sendText(scene, Va.inquiry, "{"), "010000")
      assertError(yield* send(scene, Va.inquiry, { request_id: "R-1" }), "010003")
      yield* scene.service.suspend(merchId, false)
      assertError(yield* send(scene, Va.inquiry, { request_id: "R-1" }), "010002")
    })
  )
})

/** A door before one operation. */
const door = (handle: () => unknown) =>
  Effect.gen(function* () {
    const keyStore = yield* Keys.make(options)
    const verifier = yield* Verifier.make({ unknownKeyId: "refuse" }).pipe(
      Effect.provideService(KeyStore.KeyStore, keyStore)
    )
    const gate = Gate.make({
      merchants: Merchants.make(options.merchants),
      merchIds: [],
      uploadParts: { meta: "meta", file: "file" },
      maxBodyBytes: 1000,
      rateLimit: undefined,
      keyStore,
      verifier,
      now: () => 0,
      routes: [route(Balance.inquiry, handle)]
    })
    const { method, target, headers, body } = yield* call(Balance.inquiry.path, {})
    const request = new Request(`http://sandbox.localhost${target}`, { method, headers, body: body! })
    const { response, ...facts } = (yield* gate.admit(request, body))()
    const answer = {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: yield* Effect.promise(() => response.text())
    }
    return { answer, facts }
  })

describe("999999", () => {
  it.effect("comes for a defect of the sandbox, which only the log tells", () =>
    Effect.gen(function* () {
      const { answer, facts } = yield* door(() => {
        throw new TypeError("something is not a function")
      })
      assert.strictEqual(assertError(answer, "999999"), "")
      assert.strictEqual(facts.retCode, "999999")
      assert.include(facts.explanation!, "something is not a function")
    })
  )

  it.effect("does not come for a refusal", () =>
    Effect.gen(function* () {
      const { answer, facts } = yield* door(() => refuse("010002", "nothing here"))
      assert.strictEqual(assertError(answer, "010002"), ": nothing here")
      assert.strictEqual(facts.explanation, "nothing here")
    })
  )
})

describe("a callbackUrl that throws, or gives no URL", () => {
  for (const [what, url] of [
    [
      "throws",
      () => {
        throw new Error("nobody knows this merchant")
      }
    ],
    ["gives a path", () => "/hooks"],
    ["gives nothing", () => ""]
  ] as const) {
    it.effect(`breaks no step, and is told in the log: ${what}`, () =>
      Effect.gen(function* () {
        const good = Sandbox.documentedPaths("https://merchant.test")
        const scene = yield* start({
          callbackUrl: (notification) => (notification === Va.notification ? url() : good(notification))
        })
        // Two steps of one time: the first one's notification fails.
        yield* succeed(scene, Va.apply, { request_id: "R-1", currencies: ["EUR"] })
        yield* succeed(scene, Payee.create, { request_id: "P-1" })
        yield* TestClock.adjust("1 second")
        assert.strictEqual((yield* succeed(scene, Va.inquiry, { request_id: "R-1" })).status, "ENABLED")
        assert.strictEqual((yield* succeed(scene, Payee.inquiry, { request_id: "P-1" })).status, "SANDBOX_ACCEPTED")
        yield* remit(scene, 100)
        yield* until(Effect.map(notificationsOf(scene), ({ length }) => length === 3))
        const entries = yield* notificationsOf(scene)
        assert.sameDeepMembers(
          entries.map(({ notification, deliveries, failure }) => [notification, deliveries, failure]),
          [
            ["payee.notification", 1, undefined],
            ["remittance.notification", 1, undefined],
            ["va.notification", 0, "callbackUrl gave no URL"]
          ]
        )
        assert.isTrue(scene.logged.some((entry) => entry.includes("va.notification: callbackUrl gave no URL")))
      })
    )
  }

  it.effect("one URL for all of them, and one for each kind, are both called", () =>
    Effect.gen(function* () {
      const scene = yield* start({ callbackUrl: "https://merchant.test/hooks/all" })
      yield* openAccount(scene)
      yield* until(Effect.map(notificationsOf(scene), ({ length }) => length === 1))
      assert.strictEqual(scene.receiver.received[0]!.target, "/hooks/all")
      const each = yield* start({ callbackUrl: Sandbox.documentedPaths("https://merchant.test/elsewhere") })
      yield* openAccount(each)
      yield* notices(each, 1)
      assert.strictEqual(each.receiver.received[0]!.target, Va.notification.path)
    })
  )
})

describe("options that cannot be used", () => {
  const unusable: ReadonlyArray<readonly [option: string, options: Partial<Sandbox.Options>]> = [
    ["paymentFee: must not be less than zero", { paymentFee: "-0.01" }],
    ["paymentFee: must not be a float", { paymentFee: 0.1 }],
    ["paymentFee: must have at most 30 digits", { paymentFee: "0.00000000001" }],
    ["rates.USD: must be more than zero", { rates: { USD: 0 } }],
    ["rates.ABC: must be a decimal text", { rates: { EUR: 1, ABC: "1,5" } }],
    ["rates.ABC: must have at most 30 digits", { rates: { ABC: "1e9".padEnd(40, "9").replace("e", "") } }],
    ["quoteLifetime: must be finite", { quoteLifetime: "Infinity" }]
  ]

  it.effect.each(unusable)("are defects that name the option: %s", ([says, wrong]) =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(Sandbox.make({ ...options, ...wrong }))
      assert.isTrue(Exit.isFailure(exit) && Cause.hasDies(exit.cause))
      assert.include(Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "", says)
    })
  )

  it.effect("a fee of nothing can be used, however it is written", () =>
    Effect.gen(function* () {
      for (const paymentFee of [0, "0", "0.00", 0n]) yield* memory.start({ paymentFee })
    })
  )
})
