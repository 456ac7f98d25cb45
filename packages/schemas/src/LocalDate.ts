/** Dates without time: `YYYY-MM-DD`, as documented for fields of format date. */
import * as Schema from "effect/Schema"
import * as Field from "./Field.ts"

const form = /^(\d{4})-(\d\d)-(\d\d)$/

const isDate = (text: string): boolean => {
  const [, year, month, day] = form.exec(text)?.map(Number) ?? []
  if (year === undefined || month === undefined || day === undefined) return false
  const date = new Date(Date.UTC(2000, month - 1, day))
  // Set apart, since Date.UTC takes the years 0 to 99 for those of the 20th century.
  date.setUTCFullYear(year, month - 1, day)
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}

/** A day of the calendar, such as `2019-08-24`. */
export const LocalDate = /*#__PURE__*/ Field.wire({ type: "string", format: "date" })(
  /*#__PURE__*/ Schema.String.check(
    /*#__PURE__*/ Schema.makeFilter(isDate, {
      message: "must be a day of the calendar, written as YYYY-MM-DD, such as 2019-08-24",
      arbitraryConstraint: { patterns: [{ source: "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])$", flags: "" }] }
    })
  )
)
