/** The inbox on real queues and objects, in workerd; what cannot be had there, over queues that are told what to do. */
import { assert, describe, it } from "@effect/vitest"
import type { DeadLetter } from "@paykka/webhook/DeadLetters"
import * as DeadLetters from "@paykka/webhook/DeadLetters"
import * as Inbox from "@paykka/webhook/Inbox"
import * as InboxQueue from "@paykka/webhook/InboxQueue"
import type { Stored } from "@paykka/webhook/Stored"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { afterAll } from "vitest"
import type { QueueMessage } from "../src/Bindings.ts"
import * as CloudflareInbox from "../src/CloudflareInbox.ts"
import { account, lettersOf, start, until } from "./support.ts"

const worker = await start()
afterAll(worker.stop)
const letters = lettersOf(worker)

const handled = (id: string) => until(worker.seen, (seen) => seen.handled.includes(id))
const letterOf = (is: (letter: DeadLetter) => boolean) =>
  Effect.map(
    until(letters.list(), (all) => all.some(is)),
    (all) => all.find(is)!
  )
const replay = (id: string) => worker.json(`/replay?id=${encodeURIComponent(id)}`)
const bodyOf = ({ stored }: DeadLetter): unknown => JSON.parse(Buffer.from(stored.body, "base64").toString())
const requestIdOf = (letter: DeadLetter): unknown =>
  (bodyOf(letter) as { readonly data?: { readonly request_id?: unknown } }).data?.request_id

/** What an inbox keeps of a notification, written by hand. */
const storedOf = (request_id: string): Stored => ({
  id: `id-of-${request_id}`,
  path: "/inbox",
  merchId: "M1",
  authorization: { sign_type: "SHA256_WITH_RSA", timestamp: "1", nonce: "n", key_id: "k", signature: "c2ln" },
  key: { fingerprint: "f" },
  body: Buffer.from(JSON.stringify({ type: "MERCH", data: { request_id } })).toString("base64"),
  receivedAt: 1_764_000_000_000
})

describe("the inbox on Cloudflare", () => {
  it.live("handles what was answered with 200, once for 64 deliveries that arrive at once", () =>
    Effect.gen(function* () {
      const signed = yield* account("queued", "/inbox")
      const statuses = yield* Effect.all(
        Array.from({ length: 64 }, () => worker.notify(signed)),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual([...new Set(statuses)], [200])
      yield* handled("queued")
      // Whatever was sent before this one has been handed over before it.
      assert.strictEqual(yield* worker.notify(yield* account("next", "/inbox")), 200)
      const { tried } = yield* handled("next")
      assert.strictEqual(tried["queued"], 1)
    })
  )

  it.live("tries again what failed", () =>
    Effect.gen(function* () {
      const signed = yield* account("flaky-1", "/inbox")
      assert.strictEqual(yield* worker.notify(signed), 200)
      assert.strictEqual((yield* handled("flaky-1")).tried["flaky-1"], 2)
      assert.deepStrictEqual(yield* letters.list(), [])
    })
  )

  it.live("makes a dead letter of what fails each time, and replays it", () =>
    Effect.gen(function* () {
      for (const [id, bytes] of [
        ["broken", 0],
        ["broken-large", 300_000]
      ] as const) {
        const signed = yield* account(id, "/inbox", bytes)
        assert.strictEqual(yield* worker.notify(signed), 200)
      }
      const small = yield* letterOf((letter) => requestIdOf(letter) === "broken")
      // What was too large for the queue was kept as a letter before; that one goes when it is given up.
      const large = yield* letterOf(
        (letter) => requestIdOf(letter) === "broken-large" && !letter.id.startsWith("parcel-")
      )
      for (const { id, error, attempts } of [small, large]) {
        assert.match(id, /^[0-9a-f]{64}$/)
        assert.deepStrictEqual([error, attempts], ["Failing: the ledger is closed", 3])
      }
      yield* until(letters.list(), (all) => all.length === 2)
      yield* worker.json("/mend")
      for (const { id } of [small, large]) assert.deepStrictEqual(yield* replay(id), { success: true })
      assert.deepStrictEqual(yield* replay(small.id), { success: false })
      yield* handled("broken")
      yield* handled("broken-large")
      yield* until(letters.list(), (all) => all.length === 0)
    })
  )

  it.live("keeps what is too large for a message elsewhere until it is handled", () =>
    Effect.gen(function* () {
      const signed = yield* account("large", "/inbox", 1_000_000)
      assert.strictEqual(yield* worker.notify(signed), 200)
      yield* handled("large")
      yield* until(letters.list(), (all) => all.length === 0)
    })
  )

  it.live("counts as the queue does", () =>
    Effect.gen(function* () {
      const stored = storedOf("just-fits")
      const ofBytes = (bytes: number): Stored => ({
        ...stored,
        merchId: "x".repeat(bytes - JSON.stringify({ ...stored, merchId: "" }).length)
      })
      // What has room by our count, and what the queue refuses.
      yield* worker.json("/message", ofBytes(127_500))
      const refused = yield* Effect.exit(worker.json("/message", ofBytes(128_001)))
      assert.isTrue(Exit.isFailure(refused))
      yield* handled("just-fits")
    })
  )

  it.live("makes a dead letter of what is no notification, which no handler sees and nobody can replay", () =>
    Effect.gen(function* () {
      const content = { data: { request_id: "forged", account_no: "1" }, note: "值" }
      yield* worker.json("/message", content)
      const letter = yield* letterOf(({ id }) => id.startsWith("foreign-"))
      assert.deepStrictEqual(bodyOf(letter), content)
      assert.match(letter.error, /^not a notification: /)
      assert.notInclude(letter.error, "forged")
      assert.strictEqual(letter.attempts, 1)
      const { failure } = (yield* replay(letter.id)) as { readonly failure: string }
      assert.match(failure, /foreign-.* is no notification, but something else that was in the queue$/)
      assert.isTrue(Option.isSome(yield* letters.get(letter.id)))
      yield* letters.remove(letter.id)
      assert.isUndefined((yield* worker.seen).tried["forged"])
    })
  )

  it.live("lets no request wait for another one, which workerd would cut off", () =>
    Effect.gen(function* () {
      const ids = ["ordered-1", "ordered-2", "ordered-3"]
      const outcomes = yield* Effect.forEach(ids, (id) => worker.json("/ordered", storedOf(id)), {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual(outcomes, [{}, {}, {}])
      yield* Effect.forEach(ids, handled)
    })
  )

  it.live("gives up by itself before the queue would forget", () =>
    Effect.gen(function* () {
      yield* worker.json("/message?queue=stubborn", storedOf("flaky-9"))
      const letter = yield* letterOf(({ id }) => id === "id-of-flaky-9")
      assert.deepStrictEqual(
        [letter.attempts, letter.error],
        [2, "it failed as often as the queue hands it over; why is in the log"]
      )
      yield* letters.remove(letter.id)
    })
  )

  it.live("buries what the queue gave up since the worker died at it", () =>
    Effect.gen(function* () {
      yield* worker.json("/message", storedOf("deadly"))
      const letter = yield* letterOf(({ id }) => id === "id-of-deadly")
      assert.deepStrictEqual([letter.attempts, letter.error], [5, "the queue gave it up; why is in the log"])
      assert.deepStrictEqual(letter.stored, storedOf("deadly"))
      yield* letters.remove(letter.id)
    })
  )
})

/** A message, and what became of it. */
const messageOf = (body: unknown, attempts = 1) => {
  const done: Array<string> = []
  const message: QueueMessage = {
    id: "m1",
    timestamp: new Date(0),
    body,
    attempts,
    ack: () => void done.push("ack"),
    retry: ({ delaySeconds }) => void done.push(`retry in ${delaySeconds}`)
  }
  return { message, done }
}

const inboxOf = (handle: Inbox.Inbox["handle"]): Inbox.Inbox => ({
  handle,
  receive: () => Effect.die("unused"),
  run: Effect.never,
  replay: () => Effect.succeed(false)
})
const failing = inboxOf(() => Effect.fail(new Inbox.HandlingFailed()))
const succeeding = inboxOf(() => Effect.void)

const away = new DeadLetters.DeadLettersUnavailable({ detail: "away", cause: new Error("password=hunter2") })
const noLetters = Layer.succeed(DeadLetters.DeadLetters, {
  put: () => Effect.fail(away),
  list: () => Effect.fail(away),
  get: () => Effect.fail(away),
  remove: () => Effect.fail(away)
})

/** Writes the log down. */
const logged = () => {
  const lines: Array<string> = []
  const logger = Logger.layer([Logger.map(Logger.formatJson, (line) => void lines.push(line))])
  return { lines, logger }
}

describe("a batch", () => {
  it.effect("is acknowledged and retried message by message, later each time", () =>
    Effect.gen(function* () {
      const waits = [1, 2, 3, 9, 10, 100].map((attempts) => messageOf(storedOf("any"), attempts))
      yield* CloudflareInbox.consume(failing, { maxRetries: 100 })({ messages: waits.map(({ message }) => message) })
      assert.deepStrictEqual(
        waits.map(({ done }) => done),
        [1, 2, 4, 256, 300, 300].map((seconds) => [`retry in ${seconds}`])
      )
      for (const [delay, seconds] of [
        ["1200 millis", 2],
        ["3 days", 86_400],
        [-5, 0]
      ] as const) {
        const { message, done } = messageOf(storedOf("any"))
        yield* CloudflareInbox.consume(failing, { delay: () => delay })({ messages: [message] })
        assert.deepStrictEqual(done, [`retry in ${seconds}`])
      }
      const [bad, good] = [messageOf({ ...storedOf("bad"), id: "bad" }), messageOf(storedOf("good"))]
      const picky = inboxOf(({ id }) => (id === "bad" ? Effect.die(new Error("no Base64")) : Effect.void))
      yield* CloudflareInbox.consume(picky)({ messages: [bad.message, good.message] })
      assert.deepStrictEqual([bad.done, good.done], [["retry in 1"], ["ack"]])
    }).pipe(Effect.provide(DeadLetters.layerMemory))
  )

  it.effect("is given up at the last retry, whatever the failure", () =>
    Effect.gen(function* () {
      const { get } = yield* DeadLetters.DeadLetters
      const dying = inboxOf(() => Effect.die(new Error("no Base64")))
      for (const inbox of [failing, dying]) {
        const third = messageOf(storedOf("any"), 3)
        const fourth = messageOf(storedOf("any"), 4)
        yield* CloudflareInbox.consume(inbox)({ messages: [third.message] })
        assert.deepStrictEqual(third.done, ["retry in 4"])
        assert.isTrue(Option.isNone(yield* get("id-of-any")))
        yield* CloudflareInbox.consume(inbox)({ messages: [fourth.message] })
        assert.deepStrictEqual(fourth.done, ["ack"])
        const letter = Option.getOrThrow(yield* get("id-of-any"))
        assert.deepStrictEqual([letter.attempts, letter.failedAt, letter.stored], [4, 0, storedOf("any")])
        yield* (yield* DeadLetters.DeadLetters).remove("id-of-any")
      }
    }).pipe(Effect.provide(DeadLetters.layerMemory))
  )

  it.effect("has as many messages handled at once as it is told, one by default", () =>
    Effect.gen(function* () {
      for (const concurrency of [undefined, 3]) {
        let [running, most] = [0, 0]
        const inbox = inboxOf(() =>
          Effect.gen(function* () {
            most = Math.max(most, ++running)
            yield* Effect.yieldNow
            running--
          })
        )
        const messages = Array.from({ length: 9 }, () => messageOf(storedOf("any")).message)
        yield* CloudflareInbox.consume(inbox, { concurrency })({ messages })
        assert.deepStrictEqual([most, running], [concurrency ?? 1, 0])
      }
    }).pipe(Effect.provide(DeadLetters.layerMemory))
  )

  it.effect("comes again while the dead letters that it needs are away", () => {
    const { lines, logger } = logged()
    return Effect.gen(function* () {
      const foreign = messageOf("foreign")
      const parcel = messageOf({ parcel: "parcel-1" })
      const last = messageOf(storedOf("any"), 4)
      const fine = messageOf(storedOf("any"))
      yield* CloudflareInbox.consume(failing)({ messages: [foreign.message, parcel.message, last.message] })
      yield* CloudflareInbox.consume(succeeding)({ messages: [fine.message] })
      assert.deepStrictEqual(
        [foreign, parcel, last, fine].map(({ done }) => done),
        [["retry in 1"], ["retry in 1"], ["retry in 8"], ["ack"]]
      )
      const buried = messageOf(storedOf("any"))
      yield* CloudflareInbox.bury()({ messages: [buried.message] })
      assert.deepStrictEqual(buried.done, ["retry in 1"])
      assert.include(lines.join("\n"), "message m1 of the inbox comes again: the dead letters are not available: away")
      assert.notInclude(lines.join("\n"), "hunter2")
    }).pipe(Effect.provide(Layer.merge(noLetters, logger)))
  })

  it.effect("is done with a parcel that is gone, and with one that cannot be removed", () => {
    const { lines, logger } = logged()
    return Effect.gen(function* () {
      const gone = messageOf({ parcel: "parcel-1" })
      yield* CloudflareInbox.consume(failing)({ messages: [gone.message] })
      assert.deepStrictEqual(gone.done, ["ack"])
      const kept = messageOf({ parcel: "parcel-2" })
      yield* (yield* DeadLetters.DeadLetters).put({
        id: "parcel-2",
        stored: storedOf("any"),
        error: "",
        attempts: 0,
        failedAt: 0
      })
      yield* CloudflareInbox.consume(succeeding)({ messages: [kept.message] }).pipe(
        Effect.updateService(DeadLetters.DeadLetters, (service) => ({ ...service, remove: () => Effect.fail(away) }))
      )
      assert.deepStrictEqual(kept.done, ["ack"])
      assert.match(lines[0]!, /the dead letter parcel-1 is gone: it was handled, or sent again, before/)
      assert.match(lines[1]!, /the dead letter parcel-2 is not needed any more, but stays: .*away/)
    }).pipe(Effect.provide(Layer.merge(DeadLetters.layerMemory, logger)))
  })
})

describe("the queue's sending end", () => {
  const large = { ...storedOf("large"), body: "A".repeat(200_000) }

  it.effect("is not available while the queue, or what it needs beside it, is away", () =>
    Effect.gen(function* () {
      const sent: Array<unknown> = []
      const queue = (fails: boolean) => ({
        send: async (body: unknown) => {
          if (fails) throw new Error("Too Many Requests")
          sent.push(body)
        }
      })
      const down = yield* CloudflareInbox.make({ queue: queue(true) }).pipe(Effect.provide(DeadLetters.layerMemory))
      const failure = yield* Effect.flip(down.offer(storedOf("any")))
      assert.instanceOf(failure, InboxQueue.InboxQueueUnavailable)
      assert.strictEqual(failure.message, "the inbox's queue is not available: Cloudflare's queue did not take it")
      assert.strictEqual((Redacted.value(failure.cause!) as Error).message, "Too Many Requests")

      const { offer } = yield* CloudflareInbox.make({ queue: queue(false) }).pipe(Effect.provide(noLetters))
      const unkept = yield* Effect.flip(offer(large))
      assert.strictEqual(unkept.message, "the inbox's queue is not available: the dead letters are not available: away")
      assert.deepStrictEqual(sent, [])
      yield* offer(storedOf("any"))
      assert.deepStrictEqual(sent, [storedOf("any")])
    })
  )

  it.effect("cannot be asked for messages", () =>
    Effect.gen(function* () {
      const { take } = yield* CloudflareInbox.make({ queue: { send: () => Promise.resolve() } })
      const failure = yield* Effect.flip(take(() => Effect.void))
      assert.match(
        failure.message,
        /a Cloudflare queue is not asked, it calls the worker's queue handler: see consume$/
      )
    }).pipe(Effect.provide(DeadLetters.layerMemory))
  )

  it.effect("needs its binding", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(CloudflareInbox.make({ queue: undefined as never }))
      if (Exit.isSuccess(exit)) return assert.fail("it was built")
      assert.match(String(Cause.squash(exit.cause)), /lacks the producer's binding, or names it otherwise$/)
    }).pipe(Effect.provide(DeadLetters.layerMemory))
  )
})
