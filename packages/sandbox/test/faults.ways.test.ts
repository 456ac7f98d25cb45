/** Each fault over sockets and in memory: what the caller gets, and what the sandbox has done. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import * as Faults from "../src/Faults.ts"
import type * as Sandbox from "../src/Sandbox.ts"
import { type Faulty, type Outcome, quiet, ways } from "./support/faulty.ts"
import { applyPath, call, inquiryPath } from "./support/merchant.ts"
import { until } from "./support/ways.ts"

type Entry<Kind> = Extract<Sandbox.LogEntry, { readonly kind: Kind }>

const entries = <Kind extends Sandbox.LogEntry["kind"]>(
  service: Sandbox.Service,
  kind: Kind
): Effect.Effect<ReadonlyArray<Entry<Kind>>> =>
  Effect.map(service.log, (log) => log.filter((entry): entry is Entry<Kind> => entry.kind === kind))

/** Asks for an account; the request has this id. */
const apply = ({ send }: Faulty, request_id = "R-1"): Effect.Effect<Outcome> =>
  Effect.flatMap(call(applyPath, { request_id }), send)

/** Whether the sandbox has the account, by an inquiry. */
const isThere = (faulty: Faulty, request_id = "R-1"): Effect.Effect<boolean> =>
  Effect.gen(function* () {
    const wire = yield* call(inquiryPath, { request_id })
    const request = new Request(`http://sandbox.localhost${wire.target}`, {
      method: wire.method,
      headers: wire.headers,
      body: wire.body ?? null
    })
    const { status } = yield* Effect.provide(faulty.service.handle(request), quiet)
    assert.include([200, 404], status)
    return status === 200
  })

const nothing: Outcome = { status: undefined, headers: {}, body: "", code: "ECONNRESET" }

const always =
  (fault: Faults.Fault): Faults.Source =>
  () =>
    fault

for (const way of ways) {
  describe(`${way.name}: a reset connection`, () => {
    it.effect("has given nothing, whether the request was processed or not", () =>
      Effect.gen(function* () {
        for (const processed of [true, false]) {
          const faulty = yield* way.start(always(Faults.reset({ processed })))
          assert.deepStrictEqual(yield* apply(faulty), nothing)
          assert.strictEqual(yield* isThere(faulty), processed)
          // The inquiry has one too.
          assert.lengthOf(yield* entries(faulty.service, "request"), processed ? 2 : 1)
        }
      })
    )

    it.effect("may be followed by the processing, on the sandbox's clock", () =>
      Effect.gen(function* () {
        const faulty = yield* way.start(always(Faults.reset({ processed: { after: "1 hour" } })))
        assert.deepStrictEqual(yield* apply(faulty), nothing)
        // Far beyond the time for which a signature is good.
        yield* faulty.service.advance("3599999 millis")
        assert.isFalse(yield* isThere(faulty))
        yield* faulty.service.advance("1 millis")
        assert.isTrue(yield* isThere(faulty))
        const [entry] = (yield* entries(faulty.service, "request")).filter(({ path }) => path === applyPath)
        assert.deepInclude(entry, { at: 3_600_000, status: 200, operation: "va.apply", requestId: "R-1" })
        yield* faulty.service.advance("1 hour")
        assert.lengthOf(
          (yield* entries(faulty.service, "request")).filter(({ path }) => path === applyPath),
          1
        )
      })
    )

    it.effect("comes after its latency, and the processing by the program's clock after that", () =>
      Effect.gen(function* () {
        const fault = { ...Faults.reset({ processed: { after: "2 seconds" } }), latency: "1 second" } as const
        const { source, arrival } = Faults.watched(always(fault))
        const faulty = yield* way.start(source)
        const calling = yield* Effect.forkChild(apply(faulty))
        yield* arrival(1)
        yield* TestClock.adjust("999 millis")
        assert.isUndefined(calling.pollUnsafe())
        yield* TestClock.adjust("1 millis")
        assert.deepStrictEqual(yield* Fiber.join(calling), nothing)
        yield* TestClock.adjust("1999 millis")
        assert.isFalse(yield* isThere(faulty))
        yield* TestClock.adjust("1 millis")
        assert.isTrue(yield* isThere(faulty))
      })
    )

    it.effect("may be followed by a refusal, which the log tells", () =>
      Effect.gen(function* () {
        const faulty = yield* way.start(always(Faults.reset({ processed: { after: "1 second" } })))
        const wire = yield* call(applyPath, { request_id: "R-1" }, { signedBody: "{}" })
        assert.deepStrictEqual(yield* faulty.send(wire), nothing)
        yield* faulty.service.advance("1 second")
        const [entry] = yield* entries(faulty.service, "request")
        assert.deepInclude(entry, { status: 401, retCode: "010100" })
      })
    )
  })

  describe(`${way.name}: silence`, () => {
    it.effect("has no end but the caller's patience, and processing does not depend on that", () =>
      Effect.gen(function* () {
        for (const processed of [true, false, { after: "1 minute" }] as const) {
          const { source, arrival } = Faults.watched(always(Faults.silence({ processed })))
          const faulty = yield* way.start(source)
          const calling = yield* Effect.forkChild(apply(faulty))
          yield* arrival(1)
          yield* TestClock.adjust("59999 millis")
          assert.isUndefined(calling.pollUnsafe())
          if (processed === true) yield* until(isThere(faulty))
          assert.strictEqual(yield* isThere(faulty), processed === true)
          yield* Fiber.interrupt(calling)
          yield* TestClock.adjust("1 millis")
          if (processed !== false) yield* until(isThere(faulty))
          assert.strictEqual(yield* isThere(faulty), processed !== false)
          // The sandbox is as before for all others.
          assert.strictEqual((yield* entries(faulty.service, "fault")).length, 1)
        }
      })
    )

    it.effect("does not keep a request from being processed whose caller goes away as it arrives", () =>
      Effect.gen(function* () {
        const { source, arrival } = Faults.watched(always(Faults.silence({ processed: true })))
        const faulty = yield* way.start(source)
        const calling = yield* Effect.forkChild(apply(faulty))
        yield* arrival(1)
        yield* Fiber.interrupt(calling)
        yield* until(isThere(faulty))
        const again = yield* Effect.forkChild(apply(faulty, "R-2"))
        assert.strictEqual((yield* arrival(2)).requestId, "R-2")
        yield* Fiber.interrupt(again)
      })
    )

    it.effect("does not keep it even if the caller goes away in the middle of the question", () =>
      Effect.gen(function* () {
        const asked = Deferred.makeUnsafe<void>()
        const faulty = yield* way.start(() => {
          // Who waits goes on here and now.
          Deferred.doneUnsafe(asked, Effect.void)
          return Faults.silence({ processed: true })
        })
        const calling = yield* Effect.forkChild(apply(faulty))
        yield* Deferred.await(asked)
        yield* Fiber.interrupt(calling)
        yield* until(isThere(faulty))
      })
    )

    it.effect("does not keep it where its time is over before the signature is checked", () =>
      Effect.gen(function* () {
        for (const byItself of [true, false]) {
          const { source, arrival } = Faults.watched(always(Faults.silence({ processed: { after: "1 second" } })))
          const faulty = yield* way.start(source)
          const calling = yield* Effect.forkChild(apply(faulty))
          yield* arrival(1)
          yield* byItself ? TestClock.adjust("1 second") : faulty.service.advance("1 second")
          yield* until(isThere(faulty))
          yield* Fiber.interrupt(calling)
        }
      })
    )
  })

  describe(`${way.name}: the sandbox's own answer`, () => {
    it.effect("is late by the sandbox's clock, and the request processed before", () =>
      Effect.gen(function* () {
        const { source, arrival } = Faults.watched(always(Faults.late("3 seconds")))
        const faulty = yield* way.start(source)
        const calling = yield* Effect.forkChild(apply(faulty))
        yield* arrival(1)
        yield* TestClock.adjust("2999 millis")
        yield* until(isThere(faulty))
        assert.isUndefined(calling.pollUnsafe())
        yield* TestClock.adjust("1 millis")
        const { status, body, headers, code } = yield* Fiber.join(calling)
        assert.deepStrictEqual([status, body, code], [200, '{"request_id":"R-1"}', undefined])
        assert.strictEqual(headers["x-sandbox-fault"], "the answer after 3s; processed")
        assert.strictEqual(headers["x-sandbox-provenance"], "unknown")
      })
    )

    it.effect.each([0, 1, 19, 20, 1000])("is cut after %d bytes, though more were announced", (afterBytes) =>
      Effect.gen(function* () {
        const faulty = yield* way.start(always(Faults.cut(afterBytes)))
        const { status, body, headers, code } = yield* apply(faulty)
        const whole = '{"request_id":"R-1"}'
        assert.deepStrictEqual([status, body, code], [200, whole.slice(0, afterBytes), "UND_ERR_SOCKET"])
        assert.strictEqual(headers["content-length"], afterBytes < whole.length ? "20" : "21")
        assert.strictEqual(headers["content-type"], "application/json")
        assert.isTrue(yield* isThere(faulty))
      })
    )

    it.live("comes byte by byte, and may be cut then", () =>
      Effect.gen(function* () {
        const slow = Faults.slow("3 millis")
        const faulty = yield* way.start(Faults.script([slow, { ...slow, cutAfter: 10 }]))
        const whole = '{"request_id":"R-1"}'
        for (const [expected, failure] of [
          [whole, undefined],
          [whole.slice(0, 10), "UND_ERR_SOCKET"]
        ] as const) {
          const times: Array<number> = []
          const wire = yield* call(applyPath, { request_id: "R-1" })
          const { status, body, headers, code } = yield* faulty.watch(wire, () => void times.push(performance.now()))
          assert.deepStrictEqual([status, body, code], [200, expected, failure])
          assert.strictEqual(headers["content-length"], "20")
          // Timers may be early by a fraction; whatever is late is all the slower.
          assert.isAbove(times.at(-1)! - times[0]!, (expected.length - 1) * 2)
        }
      })
    )
  })

  describe(`${way.name}: another answer`, () => {
    const bytes = Uint8Array.of(0xff, 0x00, 0x41)

    it.effect("comes as it is, marked as the fault's, and processed is what the fault says", () =>
      Effect.gen(function* () {
        for (const processed of [true, false, { after: "1 minute" }] as const) {
          const headers = {
            "x-own": "1",
            "content-type": "application/octet-stream",
            "x-sandbox-provenance": "documented"
          }
          const faulty = yield* way.start(always(Faults.answer({ status: 418, headers, body: bytes }, { processed })))
          const outcome = yield* apply(faulty)
          assert.deepStrictEqual([outcome.status, outcome.body, outcome.code], [418, "\xff\x00A", undefined])
          assert.strictEqual(outcome.headers["x-own"], "1")
          assert.strictEqual(outcome.headers["content-type"], "application/octet-stream")
          assert.strictEqual(outcome.headers["x-sandbox-provenance"], "unknown")
          assert.match(outcome.headers["x-sandbox-fault"]!, /^HTTP 418 instead; /)
          assert.strictEqual(yield* isThere(faulty), processed === true)
          yield* faulty.service.advance("1 minute")
          assert.strictEqual(yield* isThere(faulty), processed !== false)
        }
      })
    )

    it.effect("may have no body, or be late, or cut", () =>
      Effect.gen(function* () {
        const busy = Faults.gateway(503, { processed: false, retryAfter: 7 })
        const { source, arrival } = Faults.watched(
          Faults.script([
            Faults.answer({ status: 204 }, { processed: true }),
            { ...busy, cutAfter: 6 },
            { ...busy, latency: "5 seconds" }
          ])
        )
        const faulty = yield* way.start(source)
        const [empty, cut] = [yield* apply(faulty), yield* apply(faulty)]
        assert.deepStrictEqual([empty.status, empty.body, empty.code], [204, "", undefined])
        assert.deepStrictEqual([cut.status, cut.body, cut.code], [503, "<html>", "UND_ERR_SOCKET"])
        assert.strictEqual(cut.headers["retry-after"], "7")
        const calling = yield* Effect.forkChild(apply(faulty))
        yield* arrival(3)
        yield* TestClock.adjust("4999 millis")
        assert.isUndefined(calling.pollUnsafe())
        yield* TestClock.adjust("1 millis")
        assert.strictEqual((yield* Fiber.join(calling)).status, 503)
      })
    )

    it.effect("may be a body that is complete and no JSON", () =>
      Effect.gen(function* () {
        const faulty = yield* way.start(always(Faults.brokenJson({ processed: true })))
        const { status, headers, body, code } = yield* apply(faulty)
        assert.deepStrictEqual([status, headers["content-type"], code], [200, "application/json", undefined])
        assert.throws(() => JSON.parse(body) as unknown, /JSON/)
      })
    )
  })

  describe(`${way.name}: the source of faults`, () => {
    it.effect("is told what arrives, and its requests are counted from 1", () =>
      Effect.gen(function* () {
        const asked: Array<Faults.Facts> = []
        const faulty = yield* way.start((facts) => void asked.push(facts))
        yield* apply(faulty)
        yield* isThere(faulty)
        const wire = yield* call("/elsewhere", "no JSON")
        assert.strictEqual((yield* faulty.send(wire)).status, 404)
        yield* apply(faulty, "x".repeat(41))
        const facts = { method: "POST", path: applyPath, operation: "va.apply" }
        assert.deepStrictEqual(asked, [
          { ...facts, requestId: "R-1", nth: 1 },
          { method: "POST", path: "/elsewhere", operation: undefined, requestId: undefined, nth: 2 },
          { ...facts, requestId: "x".repeat(40), nth: 3 }
        ])
        assert.lengthOf(yield* entries(faulty.service, "fault"), 0)
      })
    )

    it.effect("has its faults in the log, and the next request is answered as ever", () =>
      Effect.gen(function* () {
        const faulty = yield* way.start(Faults.script([undefined, Faults.reset({ processed: false })]))
        const outcomes = [yield* apply(faulty), yield* apply(faulty, "R-2"), yield* apply(faulty, "R-3")]
        assert.deepStrictEqual(
          outcomes.map(({ status }) => status),
          [200, undefined, 200]
        )
        assert.isUndefined(outcomes[0]!.headers["x-sandbox-fault"])
        const log = yield* faulty.service.log
        assert.deepStrictEqual(
          log.map((entry) => entry.kind !== "notification" && [entry.kind, entry.requestId]),
          [
            ["request", "R-1"],
            ["fault", "R-2"],
            ["request", "R-3"]
          ]
        )
        assert.deepStrictEqual(log[1], {
          kind: "fault",
          at: 0,
          path: applyPath,
          operation: "va.apply",
          requestId: "R-2",
          nth: 2,
          fault: "connection reset; not processed"
        })
      })
    )

    const broken: ReadonlyArray<readonly [string, Faults.Source]> = [
      [
        "no such request is known",
        () => {
          throw new Error("no such request is known")
        }
      ],
      ["cutAfter must be", always(Faults.cut(-1))],
      ["cutAfter must be", always(Faults.cut(0.5))],
      ["latency must be finite", always(Faults.late("Infinity"))],
      ["interval must be finite", always(Faults.slow("Infinity"))],
      ["after must be finite", always(Faults.reset({ processed: { after: "Infinity" } }))]
    ]

    it.effect.each(broken)("that fails is the sandbox's own failure, which the log tells: %s", ([detail, source]) =>
      Effect.gen(function* () {
        const faulty = yield* way.start(source)
        const { status, body } = yield* apply(faulty)
        assert.deepStrictEqual([status, (JSON.parse(body) as { ret_code: string }).ret_code], [500, "999999"])
        assert.isFalse(yield* isThere(faulty))
        const [entry] = yield* entries(faulty.service, "request")
        assert.deepInclude(entry, { status: 500, retCode: "999999", operation: "va.apply" })
        assert.include(entry!.explanation!, `the source of faults failed: Error: `)
        assert.include(entry!.explanation!, detail)
      })
    )
  })

  describe(`${way.name}: every kind of fault`, () => {
    it.effect.each(Faults.everyKind.map((fault) => [Faults.describe(fault), fault] as const))("%s", ([words, fault]) =>
      Effect.gen(function* () {
        const { source, arrival } = Faults.watched(always(fault))
        const faulty = yield* way.start(source)
        const calling = yield* Effect.forkChild(apply(faulty))
        yield* arrival(1)
        const processed = fault._tag === "Own" || fault.processed
        if (processed === true) yield* until(isThere(faulty))
        else assert.isFalse(yield* isThere(faulty))
        if (fault._tag === "Silence") {
          assert.isUndefined(calling.pollUnsafe())
          yield* Fiber.interrupt(calling)
        } else {
          const isOver = Effect.sync(() => calling.pollUnsafe() !== undefined)
          yield* until(Effect.andThen(TestClock.adjust("1 second"), isOver))
          const { status, headers, code } = yield* Fiber.join(calling)
          if (fault._tag === "Reset") assert.deepStrictEqual([status, code], [undefined, "ECONNRESET"])
          else {
            assert.strictEqual(status, fault._tag === "Own" ? 200 : fault.answer.status)
            assert.strictEqual(code, fault.cutAfter === undefined ? undefined : "UND_ERR_SOCKET")
            assert.strictEqual(headers["x-sandbox-fault"], words)
          }
        }
        yield* faulty.service.advance("1 second")
        yield* until(Effect.map(isThere(faulty), (there) => there === (processed !== false)))
      })
    )
  })
}
