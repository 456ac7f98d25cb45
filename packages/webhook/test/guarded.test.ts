/** Redeliveries, copies and expected merchants: what is handled, and what is answered. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as TestClock from "effect/testing/TestClock"
import * as ReplayGuard from "../src/ReplayGuard.ts"
import * as Webhook from "../src/Webhook.ts"
import { Log, type Message, notify, opened, va, verifier } from "./support.ts"

const incoming = ({ path, headers, body }: Message) => ({
  path,
  authorization: headers["Authorization"],
  merchId: headers["X-Merch-Id"],
  body
})

type Handler = () => Effect.Effect<unknown, unknown>
type Options = Omit<
  Parameters<typeof Webhook.make<typeof va, Record<"va.notification", Handler>>>[0],
  "notifications" | "handlers"
>

/** A webhook of one kind, and what it answers. */
const start = (handler: Handler, options: Options = {}) =>
  Effect.map(
    Webhook.make({ notifications: [va], handlers: { "va.notification": handler }, ...options }),
    ({ receive }) =>
      (message: Message) =>
        Effect.map(receive(incoming(message)), ({ status, body }) => {
          assert.strictEqual(body, "{}")
          return status
        })
  )

const services = (log: Log, guard: Layer.Layer<ReplayGuard.ReplayGuard> = ReplayGuard.layerMemory()) =>
  Layer.mergeAll(verifier({ tolerance: "off" }), log.layer, guard)

/** Another body under the nonce of a message, signed by the platform too. */
const sameNonce = (message: Message, body: unknown): Message => {
  const { nonce } = JSON.parse(decodeURIComponent(message.headers["Authorization"] ?? "")) as { readonly nonce: string }
  return notify(body, { nonce })
}

const unavailable = Effect.fail(new ReplayGuard.ReplayGuardUnavailable({ detail: "its store is away" }))

/** The guard in memory, some of whose steps are others. */
const altered = (change: (guard: ReplayGuard.Service) => Partial<ReplayGuard.Service>) =>
  Layer.effect(
    ReplayGuard.ReplayGuard,
    Effect.map(ReplayGuard.makeMemory(), (guard) => ({ ...guard, ...change(guard) }))
  )

/** The guard in memory, and word of the first delivery that another one keeps waiting. */
const watched = (busy: Deferred.Deferred<void>) =>
  altered((guard) => ({
    claim: (delivery) =>
      Effect.tap(guard.claim(delivery), ({ _tag }) =>
        _tag === "Busy" ? Deferred.succeed(busy, undefined) : Effect.void
      )
  }))

describe("a notification", () => {
  it.effect("is handled once, however often it is delivered", () =>
    Effect.gen(function* () {
      let handled = 0
      const send = yield* start(() => Effect.sync(() => handled++))
      const message = notify(opened())
      for (let nth = 0; nth < 3; nth++) assert.strictEqual(yield* send(message), 200)
      assert.strictEqual(handled, 1)
      // The same content under a nonce of its own is another notification.
      assert.strictEqual(yield* send(notify(opened())), 200)
      assert.strictEqual(handled, 2)
    }).pipe(Effect.provide(services(new Log())))
  )

  it.effect("is handled again when its handler failed, threw, or was too slow", () =>
    Effect.gen(function* () {
      const log = new Log()
      const begun = yield* Deferred.make<void>()
      const busy = yield* Deferred.make<void>()
      const outcomes: Array<Handler> = [
        () => Effect.fail("no database"),
        () => {
          throw new Error("no database")
        },
        () => Effect.andThen(Deferred.succeed(begun, undefined), Effect.never),
        () => Effect.void,
        () => Effect.die("handled twice")
      ]
      yield* Effect.gen(function* () {
        const send = yield* start(() => outcomes.shift()!())
        const message = notify(opened())
        assert.strictEqual(yield* send(message), 500)
        assert.strictEqual(yield* send(message), 500)
        const slow = yield* Effect.forkChild(send(message))
        yield* Deferred.await(begun)
        yield* TestClock.adjust("53 seconds")
        assert.isUndefined(slow.pollUnsafe())
        yield* TestClock.adjust("1 second")
        assert.strictEqual(yield* Fiber.join(slow), 500)
        // The rest of the lease is waited for: what was cut off may still be at work.
        const next = yield* Effect.forkChild(send(message))
        yield* Deferred.await(busy)
        assert.isUndefined(next.pollUnsafe())
        yield* TestClock.adjust("7 seconds")
        assert.strictEqual(yield* Fiber.join(next), 200)
        assert.strictEqual(yield* send(message), 200)
        assert.strictEqual(outcomes.length, 1)
      }).pipe(Effect.provide(services(log, watched(busy))))
      assert.include(log.text, "took longer than the guard's lease allows")
    })
  )

  it.effect.each([false, true])(
    "that arrives while another delivery of it is handled waits for what becomes of that: failure is %s",
    (failsFirst) =>
      Effect.gen(function* () {
        const busy = yield* Deferred.make<void>()
        const gate = yield* Deferred.make<void>()
        let handled = 0
        yield* Effect.gen(function* () {
          const send = yield* start(() =>
            Effect.andThen(
              Deferred.await(gate),
              Effect.suspend(() => (++handled === 1 && failsFirst ? Effect.fail("not yet") : Effect.void))
            )
          )
          const message = notify(opened())
          const both = yield* Effect.forkChild(Effect.all([send(message), send(message)], { concurrency: 2 }))
          yield* Deferred.await(busy)
          yield* TestClock.adjust("5 seconds")
          yield* Deferred.succeed(gate, undefined)
          yield* TestClock.adjust("1 second")
          assert.deepStrictEqual(
            (yield* Fiber.join(both)).toSorted((a, b) => a - b),
            failsFirst ? [200, 500] : [200, 200]
          )
          assert.strictEqual(handled, failsFirst ? 2 : 1)
        }).pipe(Effect.provide(services(new Log(), watched(busy))))
      })
  )

  it.effect("is put off with 503 when that takes too long", () =>
    Effect.gen(function* () {
      const busy = yield* Deferred.make<void>()
      const log = new Log()
      yield* Effect.gen(function* () {
        const send = yield* start(() => Effect.never, { busyTimeout: "3 seconds" })
        const message = notify(opened())
        const either = yield* Effect.forkChild(Effect.race(send(message), send(message)))
        yield* Deferred.await(busy)
        yield* TestClock.adjust("4 seconds")
        assert.strictEqual(yield* Fiber.join(either), 503)
      }).pipe(Effect.provide(services(log, watched(busy))))
      assert.include(log.text, "another delivery of it is still being handled")
    })
  )

  it.effect("is free again when the program gives up in the middle of it", () =>
    Effect.gen(function* () {
      let handled = 0
      const begun = yield* Deferred.make<void>()
      const send = yield* start(() =>
        Effect.suspend(() =>
          ++handled === 1 ? Effect.andThen(Deferred.succeed(begun, undefined), Effect.never) : Effect.void
        )
      )
      const message = notify(opened())
      const fiber = yield* Effect.forkChild(send(message))
      yield* Deferred.await(begun)
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(yield* send(message), 200)
      assert.strictEqual(handled, 2)
    }).pipe(Effect.provide(services(new Log())))
  )
})

describe("a nonce that comes again", () => {
  it.effect("is refused with another content, also while the first is handled", () =>
    Effect.gen(function* () {
      const log = new Log()
      yield* Effect.gen(function* () {
        const begun = yield* Deferred.make<void>()
        const gate = yield* Deferred.make<void>()
        let handled = 0
        const send = yield* start(() =>
          Deferred.succeed(begun, undefined).pipe(
            Effect.andThen(Deferred.await(gate)),
            Effect.andThen(Effect.sync(() => handled++))
          )
        )
        const message = notify(opened())
        const other = sameNonce(message, opened({ status: "DISABLED" }))
        const first = yield* Effect.forkChild(send(message))
        yield* Deferred.await(begun)
        assert.strictEqual(yield* send(other), 401)
        yield* Deferred.succeed(gate, undefined)
        assert.strictEqual(yield* Fiber.join(first), 200)
        assert.strictEqual(yield* send(other), 401)
        assert.strictEqual(handled, 1)
      }).pipe(Effect.provide(services(log)))
      assert.include(log.text, "its nonce came before with another signature")
    })
  )

  it.effect("is another notification for another merchant", () =>
    Effect.gen(function* () {
      let handled = 0
      const send = yield* start(() => Effect.sync(() => handled++))
      const nonce = "0123456789abcdef"
      assert.strictEqual(yield* send(notify(opened(), { nonce, merchId: "M1" })), 200)
      assert.strictEqual(yield* send(notify(opened(), { nonce, merchId: "M2" })), 200)
      assert.strictEqual(handled, 2)
    }).pipe(Effect.provide(services(new Log())))
  )
})

describe("while the guard's store is down", () => {
  it.effect("nothing is handled, and the answer is 503", () =>
    Effect.gen(function* () {
      let handled = 0
      const send = yield* start(() => Effect.sync(() => handled++))
      assert.strictEqual(yield* send(notify(opened())), 503)
      assert.strictEqual(handled, 0)
    }).pipe(
      Effect.provide(
        services(
          new Log(),
          altered(() => ({ claim: () => unavailable }))
        )
      )
    )
  )

  it.effect("it is handled unguarded where the user says so, and the log tells", () =>
    Effect.gen(function* () {
      const log = new Log()
      yield* Effect.gen(function* () {
        let handled = 0
        const send = yield* start(() => Effect.sync(() => handled++), { guardFailure: "handle" })
        assert.strictEqual(yield* send(notify(opened())), 200)
        assert.strictEqual(handled, 1)
      }).pipe(
        Effect.provide(
          services(
            log,
            altered(() => ({ claim: () => unavailable }))
          )
        )
      )
      assert.include(log.text, "is handled unguarded: the replay guard is not available: its store is away")
    })
  )

  it.effect("what is handled is answered 200, though it cannot be remembered", () =>
    Effect.gen(function* () {
      const log = new Log()
      let commits = 0
      const tried = yield* Deferred.make<void>()
      const commit = () =>
        Effect.suspend(() => {
          commits++
          return Effect.andThen(Deferred.succeed(tried, undefined), unavailable)
        })
      yield* Effect.gen(function* () {
        const send = yield* start(() => Effect.void)
        const fiber = yield* Effect.forkChild(send(notify(opened())))
        yield* Deferred.await(tried)
        yield* TestClock.adjust("10 seconds")
        assert.strictEqual(yield* Fiber.join(fiber), 200)
      }).pipe(
        Effect.provide(
          services(
            log,
            altered(() => ({ commit }))
          )
        )
      )
      assert.strictEqual(commits, 5)
      assert.include(log.text, "was handled, and may be again when it is repeated")
    })
  )

  it.effect("the log tells where the claim was over before it could be remembered", () =>
    Effect.gen(function* () {
      const log = new Log()
      yield* Effect.gen(function* () {
        const send = yield* start(() => Effect.void)
        assert.strictEqual(yield* send(notify(opened())), 200)
      }).pipe(
        Effect.provide(
          services(
            log,
            altered(() => ({ commit: () => Effect.succeed(false) }))
          )
        )
      )
      assert.include(log.text, "may be again when it is repeated: its claim was over before that could be recorded")
    })
  )

  it.effect("what failed stays 500, though it cannot be given up", () =>
    Effect.gen(function* () {
      const log = new Log()
      yield* Effect.gen(function* () {
        const send = yield* start(() => Effect.fail("no database"))
        assert.strictEqual(yield* send(notify(opened())), 500)
      }).pipe(
        Effect.provide(
          services(
            log,
            altered(() => ({ release: () => unavailable }))
          )
        )
      )
      assert.include(log.text, "can be handled again only after the guard's lease")
    })
  )
})

describe("merchants that are expected", () => {
  it.effect("are a list of numbers, as they were signed", () =>
    Effect.gen(function* () {
      const log = new Log()
      yield* Effect.gen(function* () {
        let handled = 0
        const send = yield* start(() => Effect.sync(() => handled++), { merchants: ["M1", "M2"] })
        const statuses: Array<number> = []
        for (const merchId of ["M1", "M2", "M3", "", null]) statuses.push(yield* send(notify(opened(), { merchId })))
        assert.deepStrictEqual(statuses, [200, 200, 401, 401, 401])
        assert.strictEqual(handled, 2)
      }).pipe(Effect.provide(services(log)))
      assert.include(log.text, "for a merchant that is not expected here")
      assert.notInclude(log.text, "M3")
    })
  )

  it.effect("may differ by the path that was called", () =>
    Effect.gen(function* () {
      const asked: Array<readonly [string, string]> = []
      const send = yield* start(() => Effect.void, {
        paths: { "va.notification": ["/hooks/one", "/hooks/two"] },
        merchants: (merchId, path) => {
          asked.push([merchId, path])
          return path === `/hooks/${merchId}`
        }
      })
      assert.strictEqual(yield* send(notify(opened(), { path: "/hooks/one", merchId: "one" })), 200)
      assert.strictEqual(yield* send(notify(opened(), { path: "/hooks/two", merchId: "one" })), 401)
      // Signed over another path than the one that was called.
      assert.strictEqual(
        yield* send(notify(opened(), { path: "/hooks/two", signedPath: "/hooks/one", merchId: "two" })),
        200
      )
      // A header that was not signed asks nobody.
      assert.strictEqual(
        yield* send(notify(opened(), { path: "/hooks/two", merchId: "two", signedMerchId: "one" })),
        401
      )
      assert.deepStrictEqual(asked, [
        ["one", "/hooks/one"],
        ["one", "/hooks/two"],
        ["two", "/hooks/two"]
      ])
    }).pipe(Effect.provide(services(new Log())))
  )
})

describe("metrics", () => {
  it.effect("count requests by outcome and reason", () =>
    Effect.gen(function* () {
      const send = yield* start(() => Effect.void, { merchants: (merchId) => merchId !== "M3" })
      const message = notify(opened())
      yield* send(message)
      yield* send(message)
      yield* send(notify(opened(), { merchId: "M3" }))
      yield* send(notify(opened(), { signedPath: "/elsewhere" }))
      const counts = (yield* Metric.snapshot)
        .filter(({ id }) => id === "paykka_webhook_requests")
        .map(({ attributes, state }) => [
          attributes?.["outcome"],
          attributes?.["reason"],
          (state as { count: number }).count
        ])
      assert.deepStrictEqual(
        counts.toSorted((a, b) => (a.join() < b.join() ? -1 : 1)),
        [
          ["duplicate", "none", 1],
          ["handled", "va.notification", 1],
          ["refused", "Mismatch", 1],
          ["refused", "UnexpectedMerchant", 1]
        ]
      )
    }).pipe(Effect.provide(services(new Log())), Effect.provideService(Metric.MetricRegistry, new Map()))
  )
})
