import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as LocalDate from "../src/LocalDate.ts"
import { assertHidden, failureOf } from "./support.ts"

const read = Schema.decodeUnknownResult(LocalDate.LocalDate)
const isDay = (text: unknown): boolean => Result.isSuccess(read(text))

describe("LocalDate", () => {
  for (const day of [
    "2019-08-24",
    "2024-02-29",
    "2000-02-29",
    "0000-01-01",
    "0000-02-29",
    "0001-01-01",
    "0099-12-31",
    "1582-10-10",
    "9999-12-31"
  ]) {
    it(`${day} is a day`, () => {
      assert.strictEqual(Result.getOrThrow(read(day)), day)
      assert.strictEqual(Schema.encodeSync(LocalDate.LocalDate)(day), day)
    })
  }

  const others: ReadonlyArray<unknown> = [
    "2023-02-29",
    "1900-02-29",
    "2100-02-29",
    "2024-02-30",
    "2024-02-31",
    "2024-04-31",
    "2024-06-31",
    "2024-00-10",
    "2024-13-01",
    "2024-01-00",
    "2024-01-32",
    "10000-01-01",
    "-0001-01-01",
    "+2024-01-01",
    "24-01-01",
    "2024-1-1",
    "20240101",
    "2024/01/01",
    "01-01-2024",
    "2024-01-01T00:00:00Z",
    "2024-01-01 ",
    " 2024-01-01",
    "2024-01-01\n",
    "２０２４-01-01",
    "today",
    "",
    20240101,
    null,
    undefined,
    true,
    {},
    ["2024-01-01"],
    new Date(0)
  ]
  for (const other of others) {
    it(`${JSON.stringify(other)} is none`, () => assert.isFalse(isDay(other)))
  }

  it("says what is wanted, and does not show a birth date", () => {
    const error = failureOf(read("1987-13-24"))
    assertHidden(error, "1987", "13-24")
    assert.strictEqual(error.message, "must be a day of the calendar, written as YYYY-MM-DD, such as 2019-08-24")
  })

  // By counting days, which knows nothing of months: https://tc39.es/ecma262/ (Date.prototype.toISOString).
  const days = Arbitrary.map(
    Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: -719_528, maximum: 2_932_896 }))),
    (count) => new Date(count * 86_400_000).toISOString().slice(0, 10)
  )
  it.prop("every day from the year 0 to 9999 is one", [days], ([day]) => assert.isTrue(isDay(day), day), {
    arbitrary: { runs: 500 }
  })

  it("has as many days in each month as a calendar of the world's own", () => {
    // Intl counts on by days and writes them out; a day that it never writes is none.
    const format = new Intl.DateTimeFormat("sv-SE", { timeZone: "UTC" })
    for (const year of [1900, 2000, 2023, 2024, 2100]) {
      const written = new Set(
        Array.from({ length: 366 }, (_, index) => format.format(new Date(Date.UTC(year, 0, 1) + index * 86_400_000)))
      )
      for (let month = 1; month <= 12; month++) {
        for (let day = 1; day <= 31; day++) {
          const text = [String(year), String(month).padStart(2, "0"), String(day).padStart(2, "0")].join("-")
          assert.strictEqual(isDay(text), written.has(text), text)
        }
      }
    }
  })

  it.prop("makes days only", [LocalDate.LocalDate], ([day]) => {
    assert.strictEqual(new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10), day)
  })
})
