/** Points of time: an ISO 8601 text in UTC on the wire (documented), a `Date` in the program. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import * as SchemaIssue from "effect/SchemaIssue"
import * as Field from "./Field.ts"

// Without a zone a text would be read in the time of the machine that reads it, and in another form by guessing.
const form = /^(?:\d{4}|[+-]\d{6})-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)$/

const read = (text: string): Effect.Effect<Date, SchemaIssue.Issue> => {
  // An offset without its colon is not every engine's: only the form with it is the language's.
  const time = new Date(form.test(text) ? text.replace(/([+-]\d\d)(\d\d)$/, "$1:$2") : Number.NaN)
  return Number.isNaN(time.getTime())
    ? Effect.fail(new SchemaIssue.InvalidValue({ message: "must be a time in UTC, such as 2023-12-04T23:25:59Z" }))
    : Effect.succeed(time)
}

/** A point of time, such as `2023-12-04T23:25:59Z`; another offset than Z is understood as well. Milliseconds are kept. */
export const Instant = /*#__PURE__*/ Field.wire({ type: "string", format: "date-time" })(
  /*#__PURE__*/ Schema.String.pipe(
    /*#__PURE__*/ Schema.decodeTo(Schema.Date, {
      decode: /*#__PURE__*/ SchemaGetter.transformEffect(read),
      // Whole seconds are written as the documentation writes them.
      encode: /*#__PURE__*/ SchemaGetter.transform((time: Date) => time.toISOString().replace(".000Z", "Z"))
    })
  )
)
