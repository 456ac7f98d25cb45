/** The SDK's own parts together: client, sandbox and webhook, in memory and over HTTP. */
import { assert, describe, it } from "@effect/vitest"
import * as Sandbox from "@paykka/sandbox/Sandbox"
import * as SandboxNode from "@paykka/sandbox/node"
import * as SandboxTransport from "@paykka/sandbox/SandboxTransport"
import { notification } from "@paykka/schemas/Va"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Verifier from "@paykka/signing/Verifier"
import * as ReplayGuard from "@paykka/webhook/ReplayGuard"
import * as WebHandler from "@paykka/webhook/WebHandler"
import * as Webhook from "@paykka/webhook/Webhook"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import type { HttpClient } from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import { merchId, merchant, options, platform, secondMerchId } from "./keys.ts"
import { connect, theirs } from "./merchant.ts"

interface Running {
  readonly sandbox: Sandbox.Service
  readonly baseUrl: string
  readonly transport: Layer.Layer<HttpClient>
}

/** A sandbox and a transport to it. */
interface Way {
  readonly name: string
  readonly start: (given: Partial<Sandbox.Options>) => Effect.Effect<Running, never, Scope.Scope>
}

const silent = Logger.layer([])

const ways: ReadonlyArray<Way> = [
  {
    name: "in memory",
    start: (given) =>
      Effect.map(Layer.build(Sandbox.layer({ ...options, ...given }).pipe(Layer.orDie)), (context) => ({
        sandbox: Context.get(context, Sandbox.Sandbox),
        baseUrl: SandboxTransport.baseUrl,
        transport: SandboxTransport.layer.pipe(Layer.provide(Layer.succeedContext(context)))
      }))
  },
  {
    name: "over HTTP",
    start: (given) =>
      Effect.map(
        Layer.build(
          SandboxNode.layerServer().pipe(
            Layer.provideMerge(Sandbox.layer({ ...options, ...given })),
            Layer.provide(silent),
            Layer.orDie
          )
        ),
        (context) => ({
          sandbox: Context.get(context, Sandbox.Sandbox),
          baseUrl: Context.get(context, SandboxNode.SandboxServer).baseUrl,
          transport: FetchHttpClient.layer
        })
      )
  }
]

const turn = Effect.promise(() => new Promise<void>((resolve) => void setImmediate(resolve)))

/** Waits, without any clock, until something has happened; a test that waits in vain runs into its limit. */
const until = (happened: Effect.Effect<boolean>): Effect.Effect<void> =>
  Effect.gen(function* () {
    while (!(yield* happened)) yield* turn
  })

/** A webhook behind `WebHandler.fetch`, on the test's clock. */
const startWebhook = Effect.gen(function* () {
  const events: Array<Webhook.Event<typeof notification>> = []
  const webhook = Webhook.make({
    notifications: [notification],
    handlers: { "va.notification": (event) => Effect.sync(() => events.push(event)) }
  })
  const platformKeys = [{ keyId: platform.key_id, publicKey: platform.public_spki_pem }]
  const clock = Layer.succeed(Clock.Clock, yield* Clock.Clock)
  const verifier = Verifier.layer().pipe(Layer.provide(KeyStore.layer({ platformKeys })))
  const { fetch } = yield* Effect.acquireRelease(
    Effect.sync(() => WebHandler.make(webhook, Layer.mergeAll(verifier, ReplayGuard.layerMemory(), clock, silent))),
    ({ dispose }) => Effect.promise(dispose)
  )
  return { events, fetch }
})

for (const way of ways) {
  describe(`${way.name}: the whole slice`, () => {
    it.effect("apply, wait for the outcome, and be notified of the same account", () =>
      Effect.gen(function* () {
        const webhook = yield* startWebhook
        const running = yield* way.start({
          callbackUrl: "https://merchant.test/hooks/paykka",
          send: webhook.fetch,
          decidesAfter: "5 seconds"
        })
        const { va } = yield* connect(running)
        const applied = yield* va.apply({ currencies: ["EUR"], country_code: "DE" })
        const requestId = applied.request_id
        assert.match(requestId, /^[0-9a-f]{32}$/)

        // The client's waits are noted, so that the time goes on when it waits, and not before.
        const testClock = yield* Clock.Clock
        const slept: Array<Duration.Duration> = []
        const noting: Clock.Clock = Object.create(testClock, {
          sleep: {
            value: (duration: Duration.Duration) =>
              Effect.suspend(() => {
                slept.push(duration)
                return testClock.sleep(duration)
              })
          }
        })
        const isPause = (duration: Duration.Duration) => Duration.toSeconds(duration) < 30
        const waiting = yield* Effect.forkChild(
          va.awaitOutcome(requestId).pipe(Effect.provideService(Clock.Clock, noting))
        )
        let pauses = 0
        while (waiting.pollUnsafe() === undefined) {
          const next = slept.filter(isPause)[pauses]
          if (next === undefined) yield* turn
          else {
            pauses++
            yield* TestClock.adjust(next)
          }
        }
        const { _tag, answer: account } = yield* Fiber.join(waiting)
        assert.strictEqual(_tag, "Succeeded")
        assert.isAtLeast(pauses, 2)
        assert.deepInclude(account, {
          request_id: requestId,
          merch_id: merchId,
          status: "ENABLED",
          currencies: ["EUR"],
          country_code: "DE"
        })

        yield* until(Effect.map(running.sandbox.log, (entries) => entries.some(({ kind }) => kind === "notification")))
        assert.strictEqual(webhook.events.length, 1)
        const event = webhook.events[0]!
        assert.strictEqual(event.kind, "va.notification")
        assert.strictEqual(event.verified.path, "/hooks/paykka")
        assert.strictEqual(event.verified.merchId, merchId)
        assert.strictEqual(event.verified.key.keyId, platform.key_id)
        assert.deepStrictEqual(event.data, account)
        const log = yield* running.sandbox.log
        assert.deepInclude(
          log.find(({ kind }) => kind === "notification")!,
          { deliveries: 1, failure: undefined }
        )
        assert.isTrue(log.every((entry) => entry.kind !== "request" || entry.status === 200))
      })
    )

    it.effect("every refusal of the sandbox is the error that the client has for it", () =>
      Effect.gen(function* () {
        const running = yield* way.start({})
        const mine = yield* connect(running)
        const other = yield* connect(running, theirs, secondMerchId)
        const { request_id } = yield* mine.va.apply({ currencies: ["EUR"] })
        assert.notProperty(yield* mine.va.inquiry({ request_id }), "status")

        const reasonOf = <A, E extends { readonly reason: { readonly _tag: string } }>(call: Effect.Effect<A, E>) =>
          Effect.map(Effect.flip(call), ({ reason }) => reason._tag)
        assert.strictEqual(yield* reasonOf(other.va.inquiry({ request_id })), "NotFound")

        const request = (path: string, body: Readonly<Record<string, unknown>>) =>
          mine.client.request({ path, body, schema: Schema.Unknown, effect: "read" })
        const invalid = yield* Effect.flip(request("/api/v2/merch/va/inquiry", {}))
        assert.deepStrictEqual(invalid.reason, { _tag: "InvalidRequest", by: "platform", faults: [] })
        assert.strictEqual(invalid.retCode, "010000")
        assert.include(invalid.message, "request_id is missing")
        // A path that is wrong must not be taken for an application that does not exist.
        assert.strictEqual(yield* reasonOf(request("/api/v2/merch/va/open", { request_id })), "UnexpectedResponse")

        yield* running.sandbox.suspend(merchId, true)
        assert.strictEqual(yield* reasonOf(mine.va.inquiry({ request_id })), "InvalidState")
      }).pipe(Effect.provide(silent))
    )

    it.effect("a wrong key is refused; the client is told nothing, the sandbox's log everything", () =>
      Effect.gen(function* () {
        const running = yield* way.start({})
        const { va } = yield* connect(running, { ...theirs, keyId: merchant.key_id })
        const error = yield* Effect.flip(va.apply({ request_id: "R-1", currencies: ["EUR"] }))
        assert.strictEqual(error._tag === "PaykkaError" ? error.reason._tag : undefined, "Unauthorized")
        assert.strictEqual(error.attempts, 1)
        assert.notInclude(error.message, "wrong key")
        const [entry] = yield* running.sandbox.log
        assert.include(entry?.kind === "request" ? entry.explanation : "", "WrongKey")
      }).pipe(Effect.provide(silent))
    )

    it.effect("what the client signs is what it sends, whatever stands in the body", () =>
      Effect.gen(function* () {
        const running = yield* way.start({})
        const { va, client } = yield* connect(running)
        for (const text of ["深圳市", "Café – ñ", "a\r\nb\t\\ \"'", "\u2028😀", "100% + 5 & a=b", ""]) {
          const { httpStatus, attempts } = yield* va.apply.withResponse({}, { extra: { note: text } })
          assert.deepStrictEqual([httpStatus, attempts], [200, 1], JSON.stringify(text))
        }
        const { value } = yield* client.request({
          path: "/api/v2/merch/va/apply",
          body: { request_id: "R-1", note: { amounts: [0.1, 1e21, -0] } },
          schema: Schema.Unknown,
          effect: "create"
        })
        assert.deepStrictEqual(value, { request_id: "R-1" })
      })
    )
  })
}
