/** The inbox over the queue in memory; what survives a process is tested where stores are. */
import { inspect } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as TestClock from "effect/testing/TestClock"
import * as DeadLetters from "../src/DeadLetters.ts"
import * as Inbox from "../src/Inbox.ts"
import * as InboxQueue from "../src/InboxQueue.ts"
import * as ReplayGuard from "../src/ReplayGuard.ts"
import type * as Stored from "../src/Stored.ts"
import * as WebHandler from "../src/WebHandler.ts"
import type * as Webhook from "../src/Webhook.ts"
import { Log, type Message, merchId, notify, opened, secrets, va, verifier } from "./support.ts"

const services = (log: Log, retry: Schedule.Schedule<unknown, number> = Schedule.spaced("1 second")) =>
  Layer.mergeAll(verifier({ tolerance: "off" }), InboxQueue.layerMemory({ retry }), DeadLetters.layerMemory, log.layer)

const incoming = ({ path, headers, body }: Message) => ({
  path,
  authorization: headers["Authorization"],
  merchId: headers["X-Merch-Id"],
  body
})

const account = (requestId: string, status = "ENABLED") => notify(opened({ request_id: requestId, status }))

const label = ({ data }: Webhook.Event<typeof va>) => `${data.request_id} ${data.status}`

describe("Inbox", () => {
  it.effect("answers 200 when it is kept, and hands on later what was verified", () =>
    Effect.gen(function* () {
      const events: Array<Webhook.Event<typeof va>> = []
      const done = yield* Deferred.make<void>()
      const inbox = yield* Inbox.make({
        notifications: [va],
        handlers: {
          "va.notification": (event) =>
            Effect.andThen(
              Effect.sync(() => events.push(event)),
              Deferred.succeed(done, undefined)
            )
        }
      })
      const message = account("1")
      assert.strictEqual((yield* inbox.receive(incoming(message))).status, 200)
      // A redelivery is not kept again.
      assert.strictEqual((yield* inbox.receive(incoming(message))).status, 200)
      assert.strictEqual((yield* inbox.receive({ ...incoming(message), body: new Uint8Array(1) })).status, 401)
      assert.deepStrictEqual(events, [])
      const fiber = yield* Effect.forkChild(inbox.run)
      yield* Deferred.await(done)
      yield* TestClock.adjust("1 minute")
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(events.length, 1)
      const [{ kind, data, verified }] = events as [Webhook.Event<typeof va>]
      assert.deepStrictEqual([kind, data.account_no], ["va.notification", secrets.account_no])
      assert.deepStrictEqual(verified.body, new Uint8Array(message.body))
      assert.deepStrictEqual([verified.path, verified.merchId], [message.path, merchId])
    }).pipe(Effect.provide(services(new Log())))
  )

  it.effect("tries again after a failure, makes a dead letter at last, and replays it", () =>
    Effect.gen(function* () {
      let tries = 0
      let broken = true
      const inbox = yield* Inbox.make({
        notifications: [va],
        maxAttempts: 3,
        handlers: {
          "va.notification": () =>
            Effect.suspend(() => {
              tries++
              return broken ? Effect.die(new Error(`no database for ${"x".repeat(600)}`)) : Effect.void
            })
        }
      })
      yield* inbox.receive(incoming(account("1")))
      yield* Effect.forkChild(inbox.run)
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(tries, 3)
      const letters = yield* DeadLetters.DeadLetters
      const [letter, ...others] = yield* letters.list()
      if (letter === undefined) return assert.fail("there is no dead letter")
      assert.strictEqual(others.length, 0)
      assert.deepStrictEqual([letter.attempts, letter.error.length], [3, 500])
      assert.match(letter.error, /^Error: no database for x+$/)
      assert.match(letter.id, /^[0-9a-f]{64}$/)
      assert.deepStrictEqual(yield* letters.get(letter.id), Option.some(letter))
      broken = false
      assert.isTrue(yield* inbox.replay(letter.id))
      assert.isFalse(yield* inbox.replay(letter.id))
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(tries, 4)
      assert.deepStrictEqual(yield* letters.list(), [])
    }).pipe(Effect.provide(services(new Log())))
  )

  it.effect("counts attempts at which the process died", () =>
    Effect.gen(function* () {
      const inbox = yield* Inbox.make({
        notifications: [va],
        maxAttempts: 3,
        handlers: { "va.notification": () => Effect.void }
      })
      yield* inbox.receive(incoming(account("1")))
      const queue = yield* InboxQueue.InboxQueue
      const letters = yield* DeadLetters.DeadLetters
      yield* queue.take((stored) => inbox.handle(stored, 3))
      assert.deepStrictEqual(yield* letters.list(), [])
      yield* inbox.receive(incoming(account("2")))
      yield* queue.take((stored) => inbox.handle(stored, 4))
      assert.deepStrictEqual(
        (yield* letters.list()).map(({ attempts, error }) => [attempts, error]),
        [[3, "its last attempt came to no end: the process died, or its failure could not be kept; see the log"]]
      )
    }).pipe(Effect.provide(services(new Log())))
  )

  it.effect("makes a dead letter of what holds no notification, and goes on", () =>
    Effect.gen(function* () {
      const done = yield* Deferred.make<void>()
      const inbox = yield* Inbox.make({
        notifications: [va],
        handlers: { "va.notification": () => Deferred.succeed(done, undefined) }
      })
      const queue = yield* InboxQueue.InboxQueue
      const letters = yield* DeadLetters.DeadLetters
      yield* inbox.receive(incoming(account("1")))
      let stored: Stored.Stored | undefined
      yield* Effect.flip(queue.take((each) => Effect.suspend(() => ((stored = each), Effect.fail("later")))))
      yield* queue.offer({ ...stored!, id: "x", body: "=" })
      const fiber = yield* Effect.forkChild(inbox.run)
      yield* TestClock.adjust("5 seconds")
      yield* Deferred.await(done)
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(
        (yield* letters.list()).map(({ id, error }) => [id, error]),
        [["x", "its body is no Base64"]]
      )
    }).pipe(Effect.provide(services(new Log())))
  )

  it.effect("outlives an order that throws and dead letters that die", () =>
    Effect.gen(function* () {
      const log = new Log()
      const handled: Array<string | undefined> = []
      const dying = Layer.effect(
        DeadLetters.DeadLetters,
        Effect.map(DeadLetters.DeadLetters, (letters) => ({
          ...letters,
          put: (letter: DeadLetters.DeadLetter) =>
            deaths++ === 0 ? Effect.die(new Error("gone")) : letters.put(letter)
        }))
      ).pipe(Layer.provide(DeadLetters.layerMemory))
      let deaths = 0
      const layer = Layer.mergeAll(
        verifier({ tolerance: "off" }),
        InboxQueue.layerMemory({ retry: Schedule.spaced("1 second") }),
        dying,
        log.layer
      )
      yield* Effect.gen(function* () {
        const inbox = yield* Inbox.make({
          notifications: [va],
          maxAttempts: 2,
          order: (event) => {
            if (event.kind === "va.notification" && event.data.request_id === "1") throw new Error("no such order")
            return undefined
          },
          handlers: { "va.notification": ({ data }) => Effect.sync(() => handled.push(data.request_id)) }
        })
        yield* inbox.receive(incoming(account("1")))
        yield* inbox.receive(incoming(account("2")))
        const fiber = yield* Effect.forkChild(inbox.run)
        for (let nth = 0; nth < 20; nth++) yield* TestClock.adjust("1 second")
        yield* Fiber.interrupt(fiber)
        assert.deepStrictEqual(handled, ["2"])
        const letters = yield* DeadLetters.DeadLetters.use((service) => service.list())
        assert.strictEqual(letters.length, 1)
        assert.strictEqual(deaths, 2)
      }).pipe(Effect.provide(layer))
      assert.include(log.text, "a store of it failed")
    })
  )

  it.effect("waits for the dead letters with the reason in hand, and those behind wait with it", () =>
    Effect.gen(function* () {
      let isDown = true
      const seen: Array<string> = []
      const flaky = Layer.effect(
        DeadLetters.DeadLetters,
        Effect.map(DeadLetters.DeadLetters, (letters) => ({
          ...letters,
          put: (letter: DeadLetters.DeadLetter) =>
            Effect.suspend(() =>
              isDown ? Effect.fail(new DeadLetters.DeadLettersUnavailable({ detail: "away" })) : letters.put(letter)
            )
        }))
      ).pipe(Layer.provide(DeadLetters.layerMemory))
      const log = new Log()
      const layer = Layer.mergeAll(verifier({ tolerance: "off" }), InboxQueue.layerMemory(), flaky, log.layer)
      yield* Effect.gen(function* () {
        const inbox = yield* Inbox.make({
          notifications: [va],
          concurrency: 3,
          maxAttempts: 1,
          order: () => "one lane",
          handlers: {
            "va.notification": (event) =>
              Effect.suspend(() => {
                if (label(event) === "a 1") return Effect.die(new Error("account is locked"))
                seen.push(label(event))
                return Effect.void
              })
          }
        })
        for (const status of ["1", "2", "3"]) yield* inbox.receive(incoming(account("a", status)))
        const fiber = yield* Effect.forkChild(inbox.run)
        for (let nth = 0; nth < 30; nth++) yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(seen, [])
        isDown = false
        for (let nth = 0; nth < 60; nth++) yield* TestClock.adjust("1 second")
        yield* Fiber.interrupt(fiber)
        assert.deepStrictEqual(seen, ["a 2", "a 3"])
        const letters = yield* DeadLetters.DeadLetters.use((service) => service.list())
        assert.deepStrictEqual(
          letters.map(({ attempts, error }) => [attempts, error]),
          [[1, "Error: account is locked"]]
        )
      }).pipe(Effect.provide(layer))
      assert.include(log.text, "cannot be given up: the dead letters are not available: away")
    })
  )

  it.effect("fails where it was pushed and the dead letters are away: it is pushed again", () =>
    Effect.gen(function* () {
      const away = Effect.fail(new DeadLetters.DeadLettersUnavailable({ detail: "away" }))
      const down = Layer.succeed(DeadLetters.DeadLetters, {
        put: () => away,
        list: () => away,
        get: () => away,
        remove: () => away
      })
      const layer = Layer.mergeAll(verifier({ tolerance: "off" }), InboxQueue.layerMemory(), down, new Log().layer)
      yield* Effect.gen(function* () {
        const inbox = yield* Inbox.make({
          notifications: [va],
          maxAttempts: 1,
          handlers: { "va.notification": () => Effect.fail("no") }
        })
        yield* inbox.receive(incoming(account("1")))
        const queue = yield* InboxQueue.InboxQueue
        const failure = yield* Effect.flip(queue.take((stored) => inbox.handle(stored, 1)))
        assert.strictEqual(failure._tag, "HandlingFailed")
      }).pipe(Effect.provide(layer))
    })
  )

  it.effect("makes a dead letter of what is for a handler and does not decode", () =>
    Effect.gen(function* () {
      const inbox = yield* Inbox.make({
        notifications: [va],
        maxAttempts: 1,
        handlers: { "va.notification": () => Effect.void }
      })
      const letters = yield* DeadLetters.DeadLetters
      assert.strictEqual((yield* inbox.receive(incoming(notify(opened({ status: {} }))))).status, 200)
      assert.strictEqual(
        (yield* inbox.receive(incoming(notify({ data: { other: 1 } }, { path: "/hooks" })))).status,
        200
      )
      const fiber = yield* Effect.forkChild(inbox.run)
      yield* TestClock.adjust("5 seconds")
      yield* Fiber.interrupt(fiber)
      const [letter, ...others] = yield* letters.list()
      assert.match(letter?.error ?? "", /^a notification looks like va\.notification, but status/)
      assert.strictEqual(others.length, 0)
    }).pipe(Effect.provide(services(new Log())))
  )

  it("hides from whoever prints an error what its store failed of", () => {
    const cause = new Error("redis://:hunter2@cache.internal")
    for (const error of [
      new InboxQueue.InboxQueueUnavailable({ detail: "away", cause }),
      new DeadLetters.DeadLettersUnavailable({ detail: "away", cause }),
      new ReplayGuard.ReplayGuardUnavailable({ detail: "away", cause })
    ]) {
      const printed = [String(error), inspect(error, { depth: 9 }), JSON.stringify(error), String(error.stack)].join()
      assert.notInclude(printed, "hunter2")
      assert.strictEqual(Redacted.value(error.cause!), cause)
    }
  })

  it.effect("gives back what its handler fails or dies of", () =>
    Effect.gen(function* () {
      const inbox = yield* Inbox.make({ notifications: [va], handlers: { "va.notification": () => Effect.void } })
      const queue = yield* InboxQueue.InboxQueue
      yield* inbox.receive(incoming(account("1")))
      assert.strictEqual(yield* Effect.flip(queue.take(() => Effect.fail("later"))), "later")
      yield* TestClock.adjust("1 second")
      assert.strictEqual(
        yield* Effect.catchDefect(
          queue.take(() => Effect.die("a bug")),
          Effect.succeed
        ),
        "a bug"
      )
    }).pipe(Effect.provide(services(new Log())))
  )

  it.effect("handles as many at once as it may", () =>
    Effect.gen(function* () {
      let running = 0
      let most = 0
      const inbox = yield* Inbox.make({
        notifications: [va],
        concurrency: 3,
        handlers: {
          "va.notification": () =>
            Effect.gen(function* () {
              most = Math.max(most, ++running)
              yield* Effect.sleep("1 second")
              running--
            })
        }
      })
      for (let nth = 0; nth < 9; nth++) yield* inbox.receive(incoming(account(String(nth))))
      const fiber = yield* Effect.forkChild(inbox.run)
      yield* TestClock.adjust("1 second")
      yield* TestClock.adjust("1 second")
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual([most, running], [3, 0])
      yield* Fiber.interrupt(fiber)
    }).pipe(Effect.provide(services(new Log())))
  )

  it.effect("keeps the order of an object's events, also over failures, while others go on", () =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      let broken = true
      const inbox = yield* Inbox.make({
        notifications: [va],
        concurrency: 4,
        order: (event) => (event.kind === "va.notification" ? event.data.request_id : undefined),
        retry: Schedule.spaced("1 second"),
        handlers: {
          "va.notification": (event) =>
            Effect.suspend(() => {
              if (broken && label(event) === "a 1") return Effect.die(new Error("not yet"))
              seen.push(label(event))
              return Effect.void
            })
        }
      })
      for (const [id, status] of [
        ["a", "1"],
        ["a", "2"],
        ["b", "1"],
        ["a", "3"],
        ["b", "2"]
      ] as const) {
        yield* inbox.receive(incoming(account(id, status)))
      }
      const fiber = yield* Effect.forkChild(inbox.run)
      yield* TestClock.adjust("3500 millis")
      assert.deepStrictEqual(seen, ["b 1", "b 2"])
      broken = false
      yield* TestClock.adjust("5 seconds")
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(
        seen.filter((each) => each.startsWith("a")),
        ["a 1", "a 2", "a 3"]
      )
      assert.deepStrictEqual(
        seen.filter((each) => each.startsWith("b")),
        ["b 1", "b 2"]
      )
      // Stopped before it is done: those behind it do not go first, and come again.
      broken = true
      seen.length = 0
      for (const status of ["1", "2", "3"]) yield* inbox.receive(incoming(account("a", status)))
      const again = yield* Effect.forkChild(inbox.run)
      yield* TestClock.adjust("2500 millis")
      yield* Fiber.interrupt(again)
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(seen, [])
      broken = false
      const last = yield* Effect.forkChild(inbox.run)
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.interrupt(last)
      assert.deepStrictEqual(seen.toSorted(), ["a 1", "a 2", "a 3"])
    }).pipe(Effect.provide(services(new Log())))
  )

  it.live("stands behind an adapter as a webhook does, and runs with it", () =>
    Effect.gen(function* () {
      const done = yield* Deferred.make<string | undefined>()
      const inbox = Inbox.make({
        notifications: [va],
        handlers: { "va.notification": ({ data }) => Deferred.succeed(done, data.account_no) }
      }).pipe(Effect.tap(({ run }) => Effect.forkDetach(run)))
      const { fetch, dispose } = WebHandler.make(inbox, services(new Log()))
      yield* Effect.addFinalizer(() => Effect.promise(dispose))
      const { path, ...init } = notify(opened())
      const response = yield* Effect.promise(() =>
        fetch(new Request(`https://merchant.test${path}`, { method: "POST", ...init }))
      )
      assert.strictEqual(response.status, 200)
      assert.strictEqual(yield* Deferred.await(done), secrets.account_no)
    }).pipe(Effect.scoped)
  )

  it.effect("answers 503 while the queue's store is down, so that it comes again", () =>
    Effect.gen(function* () {
      const log = new Log()
      const down = Layer.succeed(InboxQueue.InboxQueue, {
        offer: () =>
          Effect.fail(
            new InboxQueue.InboxQueueUnavailable({ detail: "its store failed", cause: new Error("password=hunter2") })
          ),
        take: () => Effect.never
      })
      const layer = Layer.mergeAll(verifier(), down, DeadLetters.layerMemory, log.layer)
      yield* Effect.gen(function* () {
        yield* TestClock.setTime(Date.now())
        const inbox = yield* Inbox.make({ notifications: [va], handlers: { "va.notification": () => Effect.void } })
        const message = account("1")
        assert.strictEqual((yield* inbox.receive(incoming(message))).status, 503)
        // The guard has let it go: it is tried again.
        assert.strictEqual((yield* inbox.receive(incoming(message))).status, 503)
      }).pipe(Effect.provide(layer))
      assert.include(log.text, "the inbox's queue is not available")
      assert.notInclude(log.text, "hunter2")
    })
  )
})
