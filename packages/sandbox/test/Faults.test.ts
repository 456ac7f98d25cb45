import { assert, describe, it } from "@effect/vitest"
import * as Faults from "../src/Faults.ts"

const facts = (nth: number, operation = "va.apply", path = "/api/v2/merch/va/apply"): Faults.Facts => ({
  method: "POST",
  path,
  operation,
  requestId: undefined,
  nth
})

/** The faults of the first requests. */
const first = (count: number, source: Faults.Source) =>
  Array.from({ length: count }, (_, index) => source(facts(index + 1)))

const lost = Faults.reset({ processed: true })
const silent = Faults.silence({ processed: false })

describe("a script", () => {
  it("gives its faults one after the other, and then none for ever", () => {
    assert.deepStrictEqual(first(5, Faults.script([lost, undefined, silent])), [
      lost,
      undefined,
      silent,
      undefined,
      undefined
    ])
  })
})

describe("a seed", () => {
  const options = { probability: 0.5 }

  it("gives the same faults again, whoever asks and in whichever order", () => {
    const faults = first(200, Faults.seeded(7, options))
    const again = Faults.seeded(7, options)
    const backwards = Array.from({ length: 200 }, (_, index) => again(facts(200 - index, "payment.apply")))
    assert.deepStrictEqual(backwards.toReversed(), faults)
  })

  it("gives other faults than another seed", () => {
    const all = [1, 2, 3, -1, Number.MAX_SAFE_INTEGER].map((seed) =>
      JSON.stringify(first(50, Faults.seeded(seed, options)))
    )
    assert.strictEqual(new Set(all).size, all.length)
  })

  it("gives them as often as they are likely and as they weigh", () => {
    const kinds = [
      [lost, 3],
      [silent, 1],
      [Faults.late(1), 0]
    ] as const
    const faults = first(2000, Faults.seeded(7, { probability: 0.4, kinds }))
    const count = (fault: Faults.Fault | undefined) => faults.filter((each) => each === fault).length
    assert.closeTo(count(undefined), 1200, 100)
    assert.closeTo(count(lost), 600, 75)
    assert.closeTo(count(silent), 200, 50)
    assert.strictEqual(count(undefined) + count(lost) + count(silent), 2000)
  })

  it("gives none where they are not likely at all, one each time where they are sure, and every kind in time", () => {
    assert.deepStrictEqual(new Set(first(100, Faults.seeded(1, { probability: 0 }))), new Set([undefined]))
    const sure = first(500, Faults.seeded(1, { probability: 1 }))
    assert.sameMembers([...new Set(sure)], [...Faults.everyKind])
  })

  it.each<readonly [string, () => Faults.Source]>([
    ["seed", () => Faults.seeded(0.5, options)],
    ["seed", () => Faults.seeded(Number.NaN, options)],
    ["probability", () => Faults.seeded(1, { probability: 1.01 })],
    ["probability", () => Faults.seeded(1, { probability: -0.01 })],
    ["probability", () => Faults.seeded(1, { probability: Number.NaN })],
    ["kinds", () => Faults.seeded(1, { probability: 1, kinds: [] })],
    ["kinds", () => Faults.seeded(1, { probability: 1, kinds: [[lost, 0]] })],
    [
      "kinds",
      () =>
        Faults.seeded(1, {
          probability: 1,
          kinds: [
            [lost, 2],
            [silent, -1]
          ]
        })
    ],
    ["kinds", () => Faults.seeded(1, { probability: 1, kinds: [[lost, Number.NaN]] })]
  ])("is refused with what has no meaning: %s", (name, build) => {
    assert.throws(build, new RegExp(`^${name}: `))
  })
})

describe("only", () => {
  it("asks about requests of these operations or paths, and counts them alone", () => {
    const source = Faults.only(["payment.apply", "/healthz"], Faults.script([lost, silent]))
    assert.isUndefined(source(facts(1)))
    assert.strictEqual(source(facts(2, "payment.apply")), lost)
    assert.isUndefined(source(facts(3)))
    assert.strictEqual(source({ ...facts(4, undefined, "/healthz"), operation: undefined }), silent)
    assert.isUndefined(source(facts(5, "payment.apply")))
  })

  it("tells the facts as they are, but for the number", () => {
    const asked: Array<Faults.Facts> = []
    Faults.only(["va.apply"], (given) => void asked.push(given))(facts(9))
    assert.deepStrictEqual(asked, [facts(1)])
  })
})

describe("a fault in a few words", () => {
  it.each<readonly [Faults.Fault, string]>([
    [lost, "connection reset; processed"],
    [{ ...Faults.reset({ processed: false }), latency: "2 seconds" }, "connection reset after 2s; not processed"],
    [Faults.silence({ processed: { after: "1 minute" } }), "silence; processed 1m later"],
    [Faults.late("300 millis"), "the answer after 300ms; processed"],
    [{ ...Faults.cut(20), interval: 5 }, "the answer, a byte every 5ms, cut after 20 bytes; processed"],
    [Faults.gateway(503, { processed: false }), "HTTP 503 instead; not processed"]
  ])("%#", (fault, words) => {
    assert.strictEqual(Faults.describe(fault), words)
  })
})

describe("an answer", () => {
  it("is JSON where its body is a value, with another type if one is named", () => {
    const { answer } = Faults.answer({ status: 200, body: { a: 1 } }, { processed: true })
    assert.deepStrictEqual(answer, { status: 200, headers: { "content-type": "application/json" }, body: '{"a":1}' })
    const headers = { "content-type": "text/json" }
    assert.deepStrictEqual(Faults.answer({ status: 200, headers, body: [] }, { processed: true }).answer, {
      status: 200,
      headers,
      body: "[]"
    })
  })

  it("of a gateway is a page, of the platform a code with its status", () => {
    const busy = Faults.gateway(429, { processed: false, retryAfter: 2 }).answer
    assert.deepStrictEqual([busy.status, busy.headers], [429, { "content-type": "text/html", "retry-after": "2" }])
    assert.match(String(busy.body), /^<html>.*429/)
    const limited = Faults.platformError("010001", { processed: false, retryAfter: "Wed, 21 Oct 2026 07:28:00 GMT" })
    assert.deepStrictEqual(limited.answer, {
      status: 429,
      headers: { "content-type": "application/json", "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT" },
      body: '{"ret_code":"010001","ret_msg":"too many requests"}'
    })
    const unknown = Faults.platformError("4711", { processed: true, status: 200 })
    assert.deepStrictEqual([unknown.answer.status, unknown.processed], [200, true])
    assert.strictEqual(Faults.platformError("4711", { processed: true }).answer.status, 500)
  })

  it.each([
    { status: 99 },
    { status: 600 },
    { status: 204, body: "something" },
    { status: 200, headers: { "no name": "" } },
    { status: 200, headers: { name: "two\nlines" } }
  ])("is refused where there is none such: %j", (content) => {
    assert.throws(() => Faults.answer(content, { processed: true }))
  })
})
