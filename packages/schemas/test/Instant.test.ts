import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { Instant } from "../src/Instant.ts"
import { core } from "./contract/facts.ts"
import { assertHidden, failureOf } from "./support.ts"

const read = Schema.decodeUnknownResult(Instant)
const write = Schema.encodeSync(Instant)

const millis = (text: string): number => Result.getOrThrow(read(text)).getTime()

describe("Instant", () => {
  // Seconds since 1970 as `date -u -d ... +%s` prints them.
  const cases: ReadonlyArray<readonly [text: string, millis: number]> = [
    ["1970-01-01T00:00:00Z", 0],
    ["2023-12-04T23:25:59Z", 1_701_732_359_000],
    ["2023-12-05T07:25:59+08:00", 1_701_732_359_000],
    ["2023-12-05T07:25:59+0800", 1_701_732_359_000],
    ["2023-12-04T13:55:59-09:30", 1_701_732_359_000],
    ["2023-12-04T23:25:59+00:00", 1_701_732_359_000],
    ["2023-12-04T23:25:59.5Z", 1_701_732_359_500],
    ["2023-12-04T23:25:59.123Z", 1_701_732_359_123],
    // As Java writes an Instant of its clock: milliseconds are what is kept.
    ["2023-12-04T23:25:59.123456789Z", 1_701_732_359_123],
    ["2023-12-04T23:25Z", 1_701_732_300_000],
    ["2024-02-29T12:00:00Z", 1_709_208_000_000]
  ]
  for (const [text, expected] of cases) {
    it(`${text} is read`, () => assert.strictEqual(millis(text), expected))
  }

  it("is the same point of time in Beijing as the documentation says", () => {
    const { date } = core.time_format.example
    assert.strictEqual(millis(date), millis("2023-12-05T07:25:59+08:00"))
    assert.strictEqual(write(Result.getOrThrow(read(date))), date)
  })

  const refused: ReadonlyArray<unknown> = [
    // Without a zone: each machine would read another time.
    "2023-12-04T23:25:59",
    "2023-12-04 23:25:59",
    "2023-12-04",
    "20231204T232559Z",
    "2023-12-04T25:00:00Z",
    "2023-13-04T23:25:59Z",
    "2023-12-04T23:25:59 CST",
    "Mon, 04 Dec 2023 23:25:59 GMT",
    "1701732359000",
    // What Date reads by guessing.
    "T 1 Z",
    "Tue, 05 Dec 2023 23:25:59 +0800",
    "2023-12-04T1 Z",
    "2023-12-04T23:25:59Z\n",
    "",
    1_701_732_359_000,
    null,
    undefined,
    {},
    new Date(0)
  ]
  for (const text of refused) {
    it(`${JSON.stringify(text)} is refused`, () => assert.isTrue(Result.isFailure(read(text))))
  }

  it("says what is wanted, without what came", () => {
    const error = failureOf(read("4417-12-04T23:25:59"))
    assertHidden(error, "4417")
    assert.strictEqual(error.message, "must be a time in UTC, such as 2023-12-04T23:25:59Z")
  })

  it("is written in UTC, whole seconds as the documentation writes them", () => {
    for (const [time, text] of [
      [1_701_732_359_000, "2023-12-04T23:25:59Z"],
      [1_701_732_359_001, "2023-12-04T23:25:59.001Z"],
      [1_701_732_359_500, "2023-12-04T23:25:59.500Z"],
      [0, "1970-01-01T00:00:00Z"]
    ] as const) {
      assert.strictEqual(write(new Date(time)), text)
    }
    assert.strictEqual(write(Result.getOrThrow(read("2023-12-05T07:25:59+08:00"))), "2023-12-04T23:25:59Z")
  })

  it.prop("is read as it was written, as Date reads it too", [Instant], ([time]) => {
    const text = write(time)
    assert.deepStrictEqual(Result.getOrThrow(read(text)), time)
    assert.strictEqual(Date.parse(text), time.getTime())
    assert.match(text, /Z$/)
  })
})
