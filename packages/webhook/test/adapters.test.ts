import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Incoming from "../src/Incoming.ts"
import * as Webhook from "../src/Webhook.ts"
import { adapters, consoleErrors, keys, merchant, notify, opened, padded, record, va, verifier } from "./support.ts"

for (const adapter of adapters) {
  describe(`${adapter.name}: what is not worth verifying`, () => {
    const assertServes = (webhook: Effect.Success<ReturnType<typeof record>>) =>
      Effect.gen(function* () {
        const before = webhook.events.length
        assert.strictEqual((yield* webhook.send(notify({}))).status, 200)
        assert.strictEqual(webhook.events.length, before + 1)
      })

    it.live("anything but a POST is 405, and the next notification is taken", () =>
      Effect.gen(function* () {
        const webhook = yield* record(adapter)
        for (const method of ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
          const answer = yield* webhook.send(notify(opened()), method)
          assert.strictEqual(answer.status, 405, method)
          assert.strictEqual(answer.headers["allow"], "POST")
          assert.strictEqual(answer.body, "{}", method)
          assert.strictEqual(answer.headers["content-type"], "application/json", method)
          assert.include(webhook.log.entries.at(-1), `a ${method} request instead of POST`)
          assert.deepStrictEqual(webhook.events.length, webhook.log.entries.length - 1, method)
          yield* assertServes(webhook)
        }
        assert.strictEqual((yield* webhook.send(notify(opened()), "HEAD")).status, 405)
      }).pipe(Effect.scoped)
    )

    it.live("a body of the limit is read, one byte more is 413", () =>
      Effect.gen(function* () {
        const webhook = yield* record(adapter, { maxBodyBytes: 1000 })
        assert.strictEqual((yield* webhook.send(notify(padded(1000)))).status, 200)
        assert.strictEqual(webhook.events.length, 1)
        for (const size of [1001, 100_000, 3_000_000]) {
          const answer = yield* webhook.send(notify(padded(size)))
          assert.strictEqual(answer.status, 413)
          assert.strictEqual(answer.body, "{}")
          assert.strictEqual(answer.headers["content-type"], "application/json")
          assert.include(webhook.log.entries.at(-1), "the body is larger than 1000 bytes")
          yield* assertServes(webhook)
        }
        assert.strictEqual(webhook.log.entries.length, 3)
      }).pipe(Effect.scoped)
    )

    it.live("the limit is 1 MiB where none is given", () =>
      Effect.gen(function* () {
        const webhook = yield* record(adapter)
        assert.strictEqual(Incoming.defaultMaxBodyBytes, 1_048_576)
        assert.strictEqual((yield* webhook.send(notify(padded(1_048_576)))).status, 200)
        assert.strictEqual(webhook.events.length, 1)
        assert.strictEqual((yield* webhook.send(notify(padded(1_048_577)))).status, 413)
        yield* assertServes(webhook)
      }).pipe(Effect.scoped)
    )
  })

  describe(`${adapter.name}: life of a handler`, () => {
    class Resource extends Context.Service<Resource, { readonly name: string }>()("test/Resource") {}

    /** A layer that counts. */
    const counted = () => {
      const counts = { built: 0, released: 0 }
      const layer = Layer.effect(
        Resource,
        Effect.acquireRelease(
          Effect.sync(() => {
            counts.built++
            return { name: "resource" }
          }),
          () =>
            Effect.sync(() => {
              counts.released++
            })
        )
      )
      return { counts, layer }
    }

    it.live("the webhook and its layer are built once, by the first request, and released by dispose", () =>
      Effect.gen(function* () {
        const lines = yield* consoleErrors
        const { counts, layer } = counted()
        let webhooks = 0
        const names: Array<string> = []
        const webhook = Webhook.make({
          notifications: [va],
          handlers: {
            "va.notification": () => Resource.use((resource) => Effect.sync(() => names.push(resource.name)))
          }
        }).pipe(Effect.tap(() => Effect.sync(() => webhooks++)))
        const { send, dispose } = yield* adapter.start(webhook, Layer.merge(verifier(), layer))
        assert.deepStrictEqual([webhooks, counts], [0, { built: 0, released: 0 }])
        const first = Array.from({ length: 8 }, () => send(notify({})))
        const answers = yield* Effect.all(first, { concurrency: "unbounded" })
        assert.isTrue(answers.every(({ status }) => status === 200))
        assert.strictEqual((yield* send(notify({}))).status, 200)
        assert.strictEqual(names.length, 9)
        assert.deepStrictEqual([webhooks, counts], [1, { built: 1, released: 0 }])
        yield* dispose
        assert.deepStrictEqual([webhooks, counts], [1, { built: 1, released: 1 }])
        yield* dispose
        assert.deepStrictEqual(lines, [])
        // It stays disposed: nothing is built anew that nobody would release.
        assert.strictEqual((yield* send(notify({}))).status, 503)
        assert.deepStrictEqual([webhooks, counts], [1, { built: 1, released: 1 }])
        assert.deepStrictEqual(lines, ["PayKKa webhook has been disposed"])
      }).pipe(Effect.scoped)
    )

    it.live("disposed before its first request it builds nothing", () =>
      Effect.gen(function* () {
        yield* consoleErrors
        const { counts, layer } = counted()
        const webhook = Webhook.make({ notifications: [va], handlers: { "va.notification": () => Resource } })
        const { send, dispose } = yield* adapter.start(webhook, Layer.merge(verifier(), layer))
        yield* dispose
        assert.strictEqual((yield* send(notify({}))).status, 503)
        assert.deepStrictEqual(counts, { built: 0, released: 0 })
      }).pipe(Effect.scoped)
    )

    it.live("dispose interrupts a handler that is under way: 503, so that the notification comes again", () =>
      Effect.gen(function* () {
        const lines = yield* consoleErrors
        const { counts, layer } = counted()
        const started = yield* Deferred.make<void>()
        let interrupted = false
        const webhook = Webhook.make({
          notifications: [va],
          handlers: {
            "va.notification": () =>
              Resource.use(() => Effect.andThen(Deferred.succeed(started, undefined), Effect.never)).pipe(
                Effect.onInterrupt(() =>
                  Effect.sync(() => {
                    interrupted = counts.released === 0
                  })
                )
              )
          }
        })
        const { send, dispose } = yield* adapter.start(webhook, Layer.merge(verifier(), layer))
        const answer = yield* Effect.forkChild(send(notify({})))
        yield* Deferred.await(started)
        yield* dispose
        assert.strictEqual((yield* Fiber.join(answer)).status, 503)
        assert.isTrue(interrupted, "interrupted before the resource was released")
        assert.deepStrictEqual(counts, { built: 1, released: 1 })
        assert.deepStrictEqual(lines, ["PayKKa webhook has been disposed before it could answer"])
      }).pipe(Effect.scoped)
    )

    it.live("dispose while the layer is built: 503, and what was built is released", () =>
      Effect.gen(function* () {
        const lines = yield* consoleErrors
        const { counts, layer } = counted()
        const building = yield* Deferred.make<void>()
        const slow = Layer.effectDiscard(Effect.andThen(Deferred.succeed(building, undefined), Effect.never))
        const webhook = Webhook.make({ notifications: [va], handlers: { "va.notification": () => Resource } })
        const both = Layer.provideMerge(slow, layer)
        const { send, dispose } = yield* adapter.start(webhook, Layer.merge(verifier(), both))
        const answer = yield* Effect.forkChild(send(notify({})))
        yield* Deferred.await(building)
        yield* dispose
        assert.strictEqual((yield* Fiber.join(answer)).status, 503)
        assert.deepStrictEqual(counts, { built: 1, released: 1 })
        assert.deepStrictEqual(lines, ["PayKKa webhook has been disposed before it could answer"])
      }).pipe(Effect.scoped)
    )

    it.live("with a key that cannot be used it answers 503 and says what is wrong, without the key", () =>
      Effect.gen(function* () {
        const lines = yield* consoleErrors
        const wrong = { platformKeys: [{ keyId: "P1", publicKey: merchant.private_pkcs8_pem }] }
        const { counts, layer } = counted()
        const webhook = Webhook.make({ notifications: [va], handlers: { "va.notification": () => Resource } })
        const { send, dispose } = yield* adapter.start(webhook, Layer.provideMerge(verifier({}, wrong), layer))
        for (let requests = 1; requests <= 3; requests++) {
          assert.strictEqual((yield* send(notify(opened()))).status, 503)
          assert.strictEqual(lines.length, requests)
        }
        assert.match(
          lines[0]!,
          /^PayKKa webhook cannot start: platformKeys\[0\]\.publicKey: wanted an RSA public key .* found an RSA private key/
        )
        assert.notMatch(lines[0]!, /\n|MII/)
        yield* dispose
        assert.strictEqual(counts.released, counts.built, "what was built before the failure is released")
      }).pipe(Effect.scoped)
    )

    it.live("a webhook that cannot be made is told, and what its layer holds is released", () =>
      Effect.gen(function* () {
        const lines = yield* consoleErrors
        const { counts, layer } = counted()
        const webhook = Webhook.make({
          notifications: [va],
          paths: { "va.notification": ["hooks/va"] },
          handlers: { "va.notification": () => Resource }
        })
        const { send, dispose } = yield* adapter.start(webhook, Layer.merge(verifier(), layer))
        assert.strictEqual((yield* send(notify({}))).status, 503)
        assert.match(lines[0]!, /^PayKKa webhook cannot start: paths\["va\.notification"\]: a path must start with \//)
        yield* dispose
        assert.deepStrictEqual(counts, { built: 1, released: 1 })
      }).pipe(Effect.scoped)
    )

    it.live("a layer that could not be built is tried again by the next request", () =>
      Effect.gen(function* () {
        const lines = yield* consoleErrors
        const { counts, layer } = counted()
        let attempts = 0
        const flaky = Layer.effectDiscard(
          Effect.suspend(() => {
            attempts++
            if (attempts === 1) return Effect.fail("the database is away")
            return attempts === 2 ? Effect.die(new Error("no memory")) : Effect.void
          })
        )
        const webhook = Webhook.make({ notifications: [va], handlers: { "va.notification": () => Resource } })
        const both = Layer.provideMerge(flaky, layer)
        const { send, dispose } = yield* adapter.start(webhook, Layer.merge(verifier({}, keys), both))
        const answers: Array<number> = []
        for (let requests = 1; requests <= 4; requests++) {
          answers.push((yield* send(notify({}))).status)
        }
        assert.deepStrictEqual(answers, [503, 503, 200, 200])
        assert.strictEqual(attempts, 3)
        assert.deepStrictEqual(lines, [
          "PayKKa webhook cannot start: unknown error",
          "PayKKa webhook cannot start: no memory"
        ])
        yield* dispose
        assert.deepStrictEqual(counts, { built: 3, released: 3 })
      }).pipe(Effect.scoped)
    )
  })
}
